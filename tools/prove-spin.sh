#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Checks the models in proofs/spin exhaustively at the bounds below, and that each seeded error in
# them is found. Exit status 0 = all good, 1 = a model is wrong or an error goes unseen.
set -u
out=build/prove/spin
mkdir -p "$out"
failed=0

# verdict MODEL DEFINE...: prints "good N states" or "error"; "incomplete" when not exhaustive
verdict() {
    local model=$1 dir
    shift
    dir=$(mktemp -d "$out/XXXXXX")
    (
        cd "$dir" || exit 1
        spin "$@" -a "../../../../proofs/spin/$model.pml" >spin.log 2>&1 &&
            gcc -O1 -w -DSAFETY -DVECTORSZ=4096 -DCOLLAPSE -DMEMLIM=2000 -o pan pan.c && ./pan -m1000000 >pan.log
        if grep -qs 'errors: [1-9]' pan.log; then
            echo error
        elif grep -qs 'errors: 0' pan.log && ! grep -q 'Search not completed\|max search depth' pan.log; then
            echo "good $(awk '/states, stored/ { print $1 }' pan.log) states"
        else
            echo incomplete
        fi
    )
    rm -rf "$dir"
}

# check WANTED TEXT MODEL DEFINE...
check() {
    local wanted=$1 text=$2 found
    shift 2
    found=$(verdict "$@")
    if [ "${found%% *}" = "$wanted" ]; then
        echo "spin: $text: $found"
    else
        echo "spin: $text: expected $wanted, found $found"
        failed=1
    fi
}

check good 'ring, 2 entries, 6 passed' ring
check good 'ring, 4 entries, 9 passed' ring -DSIZE=4 -DCOUNT=9
check good 'ring, 1 entry, 6 passed' ring -DSIZE=1
check good 'ring, 2 entries, 5 passed, 3 restarts' ring -DCOUNT=5 -DRESTARTS=3
check error 'ring, looks before it publishes' ring -DLOOK_FIRST
check error 'ring, room is counted one too high' ring -DOVERWRITE
check error 'ring, index before entry' ring -DPUBLISH_EARLY
check error 'ring, a restarted side is silent' ring -DCOUNT=5 -DRESTARTS=3 -DSILENT_RESTART
check good 'lock and IPI, 3 CPUs, 2 entries each' lock
check good 'lock and IPI, 2 CPUs, 4 entries each' lock -DCPUS=2 -DROUNDS=4
check error 'lock, spinning CPUs do not answer' lock -DDEAF_SPIN
check error 'lock, the holder does not wait' lock -DNO_WAIT
check error 'lock, read then written' lock -DBARGE
check good 'restart, 2 clients, 2 calls, 2 deaths' restart
check good 'restart, 3 clients, 1 call, 3 deaths' restart -DCLIENTS=3 -DCALLS=1 -DDEATHS=3
check error 'restart, the old reply right stays' restart -DKEEP_REPLY
check error 'restart, the old life is stopped too late' restart -DLATE_FENCE
exit $failed
