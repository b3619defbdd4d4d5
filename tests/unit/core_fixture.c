/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The fixture of the core's unit tests.
 */
#include "core_fixture.h"

#include "invariants.h"
#include "sched.h"
#include "thread.h"

struct fixture fx;

enum {
    SVC_BYTES = 4,
    FX_IPC_BUFFER = 0x10000000 /* user address recorded for every thread's buffer */
};

/* ---- the machine ---- */

static void find_memory(void)
{
    unsigned best = 0;
    for (uint64_t i = 0; i < fx.info->untyped.end - fx.info->untyped.start; i++) {
        const struct untyped_desc *u = &fx.info->untyped_list[i];
        if (!u->is_device && u->size_bits > best) {
            best = u->size_bits;
            fx.memory = fx.info->untyped.start + i;
        }
    }
}

void fx_boot(const struct platform *platform)
{
    memset(&fx, 0, sizeof fx);
    machine_create(platform, 0);
    fx.cpu = machine_boot();
    fx.root = fx.cpu->current;
    fx.slots = cnode_of(fx.root->slots[TCB_CSPACE].cap);
    fx.info = hal_window(paddr(cap_object(fx.slots[SLOT_BOOTINFO_FRAME].cap)));
    fx.next_slot = fx.info->empty.start;
    find_memory();
    fx_check(__FILE__, __LINE__);
}

int fx_setup(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.max_irq = 159; /* abi/invocations.md §6 */
    fx_boot(&platform);
    return 0;
}

int fx_teardown(void **unused)
{
    (void)unused;
    machine_destroy();
    return 0;
}

const char *fx_broken(void)
{
    return invariants_check_all(fx.cpu, fx.slots, fx.info->empty.end);
}

void fx_reports(const char *sentence)
{
    const char *found = fx_broken();
    if (!found || strcmp(found, sentence) != 0)
        fail_msg("expected \"%s\", found \"%s\"", sentence, found ? found : "nothing");
}

void fx_check(const char *file, int line)
{
    const char *broken = fx.unchecked ? NULL : fx_broken();
    if (broken) {
        print_error("invariant: %s\n", broken);
        _fail(file, line);
    }
}

/* ---- objects ---- */

uint64_t fx_slots(unsigned count)
{
    uint64_t first = fx.next_slot;
    fx.next_slot += count;
    assert_true(fx.next_slot <= fx.info->empty.end);
    return first;
}

uint64_t fx_slot(void)
{
    return fx_slots(1);
}

struct slot *fx_at(uint64_t slot)
{
    return fx.slots + slot;
}

struct cap fx_cap(uint64_t slot)
{
    return fx_at(slot)->cap;
}

struct tcb *fx_tcb(uint64_t slot)
{
    assert_int_equal(cap_type(fx_cap(slot)), CAP_TCB);
    return tcb_of(fx_cap(slot));
}

uint64_t fx_new_from(uint64_t untyped, enum object_type type, uint64_t size_bits)
{
    uint64_t slot = fx_slot();
    OK(untyped, LABEL_UNTYPED_RETYPE, W(type, size_bits, 0, 0, slot, 1), C(SLOT_INIT_CNODE));
    return slot;
}

uint64_t fx_new(enum object_type type, uint64_t size_bits)
{
    return fx_new_from(fx.memory, type, size_bits);
}

uint64_t fx_copy(uint64_t source, uint64_t rights)
{
    uint64_t slot = fx_slot();
    OK(SLOT_INIT_CNODE, LABEL_CNODE_COPY, W(slot, FX_DEPTH, source, FX_DEPTH, rights),
       C(SLOT_INIT_CNODE));
    return slot;
}

uint64_t fx_mint(uint64_t source, uint64_t rights, uint64_t data)
{
    uint64_t slot = fx_slot();
    OK(SLOT_INIT_CNODE, LABEL_CNODE_MINT, W(slot, FX_DEPTH, source, FX_DEPTH, rights, data),
       C(SLOT_INIT_CNODE));
    return slot;
}

void fx_delete(uint64_t slot)
{
    OK(SLOT_INIT_CNODE, LABEL_CNODE_DELETE, W(slot, FX_DEPTH), C());
}

uint64_t fx_device(unsigned bits)
{
    for (uint64_t i = 0; i < fx.info->untyped.end - fx.info->untyped.start; i++)
        if (fx.info->untyped_list[i].is_device && fx.info->untyped_list[i].size_bits >= bits)
            return fx.info->untyped.start + i;
    fail_msg("no device Untyped of 2^%u bytes", bits);
    return 0;
}

