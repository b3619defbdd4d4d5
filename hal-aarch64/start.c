/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The step from the boot part to the running kernel. From here on nothing of the boot part is used:
 * its memory belongs to user level.
 */
#include "machine.h"

/* Forgets the mapping of the boot part, of the device tree and of the window for building tables,
 * and whatever the boot translated. DSB before: the stores are seen by walks; after: the
 * invalidation is complete; ISB: so is what this CPU has already fetched. */
static void unmap_boot(uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++) {
        image_level3.entry[i] = 0;
    }
    for (uint32_t i = IMAGE_PAGES; i < 512; i++) {
        image_level3.entry[i] = 0;
    }
    dsb(nshst);
    __asm__ volatile("tlbi vmalle1" : : : "memory");
    dsb(nsh);
    isb();
}

/* On the kernel stack already (head.S). */
_Noreturn void kernel_start(struct cpu *cpu, uint32_t pages)
{
    unmap_boot(pages);
    machine_cpu()->core = cpu;
    kernel_resume(core_current(cpu));
}
