/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The device tree of the hosted machine: node by node that of
 * `qemu-system-aarch64 -machine virt,gic-version=2|3 -cpu cortex-a53` (7.2), so that addresses and
 * lists at user level are the same on both. Only the seeds are zero instead of random.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "platform.h"

/* Writes the tree with `ram_bytes` of memory at 0x40000000 into buf and returns its size; 0 = the
 * buffer is too small (16 KiB are enough). */
size_t hosted_dtb_make(void *buf, size_t size, uint64_t ram_bytes, enum gic_kind gic);
