/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Structures are copied out of the file: nothing there need be aligned.
 */
#include "spawn/program.h"

#include "comp/layout.h"
#include "kaal/print.h"
#include "kaal/string.h"

enum {
    MACHINE_AARCH64 = 183,
    TYPE_EXECUTABLE = 2,
    SEGMENT_LOAD = 1,
    SEGMENT_DYNAMIC = 2,
    SEGMENT_INTERPRETER = 3,
    SECTION_SYMBOLS = 2,
    SYMBOL_FUNCTION = 2,
    PAGE_BYTES = 4096,
    HEADERS_MAX = 32,
};

struct file_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t bytes, segment_bytes, segment_count, section_bytes, section_count, names;
};
_Static_assert(sizeof(struct file_header) == 64, "ELF64");

struct segment_header {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};
_Static_assert(sizeof(struct segment_header) == 56, "ELF64");

struct section_header {
    uint32_t name, type;
    uint64_t flags, address, offset, bytes;
    uint32_t link, info;
    uint64_t align, entry_bytes;
};
_Static_assert(sizeof(struct section_header) == 64, "ELF64");

struct symbol {
    uint32_t name;
    uint8_t info, other;
    uint16_t section;
    uint64_t value, bytes;
};
_Static_assert(sizeof(struct symbol) == 24, "ELF64");

struct file {
    const uint8_t *data;
    size_t bytes;
};

/* Copies `bytes` from `offset`; false when they are not all there. */
static bool get(const struct file *f, uint64_t offset, void *to, size_t bytes)
{
    if (offset > f->bytes || bytes > f->bytes - offset) {
        return false;
    }
    memcpy(to, f->data + offset, bytes);
    return true;
}

static bool refuse(char *why, size_t room, const char *field, uint64_t expected, uint64_t found)
{
    (void)kaal_snprintf(why, room, "%s: expected 0x%lx, found 0x%lx", field, expected, found);
    return false;
}

static bool read_header(const struct file *f, struct file_header *h, char *why, size_t room)
{
    static const uint8_t ident[6] = {0x7f, 'E', 'L', 'F', 2, 1};
    if (!get(f, 0, h, sizeof(*h))) {
        return refuse(why, room, "size of the file, at least", sizeof(*h), f->bytes);
    }
    if (memcmp(h->ident, ident, sizeof(ident)) != 0) {
        (void)kaal_snprintf(why, room, "identification: expected a 64-bit little-endian ELF file");
        return false;
    }
    if (h->machine != MACHINE_AARCH64) {
        return refuse(why, room, "machine (AArch64)", MACHINE_AARCH64, h->machine);
    }
    if (h->type != TYPE_EXECUTABLE) {
        return refuse(why, room, "type (static executable)", TYPE_EXECUTABLE, h->type);
    }
    if (h->segment_bytes != sizeof(struct segment_header)) {
        return refuse(why, room, "size of a program header", sizeof(struct segment_header),
                      h->segment_bytes);
    }
    if (h->segment_count > HEADERS_MAX) {
        return refuse(why, room, "program headers, at most", HEADERS_MAX, h->segment_count);
    }
    return true;
}

static uint64_t page_down(uint64_t address)
{
    return address & ~(uint64_t)(PAGE_BYTES - 1);
}

static bool add_segment(struct program *p, const struct file *f, const struct segment_header *s,
                        char *why, size_t room)
{
    if (s->offset > f->bytes || s->file_bytes > f->bytes - s->offset) {
        return refuse(why, room, "end of a segment in the file, at most", f->bytes,
                      s->offset + s->file_bytes);
    }
    if (s->file_bytes > s->memory_bytes) {
        return refuse(why, room, "bytes of a segment in the file, at most", s->memory_bytes,
                      s->file_bytes);
    }
    if ((s->flags & PROGRAM_WRITE) != 0 && (s->flags & PROGRAM_EXECUTE) != 0) {
        return refuse(why, room, "flags of a segment, not writable and executable",
                      s->flags & ~(uint32_t)PROGRAM_WRITE, s->flags);
    }
    uint64_t low = LAYOUT_IMAGE;
    if (p->segments > 0) {
        const struct program_segment *last = &p->segment[p->segments - 1];
        low = page_down(last->address + last->memory_bytes - 1) + PAGE_BYTES;
    }
    if (s->address < low) {
        return refuse(why, room, "address of a segment, at least", low, s->address);
    }
    if (s->address >= LAYOUT_ENV || s->memory_bytes > LAYOUT_ENV - s->address) {
        return refuse(why, room, "end of a segment, at most", LAYOUT_ENV,
                      s->address + s->memory_bytes);
    }
    if (p->segments == PROGRAM_SEGMENTS) {
        return refuse(why, room, "segments, at most", PROGRAM_SEGMENTS, p->segments + 1);
    }
    p->segment[p->segments++] = (struct program_segment){
        s->address, s->memory_bytes, f->data + s->offset, s->file_bytes, s->flags};
    return true;
}

