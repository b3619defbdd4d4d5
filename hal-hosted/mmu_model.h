/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address translation as the Arm manual describes it (ARM DDI 0487, D5: VMSAv8-64, stage 1, EL1&0,
 * 4 KiB granule, 48-bit input, start at level 0). Written from the manual alone: it shares nothing
 * with the code that writes the tables.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum mmu_result {
    MMU_OK,
    MMU_TRANSLATION_FAULT, /* DFSC 0b0001LL */
    MMU_ACCESS_FLAG_FAULT, /* DFSC 0b0010LL */
    MMU_PERMISSION_FAULT,  /* DFSC 0b0011LL */
    MMU_ADDRESS_SIZE_FAULT /* DFSC 0b0000LL */
};

enum mmu_access {
    MMU_READ,
    MMU_WRITE,
    MMU_EXECUTE
};

/* What a walk found. For MMU_OK and permission faults all fields are valid. */
struct translation {
    enum mmu_result result;
    unsigned level;      /* of the leaf, or where the fault was found */
    uint64_t pa;         /* output address of the byte at va */
    uint64_t span;       /* bytes that the leaf maps */
    uint64_t entry;      /* physical address of the last descriptor read */
    uint64_t descriptor; /* its value */
    unsigned attr_index; /* AttrIndx, bits 4..2 */
    bool el0_read;
    bool el0_write;
    bool el0_execute;
};

/* Walks from level-0 table `root`; root 0 faults at level 0. `read` gives the descriptor at a
 * physical address, or 0 where there is no RAM. No access is checked. */
void mmu_walk(uint64_t root, uint64_t va, uint64_t (*read)(uint64_t pa), struct translation *out);

/* The walk with the access of EL0 checked: a refused one becomes MMU_PERMISSION_FAULT. */
void mmu_access(uint64_t root, uint64_t va, enum mmu_access access, uint64_t (*read)(uint64_t pa),
                struct translation *out);

/* ESR_EL1 of the abort that an EL0 access with this fault takes; 0 for MMU_OK. */
uint32_t mmu_esr(const struct translation *fault, enum mmu_access access);

/* ---- descriptors, for the checker ---- */

/* Bit 0 set. Levels 0..3; the reserved form at level 3 (bits 1..0 = 01) and blocks at level 0
 * count as invalid, as the manual says. */
bool mmu_is_valid(uint64_t descriptor, unsigned level);
bool mmu_is_table(uint64_t descriptor, unsigned level);
/* Address of the next table or of the mapped memory. */
uint64_t mmu_address(uint64_t descriptor, unsigned level);
/* Bytes of virtual memory that one descriptor of this level stands for. */
uint64_t mmu_span(unsigned level);
