# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Reads tests/mutation/by-hand.txt: mutants that someone thought of.
# Keeps true: each names its file, and lines that stand there exactly once.

import collections

FILE = "tests/mutation/by-hand.txt"
Mutant = collections.namedtuple("Mutant", "file operator start end text line function before after")


class Unfit(Exception):
    """The table and the sources disagree, in one sentence."""


def entries(text):
    """(line number, name, file, old lines, new lines) of each entry."""
    current = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("== "):
            if current:
                yield current
            name, _, file = line[3:].rpartition(" ")
            current = (number, name.rstrip(":"), file, [], [])
        elif line[:1] in ("-", "+") and current:
            current[3 if line[0] == "-" else 4].append(line[1:])
        elif line.strip() and not line.startswith("#"):
            raise Unfit(f"{FILE}:{number}: expected '== name: file', '-old' or '+new', found {line!r}")
    if current:
        yield current


def read(top, only=None):
    found = []
    for number, name, file, old, new in entries((top / FILE).read_text()):
        path = top / file
        if not path.is_file():
            raise Unfit(f"{FILE}:{number}: {name}: there is no file {file}")
        source, text = path.read_text(), "\n".join(old) + "\n"
        if not old or source.count(text) != 1:
            raise Unfit(f"{FILE}:{number}: {name}: expected its lines once in {file}, "
                        f"found them {source.count(text) if old else 0} times")
        start = source.index(text)
        line = source.count("\n", 0, start) + 1
        found.append(Mutant(file, name, start, start + len(text), "\n".join(new) + "\n", line, "",
                            " ".join(" ".join(old).split()), " ".join(" ".join(new).split())))
    if only:
        found = [m for m in found if m.operator == only]
        if not found:
            raise Unfit(f"--by-hand {only}: expected a name from {FILE}")
    return found
