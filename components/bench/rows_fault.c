/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults: from the reading before the faulting instruction to the handler's after its receive, and
 * back. The undefined instruction is skipped by the reply (abi/syscalls.md §7.1), the missing page
 * is mapped before it.
 */
#include "bench.h"

enum {
    FAULT_WORDS_EXCEPTION = 5,
    FAULT_WORDS_VM = 4,
    MAP_WORDS = 3,
    INSTRUCTION = 4
};

#define MISSING_VADDR 0x20000000ull

static struct step *receive_step(struct worker *w, enum syscall number, uint64_t ep, uint64_t info,
                                 uint64_t fault)
{
    struct step *s = worker_step(w, number, worker_cap(w, ep), info);
    s->logged = true;
    s->checked = true;
    s->info = fault;
    return s;
}

/* Undefined instruction; the reply's first word is the new restart address. */
static void script_exception(struct worker *faulter, struct worker *handler, uint64_t ep)
{
    struct step *s = worker_step(faulter, SYS_YIELD, 0, 0);
    s->shoot = shot_undefined;
    s->logged = true;
    uint64_t fault = msginfo_new(FAULT_USER_EXCEPTION, 0, 0, FAULT_WORDS_EXCEPTION);
    receive_step(handler, SYS_RECV, ep, 0, fault);
    handler->once = handler->steps;
    s = receive_step(handler, SYS_REPLY_RECV, ep, msginfo_new(0, 0, 0, 1), fault);
    s->x[2] = (uint64_t)shot_undefined_at + INSTRUCTION;
}

/* A page that the handler maps and the faulter unmaps again. */
static void script_vm(struct worker *faulter, struct worker *handler, uint64_t ep)
{
    uint64_t frame = pool_object(OBJECT_SMALL_PAGE, 0);
    pool_map(SLOT_INIT_VSPACE, frame, MISSING_VADDR);
    must(kaal_page_unmap(frame), "Page_Unmap");
    struct step *s = worker_step(faulter, SYS_YIELD, 0, 0);
    s->shoot = shot_load;
    s->word = MISSING_VADDR;
    s->logged = true;
    s = worker_step(faulter, SYS_CALL, worker_cap(faulter, frame),
                    msginfo_new(LABEL_PAGE_UNMAP, 0, 0, 0));
    s->checked = true;
    uint64_t fault = msginfo_new(FAULT_VM, 0, 0, FAULT_WORDS_VM);
    receive_step(handler, SYS_RECV, ep, 0, fault);
    handler->once = handler->steps;
    s = worker_step(handler, SYS_CALL, worker_cap(handler, frame),
                    msginfo_new(LABEL_PAGE_MAP, 0, 1, MAP_WORDS));
    s->x[2] = MISSING_VADDR;
    s->x[3] = RIGHT_READ | RIGHT_WRITE;
    s->x[4] = ATTR_DEFAULT;
    s->checked = true;
    handler->buffer->caps_or_badges[0] = worker_cap(handler, SLOT_INIT_VSPACE);
    receive_step(handler, SYS_REPLY_RECV, ep, 0, fault);
}

enum direction {
    TO_HANDLER,
    BACK,
    ROUND
};

struct fault_kind {
    void (*script)(struct worker *faulter, struct worker *handler, uint64_t ep);
    bool other_as;
};

static void run(const struct fault_kind *kind, enum direction direction, uint64_t *samples)
{
    uint64_t ep = pool_object(OBJECT_ENDPOINT, 0);
    struct worker *handler = worker_new(ANY, kind->other_as);
    struct worker *faulter = worker_new(ANY, false);
    kind->script(faulter, handler, ep);
    if (direction == BACK)
        handler->step[handler->steps - 1].shoot = shot_svc;
    worker_start(handler, 0);
    worker_start(faulter, worker_cap(faulter, pool_mint(ep, RIGHTS_ALL, faulter->badge)));
    worker_check(handler);
    expect(faulter->done == 1 && faulter->log_count == ROUNDS, "every fault is handled");
    for (unsigned i = 0; i < SAMPLES; i++) {
        unsigned r = i + WARM_UP - 1;
        uint64_t there = cost(faulter->log[r].before, handler->log[r].after);
        uint64_t back = cost(handler->log[r + 1].before, faulter->log[r].after);
        samples[i] = direction == TO_HANDLER ? there : direction == BACK ? back : there + back;
    }
    pool_reset();
    workers_forget();
}

static void fault_row(const char *name, struct fault_kind kind, enum direction direction)
{
    static uint64_t samples[MAX_DRAWS * SAMPLES];
    row_begin(name);
    for (unsigned d = 0; d < draws(); d++) {
        if (shuffled)
            shuffled_crowd();
        run(&kind, direction, samples + d * SAMPLES);
    }
    row_end(samples, draws() * SAMPLES, "instructions");
}

void rows_fault(void)
{
    const struct fault_kind same = {script_exception, false};
    const struct fault_kind other = {script_exception, true};
    const struct fault_kind page = {script_vm, false};
    fault_row("fault_to_handler", same, TO_HANDLER);
    fault_row("handler_to_faulter", same, BACK);
    fault_row("fault_round_trip", same, ROUND);
    fault_row("fault_to_handler_other_as", other, TO_HANDLER);
    fault_row("handler_to_faulter_other_as", other, BACK);
    fault_row("fault_round_trip_other_as", other, ROUND);
    if (shuffled)
        return; /* copies of a frame cap do not share its mapping */
    fault_row("vm_fault_to_handler", page, TO_HANDLER);
    fault_row("handler_to_vm_faulter", page, BACK);
    fault_row("vm_fault_round_trip", page, ROUND);
}
