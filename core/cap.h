/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Capabilities: two words, written by hand. Addresses are physical. Word 0 carries the type in bits
 * 0..4 (the numbers of abi/syscalls.md §8) and is zero for the null cap.
 *
 * | cap            | word 0                                                        | word 1   |
 * |----------------|---------------------------------------------------------------|----------|
 * | untyped        | 5 size exponent:6, 11 device:1, 12 watermark/16:44            | address  |
 * | endpoint,      | 5 rights:4, 16 address/16:44                                  | badge    |
 * |   notification |                                                               |          |
 * | reply          | 5 master:1, 6 grant:1                                         | TCB      |
 * | CNode          | 5 radix:6, 11 guard size:6, 17 address/32:43                  | guard    |
 * | zombie         | 5 radix:6, 11 of a TCB:1, 17 address/32:43                    | slots    |
 * | frame          | 5 size:2, 7 rights:2, 9 device:1, 10 vaddr/4096:36, 48 ASID:16| address  |
 * | page table     | 10 vaddr/4096:36, 48 ASID:16                                  | address  |
 * | VSpace         | 48 ASID:16                                                    | address  |
 * | ASID pool      | 10 pool:7                                                     | address  |
 * | IRQ handler    |                                                               | irq      |
 * | SGI signal     | 5 sgi:4                                                       | target   |
 * | SMC            |                                                               | badge    |
 * | TCB            |                                                               | address  |
 * | others         |                                                               |          |
 *
 * ASID 0 = not mapped / no ASID (it is never assigned, abi/vspace.md §2).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/objects.h"
#include "abi/syscalls.h"

struct cap {
    uint64_t w[2];
};

/* Division and remainder by constants: the compiler makes bit-field moves of them and the prover
 * sees through them. */
static inline uint64_t field(uint64_t word, unsigned shift, unsigned bits)
{
    return word / (1ull << shift) % (1ull << bits);
}
/* `word` with the field set to the low bits of `value`. */
static inline uint64_t field_set(uint64_t word, unsigned shift, unsigned bits, uint64_t value)
{
    uint64_t unit = 1ull << shift;
    return word - field(word, shift, bits) * unit + value % (1ull << bits) * unit;
}

static inline enum cap_type_number cap_type(struct cap cap)
{
    return (enum cap_type_number)field(cap.w[0], 0, 5);
}
static inline struct cap cap_null(void)
{
    return (struct cap){{0, 0}};
}
static inline bool cap_is_null(struct cap cap)
{
    return cap.w[0] == 0;
}

/* ---- untyped ---- */

static inline struct cap cap_untyped(uint64_t pa, unsigned bits, bool device, uint64_t watermark)
{
    return (struct cap){
        {CAP_UNTYPED + bits * 32ull + device * 2048ull + watermark / 16 * 4096, pa}};
}
static inline unsigned untyped_bits(struct cap cap)
{
    return (unsigned)field(cap.w[0], 5, 6);
}
static inline bool untyped_is_device(struct cap cap)
{
    return field(cap.w[0], 11, 1) != 0;
}
/* Offset of the first free byte, a multiple of 16; the whole size = full. */
static inline uint64_t untyped_watermark(struct cap cap)
{
    return field(cap.w[0], 12, 44) * 16;
}
static inline struct cap untyped_with_watermark(struct cap cap, uint64_t watermark)
{
    cap.w[0] = cap.w[0] % 4096 + watermark / 16 % (1ull << 44) * 4096;
    return cap;
}
static inline uint64_t untyped_size(struct cap cap)
{
    return 1ull << untyped_bits(cap);
}

/* ---- endpoint and notification ---- */

static inline struct cap cap_endpoint(uint64_t pa, uint64_t badge, unsigned rights)
{
    return (struct cap){{CAP_ENDPOINT + rights * 32ull + pa / 16 * 65536, badge}};
}
static inline struct cap cap_notification(uint64_t pa, uint64_t badge, unsigned rights)
{
    return (struct cap){{CAP_NOTIFICATION + rights * 32ull + pa / 16 * 65536, badge}};
}
/* RIGHT_* bits of an endpoint or notification cap. */
static inline unsigned ipc_rights(struct cap cap)
{
    return (unsigned)field(cap.w[0], 5, 4);
}
static inline struct cap ipc_with_rights(struct cap cap, unsigned rights)
{
    cap.w[0] = field_set(cap.w[0], 5, 4, rights);
    return cap;
}
static inline uint64_t ipc_badge(struct cap cap)
{
    return cap.w[1];
}

/* ---- reply ---- */

static inline struct cap cap_reply(uint64_t tcb_pa, bool master, bool grant)
{
    return (struct cap){{CAP_REPLY + master * 32ull + grant * 64ull, tcb_pa}};
}
static inline bool reply_is_master(struct cap cap)
{
    return field(cap.w[0], 5, 1) != 0;
}
static inline bool reply_can_grant(struct cap cap)
{
    return field(cap.w[0], 6, 1) != 0;
}

/* ---- CNode and zombie ---- */

static inline struct cap cap_cnode(uint64_t pa, unsigned radix, uint64_t guard, unsigned guard_size)
{
    return (struct cap){
        {CAP_CNODE + radix * 32ull + guard_size * 2048ull + pa / 32 * 131072, guard}};
}
static inline unsigned cnode_radix(struct cap cap)
{
    return (unsigned)field(cap.w[0], 5, 6);
}
static inline unsigned cnode_guard_size(struct cap cap)
{
    return (unsigned)field(cap.w[0], 11, 6);
}
static inline uint64_t cnode_guard(struct cap cap)
{
    return cap.w[1];
}
static inline uint64_t cnode_slots(struct cap cap)
{
    return 1ull << cnode_radix(cap);
}

