# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# What became of the mutants, in words and as docs/mutation-report.md.
# Keeps true: every survivor stands in the report, with its argument from tests/mutation/arguments.txt
# or the word that it has none.

import collections

import suites

ARGUMENTS = "tests/mutation/arguments.txt"


def fate(result):
    if not result.kills:
        return {"linked": "SURVIVED"}.get(result.state, result.state)
    return "; ".join(f"{k.step}, {k.seconds:.1f} s ({k.how})" for k in result.kills)


def read_arguments(top):
    """(file, before, after) to reason: blocks of three lines that start with @, - and +, then text."""
    reasons, key, words = {}, [], []
    for line in (top / ARGUMENTS).read_text().splitlines() + ["@"]:
        if line.startswith("@"):
            if len(key) == 3:
                reasons[tuple(key)] = " ".join(words)
            key, words = [line[1:].strip()], []
        elif line.startswith(("-", "+")) and 1 <= len(key) < 3:
            key.append(line[1:].strip())
        elif line.strip() and not line.startswith("#"):
            words.append(line.strip())
    return reasons


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    return "`` " + cell(text) + " ``"


class Report:
    def __init__(self, top, options, population, by_operator, by_name):
        self.seed, self.population, self.first = options.seed, len(population), options.first
        self.tried, self.by_name = by_operator, by_name
        self.counted = [r for r in by_operator if r.counted]
        self.survivors = [r for r in self.counted if not r.kills]
        self.reasons = read_arguments(top)
        self.unargued = [r for r in self.survivors if not self.reason(r)]
        self.missed = [r for r in by_name if not r.kills]

    def reason(self, result):
        m = result.mutant
        return self.reasons.get((m.file, m.before, m.after))

    def share(self):
        return 1 - len(self.survivors) / len(self.counted) if self.counted else 1.0

    def good(self, least, complete):
        enough = self.share() >= least and not self.missed
        return enough and (not complete or not self.unargued)

    def closing(self):
        lines = []
        for r in self.unargued:
            m = r.mutant
            lines.append(f"without an argument:\n@ {m.file}\n- {m.before}\n+ {m.after}")
        for r in self.missed:
            lines.append(f"by hand, {r.state}, not killed: {r.mutant.operator} ({r.mutant.file})")
        states = collections.Counter(r.state for r in self.tried)
        lines.append(f"mutation: seed {self.seed}: {len(self.counted)} mutants of {self.population}, "
                     f"{len(self.counted) - len(self.survivors)} killed ({100 * self.share():.1f} %), "
                     f"{len(self.survivors)} survived, {len(self.unargued)} of them not argued; "
                     f"{states['not C']} not C, {states['same code']} same code; by hand "
                     f"{len(self.by_name) - len(self.missed)} of {len(self.by_name)} killed")
        return "\n".join(lines)

    def table(self, title, key):
        groups = collections.defaultdict(list)
        for r in self.counted:
            groups[key(r)].append(r)
        yield f"| {title} | mutants | killed |"
        yield "|---|---:|---:|"
        for name, group in sorted(groups.items()):
            yield f"| {name} | {len(group)} | {sum(1 for r in group if r.kills)} |"

    def killers(self):
        count = collections.Counter(r.kills[0].suite for r in self.counted if r.kills)
        yield "| first suite to notice | mutants | processor seconds up to there, median and most |"
        yield "|---|---:|---:|"
        for suite in suites.SUITES:
            times = sorted(r.kills[0].seconds for r in self.counted if r.kills and r.kills[0].suite == suite)
            if times:
                yield f"| {suite} | {count[suite]} | {times[len(times) // 2]:.1f}, {times[-1]:.1f} |"

    def first_table(self):
        yield "The first suite that noticed, and when; the others were not asked."
        yield ""
        yield "| mutant | file | suite | step | seconds |"
        yield "|---|---|---|---|---:|"
        for r in self.by_name:
            cells = ("–", "–", "–")
            if r.kills:
                cells = (r.kills[0].suite, r.kills[0].step, f"{r.kills[0].seconds:.2f}")
            yield f"| {cell(r.mutant.operator)} | `{r.mutant.file}` | " + " | ".join(cells) + " |"

    def hand_table(self):
        yield "Every suite is asked; the entry names the first step of it that fails, and when."
        yield ""
        yield "| mutant | file | unit tests | replay | conformance |"
        yield "|---|---|---|---|---|"
        for r in self.by_name:
            kills = {k.suite: k for k in r.kills}
            cells = [f"{kills[s].step}, {kills[s].seconds:.2f} s" if s in kills else "–" for s in suites.SUITES]
            yield f"| {cell(r.mutant.operator)} | `{r.mutant.file}` | " + " | ".join(cells) + " |"

    def survivor_list(self):
        for r in self.survivors:
            m = r.mutant
            yield f"- `{m.file}`, {m.function}, {m.operator}:"
            yield f"  {code(m.before)} became {code(m.after)}. {self.reason(r) or '**No argument yet.**'}"

    def markdown(self):
        parts = [
            ["<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->", "# Mutants of the core", "",
             f"Written by `make mutation-check SEED={self.seed} COUNT={len(self.counted)} "
             f"MUTATION_ARGS=\"{'--first ' if self.first else ''}--report docs/mutation-report.md\"`.", "", "```text",
             self.closing().splitlines()[-1], "```", "",
             "How it works, and what it can and cannot show: chapter 8. Times are processor time,",
             "compiling and linking left out.", "", "## By operators", ""],
            list(self.table("operator", lambda r: r.mutant.operator)), [""],
            list(self.killers()), [""],
            list(self.table("file", lambda r: f"`{r.mutant.file}`")),
            ["", f"## Survivors ({len(self.survivors)})", ""], list(self.survivor_list()),
            ["", "## By hand (`tests/mutation/by-hand.txt`)", ""],
            list(self.first_table() if self.first else self.hand_table())]
        return "\n".join(line for part in parts for line in part) + "\n"
