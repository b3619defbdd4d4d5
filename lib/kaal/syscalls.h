/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The system calls as inline functions (abi/syscalls.md §1). Each stub lets the kernel change
 * exactly the registers of the table in §1 and trusts it to preserve the rest; nothing here touches
 * the IPC buffer except kaal_ipc_buffer's owner, the caller.
 */
#pragma once
#include <stdint.h>

#include "abi/syscalls.h"

/* What travels in registers: x0 (badge, only out), x1, x2..x5. */
struct kaal_message {
    uint64_t badge;
    uint64_t info;
    uint64_t mr[MSG_REGISTERS];
};

/* The calling thread's IPC buffer; set by the start code (abi/boot.md §5) or by whoever made the
 * thread. */
extern __thread struct ipc_buffer *kaal_ipc_buffer;

/* One `svc` that takes x0..x5 and may change them: Call, ReplyRecv, Recv, NBRecv. */
static inline void kaal_transfer(enum syscall number, uint64_t cptr, struct kaal_message *m)
{
    register uint64_t x0 __asm__("x0") = cptr;
    register uint64_t x1 __asm__("x1") = m->info;
    register uint64_t x2 __asm__("x2") = m->mr[0];
    register uint64_t x3 __asm__("x3") = m->mr[1];
    register uint64_t x4 __asm__("x4") = m->mr[2];
    register uint64_t x5 __asm__("x5") = m->mr[3];
    register uint64_t x7 __asm__("x7") = (uint64_t)(int64_t)number;
    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x7)
                     : "memory");
    m->badge = x0;
    m->info = x1;
    m->mr[0] = x2;
    m->mr[1] = x3;
    m->mr[2] = x4;
    m->mr[3] = x5;
}

/* Sends `m` and waits for the reply, which replaces it. */
static inline void kaal_call(uint64_t dest, struct kaal_message *m)
{
    kaal_transfer(SYS_CALL, dest, m);
}

/* Replies with `m`, then receives on `src` into it. */
static inline void kaal_reply_recv(uint64_t src, struct kaal_message *m)
{
    kaal_transfer(SYS_REPLY_RECV, src, m);
}

/* Receives on `src`. A notification word arrives as badge with info 0, as x1 stays unchanged. */
static inline void kaal_recv(uint64_t src, struct kaal_message *m)
{
    m->info = 0;
    kaal_transfer(SYS_RECV, src, m);
}

/* As kaal_recv; badge 0 and info 0 when nothing is there. */
static inline void kaal_nb_recv(uint64_t src, struct kaal_message *m)
{
    m->info = 0;
    kaal_transfer(SYS_NB_RECV, src, m);
}

/* Waits on a notification; the result is its word. */
static inline uint64_t kaal_wait(uint64_t notification)
{
    struct kaal_message m = {0};
    kaal_recv(notification, &m);
    return m.badge;
}

/* The notification's word, or 0 without waiting. */
static inline uint64_t kaal_poll(uint64_t notification)
{
    struct kaal_message m = {0};
    kaal_nb_recv(notification, &m);
    return m.badge;
}

/* One `svc` that takes x0..x5 and returns nothing: Send, NBSend. */
static inline void kaal_deliver(enum syscall number, uint64_t dest, const struct kaal_message *m)
{
    register uint64_t x0 __asm__("x0") = dest;
    register uint64_t x1 __asm__("x1") = m->info;
    register uint64_t x2 __asm__("x2") = m->mr[0];
    register uint64_t x3 __asm__("x3") = m->mr[1];
    register uint64_t x4 __asm__("x4") = m->mr[2];
    register uint64_t x5 __asm__("x5") = m->mr[3];
    register uint64_t x7 __asm__("x7") = (uint64_t)(int64_t)number;
    __asm__ volatile("svc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x7)
                     : "memory");
}

static inline void kaal_send(uint64_t dest, const struct kaal_message *m)
{
    kaal_deliver(SYS_SEND, dest, m);
}

/* Dropped when no receiver waits. */
static inline void kaal_nb_send(uint64_t dest, const struct kaal_message *m)
{
    kaal_deliver(SYS_NB_SEND, dest, m);
}

/* A Send without words; x2..x5 are preserved (§1). */
static inline void kaal_signal(uint64_t notification)
{
    register uint64_t x0 __asm__("x0") = notification;
    register uint64_t x1 __asm__("x1") = 0;
    register uint64_t x7 __asm__("x7") = (uint64_t)(int64_t)SYS_SEND;
    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1) : "r"(x7) : "memory");
}

/* Answers the last Call or fault received; without effect when none is held. */
static inline void kaal_reply(const struct kaal_message *m)
{
    register uint64_t x1 __asm__("x1") = m->info;
    register uint64_t x2 __asm__("x2") = m->mr[0];
    register uint64_t x3 __asm__("x3") = m->mr[1];
    register uint64_t x4 __asm__("x4") = m->mr[2];
    register uint64_t x5 __asm__("x5") = m->mr[3];
    register uint64_t x7 __asm__("x7") = (uint64_t)(int64_t)SYS_REPLY;
    __asm__ volatile("svc #0"
                     : "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x7)
                     : "memory");
}

/* One `svc` with one argument and one result in x0: the debug calls (§8). */
static inline uint64_t kaal_plain(enum syscall number, uint64_t argument)
{
    register uint64_t x0 __asm__("x0") = argument;
    register uint64_t x7 __asm__("x7") = (uint64_t)(int64_t)number;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x7) : "memory");
    return x0;
}

static inline void kaal_yield(void)
{
    (void)kaal_plain(SYS_YIELD, 0);
}

static inline void kaal_debug_put_char(char c)
{
    (void)kaal_plain(SYS_DEBUG_PUT_CHAR, (unsigned char)c);
}

static inline void kaal_debug_dump_scheduler(void)
{
    (void)kaal_plain(SYS_DEBUG_DUMP_SCHEDULER, 0);
}

/* Ends the run; x0 is the exit status on this kernel, others ignore it. */
static inline void kaal_debug_halt(uint64_t status)
{
    (void)kaal_plain(SYS_DEBUG_HALT, status);
}

/* The cap's type number (enum cap_type_number), 0 for an empty slot or a failed lookup. */
static inline uint64_t kaal_debug_cap_identify(uint64_t cptr)
{
    return kaal_plain(SYS_DEBUG_CAP_IDENTIFY, cptr);
}

/* Names a thread in the kernel's reports; `name` has less than 960 bytes (§8). */
static inline void kaal_debug_name_thread(uint64_t tcb, const char *name)
{
    char *to = (char *)kaal_ipc_buffer->msg;
    for (uint64_t i = 0; i == 0 || name[i - 1] != '\0'; i++) {
        to[i] = name[i];
    }
    (void)kaal_plain(SYS_DEBUG_NAME_THREAD, tcb);
}

static inline void kaal_debug_snapshot(void)
{
    (void)kaal_plain(SYS_DEBUG_SNAPSHOT, 0);
}

static inline void kaal_benchmark_null_syscall(void)
{
    (void)kaal_plain(SYS_BENCHMARK_NULL_SYSCALL, 0);
}
