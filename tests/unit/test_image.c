/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The image parser, placing and loading, on a sample that this folder writes by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_sample.h"

static enum image_code parse(const uint8_t *h, uint64_t size, struct image_error *err)
{
    struct image img;

    return image_parse(h, size, &img, err);
}

/* Every failure must have a code and a sentence that says what was expected. */
static void assert_sentence(const struct image_error *err, const char *part)
{
    char text[256];

    image_error_text(err, text, sizeof text);
    assert_non_null(strstr(text, ": expected "));
    if (strstr(text, part) == NULL) {
        print_error("expected \"%s\" in \"%s\"\n", part, text);
        fail();
    }
}

static void test_accepts_the_sample(void **state)
{
    uint8_t *h = sample_make();
    struct image_error err;
    struct image img;

    (void)state;
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
    assert_int_equal(image_check_digests(&img, &err), IMAGE_OK);
    assert_int_equal(img.region_count, 4);
    assert_int_equal(img.kernel_entry, UINT64_C(0xffffff8040000000));
    assert_int_equal(img.kernel_start, 0x40000000);
    assert_int_equal(img.kernel_end, 0x40003000);
    assert_int_equal(img.user_entry, 0x400010);
    assert_int_equal(img.user_start, SAMPLE_USER_START);
    assert_int_equal(img.user_end, SAMPLE_USER_START + 0x2000);
    assert_int_equal(img.user_pv, SAMPLE_USER_PV);
    assert_string_equal(img.bootargs, "a=42");
    assert_true(img.has_note);
    assert_string_equal(img.note.name, "Sample");
    assert_int_equal(img.regions[1].paddr, 0x40001008);
    assert_int_equal(img.regions[1].memsz, 0x1000);
    assert_ptr_equal(img.regions[2].data, h + 0x1080);
    free(h);
}

static void test_refuses_every_truncation(void **state)
{
    uint8_t *h = sample_make();

    (void)state;
    for (unsigned size = 0; size < SAMPLE_SIZE; size++) {
        uint8_t *cut = malloc(size);
        struct image_error err;

        memcpy(cut, h, size);
        assert_int_equal(parse(cut, size, &err), IMAGE_TRUNCATED);
        assert_sentence(&err, "size: expected at least");
        free(cut);
    }
    free(h);
}

