/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * An executable model of the kernel interface, written from abi/ alone: plain records and arrays,
 * one trap at a time, long operations atomic. It includes nothing of the kernel; the fuzzer's
 * adapter (fuzz/model_check.h) fills it from a start state and compares.
 *
 * Objects are known by their physical address. A CNode slot has 32 bytes, so a slot is known by its
 * address divided by 32 (counted from the start of RAM); five of those in a TCB are its own slots;
 * after those of RAM there is one per interrupt for its notification. 0 is "no slot",
 * thread 0 "nobody". Page tables, ASID pools and frames have their words in `memory`.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/labels.h"
#include "abi/objects.h"
#include "abi/syscalls.h"

enum {
    M_RAM_BYTES = 208 * 1024,
    M_RAM_SLOTS = M_RAM_BYTES >> SLOT_BITS,
    M_WORDS = M_RAM_BYTES / 8,
    M_PAGES = M_RAM_BYTES >> PAGE_BITS,
    M_IRQS = 64,
    M_SLOTS = M_RAM_SLOTS + M_IRQS,
    M_SPARE_SLOT = 1, /* in the kernel's own memory, where no object lies */
    M_GROUP = 16,     /* slots whose changes are noted together */
    M_GROUPS = M_SLOTS / M_GROUP,
    M_THREADS = 64,
    M_NOTIFICATIONS = 192,
    M_NODES = 320,
    M_DOMAINS = 4,
    M_SCHEDULE = 8,
    M_BUFFER_WORDS = 128,
    M_LEVEL_BITS = 9,
    M_CHANGES = 512, /* slots, words changed by one trap that are noted one by one */
};

/* ---- capabilities ---- */

struct m_cap {
    uint64_t object;    /* physical address; interrupt number; SGI number */
    uint64_t data;      /* badge; guard; watermark in bytes; mapped address; SGI target; zombie:
                           slots left; ASID pool: its number */
    uint16_t asid;      /* frame and table: where mapped, 0 = nowhere; VSpace: its own, 0 = none */
    uint8_t type;       /* enum cap_type_number */
    uint8_t rights;     /* endpoint, notification, frame; reply: RIGHT_GRANT or none */
    uint8_t bits;       /* Untyped, frame: size; CNode: radix; zombie: radix, 0 = of a TCB */
    uint8_t guard_size; /* CNode */
    bool device;
    bool revocable; /* abi/objects.md §3.1 */
    bool first_badged;
    bool busy; /* a zombie being worked on further up */
};

/* A slot in the derivation tree: children in order; trees whose original is gone keep their order
 * among each other as siblings without a parent. */
struct m_slot {
    struct m_cap cap;
    uint16_t parent;
    uint16_t child; /* the first */
    uint16_t next;  /* sibling */
    uint16_t prev;
};

/* ---- threads ---- */

enum m_thread_slot {
    M_CSPACE,
    M_VSPACE,
    M_REPLY, /* never holds anything here: who may reply is told by the reply cap alone */
    M_CALLER,
    M_BUFFER,
    M_THREAD_SLOTS
};

enum m_state {
    M_INACTIVE,
    M_RUNNING,
    M_RESTART, /* executes its svc or faulting instruction again */
    M_BLOCKED_SEND,
    M_BLOCKED_RECEIVE,
    M_BLOCKED_NOTIFICATION,
    M_BLOCKED_REPLY,
};

struct m_failure { /* of a lookup */
    uint8_t type;  /* enum lookup_failure */
    uint8_t bits_left;
    uint8_t bits_found;
    uint64_t guard;
};

struct m_fault {
    uint8_t label; /* enum fault_label */
    bool flag;     /* CapFault: in receive; VMFault: instruction */
    uint32_t esr;
    uint64_t address; /* cptr or fault address */
    uint64_t number;  /* UnknownSyscall */
    struct m_failure failure;
};

struct m_thread {
    uint64_t addr; /* 0 = this record is free */
    uint64_t reg[REG_COUNT];
    uint64_t next_pc;
    uint64_t handler; /* cptr */
    uint64_t buffer;  /* user address */
    uint64_t blocked_on;
    uint64_t badge;        /* of a blocked sender's cap */
    uint64_t notification; /* bound */
    uint64_t fp;           /* FP/SIMD registers as one number, 0 = all zero; no call changes them */
    struct m_fault fault;
    uint16_t reply_slot; /* where the cap lies that can reply to it */
    uint8_t state;
    uint8_t rights; /* of a blocked sender's or receiver's cap */
    bool is_call;
    bool queued; /* in `ready` */
    uint8_t priority;
    uint8_t mcp;
    uint8_t domain;
    uint8_t slice;
    uint8_t flags;
};

