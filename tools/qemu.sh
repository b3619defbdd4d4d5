#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Boots an image in QEMU's `virt` machine, console on standard output.
# Keeps true: the machine is the one the documentation names (cortex-a53, GICv2, 512 MiB); the status
# is the guest's own (semihosting exit), or what is said below when the guest is ended from here.
#
#   tools/qemu.sh IMAGE [--memory SIZE] [--cpu NAME] [--machine OPTIONS] [--until REGEX]
#                       [--timeout SECONDS] [--input FILE] [-- QEMU-OPTION...]
#
# --input is what is typed at the console; - is standard input, for a person at a terminal.
# --until ends the machine at the first line that matches and makes that a success (status 0).
# Exit status: the guest's; 2 an image cut short or of another machine, as the loader says of a bad
# payload; 64 wrong command line; 66 no such image; 69 no QEMU; 124 time is up; with --until, 1 when
# the guest ended without such a line.
set -u
memory=512M cpu=cortex-a53 machine=virt,gic-version=2 until= limit= image= input=/dev/null
die() {
    printf 'qemu.sh: %s\n' "$2" >&2
    exit "$1"
}
while [ $# -gt 0 ]; do
    case $1 in
    --memory | --cpu | --machine | --until | --timeout | --input)
        [ $# -ge 2 ] || die 64 "$1: expected a value, found the end of the line"
        case $1 in
        --memory) memory=$2 ;;
        --cpu) cpu=$2 ;;
        --machine) machine=$2 ;;
        --until) until=$2 ;;
        --timeout) limit=$2 ;;
        --input) input=$2 ;;
        esac
        shift 2
        ;;
    --) shift && break ;;
    -*) die 64 "unknown option $1; before --: --memory --cpu --machine --until --timeout --input" ;;
    *)
        [ -z "$image" ] || die 64 "expected one image, found '$image' and '$1'"
        image=$1
        shift
        ;;
    esac
done
[ "$input" != - ] || input=/dev/stdin
[ -r "$input" ] || die 66 "$input: expected a readable file of input, found none"
[[ ${limit:-1} =~ ^[0-9]+$ ]] || die 64 "--timeout: expected whole seconds, found '$limit'"
[ -n "$image" ] || die 64 "expected an image file, found none"
[ -f "$image" ] && [ -r "$image" ] || die 66 "$image: expected a readable image file, found none"
command -v qemu-system-aarch64 >/dev/null ||
    die 69 "qemu-system-aarch64: expected on this system, found none; make deps FOR=qemu installs it"

# number OFFSET BYTES: an unsigned number in the image
number() {
    od -An -v -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '
}

# QEMU ends without a word at an ELF that is cut short, and runs empty memory for an empty file.
check_image() {
    local size at offset length i
    size=$(stat -Lc %s "$image")
    [ "$size" -ge 64 ] || die 2 "$image: size: expected at least 64 bytes, found $size"
    [ "$(number 0 4)" = $((0x464c457f)) ] || return 0
    [ "$(number 18 2)" = 183 ] ||
        die 2 "$image: ELF header: machine: expected AArch64, 183, found $(number 18 2)"
    for ((i = 0; i < $(number 56 2); i++)); do
        at=$(($(number 32 8) + i * 56))
        ((at >= 0 && at <= size - 56)) ||
            die 2 "$image: program header $i: expected inside the file of $size bytes, found at $at"
        offset=$(number $((at + 8)) 8) length=$(number $((at + 32)) 8)
        ((offset >= 0 && length >= 0 && offset <= size && length <= size - offset)) ||
            die 2 "$image: segment $i: expected inside $size bytes of file, found $length at $offset"
    done
    # A kernel or a root task alone begins at a virtual address: QEMU would run empty memory.
    [[ $machine == virt* ]] || return 0
    ((0x40000000 <= $(number 24 8))) ||
        die 2 "$image: entry: expected an address in RAM, from 0x40000000 on, found $(printf '0x%x' "$(number 24 8)"); is it an image of kaal-builder (make image)?"
}
check_image

command=(qemu-system-aarch64 -display none -serial stdio -monitor none -nodefaults
    -machine "$machine" -cpu "$cpu" -m "$memory"
    -semihosting-config enable=on,target=native -kernel "$image" "$@")
[ -z "$limit" ] || command=(timeout --foreground -k 2 "$limit" "${command[@]}")
[ -n "$until" ] || exec "${command[@]}" <"$input"

# Being ended from here is no news.
exec {out}< <(exec "${command[@]}" <"$input" 2> >(grep -v ': terminating on signal' >&2))
pid=$!
trap 'kill "$pid" 2>/dev/null' EXIT
while IFS= read -r -u "$out" line; do
    printf '%s\n' "$line"
    [[ ${line%$'\r'} =~ $until ]] && exit 0
done
wait "$pid"
status=$?
trap - EXIT
[ "$status" = 124 ] && die 124 "no line matched '$until' in $limit seconds"
die 1 "the machine ended with status $status before a line matched '$until'"
