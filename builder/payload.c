/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The payload's bytes: header, digests, signature, data (docs/image-format.md). It is read back
 * with the loading machines' own parser, so that nothing leaves that they would refuse.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "image_bytes.h"
#include "sha256.h"

static void put_region(uint8_t *e, const struct part *p)
{
    put_u32(e + IMAGE_REG_KIND, p->kind);
    put_u32(e + IMAGE_REG_FLAGS, p->flags);
    put_u64(e + IMAGE_REG_PADDR, p->paddr);
    put_u64(e + IMAGE_REG_VADDR, p->vaddr);
    put_u64(e + IMAGE_REG_FILESZ, p->filesz);
    put_u64(e + IMAGE_REG_MEMSZ, p->memsz);
    put_u64(e + IMAGE_REG_OFFSET, p->offset);
    put_u64(e + IMAGE_REG_STORED, p->stored);
    put_u32(e + IMAGE_REG_COMPRESSION, p->compression);
    sha256(p->bytes, p->stored, e + IMAGE_REG_DIGEST);
}

static void put_optional(uint8_t *h, const struct layout *l, const struct options *o,
                         const struct keys *k)
{
    uint32_t flags = 0;

    if (o->bootargs != NULL) {
        put_u32(h + IMAGE_OFF_BOOTARGS_LEN, (uint32_t)strlen(o->bootargs));
        memcpy(h + IMAGE_OFF_BOOTARGS, o->bootargs, strlen(o->bootargs));
    }
    if (l->note != NULL) {
        flags |= IMAGE_FLAG_NOTE;
        memcpy(h + IMAGE_OFF_NOTE, l->note, KERNEL_NOTE_SIZE);
    }
    if (l->dtb != NULL) {
        put_u64(h + IMAGE_OFF_DTB_OFFSET, l->dtb_offset);
        put_u64(h + IMAGE_OFF_DTB_SIZE, l->dtb_size);
        sha256(l->dtb, l->dtb_size, h + IMAGE_OFF_DTB_DIGEST);
    }
    if (k->has_secret) {
        flags |= IMAGE_FLAG_SIGNED;
        memcpy(h + IMAGE_OFF_KEY, k->secret + 32, IMAGE_KEY_SIZE);
    }
    put_u32(h + IMAGE_OFF_FLAGS, flags);
}

static void put_header(uint8_t *h, const struct layout *l, const struct input *kernel,
                       const struct input *app, const struct options *o, const struct keys *k)
{
    memcpy(h + IMAGE_OFF_MAGIC, IMAGE_MAGIC, 8);
    put_u32(h + IMAGE_OFF_VERSION, IMAGE_VERSION);
    put_u32(h + IMAGE_OFF_HEADER_SIZE, IMAGE_HEADER_SIZE);
    put_u64(h + IMAGE_OFF_TOTAL_SIZE, l->payload_size);
    put_u32(h + IMAGE_OFF_REGION_COUNT, l->part_count);
    put_u64(h + IMAGE_OFF_KERNEL_ENTRY, kernel->elf.entry);
    put_u64(h + IMAGE_OFF_KERNEL_START, l->kernel_start);
    put_u64(h + IMAGE_OFF_KERNEL_END, l->kernel_end);
    put_u64(h + IMAGE_OFF_KERNEL_PV, l->kernel_pv);
    put_u64(h + IMAGE_OFF_USER_ENTRY, app->elf.entry);
    put_u64(h + IMAGE_OFF_USER_START, l->user_start);
    put_u64(h + IMAGE_OFF_USER_END, l->user_end);
    put_u64(h + IMAGE_OFF_USER_PV, l->user_pv);
    put_optional(h, l, o, k);
    for (unsigned i = 0; i < l->part_count; i++) {
        put_region(h + IMAGE_OFF_REGIONS + i * IMAGE_REGION_SIZE, &l->parts[i]);
    }
    sha256(h, IMAGE_OFF_DIGEST, h + IMAGE_OFF_DIGEST);
    if (k->has_secret) {
        crypto_sign_ed25519_detached(h + IMAGE_OFF_SIGNATURE, NULL, h, IMAGE_OFF_SIGNATURE,
                                     k->secret);
    }
}

static void check_result(const uint8_t *payload, const struct layout *l, const struct input *kernel,
                         const struct keys *k)
{
    struct image_error err;
    struct image img;

    if (image_parse(payload, l->payload_size, &img, &err) != IMAGE_OK ||
        image_check_signature(&img, k->has_public ? k->public_key : NULL, &err) != IMAGE_OK ||
        image_check_digests(&img, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, kernel->path, &err);
    }
    for (unsigned i = 0; i < img.region_count; i++) {
        uint8_t *to;

        if (img.regions[i].compression == IMAGE_STORED) {
            continue;
        }
        to = malloc(img.regions[i].filesz);
        if (to == NULL) {
            fail(BUILDER_IO, "region %u: no memory for %llu bytes", i,
                 (unsigned long long)img.regions[i].filesz);
        }
        if (image_unpack(&img, i, to, &err) != IMAGE_OK ||
            memcmp(to, l->parts[i].data, img.regions[i].filesz) != 0) {
            fail(BUILDER_BAD_INPUT, "region %u: compression: expected to get the same bytes back",
                 i);
        }
        free(to);
    }
}

void payload_put(uint8_t *to, const struct layout *l, const struct input *kernel,
                 const struct input *app, const struct options *o, const struct keys *k)
{
    put_header(to, l, kernel, app, o, k);
    for (unsigned i = 0; i < l->part_count; i++) {
        memcpy(to + l->parts[i].offset, l->parts[i].bytes, l->parts[i].stored);
    }
    if (l->dtb != NULL) {
        memcpy(to + l->dtb_offset, l->dtb, l->dtb_size);
    }
    check_result(to, l, kernel, k);
}
