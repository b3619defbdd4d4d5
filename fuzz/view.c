/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading a state (view.h), after abi/objects.md.
 */
#include "view.h"

#include "memory.h"

struct view view_now(void)
{
    return (struct view){hal_window(paddr(MEMORY_START))};
}

struct view view_before(void)
{
    return (struct view){(const uint8_t *)memory_before(MEMORY_START)};
}

/* ---- finding ---- */

static void add(struct view_nodes *nodes, struct view_node node)
{
    for (unsigned i = 0; i < nodes->count; i++)
        if (nodes->node[i].pa == node.pa)
            return;
    if (nodes->count == VIEW_NODES)
        nodes->complete = false;
    else
        nodes->node[nodes->count++] = node;
}

static void add_cnode(struct view_nodes *nodes, struct cap cap)
{
    add(nodes, (struct view_node){.pa = cap_object(cap),
                                  .count = 1ull << cnode_radix(cap),
                                  .dying = cap_type(cap) == CAP_ZOMBIE});
}

static void add_tcb(struct view_nodes *nodes, uint64_t tcb, bool dying)
{
    add(nodes, (struct view_node){.pa = view_tcb_slot(tcb, TCB_CSPACE),
                                  .tcb = tcb,
                                  .count = TCB_SLOT_COUNT,
                                  .dying = dying});
}

void view_cspace(const struct view *v, struct cap root, struct view_nodes *out)
{
    out->count = 0;
    out->complete = true;
    if (cap_type(root) == CAP_CNODE)
        add_cnode(out, root);
    for (unsigned i = 0; i < out->count; i++)
        for (uint64_t j = 0; j < out->node[i].count; j++) {
            struct cap cap = view_cap(v, out->node[i].pa + j * sizeof(struct slot));
            if (cap_type(cap) == CAP_CNODE)
                add_cnode(out, cap);
        }
}

static void follow(struct view_nodes *nodes, struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_TCB:
    case CAP_REPLY: add_tcb(nodes, cap.w[1], false); break;
    case CAP_CNODE: add_cnode(nodes, cap); break;
    case CAP_ZOMBIE:
        if (zombie_is_tcb(cap))
            add_tcb(nodes, cap_object(cap), true);
        else
            add_cnode(nodes, cap);
        break;
    default: break;
    }
}

void view_all(const struct view *v, uint64_t tcb, struct view_nodes *out)
{
    out->count = 0;
    out->complete = true;
    add(out, (struct view_node){.pa = world_root_cnode(), .count = 1ull << WORLD_ROOT_RADIX});
    if (tcb != 0)
        add_tcb(out, tcb, false);
    for (unsigned i = 0; i < out->count; i++) {
        const struct slot *slot = view_at(v, out->node[i].pa), *end = slot + out->node[i].count;
        for (; slot < end; slot++)
            if (!cap_is_null(slot->cap))
                follow(out, slot->cap);
    }
}

uint64_t view_lookup(const struct view *v, struct cap root, uint64_t cptr)
{
    unsigned left = WORD_BITS;
    if (cap_type(root) != CAP_CNODE)
        return 0;
    for (;;) {
        unsigned guard_size = cnode_guard_size(root);
        unsigned radix = cnode_radix(root);
        if (guard_size + radix > left ||
            (guard_size != 0 && field(cptr, left - guard_size, guard_size) != cnode_guard(root)))
            return 0;
        left -= guard_size + radix;
        uint64_t slot = cap_object(root) + field(cptr, left, radix) * sizeof(struct slot);
        struct cap cap = view_cap(v, slot);
        if (left == 0 || cap_type(cap) != CAP_CNODE)
            return slot;
        root = cap;
    }
}

/* ---- authority ---- */

struct cap view_authority(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED: return untyped_with_watermark(cap, 0);
    case CAP_CNODE: return cap_cnode(cap_object(cap), cnode_radix(cap), 0, 0);
    case CAP_FRAME: return (struct cap){{cap.w[0] % FRAME_KIND, cap.w[1]}};
    case CAP_PAGE_TABLE:
    case CAP_VSPACE: return (struct cap){{(uint64_t)cap_type(cap), cap.w[1]}};
    default: return cap;
    }
}

/* Fewer rights, and a badge where there was none (abi/invocations.md, CNode methods). */
static bool allows_ipc(struct cap source, struct cap cap)
{
    return cap_object(source) == cap_object(cap) && (ipc_rights(cap) & ~ipc_rights(source)) == 0 &&
           (ipc_badge(source) == 0 || ipc_badge(source) == ipc_badge(cap));
}

bool view_allows(struct cap source, struct cap cap)
{
    if (cap_type(source) != cap_type(cap))
        return false;
    source = view_authority(source);
    cap = view_authority(cap);
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION: return allows_ipc(source, cap);
    case CAP_FRAME:
        return source.w[1] == cap.w[1] &&
               frame_with_rights(source, 0).w[0] == frame_with_rights(cap, 0).w[0] &&
               (frame_rights(cap) & ~frame_rights(source)) == 0;
    case CAP_REPLY:
        return !reply_is_master(source) && !reply_is_master(cap) && source.w[1] == cap.w[1] &&
               (reply_can_grant(source) || !reply_can_grant(cap));
    case CAP_SMC: return ipc_badge(source) == 0 || ipc_badge(source) == ipc_badge(cap);
    default: return source.w[0] == cap.w[0] && source.w[1] == cap.w[1];
    }
}
