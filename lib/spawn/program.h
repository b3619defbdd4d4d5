/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What an ELF file wants to be loaded: static AArch64 executables for the address range of
 * components (comp/layout.h), whose pages are never writable and executable at once. Every access
 * is inside the given bytes, whatever they hold.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROGRAM_SEGMENTS = 8,
    PROGRAM_EXECUTE = 1, /* the values of p_flags */
    PROGRAM_WRITE = 2,
    PROGRAM_READ = 4,
};

struct program_segment {
    uint64_t address;
    uint64_t memory_bytes;
    const uint8_t *data;
    uint64_t data_bytes;
    uint32_t flags;
};

struct program {
    uint64_t entry;
    uint32_t segments;
    struct program_segment segment[PROGRAM_SEGMENTS];
};

/* Reads the file. On refusal false, and a sentence that names the field in `why`. */
bool program_read(struct program *program, const void *elf, size_t bytes, char *why, size_t room);

/* Name of the function that holds `address` by the file's symbol table, and how far behind its
 * start; NULL when there is no table or no such function. */
const char *program_symbol(const void *elf, size_t bytes, uint64_t address, uint64_t *offset);