uint64_t fx_thread(unsigned priority, bool resumed)
{
    uint64_t tcb = fx_new(OBJECT_TCB, 0);
    uint64_t buffer = fx_new(OBJECT_SMALL_PAGE, 0);
    OK(tcb, LABEL_TCB_CONFIGURE, W(0, 0, 0, FX_IPC_BUFFER),
       C(SLOT_INIT_CNODE, SLOT_INIT_VSPACE, buffer));
    OK(tcb, LABEL_TCB_SET_SCHED_PARAMS, W(priority, priority), C(SLOT_INIT_TCB));
    if (resumed)
        OK(tcb, LABEL_TCB_RESUME, W(), C());
    return tcb;
}

void fx_switch(struct tcb *tcb)
{
    struct cpu *cpu = fx.cpu;
    if (cpu->current == tcb)
        return;
    assert_true(thread_is_runnable(tcb));
    if (cpu->current)
        sched_enqueue_head(cpu, cpu->current);
    sched_dequeue(cpu, tcb);
    cpu->current = tcb;
    sched_finish(cpu);
    assert_ptr_equal(cpu->current, tcb);
}

/* ---- system calls ---- */

/* One kernel entry of the current thread at its next instruction. */
static void enter(enum trap_kind kind, uint32_t esr, uint64_t far)
{
    struct trap trap = {kind, esr, far};
    struct context *context = core_current(fx.cpu);
    if (context) {
        context->reg[REG_PC] = context->next_pc;
        if (kind == TRAP_SYSCALL)
            context->next_pc += SVC_BYTES;
    }
    machine_enter(fx.cpu, &trap);
    fx_check(__FILE__, __LINE__);
}

void fx_trap(enum trap_kind kind, uint32_t esr, uint64_t far)
{
    enter(kind, esr, far);
}

static void prepare(int64_t number, uint64_t cptr, uint64_t label, struct list words,
                    struct list caps)
{
    struct tcb *tcb = fx.cpu->current;
    struct ipc_buffer *buffer = thread_buffer(tcb, true);
    uint64_t *reg = tcb->context.reg;
    reg[REG_X0] = cptr;
    reg[REG_X1] = msginfo_new(label, 0, caps.n, words.n);
    reg[REG_X7] = (uint64_t)number;
    for (unsigned i = 0; i < words.n; i++) {
        if (i < MSG_REGISTERS)
            reg[REG_X2 + i] = words.v[i];
        else if (buffer)
            buffer->msg[i] = words.v[i];
    }
    for (unsigned i = 0; buffer && i < caps.n; i++)
        buffer->caps_or_badges[i] = caps.v[i];
    if (number == SYS_CALL || number == SYS_SEND || number == SYS_NB_SEND)
        fx_decode_only();
}

static void run_to_end(struct tcb *caller)
{
    do
        enter(TRAP_SYSCALL, 0x56000000, 0);
    while (fx.cpu->current == caller && caller->context.next_pc == caller->context.reg[REG_PC]);
}

void fx_syscall(int64_t number, uint64_t cptr, uint64_t label, struct list words, struct list caps)
{
    struct tcb *tcb = fx.cpu->current;
    prepare(number, cptr, label, words, caps);
    if (number == SYS_CALL && !fx.unchecked && !fx.unrepeated)
        fx_repeat_preempted(run_to_end, label);
    else
        run_to_end(tcb);
}

void fx_syscall_once(int64_t number, uint64_t cptr, uint64_t label, struct list words,
                     struct list caps)
{
    prepare(number, cptr, label, words, caps);
    enter(TRAP_SYSCALL, 0x56000000, 0);
}

struct answer fx_answer(const struct tcb *tcb)
{
    const struct ipc_buffer *buffer = thread_buffer(tcb, false);
    uint64_t info = tcb->context.reg[REG_X1];
    struct answer a = {.x0 = tcb->context.reg[REG_X0],
                       .label = msginfo_label(info),
                       .unwrapped = msginfo_unwrapped(info),
                       .extra = msginfo_extra_caps(info),
                       .length = msginfo_length(info)};
    for (unsigned i = 0; i < a.length && i < MSG_MAX_LENGTH && (i < MSG_REGISTERS || buffer); i++)
        a.mr[i] = thread_message(tcb, buffer, i);
    return a;
}

struct answer fx_call(uint64_t cptr, uint64_t label, struct list words, struct list caps)
{
    struct tcb *tcb = fx.cpu->current;
    fx_syscall(SYS_CALL, cptr, label, words, caps);
    return fx_answer(tcb);
}

void fx_yield(void)
{
    fx_syscall(SYS_YIELD, 0, 0, W(), C());
}

