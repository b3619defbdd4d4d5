# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# One worker's copy of the core, in which a mutant is compiled, linked and judged.
# Keeps true: between mutants the copy is the committed source. Paths inside it are those of the
# repository, so that an object differs from the unbroken one only when the code does.

import collections
import filecmp
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import threading

import suites

# kills: one Outcome per suite that caught it (one at most, unless every suite was asked)
Result = collections.namedtuple("Result", "mutant state kills counted")


class Memory:
    """What became of mutants in earlier runs: build/mut/results.json."""

    def __init__(self, top, again, resume):
        self.top, self.texts = top, {}
        self.path = top / "build/mut/results.json"
        self.survivors_too = resume
        used = (again or resume) and self.path.is_file()
        self.known = json.loads(self.path.read_text()) if used else {}
        self.lock = threading.Lock()

    def key(self, mutant, every_suite):
        """Names a mutant of these very sources: another text of its file is another mutant."""
        if mutant.file not in self.texts:
            self.texts[mutant.file] = hashlib.sha256((self.top / mutant.file).read_bytes()).hexdigest()
        return repr((self.texts[mutant.file], mutant.file, mutant.start, mutant.end, mutant.text, every_suite))

    def recall(self, mutant, every_suite):
        state, kills = self.known.get(self.key(mutant, every_suite), (None, []))
        if state is None or (state == "linked" and not kills and not self.survivors_too):
            return None
        return Result(mutant, state, [suites.Outcome(*k) for k in kills], state == "linked")

    def keep(self, result, every_suite):
        with self.lock:
            self.known[self.key(result.mutant, every_suite)] = (result.state, result.kills)
            self.path.write_text(json.dumps(self.known, indent=0))


class Workshop:
    def __init__(self, top, number, memory):
        self.top, self.build, self.memory = top, top / "build/mut", memory
        self.folder = self.build / f"worker{number}"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "build").mkdir(parents=True)
        (self.folder / "objects").mkdir()
        shutil.copytree(top / "core", self.folder / "core")
        for name in ("include", "hal", "hal-hosted"):
            (self.folder / name).symlink_to(top / name)
        (self.folder / "build/gen").symlink_to(top / "build/gen")
        self.compiler = shlex.split(os.environ["MUTANT_CC"])
        self.linker = shlex.split(os.environ["MUTANT_LD"])
        self.sources = os.environ["MUTANT_SOURCES"].split()
        self.link({})

    def object_of(self, source):
        return self.top / "build/obj/mut" / (source + ".o")

    def users_of(self, file):
        """The sources that have to be compiled again when `file` changes."""
        if file.endswith(".c"):
            return [file]
        word = re.compile(r"(?<!\S)" + re.escape(file) + r"(?!\S)")
        return [s for s in self.sources
                if word.search(self.object_of(s).with_suffix(".d").read_text())]

    def compile(self, source):
        """The new object, or None when the mutant is not C."""
        output = self.folder / "objects" / (pathlib.Path(source).name + ".o")
        done = subprocess.run(self.compiler + ["-c", "-o", str(output), source], cwd=self.folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return output if done.returncode == 0 else None

    def link(self, changed):
        objects = [str(changed.get(s, self.object_of(s))) for s in self.sources]
        output = self.folder / "libcore.so"
        output.unlink(missing_ok=True)
        subprocess.run(self.linker + ["-o", str(output)] + objects, check=True)

    def rebuild(self, file):
        """State of the mutated copy: "not C", "same code" or "linked"."""
        changed = {}
        for source in self.users_of(file):
            changed[source] = self.compile(source)
            if changed[source] is None:
                return "not C"
        if all(filecmp.cmp(new, self.object_of(s), shallow=False) for s, new in changed.items()):
            return "same code"
        self.link(changed)
        return "linked"

    def kills(self, file, every_suite):
        steps = suites.steps_for(self.top, self.build, file)
        if not every_suite:
            found = suites.first_kill(steps, self.folder)
            return [found] if found else []
        found = [suites.first_kill([s for s in steps if s.suite == suite], self.folder)
                 for suite in suites.SUITES]
        return [f for f in found if f]

    def judge(self, mutant, every_suite):
        """Applies, builds, runs, and puts the source back."""
        if known := self.memory.recall(mutant, every_suite):
            return known
        path = self.folder / mutant.file
        original = path.read_text()
        path.write_text(original[:mutant.start] + mutant.text + original[mutant.end:])
        try:
            state = self.rebuild(mutant.file)
            kills = self.kills(mutant.file, every_suite) if state == "linked" else []
        finally:
            path.write_text(original)
        result = Result(mutant, state, kills, state == "linked")
        self.memory.keep(result, every_suite)
        return result
