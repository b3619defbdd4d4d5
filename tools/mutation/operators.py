# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Mutants of C source made by operators.
# Keeps true: a mutant changes one place of one line's text and no line number; the list depends on
# the source alone. Not mutated: comments, strings, preprocessor lines, declarations outside functions
# but for tables, and what stands in ensure() or static_assert(), which are silent unless something
# else is broken.

import collections
import re

TOKEN = re.compile(r"""
    (?P<space>\s+) | (?P<comment>/\*.*?\*/|//[^\n]*) | (?P<line>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<number>\d[\w.]*) | (?P<name>[A-Za-z_]\w*)
  | (?P<op><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.X | re.S | re.M)

Token = collections.namedtuple("Token", "kind text start end")
Mutant = collections.namedtuple("Mutant", "file operator start end text line function before after")

RELATIONAL = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
              "==": ("!=",), "!=": ("==",)}
ARITHMETIC = {"+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",), "&": ("|",),
              "|": ("&",), "^": ("&",), "<<": (">>",), ">>": ("<<",), "+=": ("-=",), "-=": ("+=",),
              "|=": ("&=",), "&=": ("|=",), "++": ("--",), "--": ("++",)}
LOGICAL = {"&&": ("||",), "||": ("&&",)}
KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "else", "do", "case", "goto"}
TYPES = re.compile(r"^(const|static|struct|enum|union|unsigned|int|bool|char|void|size_t|\w+_t)$")
SILENT = {"ensure", "static_assert", "_Static_assert", "__builtin_expect", "__attribute__"}


def tokens_of(source):
    kept = []
    for found in TOKEN.finditer(source):
        if found.lastgroup not in ("space", "comment", "line"):
            kept.append(Token(found.lastgroup, found.group(), found.start(), found.end()))
    return kept


def matching(tokens):
    """Index of the partner of each bracket."""
    partner, open_ones = {}, []
    for i, token in enumerate(tokens):
        if token.text in ("(", "[", "{") and token.kind == "op":
            open_ones.append(i)
        elif token.text in (")", "]", "}") and token.kind == "op":
            partner[i] = open_ones.pop()
            partner[partner[i]] = i
    return partner


class Source:
    """One file's tokens, with what stands inside functions and tables."""

    def __init__(self, path, source):
        self.path, self.source = path, source
        self.tokens = tokens_of(source)
        self.partner = matching(self.tokens)
        self.function = [None] * len(self.tokens)
        self.silent = [False] * len(self.tokens)
        self.table = [False] * len(self.tokens)
        self.find_bodies()
        self.find_silent()
        self.find_enclosed()

    def find_bodies(self):
        i = 0
        while i < len(self.tokens):
            if self.tokens[i].text != "{":
                i += 1
                continue
            end, before = self.partner[i], self.tokens[i - 1].text
            if before == ")":
                name = self.tokens[self.partner[i - 1] - 1].text
                self.function[i:end + 1] = [name] * (end + 1 - i)
            elif before == "=":
                self.table[i:end + 1] = [True] * (end + 1 - i)
            i = end + 1

    def find_silent(self):
        for i, token in enumerate(self.tokens):
            if token.text in SILENT and self.tokens[i + 1].text == "(":
                end = self.partner[i + 1]
                self.silent[i:end + 1] = [True] * (end + 1 - i)

    def find_enclosed(self):
        """What stands in parentheses, as the three parts of a `for` do."""
        self.enclosed = [False] * len(self.tokens)
        for i, token in enumerate(self.tokens):
            if token.text == "(":
                self.enclosed[i:self.partner[i]] = [True] * (self.partner[i] - i)

    def is_operand_end(self, i):
        token = self.tokens[i]
        return (token.kind in ("name", "number") and token.text not in KEYWORDS
                and not TYPES.match(token.text)) or token.text in (")", "]")

    def line_of(self, at):
        start = self.source.rfind("\n", 0, at) + 1
        end = self.source.find("\n", at)
        return start, end if end >= 0 else len(self.source)

    def mutant(self, operator, first, last, text):
        """Tokens first..last replaced by text."""
        start, end = self.tokens[first].start, self.tokens[last].end
        lines = self.source[start:end].count("\n") - text.count("\n")
        text += "\n" * lines
        left, _ = self.line_of(start)
        _, right = self.line_of(end)
        before = " ".join(self.source[left:right].split())
        after = " ".join((self.source[left:start] + text + self.source[end:right]).split())
        return Mutant(self.path, operator, start, end, text, self.source.count("\n", 0, start) + 1,
                      self.function[first] or "table", before, after)


def number_alternatives(text):
    digits = re.match(r"^(0x[0-9a-fA-F]+|\d+)([uUlL]*)$", text)
    if not digits:
        return
    value = int(digits[1], 0)
    form = hex if digits[1].startswith("0x") else str
    for other in ([value + 1] if value == 0 else [value + 1, value - 1]):
        yield form(other) + digits[2]


def single_tokens(src, i):
    """Mutants that replace one token."""
    token = src.tokens[i]
    if token.kind == "number":
        for text in number_alternatives(token.text):
            yield src.mutant("constant", i, i, text)
    if token.text in ("true", "false"):
        yield src.mutant("constant", i, i, "false" if token.text == "true" else "true")
    if src.table[i] or token.kind != "op":
        return
    binary = src.is_operand_end(i - 1)
    for operator, table in (("relational", RELATIONAL), ("arithmetic", ARITHMETIC),
                            ("logical", LOGICAL)):
        for text in table.get(token.text, ()):
            if binary or token.text in ("++", "--"):
                yield src.mutant(operator, i, i, text)
    if token.text == "!":
        yield src.mutant("negated", i, i, "")


def conditions(src, i):
    """if (c) and while (c) with !(c)."""
    if src.tokens[i].text in ("if", "while") and src.tokens[i + 1].text == "(":
        first, last = i + 1, src.partner[i + 1]
        inner = src.source[src.tokens[first].start:src.tokens[last].end]
        yield src.mutant("negated", first, last, "(!" + inner + ")")


def swapped_arguments(src, i):
    tokens = src.tokens
    if tokens[i].kind != "name" or tokens[i].text in KEYWORDS or tokens[i + 1].text != "(":
        return
    end = src.partner[i + 1]
    bounds, at = [i + 2], i + 2
    while at < end:
        if tokens[at].text in ("(", "[", "{"):
            at = src.partner[at]
        elif tokens[at].text == ",":
            bounds.append(at + 1)
        at += 1
    bounds.append(end + 1)
    for a, b, c in zip(bounds, bounds[1:], bounds[2:]):
        left = src.source[tokens[a].start:tokens[b - 2].end]
        between = src.source[tokens[b - 2].end:tokens[b].start]
        right = src.source[tokens[b].start:tokens[c - 2].end]
        if left.split() != right.split():
            yield src.mutant("arguments", a, c - 2, right + between + left)


def is_statement_start(src, i):
    before = src.tokens[i - 1]
    if before.text in (";", "{", "}", "else"):
        return not src.enclosed[i]
    return before.text == ")" and src.tokens[src.partner[i - 1] - 1].text in ("if", "for", "while")


def removed_statement(src, i):
    tokens = src.tokens
    token = tokens[i]
    if not is_statement_start(src, i) or token.text in KEYWORDS - {"return"} | {"}", "{", ";", "("}:
        return
    if TYPES.match(token.text) or (token.kind == "name" and tokens[i + 1].kind == "name"):
        return
    end = i
    while tokens[end].text != ";":
        if tokens[end].text in (")", "]", "}"):
            return
        end = src.partner[end] + 1 if tokens[end].text in ("(", "[", "{") else end + 1
    if token.text == "return" and end > i + 1:
        return
    yield src.mutant("removed", i, end, ";")


def mutants_of(path, source):
    """All mutants of one file, in the order of the text."""
    src = Source(path, source)
    for i in range(1, len(src.tokens) - 1):
        if src.silent[i] or not (src.function[i] or src.table[i]):
            continue
        yield from single_tokens(src, i)
        if src.function[i]:
            yield from conditions(src, i)
            yield from swapped_arguments(src, i)
            yield from removed_statement(src, i)


def apply(source, mutant):
    return source[:mutant.start] + mutant.text + source[mutant.end:]
