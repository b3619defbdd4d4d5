/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Stacks, thread-local blocks and IPC buffers are static memory of the image; a buffer's frame is
 * the image frame that it lies in (abi/boot.md §3).
 */
#include "probe.h"

#include "kaal/runtime.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"

enum {
    STACK_BYTES = 4096,
    TLS_BYTES = 256,
    THREADS = PROBES + WORKERS + 1
};
enum {
    QUIET_PRIORITY = 1,
    FRAME_BYTES = 1 << PAGE_BITS
};

struct thread_memory {
    _Alignas(1024) struct ipc_buffer buffer;
    _Alignas(16) char stack[STACK_BYTES];
    _Alignas(16) char tls[TLS_BYTES];
};

static struct thread_memory memory[THREADS];
static struct probe probes[PROBES];
static unsigned probe_count, worker_count;
static uint64_t quiet_tcb;
static uint64_t quiet;  /* notification: signalled whenever nothing else can run */
static uint64_t never;  /* notification that nobody signals */
static uint64_t faults; /* endpoint of the current case */

static uint64_t buffer_frame(const struct ipc_buffer *buffer)
{
    uint64_t page = ((uint64_t)buffer - (uint64_t)kaal_image_start) / FRAME_BYTES;
    return boot()->user_image_frames.start + page;
}

/* A TCB in the initial spaces with the buffer of `m`. */
static void configure(uint64_t tcb, struct thread_memory *m, uint64_t fault_cptr, uint64_t priority)
{
    const struct kaal_tcb_setup setup = {
        .fault_ep = fault_cptr,
        .cspace = ROOT,
        .vspace = SLOT_INIT_VSPACE,
        .buffer_address = (uint64_t)&m->buffer,
        .buffer_frame = buffer_frame(&m->buffer),
    };
    must(kaal_tcb_configure(tcb, &setup));
    must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, priority));
}

static _Noreturn void worker_main(void (*body)(uint64_t), uint64_t argument)
{
    body(argument);
    for (;;) {
        kaal_wait(never);
    }
}

static void start_c(uint64_t tcb, struct thread_memory *m, void (*body)(uint64_t),
                    uint64_t argument)
{
    uint64_t regs[REG_COUNT] = {0};
    kaal_tls_init(m->tls, &m->buffer);
    regs[REG_PC] = (uint64_t)worker_main;
    regs[REG_SP] = (uint64_t)(m->stack + sizeof(m->stack));
    regs[REG_X0] = (uint64_t)body;
    regs[REG_X1] = argument;
    regs[REG_TPIDR_EL0] = (uint64_t)m->tls;
    must(kaal_tcb_write_registers(tcb, 0, REG_COUNT, regs));
}

static void quiet_body(uint64_t notification)
{
    for (;;) {
        kaal_signal(notification);
    }
}

void probe_init(void)
{
    struct thread_memory *m = &memory[THREADS - 1];
    check(kaal_tls_size() <= TLS_BYTES);
    quiet = object(OBJECT_NOTIFICATION, 0);
    never = object(OBJECT_NOTIFICATION, 0);
    quiet_tcb = object(OBJECT_TCB, 0);
    configure(quiet_tcb, m, 0, QUIET_PRIORITY);
    start_c(quiet_tcb, m, quiet_body, quiet);
    quiet_on();
}

void quiet_off(void)
{
    must(kaal_tcb_suspend(quiet_tcb));
}

void quiet_on(void)
{
    must(kaal_tcb_resume(quiet_tcb));
}

void probe_open(void)
{
    probe_count = 0;
    worker_count = 0;
    faults = object(OBJECT_ENDPOINT, 0);
}

uint64_t fault_endpoint(void)
{
    return faults;
}

struct probe *probe_new(void)
{
    struct probe *p = &probes[probe_count];
    *p = (struct probe){.index = probe_count, .buffer = &memory[probe_count].buffer};
    check(probe_count < PROBES);
    probe_count++;
    memset(p->buffer, 0, sizeof(*p->buffer));
    p->tcb = object(OBJECT_TCB, 0);
    p->buffer_frame = buffer_frame(p->buffer);
    configure(p->tcb, &memory[p->index], mint_of(faults, RIGHTS_ALL, PROBE_BADGE + p->index),
              PROBE_PRIORITY);
    return p;
}

void probe_set(struct probe *p, const char *code)
{
    for (unsigned i = 0; i < REG_COUNT; i++) {
        p->regs[i] = 0x1100000000000000ull + (p->index + 1) * 0x10000 + i;
    }
    p->regs[REG_PC] = (uint64_t)code;
    p->regs[REG_SP] = (uint64_t)(memory[p->index].stack + STACK_BYTES);
    p->regs[REG_SPSR] = 0;
}

void probe_set_call(struct probe *p, enum syscall number, uint64_t x0, uint64_t info, uint64_t mr0,
                    uint64_t mr1, uint64_t mr2, uint64_t mr3)
{
    probe_set(p, snippet_svc);
    p->regs[REG_X0] = x0;
    p->regs[REG_X1] = info;
    p->regs[REG_X2] = mr0;
    p->regs[REG_X3] = mr1;
    p->regs[REG_X4] = mr2;
    p->regs[REG_X5] = mr3;
    p->regs[REG_X7] = (uint64_t)(int64_t)number;
}

void probe_go(struct probe *p)
{
    p->faulted = false;
    must(kaal_tcb_write_registers(p->tcb, 1, REG_COUNT, p->regs));
}

void probe_call(struct probe *p, enum syscall number, uint64_t x0, uint64_t info, uint64_t mr0,
                uint64_t mr1)
{
    probe_set_call(p, number, x0, info, mr0, mr1, 0x44, 0x55);
    probe_go(p);
}

void probe_read(struct probe *p)
{
    must(kaal_tcb_read_registers(p->tcb, 0, REG_COUNT, p->regs));
}

bool probe_done(struct probe *p)
{
    probe_read(p);
    return p->faulted && p->regs[REG_PC] == (uint64_t)snippet_svc_end;
}

bool probe_blocked(struct probe *p)
{
    probe_read(p);
    return !p->faulted && p->regs[REG_PC] == (uint64_t)snippet_svc;
}

void settle(void)
{
    /* A signal may be pending from the last time; the second wait is for a fresh one. */
    kaal_poll(quiet);
    kaal_wait(quiet);
}

void run(void)
{
    settle();
    for (;;) {
        struct kaal_message m = {0};
        kaal_nb_recv(faults, &m);
        if (m.badge < PROBE_BADGE || m.badge >= PROBE_BADGE + probe_count) {
            return;
        }
        struct probe *p = &probes[m.badge - PROBE_BADGE];
        p->faulted = true;
        p->fault = m;
    }
}

uint64_t worker_new(void (*body)(uint64_t argument), uint64_t argument, uint64_t priority)
{
    struct thread_memory *m = &memory[PROBES + worker_count];
    check(worker_count < WORKERS);
    worker_count++;
    uint64_t tcb = object(OBJECT_TCB, 0);
    configure(tcb, m, 0, priority);
    start_c(tcb, m, body, argument);
    return tcb;
}

void workers_forget(void)
{
    worker_count = 0;
}

void worker_go(uint64_t tcb)
{
    must(kaal_tcb_resume(tcb));
}
