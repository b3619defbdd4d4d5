/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A component's ELF file: checked as the root task will check it, cut down to what is loaded, its
 * functions and source lines as tables.
 */
#include <elf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../loader/elf.h"
#include "archive/symbols.h"
#include "comp/layout.h"
#include "manifest.h"

enum {
    PAGE = 4096,
    MOST_BYTES = 64 << 20,
};

struct table {
    struct bytes functions;
    struct bytes lines;
    struct bytes strings;
};

static uint32_t add_string(struct table *t, const char *text)
{
    uint32_t offset = (uint32_t)t->strings.size;
    bytes_add(&t->strings, text, strlen(text) + 1);
    return offset;
}

static int by_offset(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void read_functions(Elf *elf, uint64_t base, struct table *t)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        Elf_Data *data = elf_getdata(section, NULL);
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_SYMTAB ||
            header.sh_entsize == 0 || data == NULL) {
            continue;
        }
        for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
            GElf_Sym symbol;
            if (gelf_getsym(data, (int)i, &symbol) == NULL ||
                GELF_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_value < base) {
                continue;
            }
            const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
            struct symbols_function f = {(uint32_t)(symbol.st_value - base),
                                         (uint32_t)symbol.st_size,
                                         add_string(t, name != NULL ? name : "?")};
            bytes_add(&t->functions, &f, sizeof(f));
        }
    }
    qsort(t->functions.data, t->functions.size / sizeof(struct symbols_function),
          sizeof(struct symbols_function), by_offset);
}

/* File names without the folder they were built in. */
static const char *short_name(const char *name)
{
    return name[0] == '.' && name[1] == '/' ? name + 2 : name;
}

static void read_unit(Dwarf_Die *unit, uint64_t base, struct table *t)
{
    Dwarf_Lines *lines;
    size_t count;
    const char *last = NULL;
    uint32_t file = 0;
    if (dwarf_getsrclines(unit, &lines, &count) != 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i);
        Dwarf_Addr address;
        int number = 0;
        bool end = false;
        const char *name = dwarf_linesrc(line, NULL, NULL);
        if (dwarf_lineaddr(line, &address) != 0 || address < base || name == NULL) {
            continue;
        }
        (void)dwarf_lineno(line, &number);
        (void)dwarf_lineendsequence(line, &end);
        if (name != last) {
            file = add_string(t, short_name(name));
            last = name;
        }
        struct symbols_line l = {(uint32_t)(address - base), end ? 0 : (uint32_t)number, file};
        bytes_add(&t->lines, &l, sizeof(l));
    }
}

/* Sorts, and keeps of records with one offset the last that is no end of a range. */
static void sort_lines(struct table *t)
{
    struct symbols_line *line = (struct symbols_line *)(void *)t->lines.data;
    size_t count = t->lines.size / sizeof(*line);
    size_t kept = 0;
    if (count == 0) {
        return;
    }
    qsort(line, count, sizeof(*line), by_offset);
    for (size_t i = 1; i < count; i++) {
        if (line[i].offset != line[kept].offset) {
            line[++kept] = line[i];
        } else if (line[i].line != 0) {
            line[kept] = line[i];
        }
    }
    t->lines.size = (kept + 1) * sizeof(*line);
}

static struct bytes read_symbols(struct bytes *file, uint64_t base)
{
    struct table t = {0};
    struct bytes out = {0};
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)file->data, file->size);
    Dwarf *dwarf = elf != NULL ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
    if (elf != NULL) {
        read_functions(elf, base, &t);
    }
    Dwarf_Off offset = 0;
    Dwarf_Off next;
    size_t header;
    while (dwarf != NULL && dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;
        if (dwarf_offdie(dwarf, offset + header, &unit) != NULL) {
            read_unit(&unit, base, &t);
        }
        offset = next;
    }
    sort_lines(&t);
    bytes_add(&t.strings, "", 1);
    struct symbols head = {.magic = SYMBOLS_MAGIC, .base = base};
    head.functions = (uint32_t)(t.functions.size / sizeof(struct symbols_function));
    head.lines = (uint32_t)(t.lines.size / sizeof(struct symbols_line));
    head.strings = (uint32_t)(sizeof(head) + t.functions.size + t.lines.size);
    head.bytes = head.strings + (uint32_t)t.strings.size;
    bytes_add(&out, &head, sizeof(head));
    bytes_add(&out, t.functions.data, t.functions.size);
    bytes_add(&out, t.lines.data, t.lines.size);
    bytes_add(&out, t.strings.data, t.strings.size);
    dwarf_end(dwarf);
    elf_end(elf);
    free(t.functions.data);
    free(t.lines.data);
    free(t.strings.data);
    return out;
}

