/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Threads that carry out scripts. They have no thread-local storage and call nothing that uses FP
 * registers, unless a step says so. Each has its IPC buffer and its stack in pages of the image, so
 * that the frames' caps are there already.
 */
#include "bench.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

struct thread_pages {
    _Alignas(PAGE) struct ipc_buffer buffer;
    _Alignas(PAGE) char stack[PAGE];
};

static struct thread_pages pages[MAX_WORKERS];
static struct worker workers[MAX_WORKERS];
static unsigned worker_count;

/* Thread body. Ends in a Recv of a notification that nobody signals. */
static _Noreturn void carry_out(struct worker *w)
{
    struct shot shot;
    unsigned rounds = w->once ? w->rounds + 1 : w->rounds;
    for (unsigned round = 0; round < rounds; round++) {
        unsigned from = w->once && round == 0 ? 0 : w->once;
        unsigned to = w->once && round == 0 ? w->once : w->steps;
        for (unsigned i = from; i < to; i++) {
            const struct step *s = &w->step[i];
            for (unsigned r = 0; r < 6; r++)
                shot.x[r] = s->x[r];
            shot.number = s->number;
            shot.word = s->word;
            s->shoot(&shot);
            if (s->logged)
                w->log[w->log_count++] = (struct reading){shot.before, shot.after};
            if (s->checked && shot.x[1] != s->info) {
                w->found = shot.x[1];
                w->done = 2;
                goto park;
            }
        }
    }
    w->done = 1;
park:
    for (;;) {
        shot = (struct shot){.x = {w->park}, .number = (uint64_t)SYS_RECV};
        shot_aside(&shot);
    }
}

struct worker *worker_new(uint8_t priority, bool other_as)
{
    expect(worker_count < MAX_WORKERS, "a row has few threads");
    struct worker *w = &workers[worker_count];
    *w = (struct worker){.buffer = &pages[worker_count].buffer};
    w->buffer->receive_cnode = 0;
    worker_count++;
    w->other_as = other_as;
    w->priority = shuffled          ? shuffled_priority(priority)
                  : priority == ANY ? MAX_PRIORITY
                                    : priority;
    w->badge = shuffled ? shuffled_badge() : 0;
    w->tcb = pool_object(OBJECT_TCB, 0);
    w->rounds = ROUNDS;
    return w;
}

struct step *worker_step(struct worker *w, enum syscall number, uint64_t cptr, uint64_t info)
{
    expect(w->steps < MAX_STEPS, "a script is short");
    struct step *s = &w->step[w->steps++];
    *s = (struct step){.shoot = shot_aside, .x = {cptr, info}, .number = (uint64_t)(int64_t)number};
    return s;
}

void worker_start(struct worker *w, uint64_t fault_ep)
{
    w->park = worker_cap(w, pool_object(OBJECT_NOTIFICATION, 0));
    uint64_t buffer = (uint64_t)w->buffer;
    struct kaal_tcb_setup setup = {
        .fault_ep = fault_ep,
        .vspace = w->other_as ? other_space : SLOT_INIT_VSPACE,
        .buffer_address = buffer,
        .buffer_frame =
            boot->user_image_frames.start + (buffer - (uint64_t)kaal_image_start) / PAGE,
    };
    worker_cspace(w, &setup);
    must(kaal_tcb_configure(w->tcb, &setup), "TCB_Configure");
    must(kaal_tcb_set_sched_params(w->tcb, SLOT_INIT_TCB, w->priority, w->priority),
         "TCB_SetSchedParams");
    uint64_t registers[REG_COUNT] = {0};
    registers[REG_PC] = (uint64_t)carry_out;
    registers[REG_SP] = (uint64_t)(pages[w - workers].stack + PAGE);
    registers[REG_X0] = (uint64_t)w;
    must(kaal_tcb_write_registers(w->tcb, true, REG_COUNT, registers), "TCB_WriteRegisters");
}

void worker_check(const struct worker *w)
{
    expect(w->done != 2, "every message has the length that was sent");
}

void workers_forget(void)
{
    worker_count = 0;
}

void make_thread(uint64_t tcb, uint64_t priority, enum syscall number, uint64_t x0)
{
    const struct kaal_tcb_setup setup = {.cspace = SLOT_INIT_CNODE, .vspace = SLOT_INIT_VSPACE};
    uint64_t registers[REG_X8 + 1] = {0};
    registers[REG_PC] = (uint64_t)shot_aside_at;
    registers[REG_X0] = x0;
    registers[REG_X7] = (uint64_t)(int64_t)number;
    must(kaal_tcb_configure(tcb, &setup), "TCB_Configure");
    must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, priority), "TCB_SetPriority");
    must(kaal_tcb_write_registers(tcb, true, REG_X8 + 1, registers), "TCB_WriteRegisters");
}
