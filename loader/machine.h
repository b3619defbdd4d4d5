/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the boot loader's files share: the symbols of loader.ld and start.S, console, ending, and
 * the page tables for the kernel's entry.
 */
#ifndef LOADER_MACHINE_H
#define LOADER_MACHINE_H

#include "image.h"

/* loader.ld */
extern uint8_t loader_start[];
extern uint8_t loader_end[];
extern uint8_t loader_slot[];

/* start.S */
extern const uint32_t semihost_instruction[];
extern const uint32_t psci_instruction[];
uint64_t semihost_call(uint64_t operation, const void *argument);
void psci_system_off(void);
void mmu_enable(uint64_t ttbr0, uint64_t ttbr1, uint64_t tcr, uint64_t mair, uint64_t sctlr);
_Noreturn void kernel_enter(const uint64_t registers[6], uint64_t entry);

_Noreturn void loader_restart(uint64_t dtb, uint64_t start);

/* main.c, called by start.S */
_Noreturn void loader_main(uint64_t dtb);

/* move.c: `end` is the end of loader and payload. */
bool loader_was_moved(void);
/* Does the loader or its payload lie in one of the parts to be written? */
bool loader_is_in_the_way(uint64_t end, const struct image_range *parts, unsigned count);
/* Copies loader and payload out of all ranges and starts the copy; fails when RAM has no room. */
_Noreturn void loader_move(uint64_t end, const struct image_range *ranges, unsigned count,
                           const struct image_memory *mem, uint64_t dtb);

/* console.c: the PL011 once it is known; before that, semihosting. */
void console_use_pl011(uint64_t base);
/* The PL011's address, 0 while there is none. */
uint64_t console_pl011(void);
void console_line(const char *text);
/* Prints one line through any console there is, and ends the machine with that status. */
_Noreturn void loader_fail(const char *sentence, enum loader_exit status);
_Noreturn void loader_fail_error(const struct image_error *err);

/* crash.c, called by the vectors with x0…x30 and the vector's number in x1's place of the call */
void loader_exception(const uint64_t *registers, uint64_t vector);

/* tables.c */
struct tables {
    uint64_t ttbr0;
    uint64_t ttbr1;
    uint64_t tcr;
    uint64_t mair;
    uint64_t sctlr;
};

/*
 * Builds the two address spaces of abi/boot.md §1: loader [start, end) and the console's page as
 * identity in TTBR0, the kernel window in TTBR1 up to ram_end or its 1 GiB region's end. False when
 * the loader's fixed number of tables is not enough.
 */
bool tables_build(const struct image *img, uint64_t start, uint64_t end, uint64_t ram_end,
                  uint64_t console, struct tables *out);

/* Cleans and invalidates the data cache over [start, end) to the point of coherency. */
void cache_clean(uint64_t start, uint64_t end);

#endif
