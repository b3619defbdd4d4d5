/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Checks the core's translation maintenance, conservatively: every valid descriptor that could be
 * reached under an ASID since its space was last forgotten counts as cached, walk entries too. So
 * a missing invalidation is an error on this machine though no engine would show it.
 *
 * A changed descriptor is *stale* for an ASID until hal_tlb_invalidate_asid() or, for an address in
 * its span, hal_tlb_invalidate_page(). Stale descriptors are an error at return to user level, when
 * the ASID is used for another root, and when the memory they lead to becomes objects.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

void tlb_reset(void);
/* EL0 runs in (root, asid); root 0 = the empty space. */
void tlb_space(uint64_t root, uint16_t asid);
/* The descriptor at physical address `entry` is about to become `value`. Reports a missing
 * break-before-make (Arm ARM D5.10.1). */
void tlb_store(uint64_t entry, uint64_t old, uint64_t value);
void tlb_invalidate_asid(uint16_t asid);
void tlb_invalidate_page(uint16_t asid, uint64_t va);
/* EL0 is about to run. */
void tlb_return(void);
/* Memory is about to become objects. */
void tlb_typed(uint64_t pa, uint64_t bytes);

/* For snapshots: at most this many bytes; only what is in use is copied. */
size_t tlb_save_bytes(void);
void tlb_save(void *to);
void tlb_load(const void *from);
