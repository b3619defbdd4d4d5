/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The readers of images and executables at the edges of their conditions: several fields are
 * changed together, so that one check decides and all before it pass. Rules: docs/image-format.md,
 * the ELF-64 object file format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "elf.h"
#include "image_sample.h"

#define REGION(i, field) (IMAGE_OFF_REGIONS + (i)*IMAGE_REGION_SIZE + (field))
#define NOTE(field)      (IMAGE_OFF_NOTE + offsetof(struct kernel_note, field))
#define BYTES            (SAMPLE_SIZE + 0x100u) /* room behind the sample */
#define CHANGES          10

struct change {
    unsigned offset;
    unsigned size; /* 0 ends the list */
    uint64_t value;
};

struct image_case {
    const char *what;
    struct change change[CHANGES];
    unsigned clear_from; /* region whose entry, and all behind it, is zeroed; 0 = none */
    enum image_code code;
    const char *sentence;
};

static const struct image_case image_cases[] = {
    {"the note's version text does not end",
     {{NOTE(version_text) + 12, 4, 0x41414141}},
     0,
     IMAGE_BAD_HEADER,
     "kernel note: expected strings that end with a zero byte"},
    {"the note's flavour does not end",
     {{NOTE(flavour) + 12, 4, 0x41414141}},
     0,
     IMAGE_BAD_HEADER,
     "kernel note: expected strings that end with a zero byte"},
    {"the boot part ends before it starts, both inside the kernel",
     {{NOTE(boot_start), 8, 0xffffff8040001000}, {NOTE(boot_end), 8, 0xffffff8040000000}},
     0,
     IMAGE_BAD_HEADER,
     "kernel note, boot part: expected inside the kernel"},
    {"the first region is the root task's",
     {{REGION(0, IMAGE_REG_KIND), 4, IMAGE_USER},
      {REGION(0, IMAGE_REG_PADDR), 8, SAMPLE_USER_START},
      {REGION(0, IMAGE_REG_VADDR), 8, SAMPLE_USER_START - SAMPLE_USER_PV}},
     0,
     IMAGE_BAD_REGION,
     "region 0: kind: expected kernel regions first"},
    {"a kernel region behind one of the root task",
     {{REGION(3, IMAGE_REG_KIND), 4, IMAGE_KERNEL},
      {REGION(3, IMAGE_REG_PADDR), 8, 0x40002010},
      {REGION(3, IMAGE_REG_VADDR), 8, 0x40002010 - SAMPLE_KERNEL_PV}},
     0,
     IMAGE_BAD_REGION,
     "region 3: kind: expected kernel regions first"},
    {"no region of the root task",
     {{IMAGE_OFF_REGION_COUNT, 4, 2}},
     2,
     IMAGE_BAD_REGION,
     "region 1: kind: expected a root task region"},
    {"data 32 bytes behind the data before",
     {{REGION(3, IMAGE_REG_OFFSET), 8, 0x1120}, {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 0x20}},
     0,
     IMAGE_BAD_REGION,
     "region 3: data offset: expected less than 0x1120, found 0x1120"},
    {"16 bytes behind the data that none of them covers",
     {{IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 0x10}},
     0,
     IMAGE_BAD_HEADER,
     "total size: expected to end with the data, 0x1100, found 0x1110"},
    {"a byte between the data and the device tree",
     {{REGION(2, IMAGE_REG_FILESZ), 8, 0x78},
      {REGION(2, IMAGE_REG_STORED), 8, 0x78},
      {REGION(3, IMAGE_REG_KIND), 8, 0}, /* and flags */
      {IMAGE_OFF_REGION_COUNT, 4, 3},
      {0x10f8, 8, 1},
      {IMAGE_OFF_DTB_OFFSET, 8, 0x1100},
      {IMAGE_OFF_DTB_SIZE, 8, 0x10},
      {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 0x10}},
     3,
     IMAGE_BAD_HEADER,
     "unused byte at 4344: value: expected zero"},
    {"a byte behind the device tree",
     {{IMAGE_OFF_DTB_OFFSET, 8, 0x1100},
      {IMAGE_OFF_DTB_SIZE, 8, 0x18},
      {0x1118, 4, 1},
      {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 0x20}},
     0,
     IMAGE_BAD_HEADER,
     "unused byte at 4376: value: expected zero"},
};

static uint8_t *changed(const struct image_case *c)
{
    uint8_t *sample = sample_make();
    uint8_t *h = calloc(1, BYTES);

    memcpy(h, sample, SAMPLE_SIZE);
    free(sample);
    if (c->clear_from != 0) {
        unsigned from = REGION(c->clear_from, 0);

        memset(h + from, 0, IMAGE_OFF_KEY - from);
    }
    for (unsigned i = 0; i < CHANGES && c->change[i].size != 0; i++) {
        const struct change *change = &c->change[i];

        put_u32(h + change->offset, (uint32_t)change->value);
        if (change->size == 8) {
            put_u32(h + change->offset + 4, (uint32_t)(change->value >> 32));
        }
    }
    sample_seal(h);
    return h;
}

static void refuses_each_combination(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof image_cases / sizeof image_cases[0]; i++) {
        const struct image_case *c = &image_cases[i];
        uint8_t *h = changed(c);
        struct image_error err;
        struct image img;
        char text[256];

        if (image_parse(h, BYTES, &img, &err) != c->code) {
            fail_msg("%s: expected code %d", c->what, c->code);
        }
        image_error_text(&err, text, sizeof text);
        if (strstr(text, c->sentence) == NULL) {
            fail_msg("%s: expected \"%s\" in \"%s\"", c->what, c->sentence, text);
        }
        free(h);
    }
}

