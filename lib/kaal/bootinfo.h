/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading the boot information (abi/boot.md §4).
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "abi/bootinfo.h"

/* Data of the first extra chunk with `id`, its length in `*bytes`; NULL when there is none. */
const void *kaal_bootinfo_chunk(const struct bootinfo *bootinfo, uint64_t id, size_t *bytes);
