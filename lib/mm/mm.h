/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The memory manager: page frames, and address spaces that map them. Frames come from chunks of 2
 * MiB that the broker gives, and are zero when they reach a new owner. Page tables are made when a
 * mapping needs them and given back with their last one. Frames, tables and large pages are charged
 * to the client that an address space belongs to, in bytes. A frame that two spaces share is
 * charged twice to the one that shares it: nobody can use up what another one may have.
 *
 * Rights and flags are those of comp/protocol.h (MAP_READ, ...); nothing is writable and executable
 * at once. Refusals are enum broker_code with the reason in the broker's `error`; a refused call
 * leaves everything as it was.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "broker/broker.h"
#include "broker/device.h"
#include "comp/protocol.h"
#include "mm/frames.h"
#include "mm/regions.h"

enum {
    MM_CHUNKS = 512, /* 1 GiB of frames */
    MM_SPACES = 64,
    MM_TABLES = 1536,     /* page tables of all spaces */
    MM_LEAF_TABLES = 512, /* of them, tables that map 4 KiB pages */
    MM_LARGE = 512,       /* 2 MiB mappings of all spaces */
    MM_HASH = 512,
    MM_NONE = 0,
};
#define MM_PAGE       4096ull
#define MM_LARGE_PAGE 0x200000ull

struct mm_chunk {
    uint32_t block; /* BUDDY_NONE: no chunk here */
    uint32_t slots; /* frame i is in slot slots + i */
    struct frames frames;
};

/* What is mapped at one page. */
struct mm_page {
    uint32_t slot;  /* cap that the mapping was made with; 0 = nothing mapped */
    uint32_t frame; /* chunk * 512 + index + 1; MM_NONE: memory of others (a device, a memory) */
};

struct mm_table {
    uint64_t base;  /* first address it covers */
    uint32_t block; /* BUDDY_NONE: a free record */
    uint32_t used;  /* entries */
    uint32_t next;  /* in its hash chain, or of the free records */
    uint16_t space;
    uint8_t level; /* 1..3; 3 maps 4 KiB pages */
    uint8_t reserved;
    uint32_t leaf; /* index of its pages, of level 3 */
};

struct mm_large {
    uint64_t address;
    uint32_t slot;  /* cap of the mapping */
    uint32_t block; /* the large page's own; BUDDY_NONE: memory of others */
    uint32_t next;
};

struct mm_space {
    uint16_t client;
    bool open;
    uint32_t block; /* of the VSpace object */
    uint32_t large; /* list of 2 MiB mappings */
    uint32_t pages; /* 4 KiB pages mapped */
    uint32_t tables;
    struct regions regions;
};

struct mm {
    struct broker *broker;
    uint64_t window;      /* address in the root task's own space: 4 MiB are used */
    uint32_t window_slot; /* cap of what is mapped there now */
    uint32_t free_table, free_leaf, free_large;
    uint32_t hash[MM_HASH];
    struct mm_chunk chunk[MM_CHUNKS];
    struct mm_space space[MM_SPACES];
    struct mm_table table[MM_TABLES];
    struct mm_large large[MM_LARGE];
    uint32_t leaf_next[MM_LEAF_TABLES];
    struct mm_page leaf[MM_LEAF_TABLES][CHUNK_FRAMES];
};

/* Contiguous physical memory that any number of spaces can map: buffers, rings, DMA. */
struct mm_memory {
    uint32_t block;
    uint32_t slots;  /* frame i is in slot slots + i */
    uint32_t frames; /* 0: nothing */
    uint8_t frame_bits;
    uint64_t paddr;
    uint64_t bytes; /* a power of two, at least 4096 */
};

/* `window`: 4 MiB of the root task's address space, 2 MiB aligned, where nothing else is. */
KAAL_MUST_CHECK enum broker_code mm_open(struct mm *mm, struct broker *broker, uint64_t window);

/* ---- address spaces; a space is an index of `space` ---- */

KAAL_MUST_CHECK enum broker_code mm_space_open(struct mm *mm, uint16_t client, uint32_t *space);
/* Unmaps and gives back everything in it. */
void mm_space_close(struct mm *mm, uint32_t space);
/* cptr of the VSpace. */
static inline uint32_t mm_vspace(const struct mm *mm, uint32_t space)
{
    return broker_cptr(mm->broker, mm->space[space].block);
}

/* Makes [address, address + bytes) a region of new zeroed memory. Backed at once with MAP_NOW (2
 * MiB pages where aligned and possible), else on first touch. MAP_GUARD keeps a page on either side
 * free for good. */
