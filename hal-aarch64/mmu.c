/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Page-table stores, address-space switch and translation invalidation (Arm ARM D5.10, B2.3.10).
 * One CPU: local invalidations and non-shareable barriers suffice, walks are non-shareable too
 * (TCR_EL1, abi/boot.md §1).
 */
#include "machine.h"

uint64_t hal_pte_load(const uint64_t *entry)
{
    return *(const volatile uint64_t *)entry;
}

/* An aligned 64-bit store is single-copy atomic. DSB: complete before any walk that follows; it
 * also orders it before a TLBI, and the table's own contents before its becoming reachable. The
 * instruction-side synchronization is the exception return, the core itself never uses user
 * translations. */
void hal_pte_store(uint64_t *entry, uint64_t value)
{
    *(volatile uint64_t *)entry = value;
    dsb(nshst);
}

/* TTBR0_EL1: ASID in bits 63..48 (TCR_EL1.A1 = 0). One write changes both, so no walk can use the
 * new table under the old ASID. No ISB: EL1 accesses go through TTBR1, and the exception return is
 * a context synchronization event. */
void hal_space_switch(struct paddr root, uint16_t asid)
{
    uint64_t table = root.raw != 0 ? root.raw : machine.empty_root;
    sysreg_write(ttbr0_el1, (uint64_t)asid << 48 | table);
}

/* The DSB before is in hal_pte_store(). The DSB after waits until the invalidation is complete. */
void hal_tlb_invalidate_asid(uint16_t asid)
{
    __asm__ volatile("tlbi aside1, %0" : : "r"((uint64_t)asid << 48) : "memory");
    dsb(nsh);
}

/* VAE1, not VALE1: entries for tables on the way go as well. */
void hal_tlb_invalidate_page(uint16_t asid, struct vaddr va)
{
    uint64_t operand = (uint64_t)asid << 48 | (va.raw >> 12 & 0xfffffffffffull);
    __asm__ volatile("tlbi vae1, %0" : : "r"(operand) : "memory");
    dsb(nsh);
}
