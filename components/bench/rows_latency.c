/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * How long an interrupt waits behind a long operation: the physical timer is set to fire at points
 * spread over the operation; measured from its deadline to the first instruction of the handler,
 * a thread above the caller. The maximum bounds the longest stretch without a look for interrupts.
 * Needs kaal.el0_physical_timer=on, kaal.el0_physical_counter=on and a counter of 1 GHz, so that it
 * counts instructions.
 */
#include "invoke.h"

enum {
    TIMER_IRQ = 30,
    GIGAHERTZ = 1000000000,
    FOREVER = 1 << 30,
    FIRST_OFFSET = 64, /* behind the arming itself */
    CAPS = 1000,
    CNODE_BITS = 10,
    MAPPINGS = 400,
    THREADS = 200,
    THREADS_BITS = 20,
    ZERO_BITS = 20
};

#define LARGE_VADDR 0x60000000ull

/* One long operation: `prepare` makes everything ready for one `perform`. */
struct operation {
    const char *name;
    void (*prepare)(void);
    void (*perform)(void);
};

static uint64_t irq_handler, object, extra;

static void many_copies(uint64_t cnode, uint64_t radix)
{
    for (uint64_t i = 0; i < CAPS; i++)
        must(kaal_cnode_copy((struct kaal_slot){cnode, i, radix}, at(object), RIGHTS_ALL),
             "CNode_Copy");
}

static void prepare_revoke(void)
{
    object = pool_object(OBJECT_ENDPOINT, 0);
    many_copies(pool_object(OBJECT_CNODE, CNODE_BITS), CNODE_BITS);
}

static void perform_revoke(void)
{
    (void)measure_slot(LABEL_CNODE_REVOKE, at(object));
}

/* Copies of a frame, each mapped, in one table. */
static void prepare_mappings(void)
{
    object = pool_object(OBJECT_SMALL_PAGE, 0);
    for (uint64_t i = 0; i < MAPPINGS; i++) {
        uint64_t copy = pool_slot();
        must(kaal_cnode_copy(at(copy), at(object), RIGHTS_ALL), "CNode_Copy");
        pool_map(SLOT_INIT_VSPACE, copy, LARGE_VADDR + (i << PAGE_BITS));
    }
}

/* Threads that run in the program's spaces, with IPC buffers, ready but below the caller. */
static void prepare_threads(void)
{
    object = pool_object(OBJECT_UNTYPED, THREADS_BITS);
    extra = pool_slots(THREADS);
    (void)measure_retype(object, OBJECT_TCB, 0, extra, THREADS);
    for (uint64_t i = 0; i < THREADS; i++)
        make_thread(extra + i, LOWER, SYS_YIELD, 0);
}

static void prepare_cnode(void)
{
    object = pool_object(OBJECT_ENDPOINT, 0);
    extra = pool_object(OBJECT_CNODE, CNODE_BITS);
    many_copies(extra, CNODE_BITS);
    object = extra;
}

static void perform_delete(void)
{
    (void)measure_slot(LABEL_CNODE_DELETE, at(object));
}

static void prepare_zero(void)
{
    object = pool_object(OBJECT_UNTYPED, ZERO_BITS);
    extra = pool_slots(2);
    (void)measure_retype(object, OBJECT_UNTYPED, ZERO_BITS, extra, 1);
    must(kaal_cnode_delete(at(extra)), "CNode_Delete");
}

static void perform_zero(void)
{
    (void)measure_retype(object, OBJECT_ENDPOINT, 0, extra + 1, 1);
}

static void prepare_retype(void)
{
    extra = pool_slots(RETYPE_FAN_OUT_LIMIT);
}

static void perform_retype(void)
{
    (void)measure_retype(pool_arena(), OBJECT_TCB, 0, extra, RETYPE_FAN_OUT_LIMIT);
}

/* Threads that wait, and do not run when they are woken. */
static void waiting_threads(enum syscall number, uint64_t cptr)
{
    for (unsigned i = 0; i < THREADS; i++) {
        uint64_t tcb = pool_object(OBJECT_TCB, 0);
        make_thread(tcb, LOWER, number, cptr);
        must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, 1), "TCB_SetPriority");
    }
}

static void prepare_waiters(void)
{
    object = pool_object(OBJECT_ENDPOINT, 0);
    waiting_threads(SYS_RECV, object);
}