static void test_refuses_every_flipped_header_bit(void **state)
{
    uint8_t *h = sample_make();

    (void)state;
    for (unsigned bit = 0; bit < IMAGE_HEADER_SIZE * 8; bit++) {
        struct image_error err;

        h[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(parse(h, SAMPLE_SIZE, &err), IMAGE_OK);
        assert_sentence(&err, "image");
        h[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(h);
}

static void test_refuses_every_flipped_data_byte(void **state)
{
    uint8_t *h = sample_make();
    struct image_error err;
    struct image img;

    (void)state;
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
    for (unsigned i = 0; i < 4; i++) {
        for (uint64_t k = 0; k < sample_regions[i].filesz; k++) {
            uint8_t *byte = h + sample_regions[i].offset + k;

            *byte ^= 0x10;
            assert_int_equal(image_check_digests(&img, &err), IMAGE_BAD_DIGEST);
            assert_int_equal(err.index, i);
            assert_sentence(&err, "SHA-256");
            *byte ^= 0x10;
        }
    }
    assert_int_equal(image_check_digests(&img, &err), IMAGE_OK);
    free(h);
}

struct change {
    unsigned offset;
    unsigned size;
    uint64_t value;
    enum image_code code;
    const char *sentence;
};

#define REGION(i, field) (IMAGE_OFF_REGIONS + (i)*IMAGE_REGION_SIZE + (field))

/* One wrong field each; the header's digest is right, so the field's own check must catch it. */
static const struct change changes[] = {
    {IMAGE_OFF_MAGIC, 4, 0, IMAGE_BAD_MAGIC, "magic"},
    {IMAGE_OFF_VERSION, 4, 1, IMAGE_BAD_VERSION, "version: expected 0x2, found 0x1"},
    {IMAGE_OFF_HEADER_SIZE, 4, 8192, IMAGE_BAD_HEADER, "header size"},
    {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 1, IMAGE_TRUNCATED, "size"},
    {IMAGE_OFF_TOTAL_SIZE, 8, UINT64_MAX, IMAGE_TRUNCATED, "size"},
    {IMAGE_OFF_TOTAL_SIZE, 8, 4095, IMAGE_BAD_HEADER, "total size"},
    {IMAGE_OFF_TOTAL_SIZE, 8, 0x1040, IMAGE_BAD_REGION, "data offset"},
    {IMAGE_OFF_FLAGS, 4, 5, IMAGE_BAD_HEADER, "flags"},
    {IMAGE_OFF_REGION_COUNT, 4, 1, IMAGE_BAD_HEADER, "number of regions"},
    {IMAGE_OFF_REGION_COUNT, 4, 25, IMAGE_BAD_HEADER, "number of regions"},
    {IMAGE_OFF_REGION_COUNT, 4, 2, IMAGE_BAD_HEADER, "unused byte at 1728: value: expected zero"},
    {IMAGE_OFF_REGION_COUNT, 4, 5, IMAGE_BAD_REGION, "kind"},
    {IMAGE_OFF_KERNEL_ENTRY, 8, 0, IMAGE_BAD_HEADER, "kernel entry"},
    {IMAGE_OFF_KERNEL_ENTRY, 8, 0xffffff8040000002, IMAGE_BAD_HEADER, "kernel entry"},
    {IMAGE_OFF_KERNEL_ENTRY, 8, 0xffffff8040000040, IMAGE_BAD_HEADER, "kernel entry"},
    {IMAGE_OFF_KERNEL_ENTRY, 8, 0x400010, IMAGE_BAD_HEADER, "kernel entry"},
    {IMAGE_OFF_KERNEL_START, 8, 0x40000008, IMAGE_BAD_HEADER, "kernel physical start"},
    {IMAGE_OFF_KERNEL_START, 8, 0x40001000, IMAGE_BAD_HEADER, "boot part"},
    {IMAGE_OFF_KERNEL_END, 8, 0x40000000, IMAGE_BAD_HEADER, "kernel physical end"},
    {IMAGE_OFF_KERNEL_END, 8, 0x40002001, IMAGE_BAD_HEADER, "kernel physical end"},
    {IMAGE_OFF_KERNEL_END, 8, 0x40002000, IMAGE_BAD_REGION, "physical address"},
    {IMAGE_OFF_KERNEL_END, 8, UINT64_C(1) << 49, IMAGE_BAD_HEADER, "kernel physical end"},
    {IMAGE_OFF_KERNEL_END, 8, 0x80001000, IMAGE_BAD_HEADER, "1 GiB region"},
    {IMAGE_OFF_KERNEL_END, 8, 0x40211000, IMAGE_BAD_HEADER, "root task physical start"},
    {IMAGE_OFF_KERNEL_PV, 8, SAMPLE_KERNEL_PV + 4096, IMAGE_BAD_HEADER, "a multiple of 0x200000"},
    {IMAGE_OFF_KERNEL_PV, 8, 0, IMAGE_BAD_HEADER, "kernel virtual start"},
    {IMAGE_OFF_KERNEL_PV, 8, SAMPLE_KERNEL_PV + 0x200000, IMAGE_BAD_HEADER, "note"},
    {IMAGE_OFF_USER_ENTRY, 8, 0, IMAGE_BAD_HEADER, "root task entry"},
    {IMAGE_OFF_USER_ENTRY, 8, 0x400080, IMAGE_BAD_HEADER, "root task entry"},
    {IMAGE_OFF_USER_ENTRY, 8, UINT64_MAX, IMAGE_BAD_HEADER, "root task entry"},
    {IMAGE_OFF_USER_START, 8, 0x40000000, IMAGE_BAD_HEADER, "root task physical start"},
    {IMAGE_OFF_USER_START, 8, SAMPLE_USER_START + 1, IMAGE_BAD_HEADER, "root task physical start"},
    {IMAGE_OFF_USER_START, 8, SAMPLE_USER_START + 0x1000, IMAGE_BAD_REGION, "physical address"},
    {IMAGE_OFF_USER_END, 8, SAMPLE_USER_START, IMAGE_BAD_HEADER, "root task physical end"},
    {IMAGE_OFF_USER_END, 8, SAMPLE_USER_START + 0x1000, IMAGE_BAD_REGION, "physical address"},
    {IMAGE_OFF_USER_PV, 8, 1, IMAGE_BAD_HEADER, "root task virtual end"},
    {IMAGE_OFF_USER_PV, 8, UINT64_C(1) << 63, IMAGE_BAD_HEADER, "root task virtual end"},
    {IMAGE_OFF_USER_PV, 8, SAMPLE_USER_START + 0x1000, IMAGE_BAD_HEADER, "root task virtual"},
    {IMAGE_OFF_USER_PV, 8, SAMPLE_USER_PV + 0x1000, IMAGE_BAD_REGION, "virtual address"},
    {IMAGE_OFF_BOOTARGS_LEN, 4, 1024, IMAGE_BAD_HEADER, "bootargs length"},
    {IMAGE_OFF_BOOTARGS_LEN, 4, 3, IMAGE_BAD_HEADER, "bootargs"},
    {IMAGE_OFF_BOOTARGS_LEN, 4, 5, IMAGE_BAD_HEADER, "bootargs"},
    {IMAGE_OFF_BOOTARGS + 1000, 4, 'x', IMAGE_BAD_HEADER, "bootargs"},
    {IMAGE_OFF_NOTE, 4, 2, IMAGE_BAD_HEADER, "kernel note version"},
    {IMAGE_OFF_NOTE + 8, 8, 0, IMAGE_BAD_HEADER, "boot part"},
    {IMAGE_OFF_NOTE + 16, 8, 0xffffff8040003001, IMAGE_BAD_HEADER, "boot part"},
    {IMAGE_OFF_NOTE + 24, 8, 0, IMAGE_BAD_HEADER, "state"},
    {IMAGE_OFF_NOTE + 32, 8, UINT64_MAX, IMAGE_BAD_HEADER, "state"},
    {IMAGE_OFF_NOTE + 52, 4, 0x41414141, IMAGE_BAD_HEADER, "zero byte"},
    {REGION(0, IMAGE_REG_KIND), 4, 2, IMAGE_BAD_REGION, "region 0: "},
    {REGION(0, IMAGE_REG_KIND), 4, 0, IMAGE_BAD_REGION, "kind"},
    {REGION(1, IMAGE_REG_KIND), 4, 3, IMAGE_BAD_REGION, "kind"},
    {REGION(3, IMAGE_REG_KIND), 4, 1, IMAGE_BAD_REGION, "region 3: "},
    {REGION(0, IMAGE_REG_FLAGS), 4, 8, IMAGE_BAD_REGION, "flags"},
    {REGION(1, IMAGE_REG_PADDR), 8, 0x3ffff000, IMAGE_BAD_REGION, "physical address"},
    {REGION(1, IMAGE_REG_PADDR), 8, UINT64_MAX, IMAGE_BAD_REGION, "physical address"},
    {REGION(1, IMAGE_REG_VADDR), 8, 0, IMAGE_BAD_REGION, "virtual address"},
    {REGION(1, IMAGE_REG_FILESZ), 8, 0x1001, IMAGE_BAD_REGION, "file size"},
    {REGION(1, IMAGE_REG_FILESZ), 8, 0x31, IMAGE_BAD_REGION, "stored size"},
    {REGION(0, IMAGE_REG_MEMSZ), 8, 0, IMAGE_BAD_REGION, "memory size"},
    {REGION(1, IMAGE_REG_MEMSZ), 8, 0x2000, IMAGE_BAD_REGION, "physical address"},
    {REGION(0, IMAGE_REG_MEMSZ), 8, 0x1010, IMAGE_BAD_REGION, "end of the region before"},
    {REGION(1, IMAGE_REG_MEMSZ), 8, UINT64_MAX, IMAGE_BAD_REGION, "physical address"},
    {REGION(0, IMAGE_REG_OFFSET), 8, 0, IMAGE_BAD_REGION, "data offset"},
    {REGION(1, IMAGE_REG_OFFSET), 8, 0x1038, IMAGE_BAD_REGION, "data offset"},
    {REGION(1, IMAGE_REG_OFFSET), 8, 0x1050, IMAGE_BAD_REGION, "modulo 16"},
    {REGION(2, IMAGE_REG_OFFSET), 8, SAMPLE_SIZE - 0x70, IMAGE_BAD_REGION, "data offset"},
    {REGION(2, IMAGE_REG_OFFSET), 8, UINT64_MAX - 15, IMAGE_BAD_REGION, "data offset"},
    {REGION(2, IMAGE_REG_STORED), 8, 1, IMAGE_BAD_REGION, "stored size"},
    {REGION(2, IMAGE_REG_COMPRESSION), 4, 3, IMAGE_BAD_REGION, "compression"},
    {REGION(2, IMAGE_REG_COMPRESSION), 4, 1, IMAGE_BAD_REGION, "stored size: expected at least 1"},
    {REGION(3, IMAGE_REG_COMPRESSION), 4, 2, IMAGE_BAD_REGION, "stored size: expected at least 1"},
    {REGION(2, IMAGE_REG_COMPRESSION) + 4, 4, 1, IMAGE_BAD_HEADER, "unused byte"},
    {REGION(4, IMAGE_REG_PADDR), 4, 1, IMAGE_BAD_HEADER, "unused byte"},
    {REGION(3, IMAGE_REG_OFFSET), 8, 0x1130, IMAGE_BAD_REGION, "data offset"},
    {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE - 16, IMAGE_BAD_REGION, "data offset"},
    {IMAGE_OFF_BOOTARGS_LEN + 4, 4, 1, IMAGE_BAD_HEADER, "unused byte at 100"},
    {IMAGE_OFF_NOTE - 4, 4, 0x01000000, IMAGE_BAD_HEADER, "unused byte at 127"},
    {IMAGE_OFF_NOTE + KERNEL_NOTE_SIZE, 4, 1, IMAGE_BAD_HEADER, "unused byte at 248"},
    {IMAGE_OFF_KEY, 4, 1, IMAGE_BAD_HEADER, "unused byte at 3840"},
    {IMAGE_OFF_DTB_DIGEST, 4, 1, IMAGE_BAD_HEADER, "unused byte at 3872"},
    {IMAGE_OFF_DTB_DIGEST + 32, 4, 1, IMAGE_BAD_HEADER, "unused byte at 3904"},
    {IMAGE_OFF_SIGNATURE, 4, 1, IMAGE_BAD_HEADER, "unused byte at 4032"},
    {IMAGE_OFF_SIGNATURE + 60, 4, 1, IMAGE_BAD_HEADER, "unused byte at 4092"},
    {0x1040, 4, 1, IMAGE_BAD_HEADER, "unused byte at 4160"},
    {IMAGE_OFF_DTB_OFFSET, 8, 0x1100, IMAGE_BAD_HEADER, "device tree offset: expected without"},
    {IMAGE_OFF_DTB_SIZE, 8, 0x10, IMAGE_BAD_HEADER, "device tree offset"},
    {IMAGE_OFF_DTB_SIZE, 8, UINT64_MAX, IMAGE_BAD_HEADER, "device tree size"},
};

static void test_refuses_each_wrong_field(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const struct change *c = &changes[i];
        uint8_t *h = sample_make();
        struct image_error err;
        enum image_code code;

        put_u32(h + c->offset, (uint32_t)c->value);
        if (c->size == 8) {
            put_u32(h + c->offset + 4, (uint32_t)(c->value >> 32));
        }
        sample_seal(h);
        code = parse(h, SAMPLE_SIZE, &err);
        if (code != c->code) {
            print_error("change %u: code %d, expected %d\n", i, code, c->code);
            wrong++;
        }
        assert_sentence(&err, c->sentence);
        assert_int_not_equal(image_exit_status(code), 0);
        free(h);
    }
    assert_int_equal(wrong, 0);
}

static void test_foreign_kernel_needs_no_note(void **state)
{
    uint8_t *h = sample_make();
    struct image_error err;
    struct image img;

    (void)state;
    put_u32(h + IMAGE_OFF_FLAGS, 0);
    memset(h + IMAGE_OFF_NOTE, 0, KERNEL_NOTE_SIZE);
    sample_seal(h);
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
    assert_false(img.has_note);
    put_u32(h + IMAGE_OFF_NOTE + 40, 1);
    sample_seal(h);
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_BAD_HEADER);
    assert_sentence(&err, "unused byte at 168");
    free(h);
}

/* --- placing --- */

static const struct image_range small_ram[1] = {{0x40000000, 0x200000}};
static const struct image_range split_ram[2] = {{0x40100000, 0x40000000}, {0x40000000, 0x100000}};
static const struct image_range in_kernel[1] = {{0x40002000, 0x1000}};
static const struct image_range beside[1] = {{0x40003000 + 0x2000, 0x1000}};

static void test_place(void **state)
{
    uint8_t *h = sample_make();
    struct image_memory split = {split_ram, 2, beside, 1};
    struct image_memory small = {small_ram, 1, NULL, 0};
    struct image_memory reserved = {split_ram, 2, in_kernel, 1};
    struct image_memory none = {NULL, 0, NULL, 0};
    struct image_error err;
    struct image img;
    uint64_t room = SAMPLE_USER_START - 0x40003000;

    (void)state;
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
    assert_int_equal(image_dtb_address(&img), 0x40003000);
    assert_int_equal(image_check_place(&img, 0x2000, &split, &err), IMAGE_OK);
    assert_int_equal(image_check_place(&img, 0x2001, &split, &err), IMAGE_NO_ROOM);
    assert_sentence(&err, "reserved memory: device tree");
    split.reserved_count = 0;
    assert_int_equal(image_check_place(&img, room, &split, &err), IMAGE_OK);
    assert_int_equal(image_check_place(&img, room + 1, &split, &err), IMAGE_NO_ROOM);
    assert_sentence(&err, "--app-offset");
    assert_int_equal(image_check_place(&img, 0x1000, &small, &err), IMAGE_NO_ROOM);
    assert_sentence(&err, "RAM too small: root task: expected RAM up to 0x40212000");
    assert_int_equal(image_check_place(&img, 0x1000, &reserved, &err), IMAGE_NO_ROOM);
    assert_sentence(&err, "reserved memory: kernel");
    assert_int_equal(image_check_place(&img, 0x1000, &none, &err), IMAGE_NO_ROOM);
    assert_sentence(&err, "RAM too small: kernel");
    assert_int_equal(image_exit_status(IMAGE_NO_ROOM), 4);
    free(h);
}

/* --- loading --- */

#define ARENA_SIZE 0x213000u

struct arena {
    uint8_t bytes[ARENA_SIZE];
    unsigned lines;
    char text[1024];
};

static void arena_copy(void *ctx, uint64_t paddr, const void *src, uint64_t size)
{
    struct arena *a = ctx;

    assert_true(range_within(paddr - 0x40000000, size, ARENA_SIZE));
    memcpy(a->bytes + (paddr - 0x40000000), src, size);
}

static void arena_zero(void *ctx, uint64_t paddr, uint64_t size)
{
    struct arena *a = ctx;

    assert_true(range_within(paddr - 0x40000000, size, ARENA_SIZE));
    memset(a->bytes + (paddr - 0x40000000), 0, size);
}

static void *arena_window(void *ctx, uint64_t paddr, uint64_t size)
{
    struct arena *a = ctx;

    assert_true(range_within(paddr - 0x40000000, size, ARENA_SIZE));
    return a->bytes + (paddr - 0x40000000);
}

static void arena_line(void *ctx, const char *text)
{
    struct arena *a = ctx;

    a->lines++;
    assert_true(strlen(a->text) + strlen(text) + 2 < sizeof a->text);
    strcat(a->text, text);
    strcat(a->text, "\n");
}

static void test_load_writes_every_byte(void **state)
{
    uint8_t *h = sample_make();
    struct arena *a = malloc(sizeof *a);
    struct image_machine machine = {a, arena_copy, arena_zero, arena_window, arena_line};
    struct image_error err;
    struct image img;

    (void)state;
    memset(a->bytes, 0xee, sizeof a->bytes);
    a->lines = 0;
    a->text[0] = '\0';
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
    image_report(&img, &machine);
    assert_int_equal(image_load(&img, &machine, &err), IMAGE_OK);
    for (uint64_t at = 0; at < ARENA_SIZE; at++) {
        uint64_t paddr = 0x40000000 + at;
        uint8_t expected = 0;

        if (paddr >= 0x40003000 && (paddr < SAMPLE_USER_START || paddr >= img.user_end)) {
            expected = 0xee;
        }
        for (unsigned i = 0; i < 4; i++) {
            const struct sample_region *r = &sample_regions[i];

            if (paddr >= r->paddr && paddr < r->paddr + r->filesz) {
                expected = h[r->offset + (paddr - r->paddr)];
            }
        }
        assert_int_equal(a->bytes[at], expected);
    }
    assert_non_null(strstr(a->text, "kernel: Sample 9.9 (debug), entry 0xffffff8040000000\n"));
    assert_non_null(strstr(a->text, "kernel    0x40001008 <- 48 bytes\n"));
    assert_non_null(strstr(a->text, "kernel    0x40001038 <- 4048 bytes zeroed (BSS)\n"));
    assert_non_null(strstr(a->text, "root task 0x40211000 <- 16 bytes zeroed (BSS)\n"));
    assert_null(strstr(a->text, " <- 0 bytes"));
    free(a);
    free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts_the_sample),
        cmocka_unit_test(test_refuses_every_truncation),
        cmocka_unit_test(test_refuses_every_flipped_header_bit),
        cmocka_unit_test(test_refuses_every_flipped_data_byte),
        cmocka_unit_test(test_refuses_each_wrong_field),
        cmocka_unit_test(test_foreign_kernel_needs_no_note),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_load_writes_every_byte),
    };

    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