/* Copies the headers and contents of what is loaded: PT_LOAD and PT_TLS. */
static struct bytes strip(const struct bytes *file, const struct elf *elf)
{
    struct bytes out = {0};
    Elf64_Ehdr header;
    Elf64_Phdr segments[ELF_MAX_SEGMENTS];
    unsigned count = 0;
    memcpy(&header, file->data, sizeof(header));
    for (unsigned i = 0; i < elf->phnum; i++) {
        Elf64_Phdr s;
        memcpy(&s, file->data + elf->phoff + (uint64_t)i * sizeof(s), sizeof(s));
        if ((s.p_type == PT_LOAD && s.p_memsz != 0) || s.p_type == PT_TLS) {
            segments[count++] = s;
        }
    }
    bytes_add(&out, NULL, sizeof(header) + count * sizeof(segments[0]));
    for (unsigned i = 0; i < count; i++) {
        Elf64_Phdr *s = &segments[i];
        bytes_align(&out, 16);
        uint64_t offset = out.size;
        bytes_add(&out, file->data + s->p_offset, s->p_filesz);
        s->p_offset = offset;
        s->p_align = 16;
    }
    header.e_phoff = sizeof(header);
    header.e_phnum = (uint16_t)count;
    header.e_shoff = 0;
    header.e_shnum = 0;
    header.e_shstrndx = 0;
    memcpy(out.data, &header, sizeof(header));
    memcpy(out.data + sizeof(header), segments, count * sizeof(segments[0]));
    return out;
}

/* Where its segments are; NULL, or what is wrong. */
static const char *measure(const struct elf *elf, uint64_t *pages_bytes)
{
    static char text[160];
    uint64_t end = 0;
    *pages_bytes = 0;
    for (unsigned i = 0; i < elf->phnum; i++) {
        struct elf_segment s;
        elf_segment(elf, i, &s);
        if (s.type != ELF_PT_LOAD || s.memsz == 0) {
            continue;
        }
        if (s.vaddr < LAYOUT_IMAGE || s.vaddr + s.memsz > LAYOUT_ENV) {
            snprintf(text, sizeof(text),
                     "segment %u: address: expected a component's, from 0x%llx up to 0x%llx, found "
                     "0x%llx; link it with components/component.ld",
                     i, (unsigned long long)LAYOUT_IMAGE, (unsigned long long)LAYOUT_ENV,
                     (unsigned long long)s.vaddr);
            return text;
        }
        uint64_t first = s.vaddr / PAGE;
        uint64_t last = (s.vaddr + s.memsz + PAGE - 1) / PAGE;
        first = first < end ? end : first;
        *pages_bytes += last > first ? (last - first) * PAGE : 0;
        end = last > end ? last : end;
    }
    return NULL;
}

const char *program_read(const char *path, struct program *out)
{
    static char text[256];
    struct elf elf;
    struct image_error error;
    *out = (struct program){0};
    struct bytes file = file_read(path, MOST_BYTES);
    if (elf_open(file.data, file.size, &elf, &error) != IMAGE_OK ||
        elf_check_loads(&elf, false, &error) != IMAGE_OK) {
        image_error_text(&error, text, sizeof(text));
        free(file.data);
        return text;
    }
    const char *wrong = measure(&elf, &out->pages_bytes);
    if (wrong == NULL) {
        out->stripped = strip(&file, &elf);
        out->symbols = read_symbols(&file, LAYOUT_IMAGE);
    }
    free(file.data);
    return wrong;
}
