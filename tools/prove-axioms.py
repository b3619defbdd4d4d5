#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Everything that a contract states as an axiom is a claim of proofs/axioms.smt2 that z3 grants.

Keeps true: each `axiom` of proofs/*.acsl and of the annotated sources has a claim of its name, no two
axioms of one name differ, and z3 finds no values that break a claim ("unsat"). A seeded axiom without
a claim, and a seeded claim that does not hold, must be refused.
"""
import glob
import os
import re
import subprocess
import sys

OUT = "build/prove"
CLAIMS = "proofs/axioms.smt2"
FOLDERS = ["core", "hal", "hal-aarch64", "include", "lib", "loader"]
SECONDS = "300"


def sources():
    files = glob.glob("proofs/*.acsl") + glob.glob("proofs/*.h")
    for folder in FOLDERS:
        files += glob.glob(f"{folder}/**/*.[ch]", recursive=True)
    return sorted(files)


def axioms(files):
    """name → {text: file}: what is stated under that name, white space apart."""
    found = {}
    for path in files:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for name, body in re.findall(r"\baxiom\s+(\w+)\s*(?:\{[^}]*\})?\s*(:[^;]*(?:;[^;]*)*?);\s*"
                                     r"(?=axiom\b|logic\b|predicate\b|lemma\b|\}|//|\*/)", text):
            found.setdefault(name, {})[" ".join(body.split())] = path
        if len(re.findall(r"\baxiom\s+\w+\s*[:{]", text)) != \
                sum(path in texts.values() for texts in found.values()):
            sys.exit(f"prove-axioms: {path}: expected every axiom to be found, lost one")
    return found


def answers(path):
    """What z3 says of each claim, in order: [(name, answer)]."""
    done = subprocess.run(["z3", "-T:" + SECONDS, path], capture_output=True, text=True)
    lines = done.stdout.split("\n")[:-1]
    return list(zip(lines[::2], lines[1::2] + ["nothing"]))


def faults(files, claims):
    """Sentences that say what is wrong, and z3's answers."""
    wrong = []
    said = answers(claims)
    names = [name for name, _ in said]
    for name, answer in said:
        if not re.fullmatch(r"[a-z_0-9]+", name) or answer != "unsat":
            wrong.append(f"{claims}: claim {name}: expected unsat, found {answer}")
        if names.count(name) > 1:
            wrong.append(f"{claims}: claim {name}: expected once, found {names.count(name)} times")
    for name, texts in sorted(axioms(files).items()):
        if name not in names:
            wrong.append(f"{claims}: expected a claim for axiom {name} of "
                         f"{', '.join(texts.values())}, found none")
        if len(texts) > 1:
            wrong.append(f"axiom {name}: expected one text, found {len(texts)}: "
                         f"{', '.join(texts.values())}")
    return wrong, said


def seeded():
    """An axiom without a claim and a claim that does not hold: is each refused?"""
    acsl, smt = f"{OUT}/seeded.acsl", f"{OUT}/seeded.smt2"
    with open(acsl, "w", encoding="utf-8") as f:
        f.write("/*@ axiomatic Seeded { axiom seeded: \\forall integer x; x == x + 1; } */\n")
    with open(smt, "w", encoding="utf-8") as f:
        f.write('(echo "broken")\n(assert (not (= #b0 #b1))) (check-sat)\n')
    wrong, _ = faults([acsl], smt)
    return len(wrong) == 2 and "broken" in wrong[0] and "axiom seeded" in wrong[1]


def main():
    os.makedirs(OUT, exist_ok=True)
    wrong, said = faults(sources(), CLAIMS)
    for name, answer in said:
        print(name, answer)
    for sentence in wrong:
        print("prove-axioms:", sentence)
    if not wrong and not seeded():
        wrong = ["seeded"]
        print("prove-axioms: a seeded axiom without a claim or a seeded false claim: expected a "
              "refusal of each, found none")
    print(f"{len(axioms(sources()))} axioms, {len(said)} claims")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
