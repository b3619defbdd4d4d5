/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * VMSAv8-64 stage 1 descriptors, 4 KiB granule, 48-bit addresses (Arm ARM D5.3). Pure: no access to
 * memory, so the same code writes the tables of both machines.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    PTE_ENTRIES = 512,   /* per table */
    PTE_LEVELS = 4,      /* 0..3 */
    PTE_ATTR_DEVICE = 0, /* MAIR index: device nGnRnE (abi/boot.md §1) */
    PTE_ATTR_NORMAL = 4, /* MAIR index: normal, inner and outer write-back */
};

enum pte_access {
    PTE_KERNEL_ONLY = 0, /* AP[2:1] = 00: no access from EL0 */
    PTE_USER_RW = 1,
    PTE_USER_RO = 3,
};

enum pte_kind {
    PTE_INVALID,
    PTE_TABLE,
    PTE_LEAF
};

#define PTE_ADDRESS_MASK 0x0000fffffffff000ull

/* Bits of address below one entry of `level`: 39, 30, 21, 12. */
static inline unsigned pte_span_bits(unsigned level)
{
    return 39 - 9 * level;
}
static inline unsigned pte_index(uint64_t va, unsigned level)
{
    return (unsigned)((va >> pte_span_bits(level)) % PTE_ENTRIES);
}
static inline enum pte_kind pte_kind(uint64_t pte, unsigned level)
{
    if (pte % 2 == 0)
        return PTE_INVALID;
    if (level == 3)
        return pte % 4 == 3 ? PTE_LEAF : PTE_INVALID;
    return pte % 4 == 3 ? PTE_TABLE : PTE_LEAF;
}
/* At levels 0 to 2. */
static inline bool pte_is_table(uint64_t pte)
{
    return pte % 4 == 3;
}
static inline uint64_t pte_address(uint64_t pte)
{
    return pte / 4096 % (1ull << 36) * 4096;
}
static inline uint64_t pte_table(uint64_t pa)
{
    return pa + 3;
}
/* A user leaf: non-global, accessed, non-shareable, never executable at EL1. */
static inline uint64_t pte_user_leaf(uint64_t pa, unsigned level, enum pte_access access,
                                     bool cacheable, bool execute_never)
{
    uint64_t attr = cacheable ? PTE_ATTR_NORMAL : PTE_ATTR_DEVICE;
    return pa + (level == 3 ? 3 : 1) + attr * 4 + access * 64ull + (1ull << 10) + (1ull << 11) +
           (1ull << 53) + execute_never * (1ull << 54);
}
static inline enum pte_access pte_access(uint64_t pte)
{
    return (enum pte_access)(pte >> 6 & 3);
}
/* Same output address and memory type: replacing one by the other is a change of permissions. */
static inline bool pte_same_memory(uint64_t a, uint64_t b)
{
    uint64_t permissions = 3ull << 6 | 3ull << 53;
    return ((a ^ b) & ~permissions) == 0;
}
