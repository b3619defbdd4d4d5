/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Objects, slots and mappings for the tour. Everything comes from one Untyped, so that one Revoke
 * gives it all back.
 */
#pragma once
#include "abi/bootinfo.h"
#include "kaal/invocations.h"

struct store {
    const struct bootinfo *bootinfo;
    uint64_t untyped; /* parent of all objects */
    uint64_t untyped_bits;
    uint64_t next_slot; /* first slot of the root CNode that is still empty */
};

/* Where a slot of the root CNode is, for CNode methods. */
struct kaal_slot root_slot(uint64_t slot);

/* Takes an Untyped of 2^bits bytes from the first ordinary one that has room. */
void store_open(struct store *store, const struct bootinfo *bootinfo, uint64_t bits);

/* A new object; the result is its slot. */
uint64_t store_object(struct store *store, enum object_type type, uint64_t size_bits);

/* An empty slot, taken. */
uint64_t store_slot(struct store *store);

/* A copy of the cap in `slot` with the given rights and badge (0 = as it is). */
uint64_t store_copy(struct store *store, uint64_t slot, uint64_t rights, uint64_t badge);

/* Maps `count` new page tables at `vaddr`: the first missing levels, from the top (abi/vspace.md
 * §3). */
void store_tables(struct store *store, uint64_t vspace, uint64_t vaddr, unsigned count);

/* Maps `frame` at `vaddr`; the tables must be there. */
void store_map(uint64_t vspace, uint64_t frame, uint64_t vaddr, uint64_t rights,
               uint64_t attributes);

/* Revokes the Untyped and empties all slots that were taken; how many caps the Revoke removed. */
unsigned store_close(struct store *store);