static bool is_code(const struct program *p, uint64_t address)
{
    for (uint32_t i = 0; i < p->segments; i++) {
        const struct program_segment *s = &p->segment[i];
        if ((s->flags & PROGRAM_EXECUTE) != 0 && address >= s->address &&
            address - s->address < s->data_bytes) {
            return true;
        }
    }
    return false;
}

bool program_read(struct program *program, const void *elf, size_t bytes, char *why, size_t room)
{
    struct file f = {elf, bytes};
    struct file_header h;
    *program = (struct program){0};
    if (!read_header(&f, &h, why, room)) {
        return false;
    }
    for (uint64_t i = 0; i < h.segment_count; i++) {
        struct segment_header s;
        uint64_t at = h.segments + i * sizeof(s);
        if (at < h.segments || !get(&f, at, &s, sizeof(s))) {
            return refuse(why, room, "end of the program headers, at most", bytes, at + sizeof(s));
        }
        if (s.type == SEGMENT_DYNAMIC || s.type == SEGMENT_INTERPRETER) {
            return refuse(why, room, "type of a segment (static executable)", SEGMENT_LOAD, s.type);
        }
        if (s.type == SEGMENT_LOAD && s.memory_bytes > 0 &&
            !add_segment(program, &f, &s, why, room)) {
            return false;
        }
    }
    program->entry = h.entry;
    if (h.entry % 4 != 0 || !is_code(program, h.entry)) {
        (void)kaal_snprintf(why, room, "entry 0x%lx: expected an address in executable code",
                            h.entry);
        return false;
    }
    return true;
}

/* The function symbol of the table `s` around `address`. */
static bool find_symbol(const struct file *f, const struct section_header *s, uint64_t address,
                        struct symbol *found)
{
    uint64_t count = s->bytes / sizeof(struct symbol);
    for (uint64_t i = 0; i < count; i++) {
        struct symbol symbol;
        if (!get(f, s->offset + i * sizeof(symbol), &symbol, sizeof(symbol))) {
            return false;
        }
        if ((symbol.info & 15) == SYMBOL_FUNCTION && address >= symbol.value &&
            address - symbol.value < (symbol.bytes == 0 ? 1 : symbol.bytes)) {
            *found = symbol;
            return true;
        }
    }
    return false;
}

const char *program_symbol(const void *elf, size_t bytes, uint64_t address, uint64_t *offset)
{
    struct file f = {elf, bytes};
    struct file_header h;
    if (!get(&f, 0, &h, sizeof(h)) || h.section_bytes != sizeof(struct section_header)) {
        return NULL;
    }
    for (uint64_t i = 0; i < h.section_count; i++) {
        struct section_header s, names;
        struct symbol symbol;
        if (!get(&f, h.sections + i * sizeof(s), &s, sizeof(s)) || s.type != SECTION_SYMBOLS) {
            continue;
        }
        if (!find_symbol(&f, &s, address, &symbol) ||
            !get(&f, h.sections + s.link * sizeof(names), &names, sizeof(names)) ||
            names.offset > bytes || names.bytes > bytes - names.offset ||
            symbol.name >= names.bytes) {
            continue;
        }
        const char *name = (const char *)f.data + names.offset + symbol.name;
        if (memchr(name, 0, names.bytes - symbol.name) != NULL) {
            *offset = address - symbol.value;
            return name;
        }
    }
    return NULL;
}
