/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Reader of AArch64 ELF64 files in memory that may hold anything. No allocation; an accepted
 * struct elf has its program headers inside the file, and elf_check_loads() adds what loading
 * needs: segments in the file, sizes, alignment, no overlap, entry inside a segment.
 */
#ifndef LOADER_ELF_H
#define LOADER_ELF_H

#include "image.h"

#define ELF_ET_EXEC      2u
#define ELF_ET_DYN       3u
#define ELF_EM_AARCH64   183u
#define ELF_PT_LOAD      1u
#define ELF_PT_INTERP    3u
#define ELF_PT_NOTE      4u
#define ELF_EHDR_SIZE    64u
#define ELF_PHDR_SIZE    56u
#define ELF_SHDR_SIZE    64u
#define ELF_SYM_SIZE     24u
#define ELF_MAX_SEGMENTS 64u

struct elf {
    const uint8_t *data;
    uint64_t size;
    uint64_t entry;
    uint64_t phoff;
    uint64_t shoff; /* 0 when the file has no usable section headers */
    uint32_t type;
    uint32_t phnum; /* ≤ ELF_MAX_SEGMENTS */
    uint32_t shnum;
    uint32_t shstrndx;
};

struct elf_segment {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t align;
};

struct elf_symbol {
    uint64_t value;
    uint64_t size;
};

/* Magic, class, byte order, machine, type (ELF_ET_EXEC or ELF_ET_DYN), headers in the file. */
IMAGE_MUST_CHECK enum image_code elf_open(const uint8_t *data, uint64_t size, struct elf *elf,
                                          struct image_error *err);

/* Segment i < phnum as the file has it. */
void elf_segment(const struct elf *elf, unsigned i, struct elf_segment *seg);

/* Checks every PT_LOAD segment with a size in memory; `physical` adds overlap of p_paddr ranges. */
IMAGE_MUST_CHECK enum image_code elf_check_loads(const struct elf *elf, bool physical,
                                                 struct image_error *err);

/* The description of a note, from a PT_NOTE segment or a section of that name; false = none. */
bool elf_find_note(const struct elf *elf, const char *section, const char *owner, uint32_t type,
                   const uint8_t **desc, uint64_t *desc_size);

/* A symbol of .symtab by name; false = none. */
bool elf_find_symbol(const struct elf *elf, const char *name, struct elf_symbol *symbol);

/* File offset of the size bytes at virtual address vaddr, if one PT_LOAD segment has them all. */
bool elf_file_offset(const struct elf *elf, uint64_t vaddr, uint64_t size, uint64_t *offset);

#endif
