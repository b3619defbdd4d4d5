/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shared by head.S and the boot_*.c files. All of it lies in the boot part of the image, which
 * becomes user level's memory.
 */
#pragma once
#include "machine.h"

/* What the loader passed (abi/boot.md §1), and where the image lies; head.S fills it. */
struct boot_args {
    uint64_t user_start;
    uint64_t user_end;
    uint64_t user_pv_offset;
    uint64_t user_entry;
    uint64_t dtb;
    uint64_t dtb_bytes; /* low 32 bits */
    uint64_t physical;  /* of the image's first byte */
};
extern struct boot_args boot_args;

/* What head.S loads into the system registers of these names. */
struct boot_registers {
    uint64_t ttbr0_empty;
    uint64_t ttbr0_identity;
    uint64_t ttbr1;
    uint64_t tcr;
    uint64_t mair;
    uint64_t sctlr;
};

/* Returned to head.S in x0 and x1. */
struct boot_result {
    struct cpu *cpu;
    uint64_t pages; /* of the boot part */
};

const struct boot_registers *boot_tables(void);
struct boot_result boot_main(void);

/* Linker script. */
extern const char kernel_image_start[], boot_part_start[], boot_part_end[], kernel_text_start[],
    kernel_text_end[], kernel_rodata_end[], kernel_image_end[], boot_switch_code[];

/* Physical address of something in the image. */
static inline uint64_t image_paddr(const void *p)
{
    return (uint64_t)p - KERNEL_BASE + boot_args.physical;
}

/* Where [pa, pa + bytes) can be read until the boot part is left; NULL if it is too large. */
const void *boot_view(uint64_t pa, uint64_t bytes);
/* Virtual address of a device's registers from now on; 0 if there is no room. */
uint64_t boot_map_device(uint64_t pa, uint64_t bytes);
/* Maps all RAM at the window. Takes pages of RAM for tables when the static ones do not suffice,
 * and adds those to platform->reserved. Returns a sentence or NULL. */
const char *boot_map_ram(struct platform *platform);
