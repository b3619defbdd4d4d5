/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Letters and what the workers of a case share; one case at a time.
 */
#include "order.h"

#include "kaal/string.h"

enum {
    LETTERS = 32
};

static struct {
    char text[LETTERS + 1];
    unsigned count;
} order;

struct order_shared shared;

unsigned order_count(void)
{
    return order.count;
}

void note(char letter)
{
    if (order.count < LETTERS) {
        order.text[order.count++] = letter;
    }
}

void begin(void)
{
    memset(&order, 0, sizeof(order));
    shared.ntfn = object(OBJECT_NOTIFICATION, 0);
    shared.ep = object(OBJECT_ENDPOINT, 0);
    shared.fault_ep = object(OBJECT_ENDPOINT, 0);
    shared.other = 0;
    shared.flag = 0;
}

void check_order(const char *expected, int line)
{
    settle();
    check_that(strcmp(order.text, expected) == 0, expected, __FILE__, line);
}
#define check_ran(expected) check_order((expected), __LINE__)

uint64_t waiting(void (*body)(uint64_t), char letter, uint64_t priority)
{
    uint64_t tcb = worker_new(body, (uint64_t)letter, priority);
    worker_go(tcb);
    settle();
    return tcb;
}

uint64_t ready(void (*body)(uint64_t), char letter, uint64_t priority)
{
    uint64_t tcb = worker_new(body, (uint64_t)letter, priority);
    worker_go(tcb);
    return tcb;
}

void just_note(uint64_t letter)
{
    note((char)letter);
}

void wait_then_note(uint64_t letter)
{
    kaal_wait(shared.ntfn);
    note((char)letter);
}
