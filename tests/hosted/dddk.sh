#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# What the driver kit refuses to compile: a register at another offset than the manual's, reading a
# write-only register, writing a read-only one.
. "$(dirname "$0")/../tap.sh"

# compiles WHAT STATUS TEXT: a driver's declaration with that text
compiles() {
    cat >"$T/driver.c" <<SOURCE
#include "dddk/dddk.h"
struct device { struct reg32 control; struct reg32_ro status; struct reg32_wo clear; };
REG_AT(struct device, status, 0x04);
DDDK_REGISTERS(struct device);
$3
SOURCE
    status_is "$1" "$2" "${CROSS:-aarch64-linux-gnu-}gcc" -std=c11 -ffreestanding -Wall -Ilib -Iinclude \
        -c -o "$T/driver.o" "$T/driver.c"
}
compiles "registers as declared" 0 \
    'void f(void) { reg_write(&regs()->control, reg_read(&regs()->status)); reg_write(&regs()->clear, 1); }'
compiles "a wrong offset" 1 'REG_AT(struct device, clear, 0x0c);'
contains "... is named" 'struct device.clear' "$T/out"
compiles "writing what is read-only" 1 'void f(void) { reg_write(&regs()->status, 1); }'
compiles "reading what is write-only" 1 'uint32_t f(void) { return reg_read(&regs()->clear); }'
compiles "setting bits of a read-only register" 1 'void f(void) { reg_set(&regs()->status, 1); }'
done_testing
