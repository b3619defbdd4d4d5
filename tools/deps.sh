#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Finds out what the named groups need, says what is missing, and installs it with apt when it may.
# Keeps true: nothing on the system is reconfigured. Packages come from the system's own apt sources;
# the arm64 libraries are fetched through a private apt state below build/deps and only unpacked there.
#
#   tools/deps.sh GROUP...        groups: host system cross arm64 user qemu firmware test check fuzz coverage mcdc gdb prove, or all
#   ARM64_SYSROOT=DIR             a directory with the headers of libfdt, zstd and libsodium in
#                                 usr/include and their archives in usr/lib/aarch64-linux-gnu
#                                 replaces the fetched ones
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
host|file:/usr/include/sodium.h|libsodium-dev|signatures of images
host|file:/usr/include/zstd.h|libzstd-dev|compression of images
host|file:/usr/include/lz4hc.h|liblz4-dev|compression of images
cross|cmd:aarch64-linux-gnu-gcc|gcc-aarch64-linux-gnu|cross compiler
cross|cmd:aarch64-linux-gnu-ld|binutils-aarch64-linux-gnu|cross linker
user|file:/usr/lib/picolibc/aarch64-linux-gnu/lib/libc.a|picolibc-aarch64-linux-gnu|C library of the components
qemu|cmd:qemu-system-aarch64|qemu-system-arm|the AArch64 machine
firmware|file:/usr/lib/u-boot/qemu_arm64/u-boot.bin|u-boot-qemu|firmware of the boot matrix
firmware|file:/usr/share/qemu-efi-aarch64/QEMU_EFI.fd|qemu-efi-aarch64|firmware of the boot matrix
system|file:/usr/include/yaml.h|libyaml-dev|manifests of systems
system|file:/usr/include/elfutils/libdw.h|libdw-dev|source lines of components
system|cmd:dot|graphviz|pictures of systems
test|file:/usr/include/cmocka.h|libcmocka-dev|unit-test library
test|cmd:dtc|device-tree-compiler|device trees made by tests
test|cmd:python3|python3|test helpers
check|cmd:git|git|list of tracked files
check|cmd:clang-format-14|clang-format-14|formatting check
check|cmd:python3|python3|source checks
fuzz|cmd:afl-fuzz|afl++|fuzzer
fuzz|cmd:clang-14|clang-14|compiler of the fuzzed programs
fuzz|file:/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a|libclang-rt-14-dev|libFuzzer
coverage|cmd:lcov|lcov|coverage report
coverage|cmd:gcov|gcc|coverage data
mcdc|cmd:clang-19|clang-19|compiler that counts conditions
mcdc|cmd:llvm-cov-19|llvm-19|report on conditions
mcdc|file:/usr/lib/llvm-19/lib/clang/19/lib/linux/libclang_rt.profile-x86_64.a|libclang-rt-19-dev|counters of conditions
prove|cmd:frama-c|frama-c-base|prover of contracts (WP), value analysis (EVA)
prove|cmd:why3|why3|what WP calls provers with
prove|cmd:z3|z3|prover
prove|cmd:cvc4|cvc4|prover
prove|cmd:python3|python3|reads the reports
prove|cmd:spin|spin|model checker
prove|cmd:gcc|gcc|compiler of what spin writes
gdb|cmd:gdb-multiarch|gdb-multiarch|debugger
'
all_groups='host system cross arm64 user qemu firmware test check fuzz coverage mcdc gdb prove'

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

# The libraries that AArch64 programs are linked with: file below the sysroot, Debian package.
arm64_table='
usr/include/libfdt.h|libfdt-dev
usr/lib/aarch64-linux-gnu/libfdt.a|libfdt-dev
usr/include/zstd.h|libzstd-dev
usr/lib/aarch64-linux-gnu/libzstd.a|libzstd-dev
usr/include/sodium.h|libsodium-dev
usr/lib/aarch64-linux-gnu/libsodium.a|libsodium-dev
'

# Sets `absent` to the files that the sysroot lacks and `fetch` to their packages.
arm64_missing() {
    absent='' fetch=''
    while IFS='|' read -r file package; do
        [ -n "$file" ] && [ ! -e "$sysroot/$file" ] || continue
        absent="${absent:+$absent }$file"
        case " $fetch " in *" $package "*) ;; *) fetch="${fetch:+$fetch }$package" ;; esac
    done <<<"$arm64_table"
    [ -n "$absent" ]
}

# Fetches the arm64 libraries through an apt state of its own and unpacks them into build/deps/arm64.
fetch_arm64() {
    arm64_missing || return 0
    [ -z "${ARM64_SYSROOT:-}" ] ||
        die "ARM64_SYSROOT=$ARM64_SYSROOT: expected usr/include/libfdt.h and usr/lib/aarch64-linux-gnu/libfdt.a among other files, found none at: $absent"
    command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
        die "this system has no apt; give unpacked arm64 libraries with ARM64_SYSROOT=DIR"
    printf 'deps: fetching %s for arm64 into %s (nothing is installed)\n' "${fetch// /, }" "$here" >&2
    local state=$PWD/$here/apt deb
    rm -rf "$state" "$here/arm64.new"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/deb"
    : >"$state/status"
    local o=(-q -o APT::Architecture=arm64 -o APT::Architectures=arm64
        -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status"
        -o Dir::Cache="$state/cache" -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)")
    # shellcheck disable=SC2086
    { apt-get "${o[@]}" update && (cd "$state/deb" && apt-get "${o[@]}" download $fetch); } \
        </dev/null >&2 || die "apt could not fetch $fetch for arm64; give them with ARM64_SYSROOT=DIR"
    mkdir -p "$here/arm64.new" "$here/arm64"
    for deb in "$state"/deb/*.deb; do
        dpkg-deb -x "$deb" "$here/arm64.new" || die "cannot unpack $deb"
    done
    # What is there already stays; each library appears with its files complete.
    cp -a "$here/arm64.new/." "$here/arm64/" && rm -rf "$here/arm64.new" "$state"
    ! arm64_missing || die "the fetched packages lack for arm64: $absent"
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
