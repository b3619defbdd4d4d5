#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# make reference: every function of the headers, as the compiler sees them, is on a page that is
# well-formed; links lead somewhere.
. "$(dirname "$0")/../tap.sh"

status_is "the reference is made" 0 tools/reference.py "$T/reference"
# What gcc finds in each header: functions declared or defined in that very file.
for h in lib/*/*.h; do
    case $h in */internal.h | */call_offsets.h | */mmio.h | */counter.h) continue ;; esac
    page=$T/reference/$(echo "${h#lib/}" | tr / _)
    page=${page%.h}.html
    echo "#include \"${h#lib/}\"" | aarch64-linux-gnu-gcc -E -Iinclude -Ilib -ffreestanding -xc - 2>/dev/null |
        awk -v want="\"$h\"" '/^# [0-9]+ "/ { inside = $3 == want; next } inside' | tr '\n' ' ' |
        grep -oE '\b[a-z_0-9]+ ?\([^()]*\)( __attribute__\(\([^;{]*)? *[;{]' | grep -oE '^[a-z_0-9]+' |
        grep -vE '^ring_char_' | # made by a macro
        grep -vxE 'if|while|for|switch|return|sizeof|__attribute__|__asm__|__volatile__' | sort -u >"$T/functions"
    while read -r f; do
        grep -q "id=\"$f\"" "$page" 2>/dev/null || echo "$h: $f"
    done <"$T/functions" >>"$T/missing"
    cat "$T/functions" >>"$T/all"
done
# calls inside inline functions name functions that are declared elsewhere
while IFS=': ' read -r h f; do
    grep -hoE "id=\"$f\"" "$T"/reference/*.html | grep -q . || echo "$h: $f"
done <"$T/missing" >"$T/nowhere"
check "the compiler found functions" test "$(sort -u "$T/all" | wc -l)" -gt 250
equals "each is on a page" "" "$(sort -u "$T/nowhere" | tr '\n' ' ')"

cat >"$T/check.py" <<'P'
import glob, html.parser, os, re, sys
bad = []
void = {"meta", "link", "br"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links = [], set(), []
    def handle_starttag(self, tag, attrs):
        if tag not in void:
            self.open.append(tag)
        self.ids |= {v for k, v in attrs if k == "id"}
        self.links += [v for k, v in attrs if k == "href"]
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            bad.append(f"{self.name}: </{tag}> closes another mark")
pages = {}
for f in glob.glob(sys.argv[1] + "/*.html"):
    p = Page()
    p.name = os.path.basename(f)
    p.feed(open(f, encoding="utf-8").read())
    pages[p.name] = p
    if p.open:
        bad.append(f"{p.name}: {p.open} stay open")
for p in pages.values():
    for link in p.links:
        file, _, anchor = link.partition("#")
        if file not in pages or anchor and anchor not in pages[file].ids:
            bad.append(f"{p.name}: {link} leads nowhere")
print(*bad[:10], sep="\n")
sys.exit(bool(bad) or len(pages) < 30)
P
check "pages are well-formed, links lead somewhere" python3 "$T/check.py" "$T/reference"

printf '/* SPDX\n *\n * A head.\n */\n#pragma once\n\n/* Adds <two> numbers. */\nint add(int a,\n        int b);\n\n/* ---- section ---- */\n\n#define TWICE(x) \\\n    ((x) + (x))\nstruct open {\n' >"$T/bad.h"
status_is "a header that breaks off" 1 tools/reference.py "$T/one" "$T/bad.h"
contains "file and line" "^$T/bad.h:15: expected the end of this declaration" "$T/out"
sed -i '$d' "$T/bad.h"
status_is "without that" 0 tools/reference.py "$T/one" "$T/bad.h"
done_testing
