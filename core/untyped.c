/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Untyped_Retype (abi/invocations.md §3, abi/objects.md §2).
 *
 * Keeps true: memory of a non-device Untyped at and above its watermark is zero and clean to the
 * point of coherency, so every object starts zeroed, also for uncached mappings.
 */
#include "cdt.h"
#include "cspace.h"
#include "derive.h"
#include "object.h"
#include "objects.h"

enum retype_arg {
    ARG_TYPE,
    ARG_BITS,
    ARG_COUNT,
    ARG_RESET
};

static const uint8_t object_bits[OBJECT_TYPE_COUNT] = {
    [OBJECT_TCB] = TCB_BITS,
    [OBJECT_ENDPOINT] = ENDPOINT_BITS,
    [OBJECT_NOTIFICATION] = NOTIFICATION_BITS,
    [OBJECT_HUGE_PAGE] = HUGE_PAGE_BITS,
    [OBJECT_VSPACE] = VSPACE_BITS,
    [OBJECT_SMALL_PAGE] = PAGE_BITS,
    [OBJECT_LARGE_PAGE] = LARGE_PAGE_BITS,
    [OBJECT_PAGE_TABLE] = PAGE_TABLE_BITS,
};

static bool is_frame(uint64_t type)
{
    return type == OBJECT_HUGE_PAGE || type == OBJECT_SMALL_PAGE || type == OBJECT_LARGE_PAGE;
}

/* Checks 2 to 5: type and size. */
static enum error_code object_size(uint64_t type, uint64_t size_bits, uint64_t *bits,
                                   struct refusal *no)
{
    if (type >= OBJECT_TYPE_COUNT)
        return refuse_argument(no, 0, "there is no object type %", type);
    *bits = object_bits[type];
    if (type == OBJECT_UNTYPED)
        *bits = size_bits;
    if (type == OBJECT_CNODE)
        *bits = size_bits + SLOT_BITS;
    if (size_bits >= WORD_BITS || *bits > MAX_UNTYPED_BITS)
        return refuse_range(no, 0, MAX_UNTYPED_BITS, "size exponent is %", size_bits);
    if (type == OBJECT_CNODE && size_bits == 0)
        return refuse_argument(no, 1, "a CNode needs at least one bit of slots", size_bits);
    if (type == OBJECT_UNTYPED && size_bits < MIN_UNTYPED_BITS)
        return refuse_argument(no, 1, "an Untyped has at least 2^4 bytes, not 2^%", size_bits);
    return ERROR_NONE;
}

/* Checks 6 to 11: the destination slots. */
static enum error_code destination(const struct invocation *call, uint64_t count,
                                   struct slot **first, struct refusal *no)
{
    struct cap node = call_cap(call, 0);
    uint64_t index = call_word(call, 2);
    uint64_t depth = call_word(call, 3);
    uint64_t offset = call_word(call, 4);
    if (depth != 0) {
        struct slot *slot;
        if (cspace_target(node, index, depth, false, &slot, no))
            return no->code;
        node = slot->cap;
    }
    if (cap_type(node) != CAP_CNODE)
        return refuse_missing(no, false, depth, "the destination is not a CNode");
    uint64_t slots = cnode_slots(node);
    if (offset > slots - 1)
        return refuse_range(no, 0, slots - 1, "first destination slot is %", offset);
    if (count < 1 || count > RETYPE_FAN_OUT_LIMIT)
        return refuse_range(no, 1, RETYPE_FAN_OUT_LIMIT, "number of objects is %", count);
    if (count > slots - offset)
        return refuse_range(no, 1, slots - offset, "number of objects is %", count);
    *first = cnode_of(node) + offset;
    /*@ loop invariant range: 0 <= i <= count;
        loop invariant empty: \forall integer k; offset <= k < offset + i ==>
          empty(slots_of(node) + k);
        loop assigns i;
        loop variant count - i; */
    for (uint64_t i = 0; i < count; i++)
        if (!cap_is_null((*first)[i].cap))
            return refuse(no, ERROR_DELETE_FIRST, "destination slot % is occupied", offset + i);
    /*@ assert used: !empty(call->slot); */
    /*@ assert apart: \forall integer k; offset <= k < offset + count ==>
          call->slot != slots_of(node) + k; */
    return ERROR_NONE;
}

/* Where the first object of `size` bytes, a power of two, goes behind `used` bytes: aligned to it.
 */
static uint64_t first_place(uint64_t used, uint64_t size)
{
    return (used + size - 1) / size * size;
}

/* Is there room for `count` objects of `size` bytes in `total`, a multiple of it, behind `used`?
 * Aligning the first one takes nothing away that they need. */
static bool has_room(uint64_t total, uint64_t used, uint64_t size, uint64_t count)
{
    return (total - used) / size >= count;
}

