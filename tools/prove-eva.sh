#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Value analysis of the image parser over arbitrary bytes. Its alarms, one "file: assertion" a line,
# must be those of the block in proofs/eva-alarms.md, which argues each.
#   tools/prove-eva.sh [--print]     --print: only say the alarms
set -u -o pipefail
out=build/prove
mkdir -p "$out"
frama-c -machdep gcc_x86_64 -c11 -cpp-extra-args="-include proofs/frama_c.h -Iinclude -Iloader -Ihal -Icore" \
    proofs/eva/image.c loader/image.c loader/image_note.c loader/image_error.c -eva -eva-no-show-progress \
    -kernel-warn-key annot-error=active -eva-precision 2 -eva-slevel-function check_zero:1 >"$out/eva.log" 2>&1 || {
    echo "eva: frama-c failed, see $out/eva.log"
    exit 1
}
grep -q 'statements reached' "$out/eva.log" || exit 1
awk '/^\[eva:alarm\]/ { split($2, at, ":"); file = at[1]; text = ""; next_lines = 1; next }
     next_lines && /^  / { sub(/^ +/, ""); text = text (text == "" ? "" : " ") $0
                           if (text ~ /;$/) { sub(/.*assert /, "", text); print file ": " text; next_lines = 0 } next }
     { next_lines = 0 }' "$out/eva.log" | sort -u >"$out/eva.alarms"
if [ "${1:-}" = --print ]; then
    cat "$out/eva.alarms"
    exit 0
fi
sed -n '/^```text/,/^```/{/^```/d;p}' proofs/eva-alarms.md | sort -u >"$out/eva.argued"
grep 'statements reached' "$out/eva.log"
diff "$out/eva.argued" "$out/eva.alarms" >"$out/eva.diff" || {
    echo "eva: the alarms are not those of proofs/eva-alarms.md (< argued, > found):"
    cat "$out/eva.diff"
    exit 1
}
echo "eva: $(wc -l <"$out/eva.alarms") alarms, each argued in proofs/eva-alarms.md"
