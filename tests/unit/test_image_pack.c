/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Decompression against what the libraries' compressors make, and against damage; signatures; the
 * embedded device tree; flat files. Expected LZ4 bytes are from the block format's description.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <lz4hc.h>
#include <sodium.h>
#include <zstd.h>

#include "image_sample.h"

#define PLAIN 70000u

static uint8_t plain[PLAIN];
static uint8_t packed[PLAIN + 1024];
static uint8_t back[PLAIN];

/* Runs, repeats over long distances, and parts that do not compress. */
static void make_plain(void)
{
    uint32_t state = 1;

    for (unsigned i = 0; i < PLAIN; i++) {
        state = state * 1664525u + 1013904223u;
        plain[i] = i % 1000 < 400 ? (uint8_t)(state >> 24) : (uint8_t)(i / 300);
    }
    memcpy(plain + 65000, plain + 100, 4000);
}

/* Does a heap block of exactly the input's size unpack? Reads beyond it are seen. */
static bool lz4(const uint8_t *from, uint64_t from_size, uint64_t to_size)
{
    uint8_t *in = malloc(from_size);
    uint8_t *out = malloc(to_size);
    bool good;

    memcpy(in, from, from_size);
    good = image_unpack_lz4(out, to_size, in, from_size);
    if (good) {
        memcpy(back, out, to_size < PLAIN ? to_size : PLAIN);
    }
    free(in);
    free(out);
    return good;
}

static void test_lz4_round_trip(void **state)
{
    (void)state;
    make_plain();
    for (uint64_t size = 1; size <= PLAIN; size = size * 3 + 1) {
        int made = LZ4_compress_HC((char *)plain, (char *)packed, (int)size, sizeof packed, 12);

        assert_true(made > 0);
        assert_true(lz4(packed, (uint64_t)made, size));
        assert_memory_equal(back, plain, size);
        assert_false(lz4(packed, (uint64_t)made, size + 1));
        assert_false(lz4(packed, (uint64_t)made, size - 1));
    }
}

static void test_lz4_refuses_truncations(void **state)
{
    int made;

    (void)state;
    make_plain();
    made = LZ4_compress_HC((char *)plain, (char *)packed, 3000, sizeof packed, 12);
    for (int cut = 0; cut < made; cut++) {
        assert_false(lz4(packed, (uint64_t)cut, 3000));
    }
}

static void test_lz4_refuses_each_wrong_sequence(void **state)
{
    static const struct {
        uint8_t bytes[12];
        unsigned size;
        unsigned out;
        bool good;
    } rows[] = {
        {{0x00}, 1, 0, true},                      /* no literal, the end */
        {{0x20, 'a', 'b'}, 3, 2, true},            /* two literals */
        {{0x20, 'a', 'b'}, 3, 3, false},           /* one byte short of the room */
        {{0x20, 'a'}, 2, 2, false},                /* a literal that is not there */
        {{0xf0}, 1, 20, false},                    /* a length without its byte */
        {{0xf0, 255}, 2, 20, false},               /* a length that goes on */
        {{0x10, 'a', 1, 0, 0x00}, 5, 5, true},     /* one literal, then four times it */
        {{0x10, 'a', 1, 0}, 4, 5, false},          /* a match last: never allowed */
        {{0x10, 'a', 0, 0, 0x00}, 5, 5, false},    /* distance 0 */
        {{0x10, 'a', 2, 0, 0x00}, 5, 5, false},    /* distance before the start */
        {{0x10, 'a', 1}, 3, 5, false},             /* half a distance */
        {{0x10, 'a', 1, 0, 0x00}, 5, 4, false},    /* a match beyond the room */
        {{0x1f, 'a', 1, 0, 1, 0x00}, 6, 21, true}, /* a match of 4 + 15 + 1 */
        {{0x1f, 'a', 1, 0}, 4, 21, false},         /* a match length without its byte */
        {{0x1f, 'a', 1, 0, 255, 255, 255, 0x00}, 8, 21, false}, /* one far too long */
        {{0x11, 'a', 1, 0, 0x10, 'b'}, 6, 7, true},             /* two sequences */
    };

    (void)state;
    assert_false(lz4(packed, 0, 0)); /* not even a token */
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (lz4(rows[i].bytes, rows[i].size, rows[i].out) != rows[i].good) {
            fail_msg("row %u", i);
        }
    }
}

