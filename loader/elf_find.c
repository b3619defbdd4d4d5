/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Notes and symbols of an ELF file that elf_open() accepted. Whatever is malformed is passed over
 * as if it were not there: both are optional parts of a file.
 */
#include "elf.h"

#include "image_bytes.h"

#define SHT_SYMTAB 2u
#define SHT_NOBITS 8u

struct section {
    uint32_t name;
    uint32_t type;
    uint64_t offset;
    uint64_t size;
    uint32_t link;
};

/* False when there is no such section or its bytes are not in the file. */
static bool read_section(const struct elf *elf, uint32_t i, struct section *s)
{
    const uint8_t *p;

    if (i >= elf->shnum) {
        return false;
    }
    p = elf->data + elf->shoff + (uint64_t)i * ELF_SHDR_SIZE;
    s->name = get_u32(p);
    s->type = get_u32(p + 4);
    s->offset = get_u64(p + 24);
    s->size = get_u64(p + 32);
    s->link = get_u32(p + 40);
    return range_within(s->offset, s->size, elf->size);
}

/* Do the bytes begin with `text` and its NUL? */
static bool is_text(const uint8_t *bytes, uint64_t size, const char *text)
{
    for (uint64_t i = 0; i < size; i++) {
        if (bytes[i] != (uint8_t)text[i]) {
            return false;
        }
        if (text[i] == '\0') {
            return true;
        }
    }
    return false;
}

/* Is the string at `at` in the string table `strings` equal to name? */
static bool is_named(const struct elf *elf, const struct section *strings, uint32_t at,
                     const char *name)
{
    return at < strings->size &&
           is_text(elf->data + strings->offset + at, strings->size - at, name);
}

/* Walks the notes in [offset, offset + size): each name and description padded to four bytes. */
static bool scan_notes(const struct elf *elf, uint64_t offset, uint64_t size, const char *owner,
                       uint32_t type, const uint8_t **desc, uint64_t *desc_size)
{
    const uint8_t *p = elf->data + offset;
    uint64_t at = 0;
    uint64_t owner_size = 0;

    while (owner[owner_size++] != '\0') {
    }
    while (range_within(at, 12, size)) {
        uint64_t name_len = get_u32(p + at);
        uint64_t desc_len = get_u32(p + at + 4);
        uint64_t desc_at = at + 12 + round_up(name_len, 4);

        if (!range_within(desc_at, desc_len, size)) {
            return false;
        }
        if (get_u32(p + at + 8) == type && name_len == owner_size &&
            is_text(p + at + 12, name_len, owner)) {
            *desc = p + desc_at;
            *desc_size = desc_len;
            return true;
        }
        at = desc_at + round_up(desc_len, 4);
    }
    return false;
}

bool elf_find_note(const struct elf *elf, const char *section, const char *owner, uint32_t type,
                   const uint8_t **desc, uint64_t *desc_size)
{
    struct section strings;

    for (unsigned i = 0; i < elf->phnum; i++) {
        struct elf_segment s;

        elf_segment(elf, i, &s);
        if (s.type == ELF_PT_NOTE && range_within(s.offset, s.filesz, elf->size) &&
            scan_notes(elf, s.offset, s.filesz, owner, type, desc, desc_size)) {
            return true;
        }
    }
    if (!read_section(elf, elf->shstrndx, &strings)) {
        return false;
    }
    for (uint32_t i = 0; i < elf->shnum; i++) {
        struct section s;

        /* a link script may have turned the section's type into PROGBITS: the name decides */
        if (read_section(elf, i, &s) && s.type != SHT_NOBITS &&
            is_named(elf, &strings, s.name, section) &&
            scan_notes(elf, s.offset, s.size, owner, type, desc, desc_size)) {
            return true;
        }
    }
    return false;
}

bool elf_find_symbol(const struct elf *elf, const char *name, struct elf_symbol *symbol)
{
    for (uint32_t i = 0; i < elf->shnum; i++) {
        struct section table;
        struct section strings;

        if (!read_section(elf, i, &table) || table.type != SHT_SYMTAB ||
            !read_section(elf, table.link, &strings)) {
            continue;
        }
        for (uint64_t at = 0; range_within(at, ELF_SYM_SIZE, table.size); at += ELF_SYM_SIZE) {
            const uint8_t *p = elf->data + table.offset + at;

            if (get_u32(p) != 0 && is_named(elf, &strings, get_u32(p), name)) {
                symbol->value = get_u64(p + 8);
                symbol->size = get_u64(p + 16);
                return true;
            }
        }
    }
    return false;
}
