# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# What a mutant of the core has to get past: the suites in order of cost, and how one is run.
# Keeps true: a suite passes only with status 0 and a complete plan; a hang is a failure. Limits are of
# processor time, so that a loaded machine decides nothing; the one of real time is for a deadlock.

import collections
import os
import pathlib
import re
import resource
import signal
import subprocess
import time

SUITES = ("unit", "replay", "conformance")
# Unit tests that take a good part of a second go last among their like.
LONG = {"fastpath", "fastpath_frame", "fastpath_states", "refusal", "zombie", "large", "cancel"}
# Seconds: some five times the longest step.
CPU_LIMIT = {"unit": 5, "replay": 5, "conformance": 10}
WALL_LIMIT = 600

Step = collections.namedtuple("Step", "suite name command")
Outcome = collections.namedtuple("Outcome", "suite step how seconds")


def steps_for(top, build, file):
    """All steps, those that a fault in `file` most likely fails first."""
    stem = pathlib.Path(file).stem
    units, late = [], []
    for path in sorted((build / "unit").glob("test_core_*")):
        topic = path.name.removeprefix("test_core_")
        step = Step("unit", path.name, [str(path)])
        named = stem.startswith(topic) or topic.startswith(stem.split("_")[0])
        if named:
            units.insert(0, step)
        else:
            (late if topic in LONG else units).append(step)
    replay = str(build / "fuzz-replay")
    corpus = sorted(str(p) for d in ("syscall", "regression") for p in (top / "tests/corpus" / d).iterdir())
    fuzz = [Step("replay", "corpus", [replay, "--quiet"] + corpus),
            Step("replay", "2000 random programs", [replay, "--random", "1", "2000"])]
    hosted = [Step("conformance", image, [str(build / "kaal-hosted"), "--gic", "2",
                                          str(top / f"build/conformance-{image}.elf")])
              for image in ("image", "wide")]
    return units + fuzz + late + hosted


def limits(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))


def complaint(log, status):
    """What a TAP log and a status say is wrong, or None."""
    failed = re.search(r"^not ok \d+ (?:- )?(.*)$", log, re.M)
    if failed:
        return failed[1][:100]
    if status < 0:
        return "too long" if -status in (signal.SIGXCPU, signal.SIGKILL) else signal.Signals(-status).name
    if status != 0:
        line = re.search(r"^.*(?:step \d+: |ensure|kernel bug).*$", log, re.M)
        return re.sub(r".*?(step \d+: )", r"\1", line[0])[:100] if line else f"status {status}"
    plan = re.search(r"^1\.\.(\d+)", log, re.M)
    if plan and int(plan[1]) != len(re.findall(r"^ok \d+", log, re.M)):
        return "incomplete"
    return None


def run_step(step, folder):
    """Runs one step with the core that lies in `folder`: what failed or None, and processor time."""
    (folder / "build/fuzz").mkdir(parents=True, exist_ok=True)
    with open(folder / "log", "w+b") as log:
        process = subprocess.Popen(
            step.command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=lambda: limits(CPU_LIMIT[step.suite]), env={**os.environ, "LD_LIBRARY_PATH": str(folder),
                                    "CMOCKA_MESSAGE_OUTPUT": "TAP"})
        status, used = wait(process)
        log.seek(0)
        text = log.read().decode("utf-8", "replace")
    return complaint(text, status), used


def wait(process):
    """Status and processor time of a process, which is killed after WALL_LIMIT."""
    end = time.monotonic() + WALL_LIMIT
    pause = 0.002
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_utime + usage.ru_stime
        if time.monotonic() > end:
            process.kill()
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def first_kill(steps, folder):
    """The first step that fails, as an Outcome with the time spent up to there; None without one."""
    spent = 0.0
    for step in steps:
        how, used = run_step(step, folder)
        spent += used
        if how:
            return Outcome(step.suite, step.name, how, spent)
    return None