uint64_t fx_poll(uint64_t cptr)
{
    struct tcb *tcb = fx.cpu->current;
    fx_syscall(SYS_NB_RECV, cptr, 0, W(), C());
    return tcb->context.reg[REG_X0];
}

void fx_recv(uint64_t cptr)
{
    fx_syscall(SYS_RECV, cptr, 0, W(), C());
}

void fx_signal(uint64_t cptr)
{
    fx_syscall(SYS_SEND, cptr, 0, W(), C());
}

/* ---- expectations ---- */

static void print_answer(const struct answer *a)
{
    print_error("found x0 0x%llx, label %llu, unwrapped %llu, extra %llu, length %llu:",
                (unsigned long long)a->x0, (unsigned long long)a->label,
                (unsigned long long)a->unwrapped, (unsigned long long)a->extra,
                (unsigned long long)a->length);
    for (unsigned i = 0; i < a->length && i < 8; i++)
        print_error(" %llx", (unsigned long long)a->mr[i]);
    print_error("\n");
}

static void expect_answer(const struct answer *a, uint64_t x0, uint64_t label, struct list words,
                          const char *file, int line)
{
    bool same = a->x0 == x0 && a->label == label && a->unwrapped == 0 && a->extra == 0 &&
                a->length == words.n;
    for (unsigned i = 0; same && i < words.n; i++)
        same = a->mr[i] == words.v[i];
    if (same)
        return;
    print_error("expected x0 0x%llx, label %llu, length %u:", (unsigned long long)x0,
                (unsigned long long)label, words.n);
    for (unsigned i = 0; i < words.n; i++)
        print_error(" %llx", (unsigned long long)words.v[i]);
    print_error("\n");
    print_answer(a);
    _fail(file, line);
}

void fx_message(const struct tcb *tcb, uint64_t badge, uint64_t label, struct list words,
                const char *file, int line)
{
    struct answer a = fx_answer(tcb);
    expect_answer(&a, badge, label, words, file, line);
}

void fx_ok(uint64_t cptr, uint64_t label, struct list words, struct list caps, struct list result,
           const char *file, int line)
{
    struct answer a = fx_call(cptr, label, words, caps);
    expect_answer(&a, 0, ERROR_NONE, result, file, line);
}

static void fail_at(const char *sentence, const char *file, int line)
{
    print_error("%s\n", sentence);
    _fail(file, line);
}

/* The thread's registers as they were before the refused call, for comparing the rest. */
static void expect_unchanged(struct tcb *tcb, const struct context *before, uint64_t word,
                             const struct machine_hash *hash, const char *file, int line)
{
    struct ipc_buffer *buffer = thread_buffer(tcb, true);
    struct context answered = tcb->context;
    uint64_t answered_word = buffer ? buffer->msg[MSG_REGISTERS] : 0;
    if (answered.next_pc != before->next_pc + SVC_BYTES)
        fail_at("a refused call does not go on after its svc", file, line);
    tcb->context.reg[REG_PC] = before->reg[REG_PC];
    tcb->context.next_pc = before->next_pc;
    for (unsigned i = REG_X0; i <= REG_X5; i++)
        tcb->context.reg[i] = before->reg[i];
    if (buffer)
        buffer->msg[MSG_REGISTERS] = word;
    struct machine_hash after = machine_hash();
    if (memcmp(hash, &after, sizeof after) != 0)
        fail_at("a refused call changed more than its reply", file, line);
    tcb->context = answered;
    if (buffer)
        buffer->msg[MSG_REGISTERS] = answered_word;
}

bool fx_try(uint64_t cptr, uint64_t label, struct list words, struct list caps, struct answer *a,
            const char *file, int line)
{
    struct tcb *tcb = fx.cpu->current;
    struct ipc_buffer *buffer = thread_buffer(tcb, true);
    prepare(SYS_CALL, cptr, label, words, caps);
    struct context before = tcb->context;
    uint64_t word = buffer ? buffer->msg[MSG_REGISTERS] : 0;
    struct machine_hash hash = machine_hash();
    enter(TRAP_SYSCALL, 0x56000000, 0);
    *a = fx_answer(tcb);
    bool answered = fx.cpu->current == tcb && tcb->context.next_pc != tcb->context.reg[REG_PC];
    if (answered && a->x0 == 0 && a->label != ERROR_NONE)
        expect_unchanged(tcb, &before, word, &hash, file, line);
    return answered;
}

void fx_refused(uint64_t cptr, uint64_t label, struct list words, struct list caps,
                enum error_code code, struct list info, const char *file, int line)
{
    struct answer a;
    if (!fx_try(cptr, label, words, caps, &a, file, line))
        fail_at("the call is not answered", file, line);
    expect_answer(&a, 0, code, info, file, line);
}
