/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The system's root task: what it knows of its components. It makes them from the system
 * description, answers their requests (comp/protocol.h) and their faults, and makes anew what
 * died. One thread; it waits in one place, the system endpoint, and never waits for a component.
 *
 * A component has a *place* and *lives*. The place lasts as long as the system: its service
 * endpoint, its notification, its devices, its ends of channels and rings. A life is what spawn
 * makes; it ends by exit, fault or kill, and leaves nothing.
 */
#pragma once
#include "archive/archive.h"
#include "archive/symbols.h"
#include "broker/device.h"
#include "comp/env.h"
#include "comp/protocol.h"
#include "kaal/syscalls.h"
#include "mm/mm.h"
#include "spawn/spawn.h"
#include "sysdesc/sysdesc.h"

enum {
    COMPONENTS = BROKER_CLIENTS - 1, /* component i is client i + 1 of the broker */
    DEVICES_EACH = 8,
    GIVEN_EACH = 32, /* objects of one life that were asked for at run time */
    LINE_BYTES = 160,
    LINKS = 128,
    RECEIVED_EACH = 16, /* regions that others share with one life */
    SHARED_EACH = 4,    /* regions that one component has shared with others */
    WAITERS = 16,
};

/* Badges of the system endpoint: the component's id, and how its message came. */
#define BADGE_ID    0xffffull
#define BADGE_FAULT (1ull << 32) /* from the kernel, through SLOT_FAULT */
#define BADGE_DEAD  (1ull << 33) /* a call to a server that is down: answered for it */

/* An object of a life, made on request. */
struct given {
    enum {
        GIVEN_NONE,
        GIVEN_BLOCK,  /* an endpoint or notification: block */
        GIVEN_COPY,   /* a cap of something that stays */
        GIVEN_IRQ,    /* number */
        GIVEN_MEMORY, /* DMA memory */
        GIVEN_DEVICE, /* a device of the device tree */
    } kind;
    uint32_t slot;   /* of the component, 0 = none */
    uint32_t number; /* block, interrupt, or page number of a DMA memory's address */
    uint64_t bit;    /* of the notification's word, 0 = none */
    union {
        struct mm_memory memory;
        struct {
            struct device device;
            uint64_t address; /* of its registers */
        };
    };
};

struct owned_device {
    const struct sysdesc_device *description;
    bool open;
    struct device device;
    struct mm_memory dma;
    /* of each of the device's interrupts: its bit, and its handler in the owner's CNode */
    uint64_t irq_bit[DEVICE_IRQS];
    uint32_t irq_slot[DEVICE_IRQS];
};

struct component {
    const struct sysdesc_component *description;
    const char *name;
    uint16_t id; /* 1.. */
    /* the place */
    uint32_t notification; /* block */
    uint32_t endpoint;     /* block, BUDDY_NONE when it serves nobody */
    uint32_t bits;         /* of the notification's word handed out for good */
    uint32_t devices;
    struct owned_device device[DEVICES_EACH];
    uint32_t shared_regions;       /* of its memory, in others' lives now */
    const struct symbols *symbols; /* NULL = none */
    /* the life */
    enum system_state state;
    bool again;     /* to be made anew */
    uint64_t delay; /* milliseconds that the pacer lets pass first, 0 = none or over */
    uint32_t restarts;
    uint32_t generation;
    int status;
    char why[LINE_BYTES]; /* a sentence on the end of its last life */
    struct spawn spawn;
    uint32_t slots; /* next slot of its CNode while it is made */
    uint64_t shared;
    uint64_t mmio;
    uint64_t life_bits; /* of the notification's word, given on request */
    struct given given[GIVEN_EACH];
    struct {
        uint64_t address;
        struct component *from; /* NULL: a free record */
    } received[RECEIVED_EACH];
    char line[LINE_BYTES]; /* of its log, not ended yet */
    uint32_t line_bytes;
};

/* A channel or a ring, as it stays. `from` is the client or producer. */
struct link {
    bool is_ring;
    const char *name;
    struct component *from;
    struct component *to;
    const struct sysdesc_channel *channel;
    const struct sysdesc_ring *ring;
    struct mm_memory memory; /* frames 0: none */
    uint64_t from_bit;       /* in the notification of `from` */
    uint64_t to_bit;
    uint32_t from_slot;   /* of the endpoint in the CNode of `from` */
    uint32_t from_signal; /* slots of the signals to the other side, 0 = none */
    uint32_t to_signal;
};

/* A component that waits for the end of another one's life. */
struct waiter {
    uint32_t reply; /* slot of the reply cap, 0 = free */
    struct component *waits;
    struct component *on;
};

struct system {
    struct broker *broker;
    struct mm *mm;
    const struct sysdesc *description;
    struct archive archive;
    uint32_t endpoint; /* cptr of the system endpoint */
    uint32_t scratch;  /* an empty slot */
    uint32_t components;
    struct component component[COMPONENTS];
    uint32_t links;
    struct link link[LINKS];
    struct waiter waiter[WAITERS];
    struct component *pacer; /* lets the time before restarts pass; NULL = nobody does */
    uint32_t pacer_reply;    /* slot of its reply cap while it has nothing to wait for */
};
extern struct system sys;

