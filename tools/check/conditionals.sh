#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# no conditional compilation in core/ (headers there and in hal/: include guards only)
. "$(dirname "$0")/common.sh"
mapfile -t sources < <(tracked 'core/*.c')
mapfile -t headers < <(tracked 'core/*.h' 'hal/*.h')
[ ${#sources[@]} -eq 0 ] || violations < <(grep -nHE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif|else)\b' "${sources[@]}" |
    sed 's/$/   (choose by which files are linked, or by a plain if)/')
[ ${#headers[@]} -eq 0 ] || violations < <(grep -nHE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif|else)\b' "${headers[@]}" |
    grep -vE ':#ifndef [A-Z0-9_]+_H_?$' | sed 's/$/   (only an include guard is allowed)/')
verdict