/* An image of the sample with region 2 compressed; NULL when that is not smaller. */
static uint8_t *make_packed_image(uint32_t compression, unsigned *damage)
{
    uint8_t *h = calloc(1, SAMPLE_SIZE);
    uint8_t *plain_image = sample_make();
    uint8_t *e = h + IMAGE_OFF_REGIONS + 2 * IMAGE_REGION_SIZE;
    uint8_t zeros[0x80] = {1, 2, 3};
    uint64_t stored;

    memcpy(h, plain_image, 0x1080);
    free(plain_image);
    if (compression == IMAGE_LZ4) {
        stored = (uint64_t)LZ4_compress_HC((char *)zeros, (char *)h + 0x1080, 0x80, 0x80, 12);
    } else {
        stored = ZSTD_compress(h + 0x1080, 0x80, zeros, 0x80, 19);
    }
    *damage = (unsigned)(0x1080 + stored - 1);
    put_u32(e + IMAGE_REG_COMPRESSION, compression);
    put_u64(e + IMAGE_REG_STORED, stored);
    sha256(h + 0x1080, stored, e + IMAGE_REG_DIGEST);
    put_u64(e + IMAGE_REGION_SIZE + IMAGE_REG_OFFSET, round_up(0x1080 + stored, 16));
    put_u64(h + IMAGE_OFF_TOTAL_SIZE, round_up(0x1080 + stored, 16));
    sample_seal(h);
    return h;
}

static uint8_t arena[0x212000];

static void copy(void *ctx, uint64_t paddr, const void *src, uint64_t size)
{
    (void)ctx;
    memcpy(arena + (paddr - 0x40000000), src, size);
}

static void zero(void *ctx, uint64_t paddr, uint64_t size)
{
    (void)ctx;
    memset(arena + (paddr - 0x40000000), 0, size);
}

static void *window(void *ctx, uint64_t paddr, uint64_t size)
{
    (void)ctx;
    assert_true(paddr - 0x40000000 + size <= sizeof arena);
    return arena + (paddr - 0x40000000);
}

static void line(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

static void test_compressed_region_is_loaded(void **state)
{
    static const struct image_machine machine = {NULL, copy, zero, window, line};

    (void)state;
    for (uint32_t c = IMAGE_LZ4; c <= IMAGE_ZSTD; c++) {
        unsigned damage;
        uint8_t *h = make_packed_image(c, &damage);
        struct image_error err;
        struct image img;
        uint8_t *e = h + IMAGE_OFF_REGIONS + 2 * IMAGE_REGION_SIZE;
        char text[256];

        assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
        assert_int_equal(image_check_digests(&img, &err), IMAGE_OK);
        memset(arena, 0xee, sizeof arena);
        assert_int_equal(image_load(&img, &machine, &err), IMAGE_OK);
        assert_memory_equal(arena + 0x210000, "\1\2\3\0\0\0\0", 8);
        assert_int_equal(arena[0x21007f], 0);
        /* a digest that is right over bytes that do not unpack: loading must refuse */
        h[damage] ^= 0xff;
        h[damage - 6] ^= 0xff;
        sha256(h + 0x1080, get_u64(e + IMAGE_REG_STORED), e + IMAGE_REG_DIGEST);
        put_u64(e + IMAGE_REG_FILESZ, 0x7f);
        sample_seal(h);
        assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
        assert_int_equal(image_check_digests(&img, &err), IMAGE_OK);
        assert_int_equal(image_load(&img, &machine, &err), IMAGE_BAD_DATA);
        image_error_text(&err, text, sizeof text);
        assert_non_null(strstr(text, "image region 2: compressed data: expected to become bytes"));
        assert_int_equal(image_exit_status(err.code), LOADER_EXIT_BAD_PAYLOAD);
        free(h);
    }
    assert_string_equal(image_compression_name(IMAGE_STORED), "none");
    assert_string_equal(image_compression_name(3), "unknown");
}

static void test_compressed_region_has_a_limit(void **state)
{
    unsigned damage;
    uint8_t *h = make_packed_image(IMAGE_LZ4, &damage);
    uint8_t *e = h + IMAGE_OFF_REGIONS + 2 * IMAGE_REGION_SIZE;
    struct image_error err;
    struct image img;

    (void)state;
    put_u64(e + IMAGE_REG_FILESZ, IMAGE_UNPACKED_MAX + 1u);
    put_u64(e + IMAGE_REG_MEMSZ, IMAGE_UNPACKED_MAX + 1u);
    sample_seal(h);
    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_BAD_REGION);
    free(h);
}

