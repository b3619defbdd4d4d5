/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The ELF reader, and finding the payload in a bootable ELF. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf.h"
#include "image_sample.h"

/* File: header, three program headers, code at 0x100, data at 0x180, a note, symbols, sections. */
#define FILE_SIZE 0x500u
#define PHDR(i)   (ELF_EHDR_SIZE + (i)*ELF_PHDR_SIZE)
#define SHDR(i)   (0x300u + (i)*ELF_SHDR_SIZE)

static void put_u16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put_phdr(uint8_t *p, uint32_t type, uint64_t offset, uint64_t vaddr, uint64_t filesz,
                     uint64_t memsz)
{
    put_u32(p, type);
    put_u32(p + 4, 5);
    put_u64(p + 8, offset);
    put_u64(p + 16, vaddr);
    put_u64(p + 24, vaddr);
    put_u64(p + 32, filesz);
    put_u64(p + 40, memsz);
    put_u64(p + 48, 0x80);
}

static void put_shdr(uint8_t *p, uint32_t name, uint32_t type, uint64_t offset, uint64_t size,
                     uint32_t link)
{
    put_u32(p, name);
    put_u32(p + 4, type);
    put_u64(p + 24, offset);
    put_u64(p + 32, size);
    put_u32(p + 40, link);
}

static void put_note(uint8_t *p)
{
    put_u32(p, 5);
    put_u32(p + 4, 8);
    put_u32(p + 8, 1);
    memcpy(p + 12, "KaaL", 5);
    memcpy(p + 20, "12345678", 8);
}

static uint8_t *make_elf(void)
{
    static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    uint8_t *f = calloc(1, FILE_SIZE);

    memcpy(f, ident, sizeof ident);
    put_u16(f + 16, ELF_ET_EXEC);
    put_u16(f + 18, ELF_EM_AARCH64);
    put_u32(f + 20, 1);
    put_u64(f + 24, 0x400100);
    put_u64(f + 32, ELF_EHDR_SIZE);
    put_u64(f + 40, SHDR(0));
    put_u16(f + 52, ELF_EHDR_SIZE);
    put_u16(f + 54, ELF_PHDR_SIZE);
    put_u16(f + 56, 3);
    put_u16(f + 58, ELF_SHDR_SIZE);
    put_u16(f + 60, 4);
    put_u16(f + 62, 1);
    put_phdr(f + PHDR(0), ELF_PT_LOAD, 0x100, 0x400100, 0x80, 0x80);
    put_phdr(f + PHDR(1), ELF_PT_LOAD, 0x180, 0x500180, 0x40, 0x1000);
    put_phdr(f + PHDR(2), ELF_PT_NOTE, 0x240, 0, 28, 28);
    put_note(f + 0x240);
    memcpy(f + 0x280, "\0.note.kaal\0word\0other", 23); /* names of sections and symbols */
    put_shdr(f + SHDR(1), 0, 3, 0x280, 23, 0);
    put_shdr(f + SHDR(2), 0, 2, 0x200, 48, 1);
    put_shdr(f + SHDR(3), 1, 7, 0x240, 28, 0);
    put_u32(f + 0x200, 17); /* "other" */
    put_u64(f + 0x208, 0x500188);
    put_u64(f + 0x210, 4);
    put_u32(f + 0x218, 12); /* "word" */
    put_u64(f + 0x220, 0x500180);
    put_u64(f + 0x228, 8);
    return f;
}

static enum image_code check_elf(const uint8_t *f, uint64_t size, struct image_error *err)
{
    struct elf elf;
    enum image_code code = elf_open(f, size, &elf, err);

    return code == IMAGE_OK ? elf_check_loads(&elf, true, err) : code;
}

