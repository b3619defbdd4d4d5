/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * ELF64 reader: header and loadable segments (System V ABI, chapter 4 and 5; ELF for the Arm
 * 64-bit architecture). See elf.h for what it keeps true.
 */
#include "elf.h"

#include "image_bytes.h"

#define HEADER  "ELF header"
#define SEGMENT "ELF segment"

static enum image_code bad_elf(struct image_error *err, const char *field, const char *rule,
                               uint64_t expected, uint64_t found)
{
    return image_fail_numbers(err, IMAGE_BAD_ELF, HEADER, -1, field, rule, expected, found);
}

static enum image_code bad_segment(struct image_error *err, unsigned i, const char *field,
                                   const char *rule, uint64_t expected, uint64_t found)
{
    return image_fail_numbers(err, IMAGE_BAD_ELF, SEGMENT, (int)i, field, rule, expected, found);
}

static enum image_code check_ident(const uint8_t *d, uint64_t size, struct image_error *err)
{
    static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};

    if (size < ELF_EHDR_SIZE) {
        return bad_elf(err, "size of file", "at least", ELF_EHDR_SIZE, size);
    }
    if (!bytes_equal(d, magic, 4)) {
        return bad_elf(err, "magic", NULL, get_u32(magic), get_u32(d));
    }
    if (d[4] != 2) {
        return bad_elf(err, "class", "64-bit,", 2, d[4]);
    }
    if (d[5] != 1) {
        return bad_elf(err, "byte order", "little endian,", 1, d[5]);
    }
    if (get_u16(d + 18) != ELF_EM_AARCH64) {
        return bad_elf(err, "machine", "AArch64,", ELF_EM_AARCH64, get_u16(d + 18));
    }
    if (get_u16(d + 16) != ELF_ET_EXEC && get_u16(d + 16) != ELF_ET_DYN) {
        return bad_elf(err, "type", "an executable,", ELF_ET_EXEC, get_u16(d + 16));
    }
    return IMAGE_OK;
}

enum image_code elf_open(const uint8_t *d, uint64_t size, struct elf *elf, struct image_error *err)
{
    enum image_code code = check_ident(d, size, err);

    if (code != IMAGE_OK) {
        return code;
    }
    elf->data = d;
    elf->size = size;
    elf->type = get_u16(d + 16);
    elf->entry = get_u64(d + 24);
    elf->phoff = get_u64(d + 32);
    elf->shoff = get_u64(d + 40);
    elf->phnum = get_u16(d + 56);
    elf->shnum = get_u16(d + 60);
    elf->shstrndx = get_u16(d + 62);
    if (get_u16(d + 54) != ELF_PHDR_SIZE) {
        return bad_elf(err, "program header size", NULL, ELF_PHDR_SIZE, get_u16(d + 54));
    }
    if (elf->phnum == 0 || elf->phnum > ELF_MAX_SEGMENTS) {
        return bad_elf(err, "number of program headers", "1 to", ELF_MAX_SEGMENTS, elf->phnum);
    }
    if (!range_within(elf->phoff, (uint64_t)elf->phnum * ELF_PHDR_SIZE, size)) {
        return bad_elf(err, "program headers' offset", "with their size inside the file of", size,
                       elf->phoff);
    }
    if (get_u16(d + 58) != ELF_SHDR_SIZE ||
        !range_within(elf->shoff, (uint64_t)elf->shnum * ELF_SHDR_SIZE, size)) {
        elf->shnum = 0; /* sections are optional: notes and symbols only */
    }
    return IMAGE_OK;
}

void elf_segment(const struct elf *elf, unsigned i, struct elf_segment *seg)
{
    const uint8_t *p = elf->data + elf->phoff + (uint64_t)i * ELF_PHDR_SIZE;

    seg->type = get_u32(p);
    seg->flags = get_u32(p + 4);
    seg->offset = get_u64(p + 8);
    seg->vaddr = get_u64(p + 16);
    seg->paddr = get_u64(p + 24);
    seg->filesz = get_u64(p + 32);
    seg->memsz = get_u64(p + 40);
    seg->align = get_u64(p + 48);
}

