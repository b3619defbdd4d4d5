/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the boot loader's files share: the symbols of loader.ld and of the assembly, console,
 * ending, page tables, other CPUs.
 */
#ifndef LOADER_MACHINE_H
#define LOADER_MACHINE_H

#include "image_dtb.h"

/* loader.ld */
extern uint8_t loader_start[];
extern uint8_t loader_end[];
extern uint8_t loader_slot[];
extern uint8_t written_start[]; /* all that the loader writes, up to loader_end */

/* What the MMU's registers get. */
struct tables {
    uint64_t ttbr0;
    uint64_t ttbr1;
    uint64_t tcr;
    uint64_t mair;
    uint64_t sctlr;
};

/* start.S */
uint64_t semihost_call(uint64_t operation, const void *argument);
uint64_t psci_hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
uint64_t psci_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
/* The word there; UINT64_MAX when nothing answers. */
uint64_t probe_read32(uint64_t address);
_Noreturn void loader_restart(uint64_t dtb, uint64_t unused, uint64_t start, uint64_t end);

/* levels.S */
extern uint8_t monitor_vectors[];
extern uint8_t pen[];
void secondary_entry(void);

/* enter.S */
void mmu_on(const struct tables *t);
/* The MMU off and on with other tables; [start, end) is cleaned to memory in between. */
void mmu_switch(const struct tables *t, uint64_t leave_secure, uint64_t frequency, uint64_t start,
                uint64_t end);
/* Drops what the data cache has over [start, end). */
void cache_drop(uint64_t start, uint64_t end);
/* Cleans and invalidates the data cache over [start, end) to the point of coherency. */
void cache_clean(uint64_t start, uint64_t end);
_Noreturn void kernel_enter(const uint64_t registers[6], uint64_t entry, uint64_t cpu);

/* main.c, called by start.S with the exception level of the entry */
_Noreturn void loader_main(uint64_t dtb, uint64_t level);

/* console.c: what the device tree names; failures are also seen by semihosting before that. */
void console_start(const struct image_uart *uart);
/* The device's address, 0 while there is none. */
uint64_t console_base(void);
void console_level(enum loader_level level);
/* Prints a line of the report when the image's level is at least `level`. */
void console_line(enum loader_level level, const char *text);
/* The same, marked as the loader's, with a number in hexadecimal behind it. */
void console_number(enum loader_level level, const char *label, uint64_t value);
void console_text(enum loader_level level, const char *text);
/* How the machine is switched off where semihosting does not end it. */
void console_psci(enum image_psci psci);
/* Prints one line through any console there is, and ends the machine with that status. */
_Noreturn void loader_fail(const char *sentence, enum loader_exit status);
_Noreturn void loader_fail_error(const struct image_error *err);
uint64_t psci_call(enum image_psci psci, uint64_t function, uint64_t a, uint64_t b, uint64_t c);

/* crash.c, called by the vectors with x0…x30 and the vector's number in x1's place of the call */
void loader_exception(const uint64_t *registers, uint64_t vector);

/* tables.c: one space at a time is the loader's own, a second one the kernel's first. */
struct table;
struct space {
    struct table *low;  /* TTBR0: identity */
    struct table *high; /* TTBR1 */
};

/* All of these end the machine with a sentence when the loader's fixed number of tables is spent.
 */
void space_start(struct space *s);
/* Maps the 2 MiB blocks that touch [start, end) to themselves, as memory or as a device. */
void space_identity(struct space *s, uint64_t start, uint64_t end, bool device);
/* The kernel window of abi/boot.md §1, up to ram_end or the end of its 1 GiB region. */
void space_window(struct space *s, const struct image *img, uint64_t ram_end);
void space_registers(const struct space *s, struct tables *t);
/* Turns MMU and caches on, for the first time, with this space. */
void space_enable(const struct space *s);
/* Makes additions to the space that is in use visible. */
void space_changed(void);

/* find.c: the device tree from where there is one, mapped; *max bytes of it may be read. */
const void *dtb_find(uint64_t from_register, struct space *s, struct image *img, uint64_t *max);
/* Parses the payload, once; the first failed check of its header stays in *err. */
enum image_code payload_parse(struct image *img, struct image_error *err);
/* The end of loader and payload as the slot has it; exits when that is absurd. */
uint64_t loader_own_end(void);
/* The payload's bytes and their number; NULL when there is none. */
const uint8_t *loader_payload(uint64_t *size);

/* move.c: `end` is the end of loader and payload. */
bool loader_was_moved(void);
/* Does the loader or its payload lie in one of the parts to be written? */
bool loader_is_in_the_way(uint64_t end, const struct image_range *parts, unsigned count);
/*
 * Copies loader and payload to RAM outside all ranges and starts the copy, which is told that the
 * first entry was at `level`; fails when RAM has no room.
 */
_Noreturn void loader_move(uint64_t end, const struct image_range *ranges, unsigned count,
                           const struct image_memory *mem, struct space *s, uint64_t dtb,
                           uint64_t level);
/* In the copy: takes the monitor along, and the CPUs in the pen; returns the first entry's level.
 */
uint64_t loader_take_over(struct space *s);

/* gic.c: gives all interrupts to the non-secure world; at secure EL1, registers mapped. */
void gic_make_non_secure(const struct image_gic *gic);
void gic_map(struct space *s, const struct image_gic *gic);

/* cpus.c */

/* Read by levels.S at the offsets of levels.h. */
struct secondary_parameters {
    struct tables tables;
    uint64_t registers[6];
    uint64_t entry;
    uint64_t gicd; /* GICv2 that a CPU from EL3 has to set up, else 0 */
    uint64_t gicc;
    uint64_t frequency; /* CNTFRQ_EL0 where it is still 0 */
    uint64_t count;
    uint64_t mpidr[IMAGE_MAX_CPUS];
    uint32_t started[IMAGE_MAX_CPUS];
};
extern struct secondary_parameters secondary_parameters;

/* Reads the CPUs from the tree; `moved` = this is a copy of the loader. */
void cpus_find(const void *dtb, uint64_t level, bool moved);
/* Do CPUs wait in the pen that the kernel does not start? */
bool cpus_keep_pen(bool all);
/* Maps the spin tables' words, before the space is in use. */
void cpus_map(struct space *s);
/* Starts the others, each into the kernel; a failure is final. */
void cpus_start(void);

/* efi.c, called by start.S: leaves the boot services; the device tree's address, 0 = none. */
uint64_t efi_leave(void *handle, void *system_table);
/* A sentence when that failed, else NULL. */
const char *efi_failure(void);

#endif