static void test_accepts(void **state)
{
    uint8_t *f = make_elf();
    struct image_error err;
    struct elf_segment s;
    struct elf elf;
    uint64_t offset;

    (void)state;
    assert_int_equal(elf_open(f, FILE_SIZE, &elf, &err), IMAGE_OK);
    assert_int_equal(elf_check_loads(&elf, true, &err), IMAGE_OK);
    assert_int_equal(elf.entry, 0x400100);
    elf_segment(&elf, 1, &s);
    assert_int_equal(s.vaddr, 0x500180);
    assert_int_equal(s.memsz, 0x1000);
    assert_true(elf_file_offset(&elf, 0x5001b8, 8, &offset));
    assert_int_equal(offset, 0x1b8);
    assert_false(elf_file_offset(&elf, 0x5001b9, 8, &offset));
    assert_false(elf_file_offset(&elf, 0x50017f, 1, &offset));
    free(f);
}

static void test_notes_and_symbols(void **state)
{
    uint8_t *f = make_elf();
    struct elf_symbol symbol;
    struct image_error err;
    const uint8_t *desc;
    uint64_t size;
    struct elf elf;

    (void)state;
    assert_int_equal(elf_open(f, FILE_SIZE, &elf, &err), IMAGE_OK);
    assert_true(elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size));
    assert_int_equal(size, 8);
    assert_memory_equal(desc, "12345678", 8);
    assert_false(elf_find_note(&elf, ".note.kaal", "KaaL", 2, &desc, &size));
    assert_false(elf_find_note(&elf, ".note.kaal", "KaaX", 1, &desc, &size));
    put_u32(f + PHDR(2), 0); /* no PT_NOTE: found by the section's name */
    assert_true(elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size));
    assert_false(elf_find_note(&elf, ".note.kaa", "KaaL", 1, &desc, &size));
    put_u32(f + 0x244, 0x7fffffff); /* a description beyond the file */
    assert_false(elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size));
    assert_true(elf_find_symbol(&elf, "word", &symbol));
    assert_int_equal(symbol.value, 0x500180);
    assert_int_equal(symbol.size, 8);
    assert_false(elf_find_symbol(&elf, "wor", &symbol));
    assert_false(elf_find_symbol(&elf, "words", &symbol));
    put_u32(f + 0x218, 0xffffffff);
    assert_false(elf_find_symbol(&elf, "word", &symbol));
    free(f);
}

/* What is malformed is passed over, and what lies behind it is found. */
static void test_passes_over_what_is_malformed(void **state)
{
    uint8_t *f = make_elf();
    struct image_error err;
    const uint8_t *desc;
    uint64_t size;
    struct elf elf;

    (void)state;
    assert_int_equal(elf_open(f, FILE_SIZE, &elf, &err), IMAGE_OK);
    put_u32(f + 0x240, 4); /* the right name and type, but another length of the name */
    assert_false(elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size));
    put_u32(f + 0x240, 5);
    put_u64(f + PHDR(2) + 8, FILE_SIZE);  /* notes outside the file: found by the section */
    put_u64(f + SHDR(2) + 24, FILE_SIZE); /* a section outside the file, before the right one */
    assert_true(elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size));
    put_u32(f + SHDR(3) + 4, 8); /* without bytes in the file */
    assert_false(elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size));
    put_u64(f + PHDR(1) + 8, FILE_SIZE - 0x20);
    assert_int_equal(elf_check_loads(&elf, true, &err), IMAGE_BAD_ELF);
    assert_false(elf_file_offset(&elf, 0x500180, 8, &size)); /* its bytes are not in the file */
    free(f);
}

/* A segment without memory is no segment, wherever it says that it lies; nor need a segment without
 * bytes in the file agree with the file's offsets. A position-independent program is one, too. */
static void test_accepts_empty_segments(void **state)
{
    uint8_t *f = make_elf();
    struct image_error err;

    (void)state;
    put_u16(f + 16, ELF_ET_DYN);
    assert_int_equal(check_elf(f, FILE_SIZE, &err), IMAGE_OK);
    put_u64(f + PHDR(1) + 8, 0x181); /* not modulo the alignment */
    assert_int_equal(check_elf(f, FILE_SIZE, &err), IMAGE_BAD_ELF);
    put_u64(f + PHDR(1) + 32, 0);
    assert_int_equal(check_elf(f, FILE_SIZE, &err), IMAGE_OK);
    put_phdr(f + PHDR(1), ELF_PT_LOAD, FILE_SIZE + 1, 0x400101, 0, 0);
    assert_int_equal(check_elf(f, FILE_SIZE, &err), IMAGE_OK);
    put_phdr(f + PHDR(1), ELF_PT_LOAD, 0x180, 0x400101, 0, 1);
    assert_int_equal(check_elf(f, FILE_SIZE, &err), IMAGE_BAD_ELF); /* inside the other one */
    free(f);
}

