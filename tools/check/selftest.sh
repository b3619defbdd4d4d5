#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Shows that every check of this folder can fail: each sees a good tree pass and a bad one refused.
set -u
checks=$(cd "$(dirname "$0")" && pwd)
config=$checks/../../.clang-format
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
n=0 failed=0
tested=

result() {
    n=$((n + 1))
    [ "$1" = 0 ] || failed=1
    printf '%s %d - %s\n' "$([ "$1" = 0 ] && echo ok || echo 'not ok')" "$n" "$2"
}

# A fresh tree with one well-behaved core, HAL and document.
good_tree() {
    rm -rf "$T/tree"
    mkdir -p "$T/tree"/{core,hal,hal-hosted,include/abi,lib,build}
    cd "$T/tree" && git init -q . || exit 2
    cp "$config" .clang-format
    local spdx='/* SPDX-License-Identifier: Apache-2.0 OR MIT */'
    printf '%s\n#pragma once\n#define HAL_WINDOW_BASE 0\n' "$spdx" >hal-hosted/hal_window.h
    printf '%s\n#pragma once\nvoid hal_one(int x);\n\nstatic inline void hal_two(void)\n{\n    hal_one(2);\n}\n' "$spdx" >hal/hal.h
    printf '%s\n#pragma once\n' "$spdx" >include/abi/numbers.h
    printf '%s\n#include <stdint.h>\n\n#include "abi/numbers.h"\n#include "hal.h"\n\nvoid core_go(void);\n\nvoid core_go(void)\n{\n    hal_two();\n}\n' "$spdx" >core/go.c
}

link_core() {
    gcc -c -O2 -ffreestanding -Iinclude -Ihal -Icore -o "$T/go.o" core/go.c && ld -r -o "$T/core.o" "$T/go.o"
}

# run CHECK: over the tree in the current directory
run() {
    git add -A . && CORE_LINKS="$T/core.o" "$checks/$1.sh" >"$T/out" 2>&1
}

# refuses CHECK REGEX WHAT: the tree as it stands is refused with a line that matches; the same
# check accepts the good tree.
refuses() {
    local rc=0
    tested="$tested $1"
    [ "$1" != symbols ] || link_core
    run "$1" && rc=1
    grep -qE -- "$2" "$T/out" || rc=1
    result "$rc" "$1 refuses $3"
    [ "$rc" = 0 ] || sed 's/^/# /' "$T/out"
}

for check in "$checks"/*.sh; do
    name=$(basename "$check" .sh)
    case $name in run | selftest | common) continue ;; esac
    good_tree
    link_core
    run "$name"
    rc=$?
    result "$rc" "$name accepts a good tree"
    [ "$rc" = 0 ] || sed 's/^/# /' "$T/out"
done

good_tree && sed -i 1d core/go.c && refuses spdx '^core/go.c:1:' 'a source without a licence line'
good_tree && printf 'int  x ;\n' >>core/go.c && refuses format '^core/go.c:[0-9]+: not formatted' 'a misplaced blank'
good_tree && yes '' | head -n 500 >>core/go.c && refuses file-length '^core/go.c:501:' 'a file of more than 500 lines'
good_tree && { printf 'void f(void)\n{\n' && yes '    core_go();' | head -n 59 && echo '}'; } >>core/go.c &&
    refuses function-length '^core/go.c:[0-9]+: f has 61 lines' 'a function of 61 lines'
good_tree && printf '#ifdef FAST\n#endif\n' >>core/go.c && refuses conditionals '^core/go.c:[0-9]+:#ifdef' 'an #ifdef in core'
good_tree && printf '#if 1\n#endif\n' >>hal/hal.h && refuses conditionals '^hal/hal.h:[0-9]+:#if' 'an #if in hal.h'
good_tree && printf 'see /%s/somebody/kaal\n' home >notes.md && refuses paths '^notes.md:1:' "a machine's own path"
good_tree && printf '/* %s */\n' "TO""DO" >>core/go.c && refuses words '^core/go.c:[0-9]+:' 'an unfinished remark'
good_tree && touch hal-hosted/arena.h && sed -i '2i#include "arena.h"' core/go.c &&
    refuses includes '^core/go.c:2: core/ must not include "arena.h"' 'core reaching into a machine'
