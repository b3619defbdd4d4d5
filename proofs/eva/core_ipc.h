/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * States of the value analysis in which A, the running thread, and B or C exchange messages.
 * Included once, by core_messages.h.
 *
 * What the kernel compares is one value in each state: lengths, numbers of caps, rights,
 * priorities, kinds of buffers, the slot of each cap that is passed on. What it carries is any:
 * registers, buffers, labels, badges, what extra caps and receive slots are named.
 */
#pragma once

/* transfer.c, and none of its cases kept apart once the message is over. */
#define transfer_message whole_transfer
#include "core/transfer.c"
#undef transfer_message

static unsigned kept_root, kept_place;

void transfer_message(const struct transfer *transfer)
{
    whole_transfer(transfer);
    //@ merge kept_root;
    kept_root = 0;
    //@ merge kept_place;
    kept_place = 0;
}

/* The CNode that a receiver names: the root, the inner one, or a slot that holds no CNode. */
static struct slot *receive_root(struct slot *slot)
{
    kept_root = 0;
    if (slot == root_slot(S_ROOT))
        kept_root = S_ROOT;
    else if (slot == root_slot(S_INNER))
        kept_root = S_INNER;
    //@ split kept_root;
    return kept_root != 0 ? root_slot(kept_root) : slot;
}

/* The place in it: each that is empty, or one that is not. */
static struct slot *receive_place(struct slot *slot)
{
    struct slot *const empty[] = {root_slot(31), slots_at(INNER)};
    kept_place = 0;
    for (unsigned i = 0; i < 2 && kept_place == 0; i++)
        if (slot == empty[i])
            kept_place = i + 1;
    //@ split kept_place;
    return kept_place != 0 ? empty[kept_place - 1] : slot;
}

/* ---- parts of the state; each is split once in an entry point ---- */

/* A alone; of the slots that caps could be received in, two are empty. */
static struct cpu *stage(bool fast)
{
    struct cpu *cpu = make_state(ALONE, fast);
    for (unsigned i = S_REPLY; i < 31; i++)
        put(i, cap_plain(CAP_DOMAIN));
    put(0, cap_plain(CAP_DOMAIN));
    for (unsigned i = 1; i < 4; i++)
        cdt_insert_boot(slots_at(INNER) + i, cap_plain(CAP_DOMAIN));
    root_slot(S_BADGED)->cap = cap_endpoint(ENDPOINTS, any, RIGHTS_ALL);
    lookups_kept = 0;
    receives_caps = NULL;
    return cpu;
}

static struct tcb *thread_a(void)
{
    return tcb_at(TCB_A);
}
static struct tcb *thread_b(void)
{
    return tcb_at(TCB_B);
}
static struct tcb *thread_c(void)
{
    return tcb_at(TCB_C);
}

static void receives(struct tcb *tcb, uint64_t endpoint)
{
    block(tcb, THREAD_BLOCKED_RECEIVE, endpoint, ENDPOINT_RECEIVING);
}

static void sends(struct tcb *tcb, uint64_t endpoint, bool is_call)
{
    tcb->blocked_is_call = is_call;
    block(tcb, THREAD_BLOCKED_SEND, endpoint, ENDPOINT_SENDING);
}

static void set_info(struct tcb *tcb, uint64_t caps, uint64_t length)
{
    tcb->context.reg[REG_X1] = 512 * (any >> 9) + caps * 128 + length;
}

/* What A answers a fault with: label 0, or another. */
static void some_answer(void)
{
    uint64_t upper = 0;
    bool has_label = Frama_C_interval(0, 1);
    bool long_answer = Frama_C_interval(0, 1);
    //@ split has_label;
    upper = has_label ? Frama_C_unsigned_long_interval(8, UINT64_MAX >> 9)
                      : Frama_C_unsigned_long_interval(0, 7);
    //@ split long_answer;
    thread_a()->context.reg[REG_X1] = 512 * upper + (long_answer ? 20 : 3);
}

/* A message of any length in `tcb`, without caps. */
static void any_length(struct tcb *tcb)
{
    uint64_t length = Frama_C_unsigned_long_interval(0, 127);
    //@ split length;
    set_info(tcb, 0, length);
}

