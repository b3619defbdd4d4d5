/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Stands for lib/kaal/syscalls.h where user-level code is compiled for the host: the calls are
 * functions that the test defines (tests/unit/driver_fixture.c).
 */
#pragma once
#include <stdint.h>

#include "abi/syscalls.h"

struct kaal_message {
    uint64_t badge;
    uint64_t info;
    uint64_t mr[MSG_REGISTERS];
};

extern __thread struct ipc_buffer *kaal_ipc_buffer;

void kaal_call(uint64_t dest, struct kaal_message *m);
void kaal_reply_recv(uint64_t src, struct kaal_message *m);
void kaal_recv(uint64_t src, struct kaal_message *m);
uint64_t kaal_wait(uint64_t notification);
void kaal_send(uint64_t dest, const struct kaal_message *m);
void kaal_signal(uint64_t notification);
void kaal_reply(const struct kaal_message *m);
