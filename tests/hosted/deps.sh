#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# tools/deps.sh names what is missing and either installs it or prints the line to type. The system
# is played by a directory of commands: a user id, an apt-get that "installs" by making a file.
. "$(dirname "$0")/../tap.sh"

bin=$T/bin
mkdir -p "$bin"
for tool in bash env mkdir chmod flock; do ln -s "$(command -v "$tool")" "$bin/$tool"; done
command_of() {
    printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}
deps() {
    env -i PATH="$bin" "${@:2}" bash tools/deps.sh $1
}

command_of id 'echo 1000'
command_of apt-get "echo \"apt-get \$*\" >>$T/apt; case \$* in *install*) : >$bin/qemu-system-aarch64; chmod +x $bin/qemu-system-aarch64;; esac"
status_is "without root and sudo it ends with 3" 3 deps qemu
contains "it names the package and what it is for" 'missing qemu-system-arm \(the AArch64 machine\)' "$T/out"
contains "it prints the line to type" 'apt-get update && apt-get install -y --no-install-recommends qemu-system-arm$' "$T/out"
check "it did not touch apt" test ! -e "$T/apt"

command_of id 'echo 0'
status_is "root installs" 0 deps qemu
contains "lists are updated first" '^apt-get .*update' "$T/apt"
contains "only what is missing is installed" '^apt-get .*install -y --no-install-recommends qemu-system-arm$' "$T/apt"
rm "$T/apt"
status_is "nothing missing is no work" 0 deps qemu
check "apt is left alone then" test ! -e "$T/apt"

command_of id 'echo 1000'
command_of sudo '[ "$1" != -n ] || shift; [ "$1" != true ] || exit 0; echo sudo >>'"$T/apt"'; exec "$@"'
rm "$bin/qemu-system-aarch64"
status_is "sudo installs too" 0 deps qemu
contains "it went through sudo" '^sudo' "$T/apt"

command_of apt-get 'exit 100'
rm "$bin/qemu-system-aarch64"
status_is "a failing apt is a failure" 3 deps qemu
contains "it shows the line that failed" 'could not install: qemu-system-arm' "$T/out"
rm "$bin/apt-get"
status_is "a system without apt is told the names" 3 deps qemu
contains "the names are Debian's" 'no apt; install what Debian 12 calls: qemu-system-arm' "$T/out"
status_is "a sysroot without libfdt is refused" 3 deps arm64 ARM64_SYSROOT="$T/none"
contains "the sentence names the files" 'none: expected usr/include/libfdt.h and' "$T/out"
status_is "an unknown group is refused" 3 deps nonsense
done_testing