good_tree && sed -i '2i#include <stdio.h>' core/go.c && refuses includes '^core/go.c:2: <stdio.h>' 'a C library header in core'
good_tree && sed -i '2i#include <libfdt.h>' core/go.c && refuses includes '^core/go.c:2: <libfdt.h>' 'libfdt in core'
good_tree && printf '#include "hal.h"\n' >lib/start.c && refuses includes '^lib/start.c:1: lib/ must not' 'user level knowing the HAL'
good_tree && mkdir -p fuzz/model && printf '#include "hal.h"\n' >fuzz/model/ipc.c &&
    refuses includes '^fuzz/model/ipc.c:1: fuzz/model/ must not' 'the model of the interface knowing the HAL'
good_tree && sed -i 's/    hal_two/    hal_secret(1);\n    hal_two/; s/^void core_go(void);/void hal_secret(int x);\n&/' core/go.c &&
    refuses symbols '^hal_secret: the core calls it' 'a call that hal.h does not declare'
good_tree && sed -i 's/    hal_two();//' core/go.c && refuses symbols '^hal_one: hal/hal.h declares it' 'a declaration that core never calls'
good_tree && printf 'int sched_yield(void);\n\nint sched_yield(void)\n{\n    return 0;\n}\n' >>core/go.c &&
    refuses symbols '^sched_yield: the core defines it' "a function with the C library's name"
good_tree && for i in $(seq 31); do echo "void hal_f$i(void);"; done >>hal/hal.h && refuses symbols 'declares 32 functions' 'more than 30 HAL functions'
good_tree && mkdir -p tests/unit && printf '/* SPDX-License-Identifier: Apache-2.0 OR MIT */\nbool f = walk_expect(w,\n    ok, "it is so");\n' | tee core/invariants.c >tests/unit/test_core_invariants.c &&
    sed -i 's/it is so/it is not/' core/invariants.c && refuses invariants 'is reported as "it is not"' 'an invariant that no test breaks'
good_tree && mkdir -p tests/mutation && printf '== nothing is called: core/go.c\n-    hal_two();\n' >tests/mutation/by-hand.txt &&
    sed -i 's/hal_two();/hal_one(1);/' core/go.c && refuses mutants 'expected its lines once in core/go.c, found them 0 times' 'a mutant by hand whose line is gone'
# A unit of proofs over the good tree's one function, with a fault that finds its text.
proved_tree() {
    good_tree && mkdir -p proofs && touch proofs/frama_c.h proofs/go.acsl
    echo 'go|core/go.c|proofs/go.acsl|core_go||1|It goes.' >proofs/units.txt
    echo 'go|core_go|core/go.c|hal_two();|hal_two(), hal_two();' >proofs/mutants.txt
    echo '/*@ axiom none: 0 < 1; */' >proofs/one.acsl
    echo 'go|core_go|proofs/one.acsl|0 < 1|1 < 1' >proofs/contradictions.txt
}
proved_tree && sed -i 's/hal_two();/hal_one(1);/' core/go.c && refuses proofs 'text not found in core/go.c' 'a seeded fault whose text is gone'
proved_tree && sed -i 's/0 < 1/0 <= 1/' proofs/one.acsl && refuses proofs 'text not found in proofs/one.acsl' 'a seeded contradiction whose text is gone'
proved_tree && if command -v frama-c >/dev/null; then
    sed -i 's|    hal_two|    /*@ assert unknown(1); */\n&|' core/go.c && refuses proofs 'unbound logic function unknown' "a contract that is not of the unit's"
    proved_tree && run proofs
    result $? 'proofs accepts what can be read'
else
    printf 'ok %d - proofs: units are read # SKIP frama-c is not installed (make deps FOR=prove)\n' $((n += 1))
fi

untested=$(for check in "$checks"/*.sh; do basename "$check" .sh; done | grep -vxE "run|selftest|common|${tested// /|}" | grep .)
[ -z "$untested" ]
result $? "every check has a case here"
[ -z "$untested" ] || sed 's/^/# without a case: /' <<<"$untested"
printf '1..%d\n' "$n"
exit "$failed"