struct change {
    unsigned offset;
    unsigned size;
    uint64_t value;
    const char *sentence;
};

static const struct change changes[] = {
    {0, 1, 0, "magic"},
    {4, 1, 1, "class: expected 64-bit, 0x2, found 0x1"},
    {5, 1, 2, "byte order"},
    {18, 2, 62, "machine: expected AArch64, 0xb7, found 0x3e"},
    {16, 2, 1, "type"},
    {16, 2, 4, "type"},
    {54, 2, 32, "program header size"},
    {56, 2, 0, "number of program headers"},
    {56, 2, 65, "number of program headers"},
    {32, 8, FILE_SIZE - 100, "program headers' offset"},
    {32, 8, UINT64_MAX, "program headers' offset"},
    {24, 8, 0x400101, "entry"},
    {24, 8, 0x400180, "entry"},
    {24, 8, 0x5001c0, "entry"}, /* in zeroed memory only */
    {PHDR(0), 4, ELF_PT_INTERP, "PT_INTERP"},
    {PHDR(0) + 8, 8, FILE_SIZE, "offset"},
    {PHDR(0) + 8, 8, UINT64_MAX - 0x7f, "offset"},
    {PHDR(0) + 8, 8, 0x101, "modulo alignment"},
    {PHDR(0) + 32, 8, 0x81, "file size"},
    {PHDR(0) + 32, 8, FILE_SIZE, "offset"},
    {PHDR(0) + 40, 8, UINT64_MAX, "memory size"},
    {PHDR(0) + 48, 8, 3, "alignment"},
    {PHDR(0) + 40, 8, 0x100081, "segment 1: virtual address: expected outside"},
    {PHDR(0) + 24, 8, 0x500180, "segment 1: physical address: expected outside"},
    {PHDR(0) + 24, 8, UINT64_MAX - 4, "memory size"},
};

static void test_refuses_each_wrong_field(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t *f = make_elf();
        struct image_error err;
        char text[256];

        for (unsigned k = 0; k < changes[i].size; k++) {
            f[changes[i].offset + k] = (uint8_t)(changes[i].value >> (8 * k));
        }
        assert_int_equal(check_elf(f, FILE_SIZE, &err), IMAGE_BAD_ELF);
        image_error_text(&err, text, sizeof text);
        if (strstr(text, changes[i].sentence) == NULL) {
            print_error("change %u: \"%s\" not in \"%s\"\n", i, changes[i].sentence, text);
            fail();
        }
        free(f);
    }
}

/* Any truncation and any flipped byte: an answer without a read outside the file. */
static void test_survives_damage(void **state)
{
    uint8_t *f = make_elf();
    struct elf_symbol symbol;
    struct image_error err;
    const uint8_t *desc;
    uint64_t size;
    struct elf elf;

    (void)state;
    for (unsigned cut = 0; cut < FILE_SIZE; cut++) {
        uint8_t *part = malloc(cut);

        memcpy(part, f, cut);
        if (elf_open(part, cut, &elf, &err) == IMAGE_OK) {
            (void)elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size);
            (void)elf_find_symbol(&elf, "word", &symbol);
            assert_true(elf_check_loads(&elf, true, &err) == IMAGE_OK || cut < 0x1c0);
        }
        free(part);
    }
    for (unsigned at = 0; at < FILE_SIZE; at++) {
        f[at] ^= 0xff;
        if (elf_open(f, FILE_SIZE, &elf, &err) == IMAGE_OK) {
            (void)elf_find_note(&elf, ".note.kaal", "KaaL", 1, &desc, &size);
            (void)elf_find_symbol(&elf, "word", &symbol);
            (void)!elf_check_loads(&elf, true, &err);
        }
        f[at] ^= 0xff;
    }
    free(f);
}