/* One byte less than the bound between data, a device tree that begins where it must: accepted. */
static void accepts_what_is_just_inside(void **state)
{
    static const struct image_case inside[] = {
        {"data 16 bytes behind the data before",
         {{REGION(3, IMAGE_REG_OFFSET), 8, 0x1110}, {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 0x10}},
         0,
         IMAGE_OK,
         ""},
        {"a device tree",
         {{IMAGE_OFF_DTB_OFFSET, 8, 0x1100},
          {IMAGE_OFF_DTB_SIZE, 8, 0x18},
          {IMAGE_OFF_TOTAL_SIZE, 8, SAMPLE_SIZE + 0x20}},
         0,
         IMAGE_OK,
         ""},
        {"a boot part of no bytes",
         {{NOTE(boot_start), 8, 0xffffff8040003000}, {NOTE(boot_end), 8, 0xffffff8040003000}},
         0,
         IMAGE_OK,
         ""},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        uint8_t *h = changed(&inside[i]);
        struct image_error err;
        struct image img;

        if (image_parse(h, BYTES, &img, &err) != IMAGE_OK) {
            char text[256];

            image_error_text(&err, text, sizeof text);
            fail_msg("%s: %s", inside[i].what, text);
        }
        free(h);
    }
}

/* A root task that does not unpack: nothing is said to be loaded. */
static void nothing_copy(void *ctx, uint64_t paddr, const void *src, uint64_t size)
{
    (void)ctx;
    (void)paddr;
    (void)src;
    (void)size;
}

static void nothing_zero(void *ctx, uint64_t paddr, uint64_t size)
{
    (void)ctx;
    (void)paddr;
    (void)size;
}

static void *window(void *ctx, uint64_t paddr, uint64_t size)
{
    static uint8_t bytes[0x4000];

    (void)ctx;
    (void)paddr;
    assert_true(size <= sizeof bytes);
    return bytes;
}

static void remember_loaded(void *ctx, const char *text)
{
    bool *loaded = ctx;

    *loaded = *loaded || strcmp(text, "images loaded") == 0;
}

static void stops_at_a_region_that_does_not_unpack(void **state)
{
    static const unsigned regions[] = {0, 2}; /* of the kernel, of the root task */

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct image_case c = {
            "compressed data that are none",
            {{REGION(regions[i], IMAGE_REG_COMPRESSION), 4, IMAGE_LZ4},
             {REGION(regions[i], IMAGE_REG_FILESZ), 8, sample_regions[regions[i]].filesz},
             {REGION(regions[i], IMAGE_REG_STORED), 8, sample_regions[regions[i]].filesz - 8},
             {(unsigned)sample_regions[regions[i]].offset + sample_regions[regions[i]].filesz - 8,
              8, 0}},
            0,
            IMAGE_OK,
            ""};
        uint8_t *h = changed(&c);
        bool loaded = false;
        struct image_machine machine = {&loaded, nothing_copy, nothing_zero, window,
                                        remember_loaded};
        struct image_error err;
        struct image img;

        assert_int_equal(image_parse(h, BYTES, &img, &err), IMAGE_OK);
        assert_int_equal(image_load(&img, &machine, &err), IMAGE_BAD_DATA);
        assert_false(loaded);
        free(h);
    }
}

/* docs/statuses.md: what a loading machine ends with. */
static void every_code_has_its_status(void **state)
{
    (void)state;
    assert_int_equal(image_exit_status(IMAGE_OK), 0);
    assert_int_equal(image_exit_status(IMAGE_NO_PAYLOAD), 1);
    for (int code = IMAGE_TRUNCATED; code <= IMAGE_BAD_ELF; code++) {
        assert_int_equal(image_exit_status((enum image_code)code), 2);
    }
    assert_int_equal(image_exit_status(IMAGE_BAD_DTB), 3);
    assert_int_equal(image_exit_status(IMAGE_NO_ROOM), 4);
}

/* ---- placing ---- */

static void an_empty_reserved_range_is_none(void **state)
{
    static const struct image_range ram[2] = {{0x40000000, 0x1000}, {0x50000000, 0x1000}};
    static const struct image_range none[1] = {{0x40000800, 0}};
    struct image_memory memory = {ram, 2, none, 1};
    struct image_error err;
    char text[256];

    (void)state;
    assert_int_equal(image_check_range("it", 0x40000000, 0x40001000, &memory, &err), IMAGE_OK);
    assert_int_equal(image_check_range("it", 0x40000000, 0x40001001, &memory, &err), IMAGE_NO_ROOM);
    image_error_text(&err, text, sizeof text);
    assert_non_null(strstr(text, "RAM ends before it does"));
    assert_int_equal(image_check_range("it", 0x3ffff000, 0x40001000, &memory, &err), IMAGE_NO_ROOM);
    image_error_text(&err, text, sizeof text);
    assert_non_null(strstr(text, "it does not start in RAM"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_each_combination),
        cmocka_unit_test(accepts_what_is_just_inside),
        cmocka_unit_test(stops_at_a_region_that_does_not_unpack),
        cmocka_unit_test(every_code_has_its_status),
        cmocka_unit_test(an_empty_reserved_range_is_none),
    };

    return cmocka_run_group_tests_name("image conditions", tests, NULL, NULL);
}
