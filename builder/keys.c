/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Ed25519 keys in files: PEM as openssl writes it (RFC 8410), or 64 hexadecimal digits of the seed
 * or of the public key. A secret key is wiped from memory with the program's end.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder.h"

#include "image_bytes.h"

/* What stands before the 32 bytes in the two DER structures of RFC 8410. */
static const uint8_t secret_prefix[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                        0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
static const uint8_t public_prefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

#define KEY_FILE_MAX 4096u

static bool read_hex(const char *text, size_t size, uint8_t key[32])
{
    size_t length;

    return sodium_hex2bin(key, 32, text, size, " \r\n", &length, NULL) == 0 && length == 32;
}

static bool read_pem(const char *text, const char *label, const uint8_t *prefix, size_t prefix_size,
                     uint8_t key[32])
{
    uint8_t der[128];
    char begin[64];
    size_t length;
    const char *p;
    bool good;

    snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    p = strstr(text, begin);
    if (p == NULL) {
        return false;
    }
    p += strlen(begin);
    good = sodium_base642bin(der, sizeof der, p, strcspn(p, "-"), " \r\n", &length, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           length == prefix_size + 32 && memcmp(der, prefix, prefix_size) == 0;
    if (good) {
        memcpy(key, der + prefix_size, 32);
    }
    sodium_memzero(der, sizeof der);
    return good;
}

static void read_key(const char *path, const char *label, const char *what, const uint8_t *prefix,
                     size_t prefix_size, uint8_t key[32])
{
    char text[KEY_FILE_MAX + 1];
    struct input in;
    bool good = false;

    input_read(&in, path);
    if (in.size <= KEY_FILE_MAX) {
        memcpy(text, in.data, in.size);
        text[in.size] = '\0';
        good = read_hex(text, in.size, key) || read_pem(text, label, prefix, prefix_size, key);
        sodium_memzero(text, sizeof text);
    }
    sodium_memzero(in.data, in.size);
    free(in.data);
    if (!good) {
        fail(BUILDER_BAD_INPUT,
             "%s: key: expected an Ed25519 %s key as PEM or 64 hexadecimal digits, found something "
             "else",
             path, what);
    }
}

void keys_read_public(const char *path, uint8_t key[IMAGE_KEY_SIZE])
{
    read_key(path, "PUBLIC KEY", "public", public_prefix, sizeof public_prefix, key);
}

void keys_read(struct keys *k, const struct options *o)
{
    uint8_t seed[32];

    memset(k, 0, sizeof *k);
    if (o->sign == NULL) {
        return;
    }
    read_key(o->sign, "PRIVATE KEY", "private", secret_prefix, sizeof secret_prefix, seed);
    crypto_sign_ed25519_seed_keypair(k->public_key, k->secret, seed);
    sodium_memzero(seed, sizeof seed);
    k->has_secret = true;
    k->has_public = true;
    if (o->pubkey != NULL) {
        keys_read_public(o->pubkey, k->public_key);
        if (memcmp(k->public_key, k->secret + 32, IMAGE_KEY_SIZE) != 0) {
            fail(BUILDER_BAD_INPUT,
                 "%s: key: expected the public key of %s, found another; the loader would refuse "
                 "its own image",
                 o->pubkey, o->sign);
        }
    }
}

static void write_key(const char *name, const char *suffix, const uint8_t key[32])
{
    char path[4096];
    char text[32 * 2 + 2];

    if (snprintf(path, sizeof path, "%s%s", name, suffix) >= (int)sizeof path) {
        fail(BUILDER_USAGE, "keygen: expected a name of at most 4000 bytes, found more");
    }
    sodium_bin2hex(text, sizeof text, key, 32);
    strcat(text, "\n");
    file_write(path, text, strlen(text));
    sodium_memzero(text, sizeof text);
}

void keys_check_loader(const struct keys *k, const uint8_t *slot, const struct options *o)
{
    const uint8_t *key = image_slot_key(slot);

    if (key == NULL) {
        return;
    }
    if (!k->has_secret) {
        fail(BUILDER_USAGE,
             "%s: loader's key: expected --sign with its partner, found no --sign; this loader "
             "would refuse its own image",
             o->loader);
    }
    if (memcmp(k->secret + 32, key, IMAGE_KEY_SIZE) != 0) {
        fail(BUILDER_BAD_INPUT,
             "%s: loader's key: expected the partner of %s, found another; this loader would "
             "refuse its own image",
             o->loader, o->sign);
    }
}

int lock_command(int argc, char **argv)
{
    struct layout layout = {0};
    struct input loader;
    uint8_t *slot;

    if (argc != 4) {
        fail(BUILDER_USAGE, "lock: expected LOADER KEY.pub OUT, found %d words", argc - 1);
    }
    input_read(&loader, argv[1]);
    slot = input_check_loader(&loader, &layout);
    put_u32(slot + LOADER_SLOT_OFF_HAS_KEY, 1);
    keys_read_public(argv[2], slot + LOADER_SLOT_OFF_KEY);
    file_check_target(argv[3], argv[1]);
    file_check_target(argv[3], argv[2]);
    file_write(argv[3], loader.data, loader.size);
    free(loader.data);
    return BUILDER_OK;
}

/* A key that is lost cannot be had again. */
static void check_new(const char *name, const char *suffix)
{
    char path[4096];

    snprintf(path, sizeof path, "%s%s", name, suffix);
    if (access(path, F_OK) == 0) {
        fail(BUILDER_IO,
             "%s: cannot be written: expected no such file, found one; a key is not "
             "written over",
             path);
    }
}

int keys_command(int argc, char **argv)
{
    uint8_t public_key[32];
    uint8_t secret[64];
    mode_t mask;

    if (argc != 2) {
        fail(BUILDER_USAGE, "keygen: expected one NAME, found %d words", argc - 1);
    }
    check_new(argv[1], ".key");
    check_new(argv[1], ".pub");
    if (sodium_init() < 0) {
        fail(BUILDER_IO, "keygen: expected random numbers from the system, found none");
    }
    crypto_sign_ed25519_keypair(public_key, secret);
    mask = umask(077);
    write_key(argv[1], ".key", secret);
    umask(mask);
    write_key(argv[1], ".pub", public_key);
    sodium_memzero(secret, sizeof secret);
    return BUILDER_OK;
}
