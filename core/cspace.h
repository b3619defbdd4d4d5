/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CSpace addressing (abi/objects.md §4).
 */
#pragma once
#include "kernel.h"
#include "refusal.h"

/* Resolves the low `depth` bits (1..64) of `cptr` from `root`. Returns the slot reached (its cap
 * may be null) and the bits left over in *left, or NULL with *fault filled. */
MUST_CHECK struct slot *cspace_resolve(struct cap root, uint64_t cptr, unsigned depth,
                                       unsigned *left, struct lookup_fault *fault);

/* A thread's own lookup: its CSpace root, depth 64, left-over bits ignored (§4.2). */
MUST_CHECK struct slot *cspace_lookup(const struct tcb *tcb, uint64_t cptr,
                                      struct lookup_fault *fault);

/* slot(root, index, depth; source) of abi/invocations.md §1: bits must be consumed exactly. */
MUST_CHECK enum error_code cspace_target(struct cap root, uint64_t index, uint64_t depth,
                                         bool is_source, struct slot **out, struct refusal *no);
