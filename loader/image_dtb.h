/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The device tree as a loading machine treats it: validate, take over the boot arguments of the
 * image, pack; and the few facts that loading needs from it.
 */
#ifndef LOADER_IMAGE_DTB_H
#define LOADER_IMAGE_DTB_H

#include "image.h"

#define IMAGE_MAX_RAM      16u
#define IMAGE_MAX_RESERVED 32u

/* RAM and reserved ranges of a device tree, ready for image_check_place(). */
struct image_dtb_memory {
    struct image_range ram[IMAGE_MAX_RAM];
    struct image_range reserved[IMAGE_MAX_RESERVED];
    struct image_memory memory; /* points into the two arrays above */
};

/* The declared size of a tree that image_dtb_check() accepted. */
uint64_t image_dtb_size(const void *dtb);

/*
 * Checks a device tree of which `max` bytes may be read: every offset in it that a reader follows
 * stays inside its declared size, which is at most max. libfdt is safe on it after that.
 */
IMAGE_MUST_CHECK enum image_code image_dtb_check(const void *dtb, uint64_t max,
                                                 struct image_error *err);

/*
 * Copies the device tree at `from` (at most from_max readable bytes) into buf, writes
 * /chosen/bootargs when bootargs is not empty, packs it and returns its size in *size. The whole
 * tree is checked first.
 */
IMAGE_MUST_CHECK enum image_code image_dtb_prepare(const void *from, uint64_t from_max, void *buf,
                                                   uint64_t cap, const char *bootargs,
                                                   uint64_t *size, struct image_error *err);

/* Do size bytes at p start with a device tree's magic number? */
bool image_dtb_is_at(const void *p, uint64_t size);

/* Fills *m from the memory nodes, the reserve map and /reserved-memory of a prepared tree. */
IMAGE_MUST_CHECK enum image_code image_dtb_memory(const void *dtb, struct image_dtb_memory *m,
                                                  struct image_error *err);

/* The root node's model, or "unknown". */
const char *image_dtb_model(const void *dtb);

/* The address of the PL011 that /chosen/stdout-path names; false when there is none. */
bool image_dtb_pl011(const void *dtb, uint64_t *base);

#endif
