/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The ELF note by which a KaaL kernel describes itself to builder, loader and hosted machine.
 *
 * Section `.note.kaal` (and a PT_NOTE segment when the link script has one), owner "KaaL", type 1,
 * description = struct kernel_note as it lies in memory: little endian, no padding. A kernel
 * without the note is foreign: it is loaded as it is and is never moved.
 */
#ifndef LOADER_KERNEL_NOTE_H
#define LOADER_KERNEL_NOTE_H

#include <stdint.h>

#define KERNEL_NOTE_SECTION ".note.kaal"
#define KERNEL_NOTE_OWNER   "KaaL"
#define KERNEL_NOTE_TYPE    1u
#define KERNEL_NOTE_VERSION 1u

/* flags: the kernel is position independent in physical memory, in steps of 2 MiB */
#define KERNEL_NOTE_MOVABLE 1u
/* flags: the kernel is entered by all CPUs (abi/boot.md §7, SMP); else the others are left alone */
#define KERNEL_NOTE_ALL_CPUS 2u

#define KERNEL_NOTE_SIZE 120u

struct kernel_note {
    uint32_t version;     /* KERNEL_NOTE_VERSION */
    uint32_t flags;       /* KERNEL_NOTE_MOVABLE */
    uint64_t boot_start;  /* link virtual addresses of the boot-only part, which becomes */
    uint64_t boot_end;    /* ordinary memory after boot; the first part of the kernel image */
    uint64_t state_start; /* link virtual address and bytes of the one state structure */
    uint64_t state_size;
    char name[16]; /* each NUL-terminated and NUL-padded */
    char version_text[16];
    char flavour[16];
    uint8_t build_id[32]; /* SHA-256 of the core sources */
};

_Static_assert(sizeof(struct kernel_note) == KERNEL_NOTE_SIZE, "kernel note has no padding");

/* The whole note as a kernel places it in KERNEL_NOTE_SECTION, 4-byte aligned. */
struct kernel_note_section {
    uint32_t name_size; /* 5: "KaaL" and its NUL */
    uint32_t desc_size; /* KERNEL_NOTE_SIZE */
    uint32_t type;      /* KERNEL_NOTE_TYPE */
    char owner[8];      /* padded to a multiple of four */
    struct kernel_note note;
} __attribute__((packed, aligned(4)));

#endif
