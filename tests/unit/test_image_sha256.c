/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* SHA-256 against the examples of FIPS 180 (NIST's SHA256.pdf and SHA2_Additional), and text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image_text.h"
#include "sha256.h"

static void assert_digest(const void *data, uint64_t size, const char *expected)
{
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];

    sha256(data, size, digest);
    for (unsigned i = 0; i < SHA256_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    assert_string_equal(text, expected);
}

static void test_fips_examples(void **state)
{
    char *many = malloc(1000000);

    (void)state;
    memset(many, 'a', 1000000);
    assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_digest(many, 1000000,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(many);
}

/* Any way of cutting the input gives the same digest. */
static void test_pieces(void **state)
{
    uint8_t data[200];
    uint8_t whole[SHA256_SIZE];

    (void)state;
    for (unsigned i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * i);
    }
    sha256(data, sizeof data, whole);
    for (unsigned cut = 0; cut <= sizeof data; cut++) {
        uint8_t digest[SHA256_SIZE];
        struct sha256 s;

        sha256_start(&s);
        sha256_add(&s, data, cut);
        sha256_add(&s, data + cut, sizeof data - cut);
        sha256_finish(&s, digest);
        assert_memory_equal(digest, whole, SHA256_SIZE);
    }
}

/* Nor does it matter where the bytes lie: whole words are read only from word addresses. */
static void test_alignment(void **state)
{
    uint8_t data[200];
    uint8_t moved[216];
    uint8_t whole[SHA256_SIZE];

    (void)state;
    for (unsigned i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 5 + 3);
    }
    sha256(data, sizeof data, whole);
    for (unsigned offset = 0; offset < 16; offset++) {
        uint8_t digest[SHA256_SIZE];

        memcpy(moved + offset, data, sizeof data);
        sha256(moved + offset, sizeof data, digest);
        assert_memory_equal(digest, whole, SHA256_SIZE);
    }
}

static void test_text(void **state)
{
    struct image_text t;
    char buf[64];

    (void)state;
    text_start(&t, buf, sizeof buf);
    text_hex(&t, 0);
    text_char(&t, ' ');
    text_hex(&t, UINT64_MAX);
    text_char(&t, ' ');
    text_dec(&t, 0);
    text_char(&t, ' ');
    text_dec(&t, UINT64_MAX);
    assert_string_equal(buf, "0x0 0xffffffffffffffff 0 18446744073709551615");
    text_start(&t, buf, sizeof buf);
    text_size(&t, 0);
    text_size(&t, 1023);
    text_size(&t, 1024);
    text_size(&t, 512u << 20);
    text_size(&t, UINT64_C(4096) << 30);
    assert_string_equal(buf, "0 bytes1023 bytes1 KiB512 MiB4096 GiB");
    text_start(&t, buf, 5);
    text_span(&t, 0x1000, 0x2000);
    assert_string_equal(buf, "[0x1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fips_examples),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests_name("image_sha256", tests, NULL, NULL);
}
