/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot (abi/boot.md). Files named boot*.c are the boot-only part of the kernel image: their memory
 * belongs to user level once core_boot() has returned.
 */
#pragma once
#include "kernel.h"

enum {
    BOOT_MAX_REGIONS = 64,
    BOOT_FAILED = 104
};

/* Ascending, disjoint, no two touching. */
struct regions {
    struct range item[BOOT_MAX_REGIONS];
    unsigned count;
};

/* What the root task's address space looks like; addresses are virtual. */
struct user_layout {
    struct range image;
    uint64_t ipc_buffer;
    uint64_t bootinfo;
    uint64_t extra; /* extra bootinfo; 0 pages if there is no device tree */
    uint64_t extra_pages;
    uint64_t end;       /* of the room for it all; tables reach until here */
    unsigned tables[3]; /* of levels 1, 2, 3 */
};

/* Everything that is being built. */
struct boot {
    const struct platform *platform;
    struct kernel *kernel;
    struct cpu *cpu;
    struct regions ram; /* free RAM, shrinking */
    struct user_layout layout;
    unsigned radix;       /* of the root CNode */
    struct range objects; /* the root objects' block */
    uint64_t next_object;
    struct slot *cnode;
    struct tcb *tcb;
    uint64_t vspace; /* physical */
    uint64_t asid_pool;
    uint64_t ipc_buffer;
    uint64_t bootinfo_page;
    struct bootinfo *info;
    uint64_t next_slot;
};

/* Prints the sentence and ends the run. */
_Noreturn void boot_fail(const char *sentence, uint64_t value);

/* boot_memory.c */
void regions_add(struct regions *regions, struct range range);
void regions_remove(struct regions *regions, struct range range);
/* Fills boot->ram. */
void boot_find_free_ram(struct boot *boot);
/* A block of `bytes` aligned to `align` from the top of the last region that has room. */
struct range boot_take_from_top(struct boot *boot, uint64_t bytes, uint64_t align);
/* Untyped caps and their list, in the order of abi/boot.md §2.1. */
void boot_make_untypeds(struct boot *boot);

/* boot_space.c */
void boot_plan_space(struct boot *boot);
/* Tables and frames of the root task with their caps; fills the bootinfo regions. */
void boot_make_space(struct boot *boot);

/* boot_objects.c */
/* Takes the root objects' memory and the kernel's tables. */
void boot_make_objects(struct boot *boot);
/* Fixed slots, bootinfo, the initial thread. */
void boot_make_caps(struct boot *boot);
void boot_make_thread(struct boot *boot);
/* The next dynamic slot. */
struct slot *boot_next_slot(struct boot *boot);
/* `bytes` from the root objects' block, zero-filled, aligned to their size rounded to a power. */
uint64_t boot_take_object(struct boot *boot, unsigned bits);
