#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Runs unit tests, corpus, lockstep and conformance program on the build that counts conditions, and
# writes build/mcdc/report/index.html (make mcdc).
# Keeps true: figures are of this run alone; core/ is at 95 % MC/DC or better, and every condition
# that is not shown has its reason in docs/mcdc-exclusions.md.
#
# Exit status: 0 all of it holds and every test passed, 1 otherwise.
set -u
cd "$(dirname "$0")/.." || exit 2
programs=build/mcdc out=build/mcdc/report
rm -rf "$out" && mkdir -p "$out/raw"
export KAAL_VARIANT=mcdc LLVM_PROFILE_FILE="$PWD/$out/raw/%4m.profraw"
tests/run.sh unit tests/corpus/image.sh tests/corpus/syscall.sh tests/hosted/lockstep.sh tests/hosted/boot.sh
tests=$?
for gic in 2 3; do
    for image in image wide; do
        log=$out/conformance-$image-gicv$gic.log
        "$programs/kaal-hosted" --gic "$gic" "build/conformance-$image.elf" >"$log" 2>&1 || tests=1
        grep -E '^not ok|^conformance:' "$log"
    done
done
unset LLVM_PROFILE_FILE

covered=(core hal loader)
llvm-profdata-19 merge -o "$out/all.profdata" "$out"/raw/*.profraw || exit 1
llvm-cov-19 show "$programs/kaal-hosted" -instr-profile="$out/all.profdata" -format=html \
    -output-dir="$out" -show-mcdc -show-branches=count -project-title=KaaL "${covered[@]}" \
    >"$out/show.log" 2>&1 || { cat "$out/show.log" && exit 1; }
llvm-cov-19 export "$programs/kaal-hosted" -instr-profile="$out/all.profdata" "${covered[@]}" \
    >"$out/all.json" || exit 1
tools/mcdc-report.py "$out/all.json" docs/mcdc-exclusions.md
report=$?
printf 'report: %s\n' "$out/index.html"
[ "$tests" = 0 ] && [ "$report" = 0 ]
