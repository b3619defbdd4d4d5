/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * System calls that come back to the caller: nobody waits, nothing is there.
 */
#include "bench.h"

/* One system call of the main thread, and what undoes it. */
static void self_row(const char *name, enum syscall number, uint64_t cptr, uint64_t info,
                     void (*undo)(uint64_t cptr))
{
    uint64_t samples[ROUNDS];
    row_begin(name);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct shot shot = {.x = {cptr, info}, .number = (uint64_t)(int64_t)number};
        shot_svc(&shot);
        samples[i] = cost(shot.before, shot.after);
        if (undo)
            undo(cptr);
    }
    row_end(samples + WARM_UP, SAMPLES, "instructions");
}

static void poll(uint64_t cptr)
{
    (void)kaal_poll(cptr);
}

static void signal(uint64_t cptr)
{
    kaal_signal(cptr);
}

void rows_simple(void)
{
    uint64_t notification = pool_object(OBJECT_NOTIFICATION, 0);
    uint64_t endpoint = pool_object(OBJECT_ENDPOINT, 0);
    uint64_t cap = pool_mint(notification, RIGHTS_ALL, 1);
    self_row("signal_nobody", SYS_SEND, cap, 0, poll);
    self_row("signal_active", SYS_SEND, cap, 0, NULL);
    (void)kaal_poll(cap);
    self_row("poll_empty", SYS_NB_RECV, cap, 0, NULL);
    kaal_signal(cap);
    self_row("poll_active", SYS_NB_RECV, cap, 0, signal);
    self_row("nbrecv_empty_endpoint", SYS_NB_RECV, endpoint, 0, NULL);
    self_row("nbsend_nobody", SYS_NB_SEND, endpoint, 0, NULL);
    self_row("yield_alone", SYS_YIELD, 0, 0, NULL);
    self_row("reply_none", SYS_REPLY, 0, 0, NULL);
    self_row("invalid_cptr", SYS_NB_SEND, 1ull << 63, 0, NULL);
    self_row("call_empty_slot", SYS_CALL, pool_slot(), 0, NULL);
    pool_reset();
}

void rows_null(void)
{
    self_row("null_syscall", SYS_BENCHMARK_NULL_SYSCALL, 0, 0, NULL);
}
