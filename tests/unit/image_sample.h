/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A small valid image, written field by field from the format in loader/image.h and not by the
 * builder, so that reader and writer are tested apart. Two kernel regions and two of the root task,
 * with gaps and zeroed memory.
 */
#ifndef TESTS_UNIT_IMAGE_SAMPLE_H
#define TESTS_UNIT_IMAGE_SAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "image_bytes.h"
#include "sha256.h"

#define SAMPLE_SIZE       (IMAGE_HEADER_SIZE + 0x100u)
#define SAMPLE_KERNEL_PV  (UINT64_C(0x40000000) - UINT64_C(0xffffff8040000000))
#define SAMPLE_USER_START UINT64_C(0x40210000)
#define SAMPLE_USER_PV    (SAMPLE_USER_START - 0x400000u)

struct sample_region {
    uint32_t kind;
    uint64_t paddr;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t offset;
};

static const struct sample_region sample_regions[4] = {
    {IMAGE_KERNEL, 0x40000000, 0x40, 0x40, 0x1000},
    {IMAGE_KERNEL, 0x40001008, 0x30, 0x1000, 0x1048},
    {IMAGE_USER, SAMPLE_USER_START, 0x80, 0x80, 0x1080},
    {IMAGE_USER, SAMPLE_USER_START + 0x1000, 0, 0x10, 0x1100},
};

/* Writes the digest over the header again after a test has changed it. */
static inline void sample_seal(uint8_t *h)
{
    sha256(h, IMAGE_OFF_DIGEST, h + IMAGE_OFF_DIGEST);
}

static inline void sample_header(uint8_t *h)
{
    memcpy(h + IMAGE_OFF_MAGIC, IMAGE_MAGIC, 8);
    put_u32(h + IMAGE_OFF_VERSION, 2);
    put_u32(h + IMAGE_OFF_HEADER_SIZE, 4096);
    put_u64(h + IMAGE_OFF_TOTAL_SIZE, SAMPLE_SIZE);
    put_u32(h + IMAGE_OFF_FLAGS, IMAGE_FLAG_NOTE);
    put_u32(h + IMAGE_OFF_REGION_COUNT, 4);
    put_u64(h + IMAGE_OFF_KERNEL_ENTRY, UINT64_C(0xffffff8040000000));
    put_u64(h + IMAGE_OFF_KERNEL_START, 0x40000000);
    put_u64(h + IMAGE_OFF_KERNEL_END, 0x40003000);
    put_u64(h + IMAGE_OFF_KERNEL_PV, SAMPLE_KERNEL_PV);
    put_u64(h + IMAGE_OFF_USER_ENTRY, 0x400010);
    put_u64(h + IMAGE_OFF_USER_START, SAMPLE_USER_START);
    put_u64(h + IMAGE_OFF_USER_END, SAMPLE_USER_START + 0x2000);
    put_u64(h + IMAGE_OFF_USER_PV, SAMPLE_USER_PV);
    put_u32(h + IMAGE_OFF_BOOTARGS_LEN, 4);
    memcpy(h + IMAGE_OFF_BOOTARGS, "a=42", 4);
}

static inline void sample_note(struct kernel_note *n)
{
    memset(n, 0, sizeof *n);
    n->version = 1;
    n->flags = KERNEL_NOTE_MOVABLE;
    n->boot_start = UINT64_C(0xffffff8040000000);
    n->boot_end = UINT64_C(0xffffff8040001000);
    n->state_start = UINT64_C(0xffffff8040001008);
    n->state_size = 0x100;
    strcpy(n->name, "Sample");
    strcpy(n->version_text, "9.9");
    strcpy(n->flavour, "debug");
}

/* A heap block of exactly SAMPLE_SIZE bytes, so that a read beyond it is seen; caller frees. */
static inline uint8_t *sample_make(void)
{
    uint8_t *h = calloc(1, SAMPLE_SIZE);
    struct kernel_note note;

    for (unsigned i = 0; i < 4; i++) {
        const struct sample_region *r = &sample_regions[i];

        for (uint64_t at = r->offset; at < r->offset + r->filesz; at++) {
            h[at] = (uint8_t)(at * 7 + 1);
        }
    }
    sample_header(h);
    sample_note(&note);
    memcpy(h + IMAGE_OFF_NOTE, &note, sizeof note);
    for (unsigned i = 0; i < 4; i++) {
        const struct sample_region *r = &sample_regions[i];
        uint8_t *e = h + IMAGE_OFF_REGIONS + i * IMAGE_REGION_SIZE;
        uint64_t pv = r->kind == IMAGE_KERNEL ? SAMPLE_KERNEL_PV : SAMPLE_USER_PV;

        put_u32(e + IMAGE_REG_KIND, r->kind);
        put_u32(e + IMAGE_REG_FLAGS, IMAGE_READ | IMAGE_EXEC);
        put_u64(e + IMAGE_REG_PADDR, r->paddr);
        put_u64(e + IMAGE_REG_VADDR, r->paddr - pv);
        put_u64(e + IMAGE_REG_FILESZ, r->filesz);
        put_u64(e + IMAGE_REG_MEMSZ, r->memsz);
        put_u64(e + IMAGE_REG_OFFSET, r->offset);
        put_u64(e + IMAGE_REG_STORED, r->filesz);
        sha256(h + r->offset, r->filesz, e + IMAGE_REG_DIGEST);
    }
    sample_seal(h);
    return h;
}

#endif