/* Where object i lies, of objects of `size` bytes side by side from `first` on. */
static uint64_t place_of(uint64_t first, uint64_t size, uint64_t i)
{
    return first + i * size;
}

/* Zeroes and cleans what was handed out, from the top in chunks; the watermark goes down with it.
 */
static enum outcome reset(struct cpu *cpu, struct slot *slot)
{
    uint64_t chunk = 1ull << RESET_CHUNK_BITS;
    uint64_t mark = untyped_watermark(slot->cap);
    if (untyped_is_device(slot->cap)) {
        slot->cap = untyped_with_watermark(slot->cap, 0);
        return DONE;
    }
    /*@ loop invariant mark: mark == mark_in(slot->cap) <= \at(mark_in(slot->cap), Pre);
        loop invariant granule: mark % 16 == 0;
        loop invariant same: same_memory(slot->cap, \at(slot->cap, Pre));
        loop assigns mark, slot->cap, cpu->work_units;
        loop variant mark; */
    while (mark != 0) {
        uint64_t start = (mark - 1) / chunk * chunk;
        struct paddr pa = paddr(cap_object(slot->cap) + start);
        /*@ assert chunk: 0 < mark - start <= 256 && start % 256 == 0; */
        hal_memory_typed(pa, mark - start);
        object_zero(hal_window(pa), mark - start);
        hal_cache_range(HAL_CACHE_CLEAN_POC, pa, mark - start);
        hal_memory_untyped(pa, mark - start);
        slot->cap = untyped_with_watermark(slot->cap, start);
        mark = start;
        if (mark == 0) /* creating the objects is a stretch of its own */
            cpu->work_units += cpu->kernel->work_limit;
        if (preemption_point(cpu) == PREEMPTED)
            return PREEMPTED;
    }
    return DONE;
}

/* Moves the watermark behind `count` objects of `size` bytes; the address of the first one. */
static uint64_t take(struct slot *slot, uint64_t size, uint64_t count)
{
    uint64_t start = first_place(untyped_watermark(slot->cap), size);
    uint64_t first = cap_object(slot->cap) + start;
    slot->cap = untyped_with_watermark(slot->cap, place_of(start, size, count));
    return first;
}

static enum outcome commit_retype(const struct invocation *call, const struct plan *plan,
                                  struct reply *reply)
{
    struct slot *slot = plan->source;
    uint64_t size = 1ull << plan->arg[ARG_BITS];
    (void)reply;
    if (plan->arg[ARG_RESET] && reset(call->cpu, slot) == PREEMPTED)
        return PREEMPTED;
    bool device = untyped_is_device(slot->cap);
    uint64_t pa = take(slot, size, plan->arg[ARG_COUNT]);
    /*@ assert start: aligned(pa, size); */
    /*@ loop invariant range: 0 <= i <= plan->arg[2];
        loop invariant first: i == 0 ==> slot->link == \at(plan->source->link, Pre);
        loop invariant next: 0 < i ==> next_in(slot->link) == plan->dest + (i - 1);
        loop assigns i, slot->link, \at(plan->dest, Pre)[0 .. \at(plan->arg[2], Pre) - 1],
          \at(next_in(plan->source->link), Pre)->prev;
        loop variant plan->arg[2] - i; */
    for (uint64_t i = 0; i < plan->arg[ARG_COUNT]; i++) {
        /*@ assert inside: slot->cap.w[1] <= pa + times(i, size) &&
              pa + times(i, size) + size <= slot->cap.w[1] + mark_in(slot->cap); */
        struct cap cap =
            object_create(call->cpu, (enum object_type)plan->arg[ARG_TYPE],
                          (unsigned)plan->arg[ARG_BITS], place_of(pa, size, i), device);
        cdt_insert_object(slot, plan->dest + i, cap);
    }
    return DONE;
}

enum error_code decode_untyped_retype(const struct invocation *call, struct plan *plan,
                                      struct refusal *no)
{
    uint64_t type = call_word(call, 0);
    uint64_t count = call_word(call, 5);
    uint64_t bits = 0;
    if (object_size(type, call_word(call, 1), &bits, no))
        return no->code;
    if (destination(call, count, &plan->dest, no))
        return no->code;
    bool childless = !cdt_has_children(call->slot);
    uint64_t used = childless ? 0 : untyped_watermark(call->cap);
    uint64_t total = untyped_size(call->cap);
    if (!has_room(total, used, 1ull << bits, count))
        return refuse_memory(no, total - used);
    if (untyped_is_device(call->cap) && !is_frame(type) && type != OBJECT_UNTYPED)
        return refuse_argument(no, 1, "device memory makes frames and Untypeds only", type);
    plan->commit = commit_retype;
    plan->source = call->slot;
    plan->arg[ARG_TYPE] = type;
    plan->arg[ARG_BITS] = bits;
    plan->arg[ARG_COUNT] = count;
    plan->arg[ARG_RESET] = childless;
    return ERROR_NONE;
}
