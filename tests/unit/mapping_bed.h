/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Frames, page tables and address spaces to map, for tests of the VSpace and of ASIDs.
 */
#pragma once
#include "asid.h"
#include "core_fixture.h"
#include "mmu_model.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    SPACE = SLOT_INIT_VSPACE,
    POOL = SLOT_INIT_ASID_POOL,
    MAP = LABEL_PAGE_MAP,
    TABLE_MAP = LABEL_PAGE_TABLE_MAP,
    RW = RIGHT_READ | RIGHT_WRITE,
    D = FX_DEPTH
};
#define V             0x100000000000ull /* nothing is mapped in its 512 GiB (abi/vectors.md §6) */
#define MISSING(bits) I(0, LOOKUP_MISSING_CAPABILITY, bits)
#define LOST          I(0, LOOKUP_INVALID_ROOT)

/* Slots of the root CNode: a frame of each size, tables, a VSpace without an ASID. */
extern uint64_t frame, large, huge, table[4], tcb, empty_space;

int mapping_setup(void **state);
