/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Cache operations on frames and address spaces (abi/invocations.md §8, abi/vspace.md §6). Long
 * ranges are done in pieces, each a work unit; the progress of a preempted call is kept in the
 * thread, valid only while it executes that very call again.
 */
#include "asid.h"
#include "objects.h"
#include "vspace.h"

/* One page is some 64 cache lines: as much work as this many units elsewhere. */
enum {
    PIECE_BYTES = 4096,
    PIECE_UNITS = 16
};
/* plan->arg: physical range and operation */
enum {
    ARG_START,
    ARG_BYTES,
    ARG_OP
};

static enum hal_cache_op operation(uint64_t label)
{
    switch (label) {
    case LABEL_PAGE_CLEAN_DATA:
    case LABEL_VSPACE_CLEAN_DATA: return HAL_CACHE_CLEAN_POC;
    case LABEL_PAGE_INVALIDATE_DATA:
    case LABEL_VSPACE_INVALIDATE_DATA: return HAL_CACHE_INVALIDATE_POC;
    case LABEL_PAGE_CLEAN_INVALIDATE_DATA:
    case LABEL_VSPACE_CLEAN_INVALIDATE_DATA: return HAL_CACHE_CLEAN_INVALIDATE_POC;
    default: return HAL_CACHE_UNIFY;
    }
}

static enum outcome commit_cache(const struct invocation *call, const struct plan *plan,
                                 struct reply *reply)
{
    struct tcb *caller = call->caller;
    bool again = caller->progress_start.raw == plan->arg[ARG_START];
    uint64_t done = again ? caller->progress_bytes : 0;
    (void)reply;
    caller->progress_bytes = 0;
    while (done < plan->arg[ARG_BYTES]) {
        uint64_t start = plan->arg[ARG_START] + done;
        uint64_t piece = PIECE_BYTES - start % PIECE_BYTES;
        if (piece > plan->arg[ARG_BYTES] - done)
            piece = plan->arg[ARG_BYTES] - done;
        hal_cache_range((enum hal_cache_op)plan->arg[ARG_OP], paddr(start), piece);
        done += piece;
        call->cpu->work_units += PIECE_UNITS - 1;
        if (done < plan->arg[ARG_BYTES] && preemption_point(call->cpu) == PREEMPTED) {
            caller->progress_start = paddr(plan->arg[ARG_START]);
            caller->progress_bytes = done;
            return PREEMPTED;
        }
    }
    return DONE;
}

/* Nothing to do: device memory has no cached lines, and an unmapped page is no error. */
static enum outcome commit_nothing(const struct invocation *call, const struct plan *plan,
                                   struct reply *reply)
{
    (void)call;
    (void)plan;
    (void)reply;
    return DONE;
}

static bool in_window(const struct kernel *kernel, uint64_t pa)
{
    for (unsigned i = 0; i < kernel->ram_count; i++)
        if (pa >= kernel->ram[i].start && pa < kernel->ram[i].end)
            return true;
    return false;
}

static void plan_range(const struct invocation *call, struct plan *plan, uint64_t pa,
                       uint64_t bytes)
{
    plan->commit = in_window(call->cpu->kernel, pa) ? commit_cache : commit_nothing;
    plan->arg[ARG_START] = pa;
    plan->arg[ARG_BYTES] = bytes;
    plan->arg[ARG_OP] = operation(call->label);
}

static enum error_code check_invalidate(const struct invocation *call, uint64_t pte,
                                        struct refusal *no)
{
    if (operation(call->label) == HAL_CACHE_INVALIDATE_POC && pte_access(pte) != PTE_USER_RW)
        return refuse_illegal(no, "invalidating needs a writable user mapping");
    return ERROR_NONE;
}

enum error_code decode_page_cache(const struct invocation *call, struct plan *plan,
                                  struct refusal *no)
{
    uint64_t start = call_word(call, 0);
    uint64_t end = call_word(call, 1);
    uint64_t size = 1ull << frame_bits(call->cap);
    struct lookup_fault fault = {.type = LOOKUP_INVALID_ROOT};
    if (mapping_asid(call->cap) == 0)
        return refuse_illegal(no, "the frame is not mapped");
    if (asid_root(call->cpu->kernel, mapping_asid(call->cap)).raw == 0)
        return refuse_lookup(no, false, &fault, "the frame's VSpace lost its ASID");
    if (end <= start)
        return refuse_argument(no, 1, "the end # is not above the start", end);
    if (start >= size || end > size)
        return refuse_argument(no, 0, "the range leaves the frame of % bytes", size);
    struct walk walk = vspace_find_frame(call->cpu->kernel, call->cap);
    if (!walk.entry)
        return refuse_cap(no, 0, "the frame is not mapped where its cap says");
    plan_range(call, plan, cap_object(call->cap) + start, end - start);
    return check_invalidate(call, walk.pte, no);
}

enum error_code decode_vspace_cache(const struct invocation *call, struct plan *plan,
                                    struct refusal *no)
{
    uint64_t start = call_word(call, 0);
    uint64_t end = call_word(call, 1);
    if (end <= start)
        return refuse_argument(no, 1, "the end # is not above the start", end);
    if (end > USER_TOP)
        return refuse_illegal(no, "the range ends above the user range");
    if (mapping_asid(call->cap) == 0)
        return refuse_cap(no, 0, "the VSpace has no ASID");
    if (vspace_check_asid(call->cpu->kernel, call->cap, 0, no))
        return no->code;
    struct walk walk = vspace_walk(paddr(cap_object(call->cap)), start);
    plan->commit = commit_nothing;
    if (pte_kind(walk.pte, walk.level) != PTE_LEAF)
        return ERROR_NONE;
    uint64_t size = 1ull << pte_span_bits(walk.level);
    uint64_t last = start / size * size + size - 1;
    if (end - 1 > last)
        return refuse_range(no, start, last, "the range ends at # outside the page", end);
    plan_range(call, plan, pte_address(walk.pte) + start % size, end - start);
    return check_invalidate(call, walk.pte, no);
}
