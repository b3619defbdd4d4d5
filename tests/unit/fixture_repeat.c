/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the fixture does with every call of every unit test: decode it alone, and repeat long ones
 * with preemption (abi/objects.md §3.5).
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "core_fixture.h"
#include "cspace.h"
#include "internal.h"
#include "invoke.h"
#include "thread.h"

enum {
    ALL_UNITS = 40,      /* of longer work, as many places spread over it */
    MOST_BYTES = 2 << 20 /* of a machine that is copied so often */
};

/* ---- decoding alone ---- */

static void allow(int access)
{
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        assert_int_equal(mprotect(hal_window(paddr(r->start)), r->end - r->start, access), 0);
    }
}

/* Steps 1 to 4 of abi/syscalls.md §3; false when the call does not come to a method's decoding. */
static bool gather(struct invocation *call)
{
    struct tcb *caller = fx.cpu->current;
    uint64_t info = caller->context.reg[REG_X1], cptr;
    struct lookup_fault fault;
    *call = (struct invocation){.cpu = fx.cpu, .caller = caller, .label = msginfo_label(info)};
    call->slot = cspace_lookup(caller, caller->context.reg[REG_X0], &fault);
    if (!call->slot || call->label >= LABEL_COUNT)
        return false;
    call->cap = call->slot->cap;
    call->buffer = thread_buffer(caller, false);
    call->length = msginfo_length(info) < MSG_MAX_LENGTH ? msginfo_length(info) : MSG_MAX_LENGTH;
    if (!call->buffer && call->length > MSG_REGISTERS)
        call->length = MSG_REGISTERS;
    if (call->buffer && !extra_caps_lookup(caller, call->buffer, (unsigned)msginfo_extra_caps(info),
                                           &call->extra, &cptr, &fault))
        return false;
    const struct method *method = &methods[call->label];
    return method->decode && method->type == cap_type(call->cap) &&
           call->length >= method->least_words && call->extra.count >= method->least_caps;
}

void fx_decode_only(void)
{
    struct invocation call;
    struct plan plan;
    struct refusal no;
    allow(PROT_READ);
    if (gather(&call)) {
        bool refused = methods[call.label].decode(&call, &plan, &no) != ERROR_NONE;
        fx.decoded[call.label].refused += refused;
        fx.decoded[call.label].accepted += !refused;
    }
    allow(PROT_READ | PROT_WRITE);
}

/* ---- repeating with preemption ---- */

/* All that remembers how often the work was looked at is left out. */
static struct machine_hash state_reached(uint64_t work_limit)
{
    fx.cpu->work_units = 0;
    fx.cpu->kernel->work_limit = work_limit;
    return machine_hash();
}

/* Runs it from *start, an interrupt coming at the `unit`-th question for one; true when nobody else
 * got to run in the middle of it. */
static bool run_from(const void *start, void (*run)(struct tcb *caller), uint64_t unit)
{
    struct tcb *caller;
    machine_restore(start);
    caller = fx.cpu->current;
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(unit);
    run(caller);
    return fx.cpu->current == caller || unit == 0;
}

void fx_repeat_preempted(void (*run)(struct tcb *caller), uint64_t label)
{
    uint64_t limit = fx.cpu->kernel->work_limit, units;
    bool is_long = label == LABEL_CNODE_DELETE || label == LABEL_CNODE_REVOKE ||
                   label == LABEL_UNTYPED_RETYPE || label == LABEL_CNODE_CANCEL_BADGED_SENDS;
    if (!is_long || machine_snapshot_bytes() > MOST_BYTES ||
        machine.model.preempt_at != 0) { /* the test chooses the unit itself */
        run(fx.cpu->current);
        return;
    }
    void *start = malloc(machine_snapshot_bytes());
    machine_snapshot(start);
    (void)run_from(start, run, 0);
    units = machine_preempt_asked();
    struct machine_hash end = state_reached(limit);
    uint64_t step = 1 + units / ALL_UNITS;
    for (uint64_t unit = 1; unit <= units; unit += step) {
        if (!run_from(start, run, unit))
            continue;
        struct machine_hash hash = state_reached(limit);
        if (memcmp(&hash, &end, sizeof hash) != 0)
            fail_msg("label %u preempted at unit %u of %u ends in another state", (unsigned)label,
                     (unsigned)unit, (unsigned)units);
    }
    machine_restore(start);
    free(start);
    run(fx.cpu->current);
}
