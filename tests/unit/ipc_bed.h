/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Two threads that talk: for tests of messages, cap transfer and notifications. Every case runs
 * twice, with the fast paths and without; both must give the same.
 */
#pragma once
#include "core_fixture.h"
#include "thread.h"
#include "wait.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    ALL = RIGHTS_ALL,
    D = FX_DEPTH
};

/* Slots of the root CNode. */
extern uint64_t endpoint, notification, server_slot;
/* The initial thread is the client; a server of equal priority waits for its turn. */
extern struct tcb *client, *server;

int ipc_setup(void **state);
int ipc_setup_fast(void **state);

/* The case `f` both ways. */
#define IPC_CASE(f)                                                                                \
    cmocka_unit_test_setup_teardown(f, ipc_setup, fx_teardown),                                    \
    {                                                                                              \
#f "_fast", f, ipc_setup_fast, fx_teardown, NULL                                           \
    }

struct ipc_buffer *buffer_of(const struct tcb *tcb);
/* Of the notification in `slot`. */
unsigned wait_state_of(uint64_t slot);
/* The server blocks receiving on `cptr`; the client runs. */
void serve(uint64_t cptr);
/* A system call of the client with this first register, the others as they are. */
void raw(int64_t number, uint64_t x0);