/* A CNode or TCB that is being taken apart; slots at and above `remaining` are empty. */
static inline struct cap cap_zombie(uint64_t pa, unsigned radix, bool of_tcb, uint64_t remaining)
{
    return (struct cap){
        {CAP_ZOMBIE + radix * 32ull + of_tcb * 2048ull + pa / 32 * 131072, remaining}};
}
static inline bool zombie_is_tcb(struct cap cap)
{
    return field(cap.w[0], 11, 1) != 0;
}
static inline uint64_t zombie_remaining(struct cap cap)
{
    return cap.w[1];
}

/* ---- memory objects ---- */

/* Type, size, rights and device flag of a frame cap: word 0 modulo this. */
enum {
    FRAME_KIND = 1 << 10
};

enum frame_size {
    FRAME_4K = 0,
    FRAME_2M = 1,
    FRAME_1G = 2
};

static inline struct cap cap_frame(uint64_t pa, enum frame_size size, unsigned rights, bool device)
{
    return (struct cap){{CAP_FRAME + size * 32ull + rights * 128ull + device * 512ull, pa}};
}
static inline enum frame_size frame_size(struct cap cap)
{
    return (enum frame_size)field(cap.w[0], 5, 2);
}
static inline unsigned frame_bits(struct cap cap)
{
    return PAGE_BITS + 9 * (unsigned)frame_size(cap);
}
/* Table level that holds the frame's leaf: 3, 2 or 1. */
static inline unsigned frame_level(struct cap cap)
{
    return 3 - (unsigned)frame_size(cap);
}
/* RIGHT_READ and RIGHT_WRITE bits. */
static inline unsigned frame_rights(struct cap cap)
{
    return (unsigned)field(cap.w[0], 7, 2);
}
static inline struct cap frame_with_rights(struct cap cap, unsigned rights)
{
    cap.w[0] = field_set(cap.w[0], 7, 2, rights);
    return cap;
}
/* The rights a mask leaves: none without read (abi/vspace.md §4). */
static inline unsigned frame_masked_rights(struct cap cap, uint64_t rights)
{
    unsigned left = (unsigned)(frame_rights(cap) & rights);
    return left & RIGHT_READ ? left : 0;
}
static inline bool frame_is_device(struct cap cap)
{
    return field(cap.w[0], 9, 1) != 0;
}

static inline struct cap cap_page_table(uint64_t pa)
{
    return (struct cap){{CAP_PAGE_TABLE, pa}};
}
static inline struct cap cap_vspace(uint64_t pa, uint16_t asid)
{
    return (struct cap){{CAP_VSPACE + asid * (1ull << 48), pa}};
}
/* Frames, page tables, VSpaces: the ASID of the mapping, 0 = none. */
static inline uint16_t mapping_asid(struct cap cap)
{
    return (uint16_t)(cap.w[0] / (1ull << 48));
}
/* A VSpace's address and ASID in one word, the ASID in bits 48..63. */
static inline uint64_t vspace_space(struct cap cap)
{
    return cap.w[1] | (cap.w[0] & 0xffffull << 48);
}
/* Frames and page tables: the address of the mapping. */
static inline uint64_t mapping_vaddr(struct cap cap)
{
    return field(cap.w[0], 10, 36) * 4096;
}
static inline struct cap with_mapping(struct cap cap, uint16_t asid, uint64_t va)
{
    cap.w[0] = cap.w[0] % 1024 + va / 4096 % (1ull << 36) * 1024 + asid * (1ull << 48);
    return cap;
}

static inline struct cap cap_asid_pool(uint64_t pa, unsigned pool)
{
    return (struct cap){{CAP_ASID_POOL + pool * 1024ull, pa}};
}
static inline unsigned asid_pool_index(struct cap cap)
{
    return (unsigned)field(cap.w[0], 10, 7);
}

/* ---- the rest ---- */

static inline struct cap cap_tcb(uint64_t pa)
{
    return (struct cap){{CAP_TCB, pa}};
}
static inline struct cap cap_irq_handler(uint32_t irq)
{
    return (struct cap){{CAP_IRQ_HANDLER, irq}};
}
static inline uint32_t irq_handler_irq(struct cap cap)
{
    return (uint32_t)cap.w[1];
}
static inline struct cap cap_sgi_signal(uint32_t sgi, uint32_t target)
{
    return (struct cap){{CAP_SGI_SIGNAL + sgi * 32ull, target}};
}
static inline uint32_t sgi_number(struct cap cap)
{
    return (uint32_t)field(cap.w[0], 5, 4);
}
static inline uint32_t sgi_target(struct cap cap)
{
    return (uint32_t)cap.w[1];
}
static inline struct cap cap_smc(uint64_t badge)
{
    return (struct cap){{CAP_SMC, badge}};
}
/* IRQControl, ASIDControl, Domain. */
static inline struct cap cap_plain(enum cap_type_number type)
{
    return (struct cap){{type, 0}};
}

/* Physical address of the object a memory-backed cap names, or 0. */
__attribute__((const)) uint64_t cap_object(struct cap cap);
/* Size exponent of that object, 0 for caps without memory. */
__attribute__((const)) unsigned cap_object_bits(struct cap cap);
/* "Endpoint", … for messages. */
const char *cap_type_name(enum cap_type_number type);
