/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The hosted machine as a loading machine: does what the boot loader does, with the same parser,
 * the same placement and the same report.
 */
#pragma once
#include "options.h"

/* Verifies and loads options->image: afterwards the machine exists, has its engine, and its memory
 * holds kernel, device tree and root task. Returns 0, or an exit status after one sentence on
 * standard error; then no machine is left. */
int load_image(const struct options *options);
/* Writes the device tree that load_image() would use to options->dump_dtb. Returns a status. */
int load_dump_dtb(const struct options *options);

/* "debug" or "release": the flavour of the core that is linked in (flavour_*.c). */
extern const char machine_flavour[];