/* ---- log.c ---- */

/* A line of the root task's own. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Text of a component: printed in whole lines with its name. */
void log_text(struct component *c, const char *text, size_t bytes);
/* What it wrote without a newline. */
void log_end(struct component *c);
/* Ends the run: a sentence, then the status. */
_Noreturn void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- place.c: what lasts ---- */

/* Makes all places, links and devices of the description; ends the run when it cannot. */
void places_make(void);
/* NULL = no such component. */
struct component *component_find(const char *name);
/* A new bit of the component's notification. */
uint64_t place_bit(struct component *c);
/* A cap that sets `bit` in the component's notification; copied from slot `*from`, which the caller
 * frees with broker_slots_free. */
KAAL_MUST_CHECK enum broker_code place_signal(struct component *c, uint64_t bit, uint32_t *from);

/* ---- life.c ---- */

/* Makes a new life of a component that has none. On refusal its `why` says the reason and it stays
 * down. */
KAAL_MUST_CHECK enum broker_code life_start(struct component *c);
/* Ends the life: everything of it goes, callers that wait for it get SYSTEM_BROKEN, waiters are
 * answered. `state`: what it is then. */
void life_end(struct component *c, enum system_state state, int status);
/* What the description says about the end of a life that was not asked for. */
void life_ended_by_itself(struct component *c, enum system_state state, int status);
/* Starts what is to be started anew; ends the run when no application is left. */
void lives_continue(void);

/* ---- calls.c: callers of servers that are no more ---- */

/* Ends the calls to `server` that are under way, and sets the bits of its channels at its clients.
 */
void calls_break(const struct component *server);
/* Lets clients of a server that stays down reach the root task in its place, or the server again.
 */
void calls_redirect(const struct component *server, bool down);

/* ---- connect.c ---- */

/* Gives a new life its caps and shared memory, and writes its environment. */
KAAL_MUST_CHECK enum broker_code connect(struct component *c);

/* ---- faults.c ---- */

/* Answers a fault message of the component; true when its thread can go on. */
bool fault_handle(struct component *c, const struct kaal_message *m);

/* ---- trace.c ---- */

/* One line for a place in the program: "main+0x1c (components/apps/x.c:12)". */
void place_text(const struct component *c, uint64_t address, char *out, size_t room);
/* Registers and stack of a stopped thread. */
void trace_print(struct component *c);

/* ---- requests.c, requests_memory.c, requests_objects.c, requests_system.c ---- */

struct request {
    struct component *from;
    struct system_question q;
    size_t text_bytes; /* of q.text that came */
    struct system_answer a;
    size_t words; /* of the answer's words to be sent */
    size_t text;  /* bytes of the answer's text to be sent */
    bool silent;  /* no reply */
};

/* Takes a request from *m and the message words; true when *m is its reply. */
bool request_answer(struct component *c, struct kaal_message *m);
/* The error for a refusal of the broker, its words in the answer. */
enum system_error request_refused(struct request *r, enum broker_code code);
/* The request's text as a name; NULL when it does not end. */
const char *request_name(struct request *r);
/* A free record of the life's, NULL when all are used. */
struct given *given_free(struct component *c);
/* The life has ended, and with it what others had shared with it. */
void received_end(struct component *c);
/* Takes back what a life was given on request. */
void given_take_back(struct component *c, struct given *g);

enum system_error request_exit(struct request *r);
enum system_error request_map(struct request *r);
enum system_error request_unmap(struct request *r);
enum system_error request_protect(struct request *r);
enum system_error request_share(struct request *r);
enum system_error request_dma(struct request *r);
enum system_error request_cache(struct request *r);
enum system_error request_device(struct request *r);
enum system_error request_irq(struct request *r);
enum system_error request_endpoint(struct request *r);
enum system_error request_notification(struct request *r);
enum system_error request_channel(struct request *r);
enum system_error request_free(struct request *r);
enum system_error request_log(struct request *r);
enum system_error request_sync(struct request *r);
enum system_error request_component(struct request *r);
enum system_error request_memory(struct request *r);
enum system_error request_caps(struct request *r);
enum system_error request_file(struct request *r);
enum system_error request_read_file(struct request *r);
enum system_error request_spawn(struct request *r);
enum system_error request_kill(struct request *r);
enum system_error request_restart(struct request *r);
enum system_error request_wait(struct request *r);
enum system_error request_backoff(struct request *r);
enum system_error request_halt(struct request *r);

/* ---- pace.c ---- */

/* Lets the description's pause pass before the component is started again; at once when there is no
 * pacer. */
void pace_restart(struct component *c);
/* Tells a waiting pacer of the next pause. */
void pace_continue(void);
/* The life of `c` has ended: when it was the pacer, nobody waits any more. */
void pace_ended(const struct component *c);
