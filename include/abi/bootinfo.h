/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot information, initial capability slots, and the kernel entry protocol's user side
 * (abi/boot.md §3, §4).
 */
#pragma once
#include <stdint.h>

#include "abi/objects.h"

enum boot_slot {
    SLOT_NULL = 0,
    SLOT_INIT_TCB = 1,
    SLOT_INIT_CNODE = 2,
    SLOT_INIT_VSPACE = 3,
    SLOT_IRQ_CONTROL = 4,
    SLOT_ASID_CONTROL = 5,
    SLOT_INIT_ASID_POOL = 6,
    SLOT_BOOTINFO_FRAME = 9,
    SLOT_IPC_BUFFER_FRAME = 10,
    SLOT_DOMAIN = 11,
    SLOT_SMC = 15,
    SLOT_FIRST_DYNAMIC = 16,
};

struct slot_region {
    uint64_t start; /* first slot */
    uint64_t end;   /* one past the last */
};

struct untyped_desc {
    uint64_t paddr;
    uint8_t size_bits;
    uint8_t is_device;
    uint8_t zero[6];
};
_Static_assert(sizeof(struct untyped_desc) == 16, "abi/boot.md §4");

struct bootinfo {
    uint64_t extra_len; /* bytes of extra bootinfo, at this address + 4096 */
    uint64_t node_id;
    uint64_t num_nodes;
    uint64_t num_iopt_levels;
    uint64_t ipc_buffer; /* user address */
    struct slot_region empty;
    struct slot_region shared_frames;
    struct slot_region user_image_frames;
    struct slot_region user_image_paging;
    struct slot_region io_space_caps;
    struct slot_region extra_bi_pages;
    uint64_t init_cnode_bits; /* radix */
    uint64_t init_domain;
    struct slot_region untyped;
    struct untyped_desc untyped_list[MAX_BOOTINFO_UNTYPEDS];
};
_Static_assert(sizeof(struct bootinfo) == 3848, "abi/boot.md §4");
_Static_assert(__builtin_offsetof(struct bootinfo, untyped) == 152, "abi/boot.md §4");

/* Extra bootinfo: a sequence of chunks, each with this header. */
struct bootinfo_chunk {
    uint64_t id;
    uint64_t len; /* bytes, this header included */
};
enum {
    BOOTINFO_CHUNK_PADDING = 0,
    BOOTINFO_CHUNK_DTB = 6
};
