/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The fast paths and the watched way against the ordinary way: the same random system calls on the
 * same machine give the same state of the whole memory after every one.
 */
#include <stdlib.h>

#include "core_fixture.h"
#include "diag.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    LINE = 40,
    THREADS = 4,
    CAPS = 12,
    ROUNDS = 60,
    STEPS = 120
};

static struct tcb *threads[THREADS];
static uint64_t tcbs[THREADS], caps[CAPS];
static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % n;
}

/* Endpoints with all kinds of rights, a notification, the small CNode, nothing. */
static void build_world(void)
{
    uint64_t a = fx_new(OBJECT_ENDPOINT, 0), b = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t n = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t list[CAPS] = {a,
                           a,
                           fx_mint(a, RIGHTS_ALL, 7),
                           fx_copy(a, RIGHT_WRITE),
                           fx_copy(a, RIGHT_WRITE | RIGHT_GRANT_REPLY),
                           fx_copy(a, RIGHT_READ),
                           b,
                           fx_mint(b, RIGHT_WRITE | RIGHT_GRANT, 9),
                           n,
                           fx_mint(n, RIGHTS_ALL, 5),
                           fx_new(OBJECT_CNODE, 3),
                           SLOT_NULL};
    memcpy(caps, list, sizeof caps);
    for (unsigned i = 0; i < THREADS; i++) {
        tcbs[i] = fx_thread(100 + i / 2, true);
        threads[i] = fx_tcb(tcbs[i]);
        threads[i]->fault_handler = b;
    }
    uint64_t handler = fx_slot();
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER, W(LINE, 1, handler, FX_DEPTH), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(n));
    OK(tcbs[1], LABEL_TCB_BIND_NOTIFICATION, W(), C(n));
    OK(tcbs[2], LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT));
    OK(tcbs[3], LABEL_TCB_SET_SPACE, W(b, 0, 0), C(ROOT, SLOT_INIT_VSPACE));
    fx_syscall_once(SYS_CALL, SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
}

/* What the running thread does next. */
struct step {
    int64_t number;
    uint64_t cptr, label, words[8];
    unsigned length, extra, fp;
    bool rescue, signal;
};

static struct step random_step(void)
{
    static const int64_t numbers[] = {
        SYS_CALL, SYS_CALL, SYS_CALL,    SYS_REPLY_RECV, SYS_CALL,  SYS_REPLY_RECV, SYS_REPLY_RECV,
        SYS_SEND, SYS_RECV, SYS_NB_SEND, SYS_NB_RECV,    SYS_REPLY, SYS_YIELD};
    struct step s = {.number = numbers[random_below(sizeof numbers / sizeof numbers[0])]};
    s.cptr = caps[random_below(random_below(3) ? 3 : CAPS)];
    if (s.number == SYS_REPLY_RECV && random_below(4) == 0)
        s.cptr = caps[5]; /* received without grant */
    s.label = random_below(4);
    s.length = (unsigned)random_below(random_below(3) ? 5 : 9);
    s.rescue = random_below(12) == 0;
    s.signal = random_below(6) == 0;
    s.extra = random_below(8) == 0;
    s.fp = random_below(16) == 0;
    for (unsigned i = 0; i < 8; i++)
        s.words[i] = random_below(1000);
    return s;
}

/* Somebody outside wakes everybody who is stuck. */
static void rescue(void)
{
    for (unsigned i = 0; i < THREADS; i++)
        if (!thread_is_runnable(threads[i]))
            thread_resume(fx.cpu, threads[i]);
    struct trap trap = {.kind = TRAP_INTERRUPT};
    machine_enter(fx.cpu, &trap);
}

/* Signals the notification that is bound to thread 1. */
static void interrupt(void)
{
    machine_irq_pulse(LINE);
    fx_trap(TRAP_INTERRUPT, 0, 0);
    hal_irq_release(LINE);
}

static void perform(const struct step *s)
{
    struct list words = {s->words, s->length};
    if (!fx.cpu->current || s->rescue) {
        rescue();
        return;
    }
    if (s->signal)
        interrupt();
    if (!fx.cpu->current)
        return;
    if (s->fp)
        fx_trap(TRAP_USER_EXCEPTION, 0x1fe00000, 0);
    fx_syscall_once(s->number, s->cptr, s->label, words,
                    s->extra ? C(caps[8]) : (struct list){NULL, 0});
}

/* The ways through the kernel: ordinary, fast where possible, watched by events. */
enum way {
    ORDINARY,
    FAST,
    WATCHED,
    WAYS
};

static void take(enum way way)
{
    fx.cpu->fast = way == FAST;
    fx.cpu->watched = way == WATCHED;
    fx.cpu->diag->events = way == WATCHED;
}

static unsigned events;

static void on_event(const struct event *event)
{
    events++;
    assert_non_null(event->trap);
}

/* The state with the switches themselves left out. */
static struct machine_hash state_hash(enum way way)
{
    take(ORDINARY);
    struct machine_hash hash = machine_hash();
    take(way);
    return hash;
}

static void same_state_after_every_step(void **unused)
{
    void *start = malloc(machine_snapshot_bytes());
    struct machine_hash expected[STEPS];
    unsigned taken = 0;
    (void)unused;
    build_world();
    machine_on_event(on_event);
    machine_snapshot(start);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (enum way way = ORDINARY; way < WAYS; way++) {
            machine_restore(start);
            seed = round;
            take(way);
            for (unsigned step = 0; step < STEPS; step++) {
                struct step s = random_step();
                fx.unchecked = step % 8 != 0;
                const struct tcb *before = fx.cpu->current;
                perform(&s);
                taken += before && before->state == THREAD_BLOCKED_REPLY;
                struct machine_hash hash = state_hash(way);
                if (way == ORDINARY)
                    expected[step] = hash;
                else if (memcmp(&hash, &expected[step], sizeof hash) != 0)
                    fail_msg("way %u, round %u, step %u: call %lld on slot %llu ends differently",
                             way, round, step, (long long)s.number, (unsigned long long)s.cptr);
            }
        }
    }
    assert_true(taken > ROUNDS * STEPS / 10); /* the paths were travelled */
    assert_true(events >= ROUNDS * STEPS);
    free(start);
}

static void a_deleted_pool_switches_them_off(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    uint64_t pool = fx_slot();
    uint64_t server = fx_thread(255, true);
    (void)unused; /* abi/vspace.md §2: threads then run with an empty address space */
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, FX_DEPTH),
       C(fx_new(OBJECT_UNTYPED, 12), ROOT));
    OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
    OK(server, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, vspace));
    fx_switch(fx_tcb(server));
    fx_recv(endpoint);
    fx_switch(fx.root);
    fx_delete(pool);
    fx_syscall(SYS_CALL, endpoint, 1, W(1), C());
    assert_ptr_equal(fx.cpu->current, fx_tcb(server));
    assert_int_equal(machine_space_root(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(same_state_after_every_step),
        FX_CASE(a_deleted_pool_switches_them_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