/* --- finding the payload --- */

#define BOOT_LOADER_AT  0x1000u
#define BOOT_PAYLOAD_AT 0x2000u
#define BOOT_SIZE       (BOOT_PAYLOAD_AT + SAMPLE_SIZE)

static uint8_t *make_bootable(void)
{
    uint8_t *f = calloc(1, BOOT_SIZE);
    uint8_t *elf = make_elf();
    uint8_t *sample = sample_make();
    uint8_t *slot = f + BOOT_LOADER_AT + LOADER_SLOT_OFFSET;

    memcpy(f, elf, ELF_EHDR_SIZE);
    put_u64(f + 24, 0x40600000); /* entry */
    put_u64(f + 40, 0);
    put_u16(f + 56, 2);
    put_u16(f + 60, 0);
    put_phdr(f + PHDR(0), ELF_PT_LOAD, BOOT_LOADER_AT, 0x40600000, 0x100, 0x3000);
    put_phdr(f + PHDR(1), ELF_PT_LOAD, BOOT_PAYLOAD_AT, 0x40603000, SAMPLE_SIZE, SAMPLE_SIZE);
    memcpy(slot, LOADER_SLOT_MAGIC, 16);
    put_u32(slot + LOADER_SLOT_OFF_VERSION, LOADER_SLOT_VERSION);
    put_u64(slot + LOADER_SLOT_OFF_LINK_BASE, 0x40200000);
    put_u64(slot + LOADER_SLOT_OFF_MEMORY_SIZE, 0x3000);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET, 0x3000);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE, SAMPLE_SIZE);
    memcpy(f + BOOT_PAYLOAD_AT, sample, SAMPLE_SIZE);
    free(sample);
    free(elf);
    return f;
}

static void test_finds_the_payload(void **state)
{
    uint8_t *f = make_bootable();
    uint8_t *slot = f + BOOT_LOADER_AT + LOADER_SLOT_OFFSET;
    struct image_error err;
    const uint8_t *payload;
    uint64_t size;
    struct image img;

    (void)state;
    assert_int_equal(image_find(f, BOOT_SIZE, &payload, &size, &err), IMAGE_OK);
    assert_ptr_equal(payload, f + BOOT_PAYLOAD_AT);
    assert_int_equal(size, SAMPLE_SIZE);
    assert_int_equal(image_parse(payload, size, &img, &err), IMAGE_OK);
    assert_int_equal(image_find(payload, size, &payload, &size, &err), IMAGE_OK);
    assert_ptr_equal(payload, f + BOOT_PAYLOAD_AT);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE, SAMPLE_SIZE + 1);
    assert_int_equal(image_find(f, BOOT_SIZE, &payload, &size, &err), IMAGE_TRUNCATED);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET, UINT64_MAX);
    assert_int_equal(image_find(f, BOOT_SIZE, &payload, &size, &err), IMAGE_TRUNCATED);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET, 0);
    assert_int_equal(image_find(f, BOOT_SIZE, &payload, &size, &err), IMAGE_NO_PAYLOAD);
    assert_int_equal(image_exit_status(err.code), 1);
    put_u32(slot + LOADER_SLOT_OFF_VERSION, 7);
    assert_int_equal(image_find(f, BOOT_SIZE, &payload, &size, &err), IMAGE_BAD_VERSION);
    slot[0] = 'k';
    assert_int_equal(image_find(f, BOOT_SIZE, &payload, &size, &err), IMAGE_BAD_MAGIC);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_notes_and_symbols),
        cmocka_unit_test(test_passes_over_what_is_malformed),
        cmocka_unit_test(test_accepts_empty_segments),
        cmocka_unit_test(test_refuses_each_wrong_field),
        cmocka_unit_test(test_survives_damage),
        cmocka_unit_test(test_finds_the_payload),
    };

    return cmocka_run_group_tests_name("image_elf", tests, NULL, NULL);
}
