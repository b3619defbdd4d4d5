/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The regions of an address space, sorted by address, without overlap. This file keeps books only.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    REGIONS_MAX = 64
};

enum region_kind {
    REGION_NONE,
    REGION_IMAGE,
    REGION_STACK,
    REGION_HEAP,
    REGION_SYSTEM, /* environment, control page, IPC buffer */
    REGION_MAPPED, /* asked for at run time */
    REGION_SHARED, /* memory that others map too */
    REGION_DEVICE,
    REGION_DMA,
    REGION_GUARD, /* nothing is ever mapped here */
    REGION_KINDS,
};

struct region {
    uint64_t start; /* multiple of 4096 */
    uint64_t end;   /* one past the last byte */
    uint8_t kind;   /* enum region_kind */
    uint8_t rights; /* MAP_READ, MAP_WRITE, MAP_EXECUTE (comp/protocol.h) */
    uint8_t flags;  /* enum region_flag */
    uint16_t payer; /* the client that its pages are charged to, 0 = the space's own */
};

enum region_flag {
    REGION_ON_DEMAND = 1, /* a page comes with the first touch */
    REGION_UNCACHED = 2,
};

struct regions {
    uint32_t count;
    struct region region[REGIONS_MAX];
};

/* "heap", "stack", ... */
const char *region_kind_name(enum region_kind kind);

/* The region that holds `address`, or NULL. */
struct region *regions_find(struct regions *r, uint64_t address);

/* Adds a region; false when it is empty, overlaps another one or the table is full. */
bool regions_add(struct regions *r, struct region region);

/* Removes a region of the table. */
void regions_remove(struct regions *r, struct region *region);

/* Makes `address` a border: the region around it becomes two. False when the table is full. */
bool regions_split(struct regions *r, uint64_t address);

/* The lowest start of `bytes` free bytes inside [low, high), a multiple of `align` (a power of
 * two); 0 when there are none. */
uint64_t regions_gap(const struct regions *r, uint64_t low, uint64_t high, uint64_t bytes,
                     uint64_t align);