/* ---- signature ---- */

static uint8_t public_key[32];
static uint8_t secret[64];

static uint8_t *make_signed(void)
{
    uint8_t *h = sample_make();
    uint8_t seed[32] = {42};

    crypto_sign_ed25519_seed_keypair(public_key, secret, seed);
    put_u32(h + IMAGE_OFF_FLAGS, IMAGE_FLAG_NOTE | IMAGE_FLAG_SIGNED);
    memcpy(h + IMAGE_OFF_KEY, public_key, 32);
    sample_seal(h);
    crypto_sign_ed25519_detached(h + IMAGE_OFF_SIGNATURE, NULL, h, IMAGE_OFF_SIGNATURE, secret);
    return h;
}

static enum image_code signature(const uint8_t *h, const uint8_t *key)
{
    struct image_error err;
    struct image img;
    enum image_code code;

    assert_int_equal(image_parse(h, SAMPLE_SIZE, &img, &err), IMAGE_OK);
    code = image_check_signature(&img, key, &err);
    if (code != IMAGE_OK) {
        char text[256];

        image_error_text(&err, text, sizeof text);
        assert_non_null(strstr(text, "image signature: "));
        assert_int_equal(image_exit_status(code), LOADER_EXIT_BAD_PAYLOAD);
    }
    return code;
}

static void test_signature(void **state)
{
    uint8_t *h = make_signed();
    uint8_t *unsigned_one = sample_make();
    uint8_t other[32] = {1};
    uint8_t slot[LOADER_SLOT_SIZE] = {0};

    (void)state;
    assert_int_equal(signature(h, NULL), IMAGE_OK);
    assert_int_equal(signature(h, public_key), IMAGE_OK);
    assert_int_equal(signature(h, other), IMAGE_BAD_SIGNATURE);
    assert_int_equal(signature(unsigned_one, NULL), IMAGE_OK);
    assert_int_equal(signature(unsigned_one, public_key), IMAGE_BAD_SIGNATURE);
    for (unsigned i = 0; i < IMAGE_SIGN_SIZE; i++) {
        h[IMAGE_OFF_SIGNATURE + i] ^= 4;
        assert_int_equal(signature(h, public_key), IMAGE_BAD_SIGNATURE);
        h[IMAGE_OFF_SIGNATURE + i] ^= 4;
    }
    h[IMAGE_OFF_BOOTARGS] = 'b'; /* another header, its digest put right */
    sample_seal(h);
    assert_int_equal(signature(h, public_key), IMAGE_BAD_SIGNATURE);
    memset(h + IMAGE_OFF_KEY, 0, 32); /* a key of small order */
    sample_seal(h);
    assert_int_equal(signature(h, NULL), IMAGE_BAD_SIGNATURE);
    assert_null(image_slot_key(slot));
    slot[LOADER_SLOT_OFF_HAS_KEY] = 1;
    assert_ptr_equal(image_slot_key(slot), slot + LOADER_SLOT_OFF_KEY);
    free(h);
    free(unsigned_one);
}

/* ---- embedded device tree ---- */