struct m_notification { /* only those that are active or bound */
    uint64_t addr;
    uint64_t word;
    uint64_t bound; /* TCB */
    bool active;
};

struct m_node { /* a CNode that exists */
    uint64_t addr;
    uint8_t bits;
};

struct m_queue {
    uint8_t count;
    uint8_t thread[M_THREADS];
};

/* ---- the whole ---- */

struct m_config {
    uint64_t ram;          /* physical start */
    uint64_t thread_slots; /* which of a TCB's are its own: from here on */
    uint64_t max_irq;
    uint64_t timer_irq;
    uint64_t domains;
    uint64_t schedules;
    uint8_t slice; /* ticks: 5 (abi/scheduling.md §1) unless configured otherwise */
    bool debug_calls;
    bool benchmark_calls;
    uint64_t sgi_targets;  /* the largest target */
    uint64_t initial_spsr; /* 0x40 or 0x140 */
};

struct m_schedule_entry {
    uint64_t domain;
    uint64_t duration;
};

/* What is small enough to be copied at each reset. */
struct m_small {
    uint8_t current;
    uint8_t candidate;
    bool choose;
    bool gave_up; /* more objects than there are records, or a case the model leaves out */
    uint8_t domain;
    uint8_t threads; /* records in use lie below */
    uint16_t notifications;
    uint16_t nodes;
    uint64_t domain_time;
    uint64_t domain_index;
    uint64_t domain_start;
    struct m_schedule_entry schedule[M_SCHEDULE];
    struct m_queue ready[M_DOMAINS]; /* priority descending, then queue order */
    struct m_queue waiting;          /* all blocked on endpoints and notifications, oldest first */
    uint64_t pools[ASID_POOL_COUNT];
    bool irq_issued[M_IRQS];
    bool irq_masked[M_IRQS];
    struct m_notification notification[M_NOTIFICATIONS];
    struct m_thread thread[M_THREADS];
    struct m_node node[M_NODES];
};

struct m_error {
    uint8_t code; /* enum error_code */
    uint8_t length;
    uint64_t word[5];
};

/* The trap at hand. */
struct m_call {
    uint64_t number; /* x7 */
    bool is_call;
    bool blocking;
    uint8_t caller;
    uint64_t cptr;    /* x0 */
    uint64_t word[2]; /* MR0, MR1 */
    uint16_t slot;    /* of the invoked cap */
    uint16_t target;  /* CNode methods: the slot they are about */
    uint64_t label;
    unsigned length;
    unsigned cap_count;
    uint16_t caps[MSG_MAX_EXTRA_CAPS];
    struct m_error error;
    unsigned result_count;
    uint64_t result[REG_COUNT];
    bool invoked; /* a kernel object's method was chosen */
    /* Left open by abi/: registers (bit i = word i of the context), and buffer words msg[i]. */
    uint64_t open_registers;
    uint8_t open_first, open_count;
    bool halts; /* the run ends here */
};

struct model {
    struct m_config config;
    struct m_small s;
    struct m_call call;
    struct m_slot slot[M_SLOTS];
    uint64_t memory[M_WORDS];
    /* What changed since the reset, and since the last comparison. */
    bool group_dirty[M_GROUPS];
    bool page_dirty[M_PAGES];
    unsigned slots_changed; /* more than M_CHANGES: all may have */
    unsigned words_changed;
    uint16_t slot_changed[M_CHANGES];
    uint16_t word_changed[M_CHANGES];
};

enum m_trap_kind {
    M_TRAP_SYSCALL,
    M_TRAP_DATA_ABORT,
    M_TRAP_INSTRUCTION_ABORT,
    M_TRAP_EXCEPTION,
    M_TRAP_INTERRUPT,
};
enum {
    M_NO_IRQ = 0xffff
};

struct m_trap {
    enum m_trap_kind kind;
    uint32_t esr;
    uint64_t far;
    uint32_t irq; /* which one is taken; M_NO_IRQ */
    unsigned ticks;
};

/* One trap of the current thread (or an interrupt while nobody runs). Its registers and buffer are
 * as user level left them. */
void model_step(struct model *m, const struct m_trap *trap);

/* Whether the last call, preempted and executed again, comes to the same end. */
bool model_repeats(struct model *m);

/* ---- words about addresses ---- */

