/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The state of the kernel: objects as they lie in memory, one structure for everything else, and
 * one structure outside the hashed state for diagnostics. Nothing in the core lives elsewhere.
 * Links are pointers into the physical memory window.
 */
#pragma once
#include "abi/bootinfo.h"
#include "abi/labels.h"
#include "cap.h"
#include "hal.h"

#define MUST_CHECK __attribute__((warn_unused_result))

/* ---- slots ---- */

/* A place for one cap and its entry in the derivation list (abi/objects.md §3). `link` is the next
 * entry's address plus two flags in its low bits. An empty slot is all zero. */
struct slot {
    struct cap cap;
    struct slot *prev;
    uint64_t link;
};
_Static_assert(sizeof(struct slot) == 1u << SLOT_BITS, "abi/objects.md §1");

enum {
    SLOT_REVOCABLE = 1,
    SLOT_FIRST_BADGED = 2,
    SLOT_FLAGS = 3
};

static inline struct slot *slot_next(const struct slot *slot)
{
    return (struct slot *)(slot->link - slot->link % 4);
}
static inline unsigned slot_flags(const struct slot *slot)
{
    return slot->link % 4;
}
static inline uint64_t slot_link(const struct slot *next, unsigned flags)
{
    return (uint64_t)next + flags;
}
static inline void slot_add_flags(struct slot *slot, unsigned flags)
{
    slot->link |= flags;
}

/* ---- endpoint and notification ---- */

/* FIFO of threads waiting on an object, and the object's state in the low bits of `tail`. */
struct wait_queue {
    struct tcb *head;
    uint64_t tail;
};

/* State 0 = idle for both. The queue is empty exactly in the states IDLE and ACTIVE. */
enum endpoint_state {
    ENDPOINT_IDLE,
    ENDPOINT_SENDING,
    ENDPOINT_RECEIVING
};
enum notification_state {
    NOTIFICATION_IDLE,
    NOTIFICATION_WAITING,
    NOTIFICATION_ACTIVE
};

struct endpoint {
    struct wait_queue queue;
};
_Static_assert(sizeof(struct endpoint) == 1u << ENDPOINT_BITS, "abi/objects.md §1");

struct notification {
    struct wait_queue queue;
    uint64_t word;
    struct tcb *bound;
};
_Static_assert(sizeof(struct notification) == 1u << NOTIFICATION_BITS, "abi/objects.md §1");

/* ---- thread ---- */

enum thread_state {
    THREAD_INACTIVE,
    THREAD_RUNNING,
    THREAD_RESTART,         /* runnable; resumes at the restart address */
    THREAD_BLOCKED_RECEIVE, /* on an endpoint */
    THREAD_BLOCKED_SEND,
    THREAD_BLOCKED_REPLY,
    THREAD_BLOCKED_NOTIFICATION,
};

enum tcb_slot {
    TCB_CSPACE,
    TCB_VSPACE,
    TCB_REPLY,  /* the master reply cap; its derived cap is the right to reply */
    TCB_CALLER, /* the reply right this thread holds */
    TCB_IPC_BUFFER,
    TCB_SLOT_COUNT,
};

/* Why a lookup failed, with the words of CapFault messages and FailedLookup errors. Without
 * padding, like all that is copied into the hashed state. */
struct lookup_fault {
    enum lookup_failure type;
    uint32_t bits_left;
    uint64_t guard_found;
    uint64_t bits_found;
};
_Static_assert(sizeof(struct lookup_fault) == 24, "no padding");

struct fault {
    enum fault_label label;
    uint32_t in_receive;        /* CapFault */
    uint32_t is_instruction;    /* VMFault */
    uint32_t esr;               /* VMFault, UserException */
    uint64_t word;              /* cptr; fault address; system call number */
    struct lookup_fault lookup; /* CapFault */
};
_Static_assert(sizeof(struct fault) == 48, "no padding");

/* Where time went, in timer counts; kept while benchmark calls are on (abi/syscalls.md §8). */
struct utilisation {
    uint64_t time;
    uint64_t schedules;
    uint64_t kernel_time;
    uint64_t entries;
};

