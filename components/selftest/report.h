/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the boot information says, on the console.
 */
#pragma once
#include "abi/bootinfo.h"

/* Checks what must hold of any boot information and prints it. */
void report_bootinfo(const struct bootinfo *bootinfo);