static inline bool m_in_ram(const struct model *m, uint64_t addr)
{
    return addr >= m->config.ram && addr - m->config.ram < M_RAM_BYTES;
}
static inline uint16_t m_slot_at(const struct model *m, uint64_t addr)
{
    return (uint16_t)((addr - m->config.ram) >> SLOT_BITS);
}
static inline uint16_t m_thread_slot(const struct model *m, const struct m_thread *t,
                                     enum m_thread_slot which)
{
    return (uint16_t)(m_slot_at(m, t->addr) + m->config.thread_slots + which);
}
static inline uint16_t m_irq_slot(uint64_t irq)
{
    return (uint16_t)(M_RAM_SLOTS + irq);
}
static inline uint64_t *m_word(struct model *m, uint64_t addr)
{
    return &m->memory[(addr - m->config.ram) / 8];
}
static inline void m_set_word(struct model *m, uint64_t addr, uint64_t value)
{
    unsigned word = (unsigned)((addr - m->config.ram) / 8);
    m->page_dirty[word >> (PAGE_BITS - 3)] = true;
    if (m->words_changed++ < M_CHANGES)
        m->word_changed[m->words_changed - 1] = (uint16_t)word;
    m->memory[word] = value;
}
/* For changing: notes it. */
static inline struct m_slot *m_touch(struct model *m, uint16_t slot)
{
    m->group_dirty[slot / M_GROUP] = true;
    if (m->slots_changed++ < M_CHANGES)
        m->slot_changed[m->slots_changed - 1] = slot;
    return &m->slot[slot];
}
static inline struct m_cap m_cap_of(const struct model *m, uint16_t slot)
{
    return m->slot[slot].cap;
}
static inline struct m_thread *m_current(struct model *m)
{
    return &m->s.thread[m->s.current];
}
static inline uint8_t m_index(const struct model *m, const struct m_thread *t)
{
    return (uint8_t)(t - m->s.thread);
}
/* The record of a TCB; its address must be one's. */
struct m_thread *m_thread_of(struct model *m, uint64_t addr);

void m_add_node(struct model *m, uint64_t addr, uint8_t bits);
void m_drop_node(struct model *m, uint64_t addr);

/* ---- tree.c: slots and derivation ---- */

void m_insert(struct model *m, uint16_t slot, struct m_cap cap, uint16_t source);
void m_move(struct model *m, uint16_t from, uint16_t to, struct m_cap cap);
void m_swap(struct model *m, uint16_t a, struct m_cap cap_a, uint16_t b, struct m_cap cap_b);
void m_remove(struct model *m, uint16_t slot);
uint16_t m_list_next(const struct model *m, uint16_t slot);
uint16_t m_list_prev(const struct model *m, uint16_t slot);
bool m_is_final(const struct model *m, uint16_t slot);
bool m_same_object(const struct m_cap *a, const struct m_cap *b);
/* Links slots that hold caps, in list order (build.c); where a start state comes from. */
void m_build_list(struct model *m, const uint16_t *slots, unsigned count);
/* A derived copy by the test of §3.1, from the cap in `source`. */
void m_insert_derived(struct model *m, uint16_t slot, struct m_cap cap, uint16_t source);
bool m_derive(struct model *m, uint16_t source, struct m_cap cap, struct m_cap *out);
bool m_apply_data(struct m_cap *cap, uint64_t data, bool preserve);
void m_mask_rights(struct m_cap *cap, uint64_t rights);

/* ---- cspace.c ---- */

uint16_t m_resolve(const struct model *m, struct m_cap root, uint64_t address, unsigned depth,
                   struct m_failure *failure, unsigned *left);
/* A thread's cptr, 64 bits; 0 with *failure on failure. */
uint16_t m_lookup(const struct model *m, const struct m_thread *t, uint64_t cptr,
                  struct m_failure *failure);
/* slot(root, index, depth; s) of abi/invocations.md §1; 0 with the error set. */
uint16_t m_target(struct model *m, struct m_cap root, uint64_t index, uint64_t depth, bool source);
uint16_t m_receive_slot(struct model *m, const struct m_thread *t, uint64_t buffer);

/* ---- errors and messages: invoke.c ---- */

bool m_fail(struct model *m, enum error_code code);
bool m_fail1(struct model *m, enum error_code code, uint64_t word);
bool m_fail_range(struct model *m, uint64_t low, uint64_t high);
bool m_fail_lookup(struct model *m, bool source, const struct m_failure *failure);
bool m_fail_missing(struct model *m, bool source, uint64_t bits_left);
uint64_t m_arg(struct model *m, unsigned i);
struct m_cap m_extra(const struct model *m, unsigned i);
void m_invoke(struct model *m);

/* Address of a thread's IPC buffer in RAM, 0 if it has none that may be used. */
uint64_t m_buffer(const struct model *m, const struct m_thread *t, bool writable);
uint64_t m_get_message(struct model *m, const struct m_thread *t, uint64_t buffer, unsigned i);
void m_set_message(struct model *m, struct m_thread *t, uint64_t buffer, unsigned i,
                   uint64_t value);

