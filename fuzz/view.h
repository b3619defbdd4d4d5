/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading a state by physical addresses, in memory itself or in a copy of it: which CNodes and
 * threads there are, and which caps a thread can reach. Follows caps only, never the kernel's own
 * links, so that it works on a copy and says nothing with the core's words.
 */
#pragma once
#include "kernel.h"
#include "world.h"

enum {
    VIEW_NODES = 1024
};

/* Bytes of RAM, from its start. */
struct view {
    const uint8_t *ram;
};

/* CNode or thread: `count` slots at `pa`. */
struct view_node {
    uint64_t pa;
    uint64_t tcb; /* 0 = a CNode */
    uint64_t count;
    bool dying; /* a zombie names it */
};

struct view_nodes {
    unsigned count;
    bool complete; /* all found had room */
    struct view_node node[VIEW_NODES];
};

struct view view_now(void);
struct view view_before(void); /* memory.h */

static inline const void *view_at(const struct view *v, uint64_t pa)
{
    return v->ram + (pa - 0x40000000);
}
static inline struct cap view_cap(const struct view *v, uint64_t slot)
{
    return ((const struct slot *)view_at(v, slot))->cap;
}
static inline const struct tcb *view_tcb(const struct view *v, uint64_t pa)
{
    return view_at(v, pa);
}
static inline uint64_t view_tcb_slot(uint64_t tcb, enum tcb_slot which)
{
    return tcb + __builtin_offsetof(struct tcb, slots) + which * sizeof(struct slot);
}

/* The CNodes that `root` leads to by cptrs: what a thread with that CSpace can name. */
void view_cspace(const struct view *v, struct cap root, struct view_nodes *out);
/* All CNodes and threads that anything leads to, from the initial CNode and `tcb` (0 = none). */
void view_all(const struct view *v, uint64_t tcb, struct view_nodes *out);
/* The slot a cptr of depth 64 names in that CSpace; 0 = none (abi/objects.md §4). */
uint64_t view_lookup(const struct view *v, struct cap root, uint64_t cptr);

/* The cap without what may change while authority does not: watermark, mapping, guard. */
struct cap view_authority(struct cap cap);
/* Does `source` allow to have `cap` too, as a copy, minted or with fewer rights? */
bool view_allows(struct cap source, struct cap cap);
