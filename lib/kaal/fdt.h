/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading one property of a flattened device tree (Devicetree Specification 0.4, chapter 5). Every
 * access is inside the given bytes, whatever they hold.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The value of property `name` of the node `path` ("/" or "/cpus/cpu@0"), its length in
 * `*value_bytes`; NULL when there is none or `blob` is no device tree of at most `bytes` bytes. */
const void *kaal_fdt_property(const void *blob, size_t bytes, const char *path, const char *name,
                              size_t *value_bytes);