static void prepare_senders(void)
{
    object = pool_object(OBJECT_ENDPOINT, 0);
    extra = pool_mint(object, RIGHTS_ALL, 1);
    waiting_threads(SYS_SEND, extra);
}

static void perform_cancel(void)
{
    (void)measure_slot(LABEL_CNODE_CANCEL_BADGED_SENDS, at(extra));
}

static void prepare_large(void)
{
    object = pool_object(OBJECT_LARGE_PAGE, 0);
    pool_map(SLOT_INIT_VSPACE, object, LARGE_VADDR);
}

static void perform_large(void)
{
    (void)measure(object, LABEL_PAGE_CLEAN_INVALIDATE_DATA, KAAL_WORDS(0, 1 << LARGE_PAGE_BITS),
                  KAAL_NONE);
}

static void prepare_nothing(void)
{
}

static const struct operation operations[] = {
    {"latency_idle", prepare_nothing, prepare_nothing},
    {"latency_revoke_1000_caps", prepare_revoke, perform_revoke},
    {"latency_revoke_400_mappings", prepare_mappings, perform_revoke},
    {"latency_revoke_200_threads", prepare_threads, perform_revoke},
    {"latency_delete_cnode_1000_caps", prepare_cnode, perform_delete},
    {"latency_zero_1_mib", prepare_zero, perform_zero},
    {"latency_retype_256_tcbs", prepare_retype, perform_retype},
    {"latency_delete_endpoint_200_waiters", prepare_waiters, perform_delete},
    {"latency_cancel_200_badged_sends", prepare_senders, perform_cancel},
    {"latency_clean_2_mib", prepare_large, perform_large},
};

static struct worker *start_handler(uint64_t notification)
{
    struct worker *w = worker_new(HIGHER, false);
    worker_step(w, SYS_RECV, worker_cap(w, notification), 0)->logged = true;
    worker_step(w, SYS_YIELD, 0, 0)->shoot = shot_timer_off;
    struct step *ack = worker_step(w, SYS_CALL, worker_cap(w, irq_handler),
                                   msginfo_new(LABEL_IRQ_HANDLER_ACK, 0, 0, 0));
    ack->checked = true;
    w->rounds = FOREVER;
    worker_start(w, 0);
    return w;
}

/* One sample: instructions from the deadline to the handler. `length` gets those of the operation.
 */
static uint64_t sample(const struct operation *o, uint64_t offset, uint64_t *length)
{
    pool_object(OBJECT_ENDPOINT, 0); /* a child, so that the arena is not reset */
    uint64_t notification = pool_object(OBJECT_NOTIFICATION, 0);
    must(kaal_irq_handler_set_notification(irq_handler, notification),
         "IRQHandler_SetNotification");
    must(kaal_irq_handler_ack(irq_handler), "IRQHandler_Ack");
    volatile struct worker *handler = start_handler(notification);
    o->prepare();
    uint64_t deadline = timer_arm(offset);
    uint64_t before = counter_read();
    o->perform();
    *length = (uint32_t)(counter_read() - before);
    while (handler->log_count == 0)
        ;
    uint64_t result = (uint32_t)(handler->log[0].after - deadline);
    must(kaal_irq_handler_clear(irq_handler), "IRQHandler_Clear");
    pool_reset();
    workers_forget();
    return result;
}

/* Longest wait of all, and the shortest of all. */
static uint64_t longest, shortest = UINT64_MAX;

static void latency_row(const struct operation *o)
{
    uint64_t samples[SAMPLES], length, ignored;
    row_begin(o->name);
    (void)sample(o, FOREVER / 64, &length);
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = sample(o, FIRST_OFFSET + length * i / SAMPLES, &ignored);
    row_end(samples, SAMPLES, "instructions");
    if (samples[SAMPLES - 1] > longest)
        longest = samples[SAMPLES - 1];
    if (samples[0] < shortest)
        shortest = samples[0];
}

void rows_latency(void)
{
    if (timer_hertz() != GIGAHERTZ) {
        row_begin(operations[0].name);
        row_skip("the counter does not run at 1 GHz");
        return;
    }
    irq_handler = pool_slot();
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, TIMER_IRQ, at(irq_handler)), "IRQControl_Get");
    pool_keep();
    for (unsigned i = 0; i < sizeof operations / sizeof operations[0]; i++)
        latency_row(&operations[i]);
    row_begin("longest_stretch");
    longest -= shortest;
    row_end(&longest, 1, "instructions");
}
