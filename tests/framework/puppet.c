/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A component without any library: reports to SLOT_SYSTEM and obeys the reply.
 */
#include "abi/syscalls.h"
#include "comp/env.h"
#include "comp/layout.h"
#include "kaal/syscalls.h"
#include "orders.h"

void _start(void);

static uint64_t counter = 40;

static uint64_t obey(const struct kaal_message *order)
{
    uint64_t a = order->mr[1], b = order->mr[2];
    struct kaal_message m = {.info = msginfo_new(b, 0, 0, 0)};
    switch (order->mr[0]) {
    case ORDER_LOAD: return *(volatile uint64_t *)a;
    case ORDER_STORE: *(volatile uint64_t *)a = b; return b;
    case ORDER_SIGNAL: kaal_signal(a); return 0;
    case ORDER_CALL: kaal_call(a, &m); return msginfo_label(m.info);
    case ORDER_JUMP: ((void (*)(void))a)(); return 0;
    case ORDER_COUNTER: return ++counter;
    case ORDER_GENERATION: return ((const struct env *)LAYOUT_ENV)->generation;
    case ORDER_WAIT: return kaal_wait(a);
    default: return 0;
    }
}

__attribute__((section(".text.start"))) void _start(void)
{
    struct kaal_message m = {0};
    for (;;) {
        uint64_t value = obey(&m);
        m = (struct kaal_message){.info = msginfo_new(PUPPET_REPORT, 0, 0, 1), .mr = {value}};
        kaal_call(SLOT_SYSTEM, &m);
    }
}
