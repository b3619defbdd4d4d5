/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The digest of the abstract state: it is a function of the state, every kind of state is in it,
 * and what the two machines may do differently is not.
 */
#include "core_fixture.h"
#include "digest.h"
#include "pte.h"
#include "vspace.h"

enum {
    ROOT = SLOT_INIT_CNODE
};

static uint64_t digest(void)
{
    return digest_state(fx.cpu);
}

/* Flipping a bit of `byte` changes the digest, flipping it back restores it. */
static void in_digest(void *at, const char *what)
{
    uint8_t *byte = at;
    uint64_t before = digest();
    *byte ^= 1;
    uint64_t changed = digest();
    *byte ^= 1;
    if (changed == before)
        fail_msg("the digest does not cover %s", what);
    assert_int_equal(digest(), before);
}

static void is_a_function_of_the_state(void **unused)
{
    (void)unused;
    uint64_t before = digest();
    assert_int_equal(digest(), before);
    uint64_t slot = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t with_endpoint = digest();
    assert_int_not_equal(with_endpoint, before);
    fx_delete(slot);
    assert_int_not_equal(digest(), with_endpoint);
}

static void covers_slots_and_their_links(void **unused)
{
    (void)unused;
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t copy = fx_mint(notification, RIGHTS_ALL, 5);
    in_digest(&fx_at(copy)->cap.w[1], "a badge");
    in_digest(&fx_at(copy)->cap.w[0], "a cap's type");
    in_digest(&fx_at(copy)->link, "a revocable flag");
    in_digest(&notification_of(fx_cap(copy))->word, "a notification's word");
}

/* A CNode that only another CNode leads to. */
static void covers_what_caps_lead_to(void **unused)
{
    (void)unused;
    uint64_t outer = fx_new(OBJECT_CNODE, 2);
    uint64_t inner = fx_new(OBJECT_CNODE, 2);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    struct slot *slots = cnode_of(fx_cap(inner));
    OK(inner, LABEL_CNODE_MOVE, W(3, 2, endpoint, FX_DEPTH), C(ROOT));
    OK(outer, LABEL_CNODE_MOVE, W(1, 2, inner, FX_DEPTH), C(ROOT));
    in_digest(&slots[3].cap.w[1], "a badge two CNodes away");
}

static void covers_threads(void **unused)
{
    (void)unused;
    struct tcb *tcb = fx_tcb(fx_thread(10, true));
    in_digest(&tcb->context.reg[REG_X28], "a register");
    in_digest(&tcb->context.next_pc, "the address where a thread goes on");
    in_digest(&tcb->priority, "a priority");
    in_digest(&tcb->mcp, "a maximum controlled priority");
    in_digest(&tcb->flags, "a thread's flags");
    in_digest(&tcb->slice, "a time slice");
    in_digest(&tcb->state, "a thread's state");
    in_digest(&tcb->blocked_badge, "the badge of a blocked thread");
    in_digest(&tcb->blocked_grant, "the grant right of a blocked thread");
    in_digest(&tcb->blocked_grant_reply, "the grant-reply right of a blocked thread");
    in_digest(&tcb->blocked_is_call, "whether a blocked thread calls");
    in_digest(&tcb->fp_live, "whether a thread's FP state is in use");
    in_digest(&tcb->fault_handler, "a fault handler");
    in_digest(&tcb->fault.word, "a fault");
    in_digest(&tcb->fp.v[3], "the FP state of a thread that is not in the registers");
    in_digest(&tcb->progress_bytes, "the progress of a preempted call");
}

static void covers_ipc_buffers(void **unused)
{
    (void)unused;
    struct tcb *tcb = fx_tcb(fx_thread(10, true));
    uint64_t frame = cap_object(tcb->slots[TCB_IPC_BUFFER].cap);
    uint64_t offset = tcb->ipc_buffer % (1u << PAGE_BITS);
    struct ipc_buffer *buffer = hal_window(paddr(frame + offset));
    in_digest(&buffer->msg[119], "the last word of an IPC buffer");
}

static void covers_the_kernel(void **unused)
{
    (void)unused;
    struct kernel *kernel = fx.cpu->kernel;
    in_digest(&kernel->schedule[0].duration, "the domain schedule");
    in_digest(&kernel->irqs[kernel->timer_irq].state, "an interrupt's state");
    in_digest(&fx.cpu->space, "the address space in use");
}

/* The entry after a notification's in the list lies in the interrupt's own slot, in the kernel. */
static void covers_the_caps_of_interrupts(void **unused)
{
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0), handler = fx_slot();
    (void)unused;
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(),
       C(fx_mint(notification, RIGHTS_ALL, 0x40)));
    struct slot *held = &fx.cpu->kernel->irqs[40].slot;
    assert_ptr_equal(slot_next(held->prev), held);
    in_digest(&held->cap.w[1], "the badge an interrupt signals");
}

/* What only the zombie of a preempted deletion leads to. */
static void covers_zombies(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 2), tcb = fx_new(OBJECT_TCB, 0);
    struct slot *slots = cnode_of(fx_cap(cnode));
    struct tcb *thread = fx_tcb(tcb);
    (void)unused;
    OK(cnode, LABEL_CNODE_COPY, W(0, 2, SLOT_DOMAIN, FX_DEPTH, 0), C(ROOT));
    fx.cpu->kernel->work_limit = 1;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t slot = i ? tcb : cnode;
        machine_preempt_at(1);
        fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_DELETE, W(slot, FX_DEPTH), C());
        assert_int_equal(cap_type(fx_cap(slot)), CAP_ZOMBIE);
    }
    in_digest(&slots[0].cap.w[1], "a cap in a dying CNode");
    in_digest(&thread->context.reg[REG_X0], "a register of a dying thread");
}

static void covers_translations(void **unused)
{
    (void)unused;
    struct cap vspace = fx_cap(SLOT_INIT_VSPACE);
    struct walk walk = vspace_walk(paddr(cap_object(vspace)), fx.info->ipc_buffer);
    uint64_t before = digest(), pte = hal_pte_load(walk.entry);
    assert_int_equal(pte_kind(pte, walk.level), PTE_LEAF);
    *walk.entry = pte ^ 1ull << 7; /* behind the checker's back: read-only, and back */
    assert_int_not_equal(digest(), before);
    *walk.entry = pte;
    assert_int_equal(digest(), before);
}

/* Nobody runs, and nothing is ready: what interrupts lead to is left, and the kernel's own. */
static void covers_an_idle_machine(void **unused)
{
    uint64_t handler = fx_slot(), notification = fx_new(OBJECT_NOTIFICATION, 0);
    struct cap signal = fx_cap(notification);
    (void)unused;
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification));
    fx_recv(notification);
    assert_null(fx.cpu->current);
    in_digest(&notification_of(signal)->word, "a notification that an interrupt signals");
    in_digest(&fx.cpu->kernel->current_domain, "the domain of an idle machine");
}

static void leaves_time_out(void **unused)
{
    (void)unused;
    uint64_t before = digest();
    fx.cpu->next_tick += 1;
    machine_advance(1000);
    assert_int_equal(digest(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(is_a_function_of_the_state),
        FX_CASE(covers_slots_and_their_links),
        FX_CASE(covers_what_caps_lead_to),
        FX_CASE(covers_threads),
        FX_CASE(covers_ipc_buffers),
        FX_CASE(covers_the_kernel),
        FX_CASE(covers_the_caps_of_interrupts),
        FX_CASE(covers_zombies),
        FX_CASE(covers_translations),
        FX_CASE(leaves_time_out),
        FX_CASE(covers_an_idle_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