KAAL_MUST_CHECK enum broker_code mm_map(struct mm *mm, uint32_t space, uint64_t address,
                                        uint64_t bytes, enum region_kind kind, uint32_t flags);
/* Maps all of `memory`, cached or (MAP_UNCACHED) as device memory: aligned accesses only then. */
KAAL_MUST_CHECK enum broker_code mm_map_memory(struct mm *mm, uint32_t space, uint64_t address,
                                               const struct mm_memory *memory,
                                               enum region_kind kind, uint32_t flags);
/* Maps the pages of register block `reg` of a device; the registers begin at `address` + (physical
 * address modulo 4096). */
KAAL_MUST_CHECK enum broker_code mm_map_device(struct mm *mm, uint32_t space, uint64_t address,
                                               const struct device *device, uint32_t reg);
/* Maps pages of `from` in `to` too, at the same or another address, where they stay until they are
 * unmapped there. The client of `from` pays for both. All of them must lie in regions
 * of `from` and have 4 KiB pages; untouched ones are backed first. */
KAAL_MUST_CHECK enum broker_code mm_share(struct mm *mm, uint32_t from, uint64_t address,
                                          uint64_t bytes, uint32_t to, uint64_t to_address,
                                          uint32_t flags);
/* A free place of `bytes` inside [low, high), 2 MiB aligned when it is that long; 0 = none. */
uint64_t mm_place(struct mm *mm, uint32_t space, uint64_t low, uint64_t high, uint64_t bytes);
/* Removes the region that begins at `address`, and its guards. */
KAAL_MUST_CHECK enum broker_code mm_unmap(struct mm *mm, uint32_t space, uint64_t address);
/* New rights for whole pages of one or more regions. */
KAAL_MUST_CHECK enum broker_code mm_protect(struct mm *mm, uint32_t space, uint64_t address,
                                            uint64_t bytes, uint32_t flags);

/* Cache maintenance of [address, address + bytes), which must lie in regions of kind REGION_DMA:
 * what other memory holds beneath the cache may be what an earlier owner wrote. */
KAAL_MUST_CHECK enum broker_code mm_cache(struct mm *mm, uint32_t space, uint64_t address,
                                          uint64_t bytes, enum system_cache operation);

enum mm_answer {
    MM_MAPPED,   /* the thread can go on */
    MM_NOT_OURS, /* no region there, no right to it, or a page that is mapped already */
    MM_REFUSED,  /* it would be ours, but the quota or the memory is used up: broker's `error` */
};
/* A fault at `address` for an access with right `right` (MAP_READ, MAP_WRITE or MAP_EXECUTE). */
enum mm_answer mm_fault(struct mm *mm, uint32_t space, uint64_t address, uint32_t right);
/* Slot of the cap that maps `address`, 0 when nothing is mapped there. */
uint32_t mm_cap_at(struct mm *mm, uint32_t space, uint64_t address);
/* The region around an address, NULL when there is none. */
const struct region *mm_region(struct mm *mm, uint32_t space, uint64_t address);

/* ---- access to memory of others, through a window of the root task ---- */

/* Copies into the space, whatever its rights are there; pages on demand are backed. */
KAAL_MUST_CHECK enum broker_code mm_write(struct mm *mm, uint32_t space, uint64_t address,
                                          const void *data, uint64_t bytes);
KAAL_MUST_CHECK enum broker_code mm_read(struct mm *mm, uint32_t space, uint64_t address,
                                         void *data, uint64_t bytes);
/* The frame in slot `frame` at the window's address until the next use of it. */
KAAL_MUST_CHECK enum broker_code mm_window_open(struct mm *mm, uint32_t frame, bool large,
                                                void **at);
void mm_window_close(struct mm *mm);

/* ---- contiguous memory ---- */

/* At least `bytes`, rounded up to a power of two, zeroed. 2 MiB and more are made of 2 MiB pages.
 */
KAAL_MUST_CHECK enum broker_code mm_memory_open(struct mm *mm, uint16_t client, uint64_t bytes,
                                                struct mm_memory *memory);
/* The same from a block that the broker gave; stays the caller's on refusal. */
KAAL_MUST_CHECK enum broker_code mm_memory_of(struct mm *mm, uint32_t block,
                                              struct mm_memory *memory);
/* All mappings of it go too: unmap their regions first, so that no region is without its memory. */
void mm_memory_close(struct mm *mm, struct mm_memory *memory);
