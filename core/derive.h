/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Derived caps: what a copy may be, and how rights, badges and guards are applied.
 */
#pragma once
#include "kernel.h"
#include "refusal.h"

/* The cap a copy of the one in `slot` would be; `cap` is that cap with rights and data already
 * applied (abi/syscalls.md §4.1). *out is null for caps that have no copies. Changes nothing. */
MUST_CHECK enum error_code derive(const struct slot *slot, struct cap cap, struct cap *out,
                                  struct refusal *no);
/* ANDs the rights (abi/invocations.md §5.1, abi/vspace.md §4). */
struct cap cap_mask_rights(struct cap cap, uint64_t rights);
/* Badge or guard word applied; null when not applicable. `keep` for Mutate and Rotate, which never
 * change a badge (abi/invocations.md §5.1). */
struct cap cap_apply_data(struct cap cap, uint64_t data, bool keep);
