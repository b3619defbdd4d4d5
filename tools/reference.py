#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Makes the reference of the user-level libraries from their headers.

    tools/reference.py OUTPUT-FOLDER [HEADER...]      default: those of lib/ and include/abi/

One page per header: its head comment, then every declaration with the comment above it, in the
header's own order and sections; an index of pages and of all names. Keeps true: every declaration of a
header is on its page, so a reference cannot lag behind the code. Exit status: 0, 1 a header that it
cannot read (file:line says where).
"""
import glob
import html
import os
import re
import sys

STYLE = """body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
pre{background:#f4f4f4;padding:.6em;overflow-x:auto;font-size:14px}a{color:#1f5fa8}
h2{border-bottom:1px solid #ccc;margin-top:2em}.item{margin:1.2em 0}table{border-collapse:collapse}
td{padding:.2em 1em .2em 0;vertical-align:top}"""
NAME = re.compile(r"\b([a-zA-Z_]\w*)\s*\(")
PRIVATE = {"internal.h", "call_offsets.h"}  # between files of one library
SKIP = {"__attribute__", "_Static_assert", "_Alignas", "sizeof", "defined", "format"}


class Item:
    def __init__(self, kind, text, code="", names=()):
        self.kind, self.text, self.code, self.names = kind, text, code, list(names)


def comment_text(lines):
    text = "\n".join(lines)
    text = re.sub(r"^/\*+ ?|\s*\*+/$", "", text)
    lines = [re.sub(r"^ ?\* ?", "", l) for l in text.split("\n")]
    return "\n".join(l for l in lines if not l.startswith("SPDX-")).strip("\n")


def names_of(code):
    """What a declaration declares."""
    bare = re.sub(r"/\*.*?\*/", " ", code, flags=re.S)
    define = re.match(r"#define\s+(\w+)", bare)
    if define:
        return [define[1]]
    names = []
    kind = re.match(r"(?:struct|enum|union)\s+(\w+)?\s*\{", bare)
    if kind:
        names += [kind[1]] if kind[1] else []
        if bare.startswith("enum"):
            names += re.findall(r"[{,]\s*([A-Za-z_]\w*)\s*(?=[=,}])", bare)
        return names
    head = bare.split("{")[0]
    calls = [n for n in NAME.findall(head) if n not in SKIP and not n.isupper()]
    if calls:
        return calls[:1]
    variable = re.match(r"extern\b.*?(\w+)(\[\w*\])?;", head, flags=re.S)
    return [variable[1]] if variable else []


def take_code(lines, at, path):
    """The declaration that begins at this line: its lines, inline bodies included."""
    start, depth = at, 0
    if lines[at].startswith("#"):
        while at < len(lines) and lines[at].endswith("\\"):
            at += 1
        return lines[start:at + 1], at + 1
    while at < len(lines):
        line = re.sub(r"/\*.*?\*/|'.'", "", lines[at])
        depth += line.count("{") + line.count("(") - line.count("}") - line.count(")")
        end = line.rstrip()
        if depth == 0 and end.endswith((";", "}")) or depth == 0 and end == "":
            return lines[start:at + 1], at + 1
        at += 1
    sys.exit(f"{path}:{start + 1}: expected the end of this declaration, found the end of the file")


def shown(code):
    """Inline functions without their body."""
    text = "\n".join(code).rstrip()
    if re.match(r"(static inline|static|_Noreturn static)", text) and "{" in text:
        return re.sub(r"\s*\{.*", ";", text, count=1, flags=re.S)
    return text


def read(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    items, at, pending = [], 0, ""
    while at < len(lines):
        line = lines[at]
        if line.startswith("/*"):
            start = at
            while "*/" not in lines[at]:
                at += 1
            text = comment_text(lines[start:at + 1])
            at += 1
            section = re.fullmatch(r"-+ (.*?) -+", text)
            if section:
                items.append(Item("section", section[1]))
            elif at < len(lines) and lines[at].strip() == "" or not items and start == 0:
                items.append(Item("text", text))
            else:
                pending = text
        elif line.strip() == "" or re.match(r"#(pragma|include|if|endif|else|undef)", line):
            at, pending = at + 1, "" if line.strip() == "" else pending
        else:
            code, at = take_code(lines, at, path)
            text = shown(code)
            last = items[-1] if items else None
            if not pending and last and last.kind == "code" and lines[at - len(code) - 1].strip():
                last.code += "\n" + text  # one comment for several declarations
                last.names += names_of("\n".join(code))
            else:
                items.append(Item("code", pending, text, names_of("\n".join(code))))
            pending = ""
    return items


def prose(text):
    out = []
    for part in re.split(r"\n\s*\n", text):
        if re.match(r"\s{2,}|.*\n {2,}", part):
            out.append(f"<pre>{html.escape(part)}</pre>")
        elif part.strip():
            out.append(f"<p>{html.escape(part)}</p>")
    return "\n".join(out)


def page(title, body):
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n")


def body_of(items):
    out = []
    for item in items:
        if item.kind == "section":
            out.append(f"<h2>{html.escape(item.text)}</h2>")
        elif item.kind == "text":
            out.append(prose(item.text))
        else:
            anchors = "".join(f'<a id="{n}"></a>' for n in dict.fromkeys(item.names))
            out.append(f'<div class="item">{anchors}<pre>{html.escape(item.code)}</pre>'
                       f"{prose(item.text)}</div>")
    return "\n".join(out)


def first_sentence(items):
    text = next((i.text for i in items if i.text), "")
    return re.split(r"(?<=[.:])\s", " ".join(text.split()) + " ", maxsplit=1)[0].rstrip(":")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    headers = sys.argv[2:] or [p for p in sorted(glob.glob("lib/*/*.h") + glob.glob("include/abi/*.h"))
                               if os.path.basename(p) not in PRIVATE]
    os.makedirs(folder, exist_ok=True)
    rows, names = [], {}
    for path in headers:
        items = read(path)
        include = re.sub(r"^(lib|include)/", "", path)
        file = include.replace("/", "_").replace(".h", ".html")
        for name in (n for i in items for n in i.names):
            names.setdefault(name, (file, include))
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            out.write(page(include, f'<p><a href="index.html">Reference</a></p>\n'
                           f"<h1>{include}</h1>\n{body_of(items)}"))
        rows.append(f'<tr><td><a href="{file}">{include}</a></td>'
                    f"<td>{html.escape(first_sentence(items))}</td></tr>")
    index = "\n".join(f'<a href="{f}#{n}">{n}</a> ' for n, (f, _) in sorted(names.items()))
    with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as out:
        out.write(page("Reference", "<h1>Reference</h1>\n<p>Made from the headers.</p>\n<table>\n"
                       + "\n".join(rows) + f"\n</table>\n<h2>All names</h2>\n<p>{index}</p>"))
    print(f"{folder}/index.html: {len(headers)} headers, {len(names)} names")


main()
