/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The walker of mmu_model.h. Section numbers are those of ARM DDI 0487.
 */
#include "mmu_model.h"

#include <stddef.h>

enum {
    BIT_VALID = 0,
    BIT_TABLE = 1,
    BIT_AP_EL0 = 6,       /* AP[1]: EL0 may access */
    BIT_AP_READ_ONLY = 7, /* AP[2] */
    BIT_ACCESS_FLAG = 10,
    BIT_UXN = 54,
    BIT_TABLE_UXN = 60, /* hierarchical controls, D5.4 */
    BIT_TABLE_NO_EL0 = 61,
    BIT_TABLE_READ_ONLY = 62,
};

/* Physical addresses have 48 bits at most (TCR_EL1.IPS capped at 48 bits). */
static const uint64_t address_bits = 0x0000ffffffffffffull;

static bool bit(uint64_t word, unsigned n)
{
    return (word >> n & 1) != 0;
}

uint64_t mmu_span(unsigned level)
{
    static const uint64_t spans[4] = {1ull << 39, 1ull << 30, 1ull << 21, 1ull << 12};
    return spans[level];
}

/* D5.3.1, D5.3.2: which encodings stand for a descriptor at all. */
bool mmu_is_valid(uint64_t descriptor, unsigned level)
{
    if (!bit(descriptor, BIT_VALID)) {
        return false;
    }
    if (level == 0 || level == 3) {
        return bit(descriptor, BIT_TABLE);
    }
    return true;
}

bool mmu_is_table(uint64_t descriptor, unsigned level)
{
    return level < 3 && mmu_is_valid(descriptor, level) && bit(descriptor, BIT_TABLE);
}

uint64_t mmu_address(uint64_t descriptor, unsigned level)
{
    uint64_t low = mmu_is_table(descriptor, level) ? mmu_span(3) : mmu_span(level);
    return descriptor & address_bits & ~(low - 1);
}

/* Table-descriptor bits gathered on the way down (D5.4: they only take rights away). */
struct limits {
    bool no_el0;
    bool read_only;
    bool no_execute;
};

static void fill_leaf(struct translation *out, uint64_t va, const struct limits *limits)
{
    uint64_t d = out->descriptor;
    out->span = mmu_span(out->level);
    out->pa = mmu_address(d, out->level) + (va & (out->span - 1));
    out->attr_index = (unsigned)(d >> 2 & 7);
    bool el0 = bit(d, BIT_AP_EL0) && !limits->no_el0;
    out->el0_read = el0;
    out->el0_write = el0 && !bit(d, BIT_AP_READ_ONLY) && !limits->read_only;
    out->el0_execute = !bit(d, BIT_UXN) && !limits->no_execute;
    out->result = bit(d, BIT_ACCESS_FLAG) ? MMU_OK : MMU_ACCESS_FLAG_FAULT;
}

void mmu_walk(uint64_t root, uint64_t va, uint64_t (*read)(uint64_t pa), struct translation *out)
{
    struct limits limits = {false, false, false};
    uint64_t table = root;
    *out = (struct translation){.result = MMU_TRANSLATION_FAULT};
    if (root == 0 || va >> 48 != 0) {
        return; /* D5.2.1: outside the range of TTBR0 */
    }
    for (unsigned level = 0; level < 4; level++) {
        out->level = level;
        out->entry = table + (va / mmu_span(level) % 512) * 8;
        out->descriptor = read(out->entry);
        if (!mmu_is_valid(out->descriptor, level)) {
            return;
        }
        if (!mmu_is_table(out->descriptor, level)) {
            fill_leaf(out, va, &limits);
            return;
        }
        limits.no_el0 |= bit(out->descriptor, BIT_TABLE_NO_EL0);
        limits.read_only |= bit(out->descriptor, BIT_TABLE_READ_ONLY);
        limits.no_execute |= bit(out->descriptor, BIT_TABLE_UXN);
        table = mmu_address(out->descriptor, level);
    }
}

void mmu_access(uint64_t root, uint64_t va, enum mmu_access access, uint64_t (*read)(uint64_t pa),
                struct translation *out)
{
    mmu_walk(root, va, read, out);
    if (out->result != MMU_OK) {
        return;
    }
    bool allowed = access == MMU_READ    ? out->el0_read
                   : access == MMU_WRITE ? out->el0_write
                                         : out->el0_execute;
    if (!allowed) {
        out->result = MMU_PERMISSION_FAULT;
    }
}

/* D13.2.37 (ESR_EL1): class 0x20 or 0x24, IL, WnR in bit 6, fault status in bits 5..0. */
uint32_t mmu_esr(const struct translation *fault, enum mmu_access access)
{
    static const uint32_t status[] = {
        [MMU_ADDRESS_SIZE_FAULT] = 0x00,
        [MMU_TRANSLATION_FAULT] = 0x04,
        [MMU_ACCESS_FLAG_FAULT] = 0x08,
        [MMU_PERMISSION_FAULT] = 0x0c,
    };
    if (fault->result == MMU_OK) {
        return 0;
    }
    uint32_t class = access == MMU_EXECUTE ? 0x20 : 0x24;
    uint32_t write = access == MMU_WRITE ? 1u << 6 : 0;
    return class << 26 | 1u << 25 | write | status[fault->result] | fault->level;
}
