#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# A kernel that forgets to invalidate translations is seen on the hosted machine, though the program
# runs as if nothing were wrong: the whole kernel is linked once more without one of the two calls.
. "$(dirname "$0")/../tap.sh"

instrumentation=(-fsanitize=address,undefined)
[ "$KAAL_VARIANT" != cov ] || instrumentation=(--coverage)

# forgetful CALL: kaal-hosted whose core calls nothing in its place
forgetful() {
    ${HOSTCC:-gcc} -g "${instrumentation[@]}" -Iinclude -Ihal -Ihal-hosted "-Wl,--wrap=$1" \
        -o "$T/forgetful" tests/hosted/tlb.c "build/obj/$KAAL_VARIANT/hal-hosted/main.c.o" \
        "build/$KAAL_VARIANT/libkaal-hosted.a" -lunicorn -lfdt -lzstd -lsodium -lpthread -lm
}

for call in hal_tlb_invalidate_page hal_tlb_invalidate_asid; do
    check "a kernel without $call links" forgetful "$call"
    status_is "its root task meets the checker" 72 "$T/forgetful" "$KAAL_IMAGE"
    contains "... which says what is missing" \
        '^kaal-hosted: (missing TLB invalidation|hal_space_switch: ASID|hal_memory_typed: )' "$T/out"
done
check "the same link with every call" forgetful hal_nothing
status_is "... runs to the end" 0 "$T/forgetful" "$KAAL_IMAGE"
done_testing
