/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A booted small machine for unit tests of the core: threads, objects and system calls by register
 * contents through the real kernel entry. After every entry all invariants are checked; a refused
 * call is checked to have changed nothing but its reply; decoding is checked not to write; Delete,
 * Revoke, Retype and their like are repeated with preemption at each unit of their work.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "abi/bootinfo.h"
#include "kernel.h"
#include "machine.h"

/* ---- lists of words: W(1, 2) message words, C(slot) extra caps, I(0, 5) error words ---- */

struct list {
    const uint64_t *v;
    unsigned n;
};
#define LIST(...)                                                                                  \
    ((struct list){(const uint64_t[]){0, __VA_ARGS__} + 1,                                         \
                   sizeof((const uint64_t[]){0, __VA_ARGS__}) / 8 - 1})
#define W(...) LIST(__VA_ARGS__)
#define C(...) LIST(__VA_ARGS__)
#define I(...) LIST(__VA_ARGS__)

/* ---- the machine ---- */

struct fixture {
    struct cpu *cpu;
    struct slot *slots; /* of the root CNode */
    struct tcb *root;   /* the initial thread */
    const struct bootinfo *info;
    uint64_t next_slot; /* of the root CNode, empty from here on */
    uint64_t memory;    /* slot of the largest RAM Untyped */
    bool unchecked;     /* leave the invariant walk out (long loops) */
    bool unrepeated;    /* leave the repetitions of fixture_repeat.c out */
    struct {            /* by label: calls whose decode function ran while memory was read-only */
        unsigned accepted;
        unsigned refused;
    } decoded[LABEL_COUNT];
};
extern struct fixture fx;

enum {
    FX_RAM = 512 * 1024,
    FX_DEPTH = 64 /* of a slot of the root CNode (abi/boot.md §3) */
};

/* cmocka set-up and tear-down with the small machine. */
int fx_setup(void **unused);
int fx_teardown(void **unused);
/* Set-up with another machine. */
void fx_boot(const struct platform *platform);

#define FX_CASE(f) cmocka_unit_test_setup_teardown(f, fx_setup, fx_teardown)

/* ---- objects ---- */

/* A fresh empty slot of the root CNode. */
uint64_t fx_slot(void);
/* `count` fresh slots in a row; the first. */
uint64_t fx_slots(unsigned count);
/* A new object in a fresh slot, by Retype. */
uint64_t fx_new(enum object_type type, uint64_t size_bits);
uint64_t fx_new_from(uint64_t untyped, enum object_type type, uint64_t size_bits);
/* Copy and Mint within the root CNode into a fresh slot. */
uint64_t fx_copy(uint64_t source, uint64_t rights);
uint64_t fx_mint(uint64_t source, uint64_t rights, uint64_t data);
void fx_delete(uint64_t slot);
struct slot *fx_at(uint64_t slot);
struct cap fx_cap(uint64_t slot);
struct tcb *fx_tcb(uint64_t slot);
/* First RAM-less (device) Untyped of at least 2^bits bytes. */
uint64_t fx_device(unsigned bits);

/* A thread with the root task's CSpace and VSpace, an IPC buffer and all of priority and MCP
 * `priority`, runnable if `resumed`. Returns the TCB's slot. */
uint64_t fx_thread(unsigned priority, bool resumed);
/* The running thread is `tcb` from now on; the one before goes to the head of its queue. */
void fx_switch(struct tcb *tcb);

/* ---- system calls ---- */

struct answer {
    uint64_t x0;
    uint64_t label;
    uint64_t unwrapped;
    uint64_t extra;
    uint64_t length;
    uint64_t mr[MSG_MAX_LENGTH];
};

/* One system call of the current thread; a preempted one is executed again as long as the thread
 * stays current. */
void fx_syscall(int64_t number, uint64_t cptr, uint64_t label, struct list words, struct list caps);
/* The same, entered once: a preempted call is not executed again. */
void fx_syscall_once(int64_t number, uint64_t cptr, uint64_t label, struct list words,
                     struct list caps);
/* The thread's message registers and info word. */
struct answer fx_answer(const struct tcb *tcb);
struct answer fx_call(uint64_t cptr, uint64_t label, struct list words, struct list caps);
/* Another trap of the current thread. */
void fx_trap(enum trap_kind kind, uint32_t esr, uint64_t far);
void fx_yield(void);
/* Receives without blocking; the badge. */
uint64_t fx_poll(uint64_t cptr);
void fx_recv(uint64_t cptr);
void fx_signal(uint64_t cptr);

/* The call succeeds with an empty reply / with these result words. */
#define OK(cptr, label, words, caps) fx_ok(cptr, label, words, caps, W(), __FILE__, __LINE__)
#define OK_WITH(cptr, label, words, caps, result)                                                  \
    fx_ok(cptr, label, words, caps, result, __FILE__, __LINE__)
/* The call is refused with this code and these words, and changes nothing else. */
#define REFUSED(cptr, label, words, caps, code, info)                                              \
    fx_refused(cptr, label, words, caps, code, info, __FILE__, __LINE__)
void fx_ok(uint64_t cptr, uint64_t label, struct list words, struct list caps, struct list result,
           const char *file, int line);
void fx_refused(uint64_t cptr, uint64_t label, struct list words, struct list caps,
                enum error_code code, struct list info, const char *file, int line);

/* One Call, entered once. When it is refused, nothing but the reply must have changed. Returns
 * whether the caller was answered and still runs. */
bool fx_try(uint64_t cptr, uint64_t label, struct list words, struct list caps, struct answer *a,
            const char *file, int line);

/* The thread got this message. */
#define MESSAGE(tcb, badge, label, words) fx_message(tcb, badge, label, words, __FILE__, __LINE__)
void fx_message(const struct tcb *tcb, uint64_t badge, uint64_t label, struct list words,
                const char *file, int line);

/* Which invariant is broken now, or NULL. */
const char *fx_broken(void);
/* The invariant that is broken now is this one. */
void fx_reports(const char *sentence);

/* ---- on every call (fixture_repeat.c) ---- */

/* The current thread's registers say what to invoke: decodes it with all memory read-only. A decode
 * function that writes ends the program. */
void fx_decode_only(void);
/* Calls `run`, which executes the current thread's long call to its end. Before, the same from the
 * same state with an interrupt after unit 1, 2, … of the work; each must end in the same state. */
void fx_repeat_preempted(void (*run)(struct tcb *caller), uint64_t label);

/* Invariants hold now. */
void fx_check(const char *file, int line);
