#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Builds the fuzz targets with a given compiler, flags and engine.
# Keeps true: nothing is fetched; what is built goes to OUT; each target has its corpus beside it.
#
#   CC=clang CFLAGS=... LIB_FUZZING_ENGINE=... OUT=DIR fuzz/oss-fuzz/build.sh
set -eu
cd "${SRC:+$SRC/kaal}" 2>/dev/null || cd "$(dirname "$0")/../.."
: "${CC:?expected a compiler, found none}" "${CFLAGS:?expected flags, found none}"
: "${LIB_FUZZING_ENGINE:?expected a fuzzing engine, found none}" "${OUT:?expected a folder, found none}"
programs='build/libfuzzer/fuzz-kernel build/libfuzzer/fuzz-image'
make DEPS=none LIBFUZZER_CC="$CC" LIBFUZZER_FLAGS="$CFLAGS" LIB_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" $programs
mkdir -p "$OUT"
cp $programs "$OUT"/
(cd tests/corpus/syscall && zip -qr "$OUT/fuzz-kernel_seed_corpus.zip" .)
(cd fuzz/corpus/image && zip -qr "$OUT/fuzz-image_seed_corpus.zip" .)