static enum image_code check_load(const struct elf *elf, unsigned i, const struct elf_segment *s,
                                  struct image_error *err)
{
    if (!range_within(s->offset, s->filesz, elf->size)) {
        return bad_segment(err, i, "offset", "with its size inside the file of", elf->size,
                           s->offset);
    }
    if (s->filesz > s->memsz) {
        return bad_segment(err, i, "file size", "at most the memory size", s->memsz, s->filesz);
    }
    if (s->memsz > UINT64_MAX - s->vaddr) {
        return bad_segment(err, i, "memory size", "at most", UINT64_MAX - s->vaddr, s->memsz);
    }
    if (s->memsz > UINT64_MAX - s->paddr) {
        return bad_segment(err, i, "memory size", "at most", UINT64_MAX - s->paddr, s->memsz);
    }
    if (s->align > 1 && (s->align & (s->align - 1)) != 0) {
        return bad_segment(err, i, "alignment", "a power of two, at least", 1, s->align);
    }
    if (s->align > 1 && s->filesz != 0 && ((s->vaddr ^ s->offset) & (s->align - 1)) != 0) {
        return bad_segment(err, i, "virtual address modulo alignment", NULL,
                           s->offset & (s->align - 1), s->vaddr & (s->align - 1));
    }
    return IMAGE_OK;
}

static bool overlaps(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* Segment i against all later ones. */
static enum image_code check_overlap(const struct elf *elf, unsigned i, const struct elf_segment *s,
                                     bool physical, struct image_error *err)
{
    for (unsigned k = i + 1; k < elf->phnum; k++) {
        struct elf_segment o;

        elf_segment(elf, k, &o);
        if (o.type != ELF_PT_LOAD || o.memsz == 0) {
            continue;
        }
        if (overlaps(s->vaddr, s->memsz, o.vaddr, o.memsz)) {
            return bad_segment(err, k, "virtual address", "outside the segment that starts at",
                               s->vaddr, o.vaddr);
        }
        if (physical && overlaps(s->paddr, s->memsz, o.paddr, o.memsz)) {
            return bad_segment(err, k, "physical address", "outside the segment that starts at",
                               s->paddr, o.paddr);
        }
    }
    return IMAGE_OK;
}

enum image_code elf_check_loads(const struct elf *elf, bool physical, struct image_error *err)
{
    bool entry_inside = false;
    unsigned loads = 0;

    for (unsigned i = 0; i < elf->phnum; i++) {
        struct elf_segment s;
        enum image_code code;

        elf_segment(elf, i, &s);
        if (s.type == ELF_PT_INTERP) {
            return image_fail(err, IMAGE_BAD_ELF, SEGMENT, (int)i, "type",
                              "a static program, without PT_INTERP");
        }
        if (s.type != ELF_PT_LOAD || s.memsz == 0) {
            continue;
        }
        code = check_load(elf, i, &s, err);
        if (code != IMAGE_OK) {
            return code;
        }
        loads++;
        entry_inside = entry_inside || (elf->entry >= s.vaddr && elf->entry - s.vaddr < s.filesz);
    }
    if (loads == 0) {
        return bad_elf(err, "number of loadable segments", "at least", 1, 0);
    }
    for (unsigned i = 0; i < elf->phnum; i++) {
        struct elf_segment s;
        enum image_code code = IMAGE_OK;

        elf_segment(elf, i, &s);
        if (s.type == ELF_PT_LOAD && s.memsz != 0) {
            code = check_overlap(elf, i, &s, physical, err);
        }
        if (code != IMAGE_OK) {
            return code;
        }
    }
    if (!entry_inside || elf->entry % 4 != 0) {
        enum image_code code = image_fail(err, IMAGE_BAD_ELF, HEADER, -1, "entry",
                                          "an instruction's address inside a loadable segment");
        err->has_found = true;
        err->found = elf->entry;
        return code;
    }
    return IMAGE_OK;
}

bool elf_file_offset(const struct elf *elf, uint64_t vaddr, uint64_t size, uint64_t *offset)
{
    for (unsigned i = 0; i < elf->phnum; i++) {
        struct elf_segment s;

        elf_segment(elf, i, &s);
        if (s.type == ELF_PT_LOAD && vaddr >= s.vaddr &&
            range_within(vaddr - s.vaddr, size, s.filesz) &&
            range_within(s.offset, s.filesz, elf->size)) {
            *offset = s.offset + (vaddr - s.vaddr);
            return true;
        }
    }
    return false;
}