struct tcb {
    struct context context; /* first: the machine saves registers here */

    enum thread_state state;
    union {
        struct {
            uint8_t priority;
            uint8_t domain;
            bool fp_live; /* has used FP/SIMD and may: its state is switched eagerly */
            bool faulty;  /* a fault is recorded: fault.label is not FAULT_NULL */
        };
        /* The four as one word, priority lowest: equal upper bits in two threads and no attention
         * (fp_live, faulty) mean that priorities alone decide. */
        uint32_t rank;
    };
    uint8_t mcp;
    uint8_t flags;  /* TCB_FLAG_* */
    uint32_t slice; /* ticks left */
    bool queued;    /* in a ready queue */

    /* Blocked on an endpoint or notification: what, and what the used cap allowed. */
    bool blocked_grant; /* send: may grant; receive: replies may grant */
    bool blocked_grant_reply;
    bool blocked_is_call;
    uint64_t blocked_badge;
    struct cancel *cancel; /* a preempted CancelBadgedSends begins or ends here */
    struct paddr blocked_on;
    struct tcb *wait_next;
    struct tcb *wait_prev;

    struct tcb *ready_next;
    struct tcb *ready_prev;

    struct notification *bound;
    struct slot slots[TCB_SLOT_COUNT]; /* from a cache line's start on: two to a line */

    uint64_t fault_handler; /* cptr */
    uint64_t ipc_buffer;    /* user address, 0 = none */
    /* A preempted cache operation: where it began and how many bytes are done; CancelBadgedSends:
     * endpoint and badge. Bytes 0 unless the thread is about to execute that very call again. */
    struct paddr progress_start;
    uint64_t progress_bytes;
    struct fault fault;

    struct utilisation utilisation;
    struct fp_state fp;
};
_Static_assert(sizeof(struct tcb) <= 1u << TCB_BITS, "abi/objects.md §1");
_Static_assert(__builtin_offsetof(struct tcb, context) == 0, "the context is the TCB's address");
_Static_assert(__builtin_offsetof(struct tcb, slots) % 64 == 0, "docs/performance.md");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "struct tcb: rank");

enum {
    RANK_DOMAIN = 1 << 8,
    RANK_ATTENTION = 1 << 16,
    RANK_FP_ONLY = 1, /* attention */
    RANK_FP = RANK_FP_ONLY * RANK_ATTENTION
};

/* ---- address space identifiers ---- */

/* One ASID pool: physical address of the VSpace of each ASID, 0 = free. */
struct asid_pool {
    uint64_t root[ASIDS_PER_POOL];
};
_Static_assert(sizeof(struct asid_pool) == 1u << ASID_POOL_BITS, "abi/objects.md §1");

/* ---- scheduling ---- */

struct ready_queue {
    struct tcb *head;
    struct tcb *tail;
};

/* Ready threads of one domain. Bit p of the bitmap is set iff queue p is not empty; bit w of `top`
 * iff word w of the bitmap is not zero. */
struct ready {
    uint64_t top;
    uint64_t bitmap[PRIORITY_COUNT / 64];
    struct ready_queue queue[PRIORITY_COUNT];
};

struct domain_entry {
    uint64_t domain;
    uint64_t duration; /* ticks; (0, 0) is an end marker */
};

enum sched_action {
    SCHED_RESUME_CURRENT,
    SCHED_CANDIDATE, /* switch to `candidate` if the wake-up rules say so */
    SCHED_CHOOSE,    /* take the highest ready thread */
};

/* ---- interrupts ---- */

enum irq_state {
    IRQ_INACTIVE,
    IRQ_SIGNAL,
    IRQ_KERNEL
};

/* The notification cap of an interrupt is in `slot`. */
struct irq_entry {
    struct slot slot;
    enum irq_state state;
};

/* ---- preempted calls ---- */

/* A preempted CancelBadgedSends (cancel.c). All zero: there is none. */
struct cancel {
    struct tcb *caller; /* may be gone: only to be compared with the current thread */
    struct endpoint *endpoint;
    uint64_t badge;
    struct tcb *next; /* senders still to be looked at: from this one, which has not been, */
    struct tcb *last; /* to this one */
};

