#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Gives kaal-builder thousands of damaged inputs and judges every answer: a documented status, one
sentence when it is not 0, within 2 GiB of address space and 10 seconds. Prints TAP.

  builder_random.py BUILDER FOLDER LOADER KERNEL APP DTB IMAGE [RUNS]

Damage: flipped bits, fields set to extreme values, cut and doubled parts; the same in every run.
"""
import os
import random
import resource
import subprocess
import sys

EXTREME = [0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 1 << 47, 1 << 63, (1 << 64) - 1,
           0xffffff8040000000, 0x40000000]


def damaged(rng, data):
    d = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        where = rng.choice([64, 64 + 56 * 3, 4096, len(d)])
        at = rng.randrange(min(where, len(d)))
        kind = rng.randrange(5)
        if kind == 0:
            d[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            size = rng.choice([1, 2, 4, 8])
            at -= at % size
            d[at:at + size] = (rng.choice(EXTREME) % (1 << 8 * size)).to_bytes(size, "little")
        elif kind == 2:
            d[at] = rng.randrange(256)
        elif kind == 3 and rng.randrange(4) == 0:
            del d[at:]
            break
        elif kind == 4 and rng.randrange(4) == 0:
            end = at + rng.randrange(200)
            d[at:at] = d[at:end]
    return bytes(d)


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def main():
    builder, folder = sys.argv[1:3]
    inputs = dict(zip(("loader", "kernel", "app", "dtb", "image"), sys.argv[3:8]))
    runs = int(sys.argv[8]) if len(sys.argv) > 8 else 1500
    rng = random.Random(5)
    good = {k: open(p, "rb").read() for k, p in inputs.items()}
    bad, out = os.path.join(folder, "bad"), os.path.join(folder, "random.out")
    answers, wrong = {}, []
    for n in range(runs):
        part = rng.choice(list(inputs))
        with open(bad, "wb") as f:
            f.write(damaged(rng, good[part]))
        if part == "image":
            command = [builder] + rng.choice([["verify", bad], ["inspect", "--json", bad], ["map", bad],
                                              ["map", "--svg", bad], ["diff", inputs["image"], bad],
                                              ["extract", bad, os.path.join(folder, "x")]])
        else:
            use = dict(inputs, **{part: bad})
            command = [builder, "--loader", use["loader"], "--kernel", use["kernel"], "--app", use["app"], "--out",
                       out, "--dtb", use["dtb"], "--compress", rng.choice(["none", "lz4", "zstd"]),
                       "--format", rng.choice(["elf", "image", "uimage", "efi"])]
        if os.path.exists(out):
            os.unlink(out)
        try:
            p = subprocess.run(command, capture_output=True, timeout=10, preexec_fn=limit, check=False)
            said = p.stderr.decode(errors="replace")
            fine = p.returncode == 0 or (command[1] == "diff" and p.returncode == 1 and not said) or (
                p.returncode in (2, 3, 4) and said.startswith("kaal-builder: error: ") and said.count("\n") == 1
                and not os.path.exists(out))
            answers[p.returncode] = answers.get(p.returncode, 0) + 1
        except subprocess.TimeoutExpired:
            fine, said = False, "time is up"
        if not fine:
            wrong.append(f"run {n} ({part}): {said[:200]}")
            os.rename(bad, os.path.join(folder, f"wrong-{n}"))
    print(f"# answers by status: {dict(sorted(answers.items()))}")
    for w in wrong[:10]:
        print("# " + w)
    print(f"{'not ok' if wrong else 'ok'} 1 - {runs} damaged inputs are answered with a documented status and a sentence")
    enough = sum(v for k, v in answers.items() if k != 0) > runs // 3 and answers.get(0, 0) > 0
    print(f"{'ok' if enough else 'not ok'} 2 - some are taken, many are refused")
    print("1..2")
    sys.exit(1 if wrong or not enough else 0)


main()