/* A message that needs the buffer, or does not. */
static void some_length(struct tcb *tcb, uint64_t caps)
{
    bool is_long = Frama_C_interval(0, 1);
    //@ split is_long;
    set_info(tcb, caps, is_long ? 20 : 3);
}

enum buffer_kind {
    BUFFER_NONE,
    BUFFER_READABLE,
    BUFFER_USUAL,
    BUFFER_LARGE,
    BUFFER_DEVICE
};

static void set_buffer(struct tcb *tcb, uint64_t pa, enum buffer_kind kind)
{
    struct slot *slot = &tcb->slots[TCB_IPC_BUFFER];
    if (!cap_is_null(slot->cap))
        cdt_remove(slot);
    tcb->ipc_buffer = 0x10000 + 1024;
    if (kind == BUFFER_LARGE) {
        tcb->ipc_buffer = pa - RAM;
        cdt_insert_boot(slot, cap_frame(RAM, FRAME_2M, RIGHT_READ | RIGHT_WRITE, false));
    } else if (kind != BUFFER_NONE) {
        cdt_insert_boot(slot,
                        cap_frame(pa, FRAME_4K,
                                  kind == BUFFER_READABLE ? RIGHT_READ : RIGHT_READ | RIGHT_WRITE,
                                  kind == BUFFER_DEVICE));
    }
}

/* Every kind of buffer in A, with the usual one in `other`, and the other way round. */
static void any_buffers(struct tcb *other)
{
    int kind = Frama_C_interval(BUFFER_NONE, BUFFER_DEVICE);
    bool of_a = Frama_C_interval(0, 1);
    //@ split kind;
    //@ split of_a;
    set_buffer(thread_a(), BUFFER_A, of_a ? (enum buffer_kind)kind : BUFFER_USUAL);
    set_buffer(other, BUFFER_B, of_a ? BUFFER_USUAL : (enum buffer_kind)kind);
}

/* `tcb` has a buffer or none. */
static void a_buffer(struct tcb *tcb)
{
    bool has_buffer = Frama_C_interval(0, 1);
    //@ split has_buffer;
    set_buffer(tcb, BUFFER_B, has_buffer ? BUFFER_USUAL : BUFFER_NONE);
}

/* `tcb` below, beside or above A; C ready below both, between them, above, or not at all. */
static void any_priorities(struct cpu *cpu, struct tcb *tcb)
{
    static const uint8_t priorities[] = {60, 100, 140};
    int own = Frama_C_interval(0, 2);
    int ready = Frama_C_interval(0, 4);
    //@ split own;
    tcb->priority = priorities[own];
    //@ split ready;
    if (ready > 0) {
        thread_c()->state = THREAD_RUNNING;
        thread_c()->priority = (uint8_t)(20 + 40 * (ready - 1));
        sched_enqueue_tail(cpu, thread_c());
    }
}

/* A and `tcb` use FP, or one of them does, or none. */
static void any_fp(struct cpu *cpu, struct tcb *tcb)
{
    bool fp_a = Frama_C_interval(0, 1);
    bool fp_other = Frama_C_interval(0, 1);
    //@ split fp_a;
    thread_a()->fp_live = fp_a;
    if (fp_a)
        cpu->fp_owner = thread_a();
    //@ split fp_other;
    tcb->fp_live = fp_other;
}

/* The endpoint cap that A uses: any badge, and with `rights` any grants. */
static void use_endpoint(unsigned rights)
{
    unsigned grants = (unsigned)Frama_C_interval(0, 3);
    //@ split grants;
    root_slot(S_BADGED)->cap = cap_endpoint(ENDPOINTS, any, rights + 4 * grants);
    thread_a()->context.reg[REG_X0] = S_BADGED;
}
static void use_full_endpoint(void)
{
    thread_a()->context.reg[REG_X0] = S_ENDPOINT;
}

static void enter_one_of(struct cpu *cpu, const int64_t *numbers, int last)
{
    int number = Frama_C_interval(0, last);
    //@ split number;
    enter_syscall(cpu, numbers[number]);
}

static const int64_t sending[] = {SYS_CALL, SYS_SEND, SYS_NB_SEND};
static const int64_t receiving[] = {SYS_RECV, SYS_NB_RECV};
