#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# no source speaks of itself as unfinished
. "$(dirname "$0")/common.sh"
violations < <(git grep -nIwiE 'TODO|FIXME|XXX|HACK|placeholder|dummy|for now|not implemented|unimplemented' \
    -- '*.c' '*.h' '*.S' '*.ld' '*.py' '*.sh' Makefile ':!tools/check' |
    grep -v 'linux,dummy-virt' | cut -c1-160) # what QEMU calls its board
verdict