/* ---- sched.c ---- */

bool m_runnable(const struct m_thread *t);
void m_ready_head(struct model *m, struct m_thread *t);
void m_ready_tail(struct model *m, struct m_thread *t);
void m_unready(struct model *m, struct m_thread *t);
void m_wake(struct model *m, struct m_thread *t);
void m_force_choice(struct model *m);
void m_tick(struct model *m);
void m_next_domain(struct model *m);
void m_schedule(struct model *m);
void m_set_priority(struct model *m, struct m_thread *t, uint8_t priority);
void m_set_domain(struct model *m, struct m_thread *t, uint8_t domain);

/* ---- ipc.c ---- */

struct m_thread *m_first_waiter(struct model *m, uint64_t object, enum m_state state);
void m_wait(struct model *m, struct m_thread *t, uint64_t object, enum m_state state);
void m_unwait(struct model *m, struct m_thread *t);
void m_send_ipc(struct model *m, struct m_thread *t, struct m_cap cap, bool blocking, bool call);
void m_receive_ipc(struct model *m, struct m_thread *t, struct m_cap cap, bool blocking);
void m_reply(struct model *m, struct m_thread *sender, uint16_t slot);
void m_wake_all(struct model *m, uint64_t object);
void m_cancel_badged(struct model *m, uint64_t endpoint, uint64_t badge);
void m_cancel_ipc(struct model *m, struct m_thread *t);
void m_suspend(struct model *m, struct m_thread *t);
void m_resume(struct model *m, struct m_thread *t);

/* ---- notification.c ---- */

struct m_notification *m_notification_of(struct model *m, uint64_t addr, bool make);
void m_signal(struct model *m, uint64_t addr, uint64_t badge);
/* Takes the word of an active notification. */
bool m_take_signal(struct model *m, struct m_thread *t, uint64_t addr);
void m_receive_signal(struct model *m, struct m_thread *t, uint64_t addr, bool blocking);
void m_unbind(struct model *m, struct m_thread *t);
void m_bind(struct model *m, struct m_thread *t, uint64_t addr);
void m_drop_notification(struct model *m, uint64_t addr);

/* ---- fault.c ---- */

void m_raise(struct model *m, struct m_thread *t, const struct m_fault *fault);
void m_fault_message(struct model *m, struct m_thread *from, uint64_t badge, struct m_thread *to);
/* Writes back what the reply says; does the thread go on? */
bool m_fault_reply(struct model *m, struct m_thread *sender, struct m_thread *t);

/* ---- delete.c ---- */

void m_delete(struct model *m, uint16_t slot);
void m_revoke(struct model *m, uint16_t slot);

/* ---- the objects' methods: true, or false with the error set ---- */

bool m_invoke_untyped(struct model *m);
bool m_invoke_tcb(struct model *m);
bool m_invoke_cnode(struct model *m);
bool m_invoke_irq_control(struct model *m);
bool m_invoke_irq_handler(struct model *m);
bool m_invoke_domain(struct model *m);
bool m_invoke_frame(struct model *m);
bool m_invoke_page_table(struct model *m);
bool m_invoke_vspace(struct model *m);
bool m_invoke_asid_control(struct model *m);
bool m_invoke_asid_pool(struct model *m);
bool m_invoke_smc(struct model *m);
/* The rest of the TCB's methods, in space.c and registers.c. */
bool m_tcb_configure(struct model *m, struct m_thread *t);
bool m_tcb_set_buffer(struct model *m, struct m_thread *t);
bool m_tcb_set_space(struct model *m, struct m_thread *t);
bool m_tcb_read(struct model *m, struct m_thread *t);
bool m_tcb_write(struct model *m, struct m_thread *t);
bool m_tcb_copy(struct model *m, struct m_thread *t);

/* ---- vspace.c ---- */

/* Entry words of tables in `memory`: address of the table or frame, and these bits. */
enum m_entry {
    M_ENTRY_TABLE = 1,
    M_ENTRY_FRAME = 2,
    M_ENTRY_READ = 4, /* user access */
    M_ENTRY_WRITE = 8,
    M_ENTRY_NO_EXECUTE = 16,
    M_ENTRY_CACHED = 32,
    M_ENTRY_BITS = 4095,
};
/* The VSpace that has an ASID now, 0 = none. */
uint64_t m_space_of_asid(struct model *m, uint16_t asid);
void m_unmap_frame(struct model *m, const struct m_cap *cap);
void m_unlink_table(struct model *m, const struct m_cap *cap);
void m_clear_asid(struct model *m, const struct m_cap *cap);

void m_interrupt(struct model *m, uint32_t irq);
void m_syscall(struct model *m);