/* ---- the kernel ---- */

enum {
    MAX_CPUS = 1,
    TABLE_BYTES = 16 * 1024
};

struct cpu {
    struct kernel *kernel;
    struct diag *diag;
    bool fast;           /* fast paths may be taken */
    bool watched;        /* events or utilisation are on: every entry goes the long way */
    struct tcb *current; /* NULL = waiting for an interrupt */
    struct tcb *candidate;
    enum sched_action action;
    uint32_t work_units;  /* since the last look for interrupts */
    struct tcb *fp_owner; /* whose state is in the FP registers */
    uint64_t space;       /* what hal_space_switch() was last told: root, ASID in bits 48..63 */
    uint64_t next_tick;   /* timer deadline */
    struct utilisation idle;
    struct utilisation total;
    uint64_t time_mark; /* up to here time is accounted */
};

struct kernel {
    struct cpu cpus[MAX_CPUS];

    struct ready *ready; /* one for each domain */
    uint32_t domain_count;
    uint32_t current_domain;
    struct domain_entry *schedule;
    uint32_t schedule_count;
    uint32_t schedule_index;
    uint32_t schedule_start;
    uint64_t domain_time; /* ticks left of the current entry */
    uint64_t tick;        /* timer counts, 0 = no ticks */
    uint32_t slice_ticks;

    struct irq_entry *irqs; /* 0..max_irq */
    uint32_t max_irq;
    uint32_t timer_irq;
    enum gic_kind gic;

    struct paddr asid_pools[ASID_POOL_COUNT];
    struct cancel cancel;

    bool stale_asids; /* a pool with VSpaces was deleted: their caps may outlive their ASIDs */

    struct range ram[PLATFORM_MAX_RAM]; /* what the window shows */
    uint32_t ram_count;

    uint32_t work_limit; /* units between looks for interrupts; 100 */
    bool debug_calls;
    bool benchmark_calls;
    bool debug_flavour;
    uint64_t initial_spsr; /* also of every sanitised SPSR (abi/syscalls.md §7.1) */

    /* Room for the tables above when the boot options are modest. */
    _Alignas(64) uint8_t tables[TABLE_BYTES];
};
_Static_assert(sizeof(struct kernel) <= CORE_STATE_BYTES, "hal.h reserves the room");

/* Direct-mapped object at a physical address. */
static inline struct tcb *tcb_at(uint64_t pa)
{
    return hal_window(paddr(pa));
}
static inline struct slot *slots_at(uint64_t pa)
{
    return hal_window(paddr(pa));
}
/* Object of an endpoint, notification, CNode or zombie cap. */
static inline struct endpoint *endpoint_of(struct cap cap)
{
    return hal_window(paddr(field(cap.w[0], 16, 44) * 16));
}
static inline struct notification *notification_of(struct cap cap)
{
    return hal_window(paddr(field(cap.w[0], 16, 44) * 16));
}
static inline struct slot *cnode_of(struct cap cap)
{
    return hal_window(paddr(field(cap.w[0], 17, 43) * 32));
}
static inline struct tcb *tcb_of(struct cap cap)
{
    return tcb_at(cap.w[1]);
}
static inline uint64_t pa_of(const void *object)
{
    return hal_window_paddr(object).raw;
}
static inline bool thread_is_runnable(const struct tcb *tcb)
{
    return tcb->state == THREAD_RUNNING || tcb->state == THREAD_RESTART;
}

/* ---- preemption ---- */

/* A commit is done, or an interrupt waits and the call must be executed again. */
enum outcome {
    DONE,
    PREEMPTED
};

/* Counts one unit of long work; PREEMPTED when interrupts must be taken now (abi/objects.md §3.5:
 * looked at after every work_limit units). */
MUST_CHECK enum outcome preemption_point(struct cpu *cpu);

/* ---- assertions ---- */

/* Stops the machine with file, line and the trap that led there when `condition` is false. */
#define ensure(condition)                                                                          \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0))                                                     \
            ensure_failed(__FILE__, __LINE__, #condition);                                         \
    } while (0)
_Noreturn void ensure_failed(const char *file, int line, const char *condition);
