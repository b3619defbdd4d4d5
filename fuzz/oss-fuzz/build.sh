#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Builds the fuzz targets with a given compiler, flags and engine.
# Keeps true: nothing is fetched; what is built goes to OUT; each target has its corpus beside it.
#
#   CC=clang CFLAGS=... LIB_FUZZING_ENGINE=... OUT=DIR fuzz/oss-fuzz/build.sh
#
# `make fuzz-oss` runs it with this machine's clang.
set -eu
: "${CC:?expected a compiler, found none}" "${CFLAGS:?expected flags, found none}"
: "${LIB_FUZZING_ENGINE:?expected a fuzzing engine, found none}" "${OUT:?expected a folder, found none}"
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
if [ -d "${SRC:-/nowhere}/kaal" ]; then
    cd "$SRC/kaal"
else
    cd "$(dirname "$0")/../.."
fi
programs='build/libfuzzer/fuzz-kernel build/libfuzzer/fuzz-image build/libfuzzer/fuzz-builder'
make DEPS=none LIBFUZZER_CC="$CC" LIBFUZZER_FLAGS="$CFLAGS" LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" $programs
cp $programs "$OUT"/
# pack FOLDER TARGET
pack() {
    (cd "$1" && rm -f "$OUT/$2_seed_corpus.zip" && python3 -m zipfile -c "$OUT/$2_seed_corpus.zip" ./*)
}
pack tests/corpus/syscall fuzz-kernel
pack fuzz/corpus/image fuzz-image
pack fuzz/corpus/builder fuzz-builder
cp fuzz/builder.dict "$OUT/fuzz-builder.dict"
