/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * For tests/hosted/tlb.sh: stands between the core and its machine (ld --wrap) and drops the
 * invalidations that are wrapped in.
 */
#include "hal.h"

void __wrap_hal_tlb_invalidate_page(uint16_t asid, struct vaddr va);
void __wrap_hal_tlb_invalidate_page(uint16_t asid, struct vaddr va)
{
    (void)asid;
    (void)va;
}

void __wrap_hal_tlb_invalidate_asid(uint16_t asid);
void __wrap_hal_tlb_invalidate_asid(uint16_t asid)
{
    (void)asid;
}
