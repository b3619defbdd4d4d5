#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Finds out what the named groups need, says what is missing, and installs it with apt when it may.
# Keeps true: nothing on the system is reconfigured. Packages come from the system's own apt sources;
# the arm64 libraries are fetched through a private apt state below build/deps and only unpacked there.
#
#   tools/deps.sh GROUP...        groups: host cross arm64 qemu test check fuzz coverage gdb, or all
#   ARM64_SYSROOT=DIR             a directory with usr/include/libfdt.h and
#                                 usr/lib/aarch64-linux-gnu/libfdt.a replaces the fetched one
#
# Exit status: 0 all there, 3 something is missing and cannot be installed from here.
set -u
export LC_ALL=C
here=build/deps
sysroot=${ARM64_SYSROOT:-$here/arm64}

# group | check (cmd:NAME or file:PATH) | Debian package | what it is for
table='
host|cmd:gcc|gcc|host compiler
host|cmd:ld|binutils|host linker
host|file:/usr/include/stdio.h|libc6-dev|host C library headers
host|file:/usr/include/libfdt.h|libfdt-dev|device-tree library for the host programs
host|file:/usr/include/unicorn/unicorn.h|libunicorn-dev|CPU engine of the hosted machine
cross|cmd:aarch64-linux-gnu-gcc|gcc-aarch64-linux-gnu|cross compiler
cross|cmd:aarch64-linux-gnu-ld|binutils-aarch64-linux-gnu|cross linker
qemu|cmd:qemu-system-aarch64|qemu-system-arm|the AArch64 machine
test|file:/usr/include/cmocka.h|libcmocka-dev|unit-test library
test|cmd:dtc|device-tree-compiler|device trees made by tests
test|cmd:python3|python3|test helpers
check|cmd:git|git|list of tracked files
check|cmd:clang-format-14|clang-format-14|formatting check
check|cmd:python3|python3|source checks
fuzz|cmd:afl-fuzz|afl++|fuzzer
fuzz|cmd:clang-14|clang-14|compiler of the fuzzed programs
coverage|cmd:lcov|lcov|coverage report
coverage|cmd:gcov|gcc|coverage data
gdb|cmd:gdb-multiarch|gdb-multiarch|debugger
'
all_groups='host cross arm64 qemu test check fuzz coverage gdb'

die() {
    printf 'deps: %s\n' "$1" >&2
    exit 3
}

present() {
    case $1 in
    cmd:*) command -v "${1#cmd:}" >/dev/null 2>&1 ;;
    file:*) [ -e "${1#file:}" ] ;;
    esac
}

# Sets `missing` to the packages that the groups in $1 lack, and says each on stderr.
find_missing() {
    missing=
    while IFS='|' read -r group check package purpose; do
        [ -n "$group" ] || continue
        case " $1 " in *" $group "*) ;; *) continue ;; esac
        present "$check" && continue
        case " $missing " in *" $package "*) continue ;; esac
        missing="$missing $package"
        printf 'deps: missing %s (%s)\n' "$package" "$purpose" >&2
    done <<<"$table"
    missing=${missing# }
}

# Prints the prefix that gives us root, or nothing; fails when there is none.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    fi
    command -v sudo >/dev/null 2>&1 || return 1
    if [ -t 0 ] || sudo -n true 2>/dev/null; then
        echo sudo
        return 0
    fi
    return 1
}

install_packages() {
    command -v apt-get >/dev/null 2>&1 ||
        die "this system has no apt; install what Debian 12 calls: $1"
    local root line="apt-get update && apt-get install -y --no-install-recommends $1"
    root=$(as_root) || die "not root and no sudo here; type as root:  $line"
    printf 'deps: installing with apt: %s\n' "$1" >&2
    local apt="$root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
    # shellcheck disable=SC2086
    { $apt update && $apt install -y --no-install-recommends $1; } </dev/null >&2 ||
        die "apt could not install: $1; the line was:  $line"
}

arm64_present() {
    [ -e "$sysroot/usr/include/libfdt.h" ] &&
        [ -e "$sysroot/usr/lib/aarch64-linux-gnu/libfdt.a" ]
}

# Fetches the arm64 libfdt through an apt state of its own and unpacks it into build/deps/arm64.
fetch_arm64() {
    arm64_present && return 0
    [ -z "${ARM64_SYSROOT:-}" ] ||
        die "ARM64_SYSROOT=$ARM64_SYSROOT: expected usr/include/libfdt.h and usr/lib/aarch64-linux-gnu/libfdt.a, found no such files"
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
        die "this system has no apt; give an unpacked arm64 libfdt with ARM64_SYSROOT=DIR"
    printf 'deps: fetching libfdt-dev for arm64 into %s (nothing is installed)\n' "$here" >&2
    local state=$PWD/$here/apt
    rm -rf "$state" "$here/arm64.new"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/deb"
    : >"$state/status"
    local o=(-q -o APT::Architecture=arm64 -o APT::Architectures=arm64
        -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status"
        -o Dir::Cache="$state/cache" -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)")
    { apt-get "${o[@]}" update && (cd "$state/deb" && apt-get "${o[@]}" download libfdt-dev); } \
        </dev/null >&2 || die "apt could not fetch libfdt-dev:arm64; give one with ARM64_SYSROOT=DIR"
    dpkg-deb -x "$state"/deb/libfdt-dev_*.deb "$here/arm64.new" || die "cannot unpack libfdt-dev"
    rm -rf "$here/arm64" "$state"
    mv "$here/arm64.new" "$here/arm64"
    arm64_present || die "the fetched libfdt-dev has no libfdt.a for arm64"
}

groups=$*
[ "$groups" = all ] && groups=$all_groups
[ -n "$groups" ] || die "no group given; groups: $all_groups, or all"
for g in $groups; do
    case " $all_groups " in *" $g "*) ;; *) die "unknown group '$g'; groups: $all_groups, or all" ;; esac
done
mkdir -p "$here"
exec 9>"$here/lock"
command -v flock >/dev/null 2>&1 && flock 9
find_missing "$groups"
if [ -n "$missing" ]; then
    install_packages "$missing"
    find_missing "$groups"
    [ -z "$missing" ] || die "still missing after the installation: $missing"
fi
case " $groups " in *" arm64 "*) fetch_arm64 ;; esac
exit 0
