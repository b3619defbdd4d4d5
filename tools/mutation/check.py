#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Breaks the core on purpose and sees which tests notice (make mutation-check).
# Keeps true: which mutants are tried depends on the sources and the seed alone; a mutant that does not
# compile, or whose objects are those of the unbroken core, is not counted; a survivor without an
# argument in tests/mutation/arguments.txt fails the check.
#
#   tools/mutation/check.py [--seed N] [--count N] [--jobs N] [--only FILE] [--by-hand NAME]
#                           [--first] [--report FILE] [--again] [--resume] [--list]
#       --only FILE      samples this file of core/ alone; nothing by hand
#       --by-hand NAME   only the named mutant of tests/mutation/by-hand.txt
#       --first          mutants by hand, too, are done with when one suite caught them
#       --again          asks only for those that survived the last run on these sources
#       --resume         goes on with an interrupted run
#       --list           mutants by operator and file, none is run; those by hand are looked up
#
# Exit status: 0 enough killed and survivors argued, 1 not, 2 wrong use or the unbroken core fails.

import argparse
import collections
import hashlib
import pathlib
import sys
import threading

import by_hand
import operators
import report
import suites
import workshop

TOP = pathlib.Path(__file__).resolve().parents[2]
LEAST_KILLED = 0.90


class Campaign:
    """Mutants in order, handed to workers; what became of each by its place in the order."""

    def __init__(self, mutants, wanted):
        self.mutants, self.wanted = mutants, wanted
        self.next, self.results, self.lock = 0, {}, threading.Lock()

    def take(self):
        with self.lock:
            if self.next >= len(self.mutants) or self.counted_prefix() >= self.wanted:
                return None
            self.next += 1
            return self.next - 1

    def counted_prefix(self):
        """Counted mutants among those that, with all before them, are done."""
        count, i = 0, 0
        while i in self.results:
            count += self.results[i].counted
            i += 1
        return count

    def done(self, i, result):
        with self.lock:
            self.results[i] = result
            counted = sum(r.counted for r in self.results.values())
            if result.counted:
                m = result.mutant
                print(f"[{counted}/{self.wanted}] {m.file}:{m.line} {m.operator}: {report.fate(result)}",
                      flush=True)
                if not result.kills:
                    print(f"      {m.before}\n   -> {m.after}", flush=True)

    def kept(self):
        """Results up to the wanted number, in order."""
        kept, count = [], 0
        for i in range(len(self.mutants)):
            if i not in self.results or count == self.wanted:
                break
            kept.append(self.results[i])
            count += self.results[i].counted
        return kept


def work(campaign, shop, every_suite):
    while (i := campaign.take()) is not None:
        campaign.done(i, shop.judge(campaign.mutants[i], every_suite))


def run(mutants, wanted, shops, every_suite):
    campaign = Campaign(mutants, wanted)
    threads = [threading.Thread(target=work, args=(campaign, shop, every_suite)) for shop in shops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return campaign.kept()


def sources(only):
    names = [only] if only else sorted(str(p.relative_to(TOP)) for p in (TOP / "core").glob("*.[ch]"))
    for name in names:
        yield name, (TOP / name).read_text()


def sampled(seed, only):
    """All mutants in the seed's order, in which those of unchanged code keep their places."""
    seen, order = collections.Counter(), []
    for name, text in sources(only):
        for mutant in operators.mutants_of(name, text):
            key = (seed, mutant.file, mutant.function, mutant.before, mutant.after)
            seen[key] += 1
            digest = hashlib.sha256(repr((key, seen[key])).encode()).digest()
            order.append((digest, mutant))
    return [mutant for _, mutant in sorted(order, key=lambda pair: pair[0])]


def print_list(mutants, hand):
    for title, key in (("operator", "operator"), ("file", "file")):
        print(f"mutants by {title}:")
        for name, count in sorted(collections.Counter(getattr(m, key) for m in mutants).items()):
            print(f"  {name:<32} {count:5d}")
    print(f"{len(mutants)} mutants by operators, {len(hand)} by hand")


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="check.py")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only")
    parser.add_argument("--by-hand")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--report")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args(arguments)


def main():
    options = options_of(sys.argv[1:])
    try:
        hand = by_hand.read(TOP, options.by_hand)
    except by_hand.Unfit as why:
        print(f"check.py: {why}", file=sys.stderr)
        return 2
    mutants = sampled(options.seed, options.only)
    if options.list:
        print_list(mutants, hand)
        return 0
    memory = workshop.Memory(TOP, options.again, options.resume)
    shops = [workshop.Workshop(TOP, n, memory) for n in range(options.jobs)]
    failing = suites.first_kill(suites.steps_for(TOP, TOP / "build/mut", "core/none.c"), shops[0].folder)
    if failing:
        print(f"check.py: the unbroken core fails {failing.step}: {failing.how}", file=sys.stderr)
        return 2
    by_operator = [] if options.by_hand else run(mutants, options.count, shops, False)
    by_name = [] if options.only else run(hand, len(hand), shops, not options.first)
    summary = report.Report(TOP, options, mutants, by_operator, by_name)
    print("\n" + summary.closing())
    if options.report:
        pathlib.Path(options.report).write_text(summary.markdown())
    return 0 if summary.good(LEAST_KILLED, complete=not (options.only or options.by_hand)) else 1


if __name__ == "__main__":
    sys.exit(main())
