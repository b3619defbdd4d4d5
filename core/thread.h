/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Thread states (abi/scheduling.md §6) and message registers of a thread.
 */
#pragma once
#include "kernel.h"

/* Initial values of a zero-filled TCB (abi/objects.md §1). */
void thread_init(struct cpu *cpu, struct tcb *tcb);
/* Takes a blocked thread off whatever it waits for; it is inactive afterwards. */
void thread_cancel_ipc(struct tcb *tcb);
void thread_suspend(struct cpu *cpu, struct tcb *tcb);
/* Acts on inactive and blocked threads only. */
void thread_resume(struct cpu *cpu, struct tcb *tcb);
/* A waiter whose object went away or whose badge was cancelled: executes its call again. */
void thread_restart_among_many(struct cpu *cpu, struct tcb *tcb);

/* The thread's IPC buffer for reading or for writing, NULL when not usable (abi/syscalls.md §2.2).
 * What is read from it may change at any time: read each word once. */
struct ipc_buffer *thread_buffer(const struct tcb *tcb, bool writable);

/* Message register i of a thread, `buffer` being its usable buffer or NULL. */
static inline uint64_t thread_message(const struct tcb *tcb, const struct ipc_buffer *buffer,
                                      unsigned i)
{
    return i < MSG_REGISTERS ? tcb->context.reg[REG_X2 + i]
                             : *(const volatile uint64_t *)&buffer->msg[i];
}
/* Sets it; returns false when there is no place for it. */
static inline bool thread_set_message(struct tcb *tcb, struct ipc_buffer *buffer, unsigned i,
                                      uint64_t value)
{
    if (i < MSG_REGISTERS)
        tcb->context.reg[REG_X2 + i] = value;
    else if (buffer)
        buffer->msg[i] = value;
    else
        return false;
    return true;
}
/* SPSR as user level may set it: condition flags only (abi/syscalls.md §7.1). */
static inline uint64_t spsr_sanitise(const struct kernel *kernel, uint64_t value)
{
    return (value & 0xf0000000u) | kernel->initial_spsr;
}
