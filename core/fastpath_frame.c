/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fast paths for Page_Map and Page_Unmap by Call (abi/invocations.md §8, abi/vspace.md §4, §5).
 * Taken when the call succeeds and its message is the usual one: for Map three words and one cap,
 * named in a small buffer; for Unmap no caps. The caller goes on: its address space and FP state
 * stay. Every VSpace cap's ASID is its own while cpu->fast holds (fastpath_common.h).
 */
#include "cspace.h"
#include "fastpath_common.h"
#include "frame.h"

/* The answer without an error and without words. */
INLINE struct context *succeed(struct tcb *caller)
{
    caller->context.reg[REG_X0] = 0;
    caller->context.reg[REG_X1] = msginfo_new(ERROR_NONE, 0, 0, 0);
    return &caller->context;
}

/* May the frame be mapped at `va`, or is it already in the same place, which `mapped` records? The
 * user range ends at a multiple of every frame size, so an aligned frame does not cross its end. */
INLINE bool may_map(struct cap frame, struct cap mapped, uint64_t va)
{
    return va % (1ull << frame_bits(frame)) == 0 && va <= USER_TOP &&
           (mapping_asid(frame) == 0 || frame.w[0] == mapped.w[0]);
}
_Static_assert((USER_TOP + 1) % (1ull << 30) == 0, "the largest frame");

struct context *fastpath_page_map(struct cpu *cpu)
{
    struct tcb *caller = cpu->current;
    const uint64_t *reg = caller->context.reg;
    const struct ipc_buffer *buffer = small_buffer(caller);
    if (reg[REG_X1] != msginfo_new(LABEL_PAGE_MAP, 0, 1, 3) || !buffer)
        return core_syscall_slowly(cpu);
    struct lookup_fault ignored;
    const struct slot *extra = cspace_lookup(caller, buffer->caps_or_badges[0], &ignored);
    struct slot *slot = cspace_lookup(caller, reg[REG_X0], &ignored);
    if (!slot || !extra)
        return core_syscall_slowly(cpu);
    struct cap frame = slot->cap, vspace = extra->cap;
    uint64_t va = reg[REG_X2];
    uint16_t asid = mapping_asid(vspace);
    struct cap mapped = with_mapping(frame, asid, va);
    if (cap_type(frame) != CAP_FRAME || cap_type(vspace) != CAP_VSPACE ||
        !may_map(frame, mapped, va))
        return core_syscall_slowly(cpu);
    /* Without an ASID it has no tables: the walk stops at once. */
    struct walk walk = vspace_walk(paddr(vspace.w[1]), va);
    if (walk.level != frame_level(frame))
        return core_syscall_slowly(cpu);

    slot->cap.w[0] = mapped.w[0];
    frame_install(walk, frame_descriptor(frame, reg[REG_X3], reg[REG_X4]), asid, va);
    return succeed(caller);
}

struct context *fastpath_page_unmap(struct cpu *cpu, struct slot *slot)
{
    struct tcb *caller = cpu->current;
    if (cap_type(slot->cap) != CAP_FRAME ||
        msginfo_label(caller->context.reg[REG_X1]) != LABEL_PAGE_UNMAP)
        return core_syscall_slowly(cpu);
    vspace_unmap_frame(cpu, slot->cap);
    slot->cap = with_mapping(slot->cap, 0, 0);
    return succeed(caller);
}
