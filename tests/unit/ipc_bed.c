/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "ipc_bed.h"

uint64_t endpoint, notification, server_slot;
struct tcb *client, *server;

int ipc_setup(void **state)
{
    fx_setup(state);
    fx.cpu->fast = false;
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    notification = fx_new(OBJECT_NOTIFICATION, 0);
    server_slot = fx_thread(255, true);
    server = fx_tcb(server_slot);
    client = fx.root;
    return 0;
}

int ipc_setup_fast(void **state)
{
    ipc_setup(state);
    fx.cpu->fast = true;
    return 0;
}

struct ipc_buffer *buffer_of(const struct tcb *tcb)
{
    return thread_buffer(tcb, true);
}

unsigned wait_state_of(uint64_t slot)
{
    return wait_state(&notification_of(fx_cap(slot))->queue);
}

void serve(uint64_t cptr)
{
    fx_switch(server);
    fx_recv(cptr);
    assert_int_equal(server->state, THREAD_BLOCKED_RECEIVE);
    fx_switch(client);
}

void raw(int64_t number, uint64_t x0)
{
    client->context.reg[REG_X0] = x0;
    client->context.reg[REG_X7] = (uint64_t)number;
    fx_trap(TRAP_SYSCALL, 0x56000000, 0);
}