static void test_embedded_dtb(void **state)
{
    uint8_t *h = calloc(1, SAMPLE_SIZE + 0x20);
    uint8_t *sample = sample_make();
    struct image_error err;
    struct image img;

    (void)state;
    memcpy(h, sample, SAMPLE_SIZE);
    memset(h + SAMPLE_SIZE, 'd', 0x18);
    put_u64(h + IMAGE_OFF_DTB_OFFSET, SAMPLE_SIZE);
    put_u64(h + IMAGE_OFF_DTB_SIZE, 0x18);
    put_u64(h + IMAGE_OFF_TOTAL_SIZE, SAMPLE_SIZE + 0x20);
    sha256(h + SAMPLE_SIZE, 0x18, h + IMAGE_OFF_DTB_DIGEST);
    sample_seal(h);
    assert_int_equal(image_parse(h, SAMPLE_SIZE + 0x20, &img, &err), IMAGE_OK);
    assert_ptr_equal(img.dtb, h + SAMPLE_SIZE);
    assert_int_equal(img.dtb_size, 0x18);
    assert_int_equal(image_check_digests(&img, &err), IMAGE_OK);
    h[SAMPLE_SIZE + 3] ^= 1;
    assert_int_equal(image_check_digests(&img, &err), IMAGE_BAD_DIGEST);
    h[SAMPLE_SIZE + 3] ^= 1;
    h[SAMPLE_SIZE + 0x1f] = 1; /* behind the tree */
    assert_int_equal(image_parse(h, SAMPLE_SIZE + 0x20, &img, &err), IMAGE_BAD_HEADER);
    h[SAMPLE_SIZE + 0x1f] = 0;
    put_u64(h + IMAGE_OFF_TOTAL_SIZE, SAMPLE_SIZE + 0x10);
    sample_seal(h);
    assert_int_equal(image_parse(h, SAMPLE_SIZE + 0x20, &img, &err), IMAGE_BAD_HEADER);
    free(sample);
    free(h);
}

/* ---- flat files ---- */

static void test_flat_files(void **state)
{
    for (unsigned before = 0; before <= IMAGE_UBOOT_HEADER; before += IMAGE_UBOOT_HEADER) {
        uint64_t size = before + 1024 + SAMPLE_SIZE;
        uint8_t *f = calloc(1, size);
        uint8_t *sample = sample_make();
        uint8_t *slot = f + before + LOADER_SLOT_OFFSET;
        const uint8_t *payload;
        uint64_t payload_size;
        struct image_error err;

        (void)state;
        memcpy(f, before != 0 ? "\x27\x05\x19\x56" : "", before != 0 ? 4 : 0);
        memcpy(slot, LOADER_SLOT_MAGIC, 16);
        put_u32(slot + LOADER_SLOT_OFF_VERSION, LOADER_SLOT_VERSION);
        memcpy(f + before + 1024, sample, SAMPLE_SIZE);
        assert_int_equal(image_find(f, size, &payload, &payload_size, &err), IMAGE_NO_PAYLOAD);
        put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET, 1024);
        put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE, SAMPLE_SIZE);
        assert_int_equal(image_find(f, size, &payload, &payload_size, &err), IMAGE_OK);
        assert_ptr_equal(payload, f + before + 1024);
        assert_ptr_equal(image_find_slot(f, size), slot);
        put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE, SAMPLE_SIZE + 1);
        assert_int_equal(image_find(f, size, &payload, &payload_size, &err), IMAGE_TRUNCATED);
        put_u32(slot + LOADER_SLOT_OFF_VERSION, 1);
        assert_int_equal(image_find(f, size, &payload, &payload_size, &err), IMAGE_BAD_VERSION);
        slot[0] = 0;
        assert_int_equal(image_find(f, size, &payload, &payload_size, &err), IMAGE_BAD_ELF);
        assert_null(image_find_slot(f, size));
        free(sample);
        free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lz4_round_trip),
        cmocka_unit_test(test_lz4_refuses_truncations),
        cmocka_unit_test(test_lz4_refuses_each_wrong_sequence),
        cmocka_unit_test(test_compressed_region_is_loaded),
        cmocka_unit_test(test_compressed_region_has_a_limit),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_embedded_dtb),
        cmocka_unit_test(test_flat_files),
    };

    return cmocka_run_group_tests_name("image_pack", tests, NULL, NULL);
}
