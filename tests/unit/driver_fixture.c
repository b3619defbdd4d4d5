/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The fixture of driver_fixture.h. The kernel is these few functions: one message at a time is
 * received, replies and answers are noted.
 */
#include "driver_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "../../lib/comp/comp.c"
#include "../../lib/dddk/open.c"
#include "../../lib/rpc/server.c"
#include "dddk/counter.h"
#include "internal.h"

static _Alignas(1024) struct ipc_buffer buffer;
__thread struct ipc_buffer *kaal_ipc_buffer;

static struct {
    struct kaal_message next, reply;
    bool replied;
    unsigned answers, acks, signals[2];
    _Alignas(8) unsigned char answer[RPC_BYTES];
    uint32_t irq;
} world;

/* ---- the kernel ---- */

void kaal_recv(uint64_t src, struct kaal_message *m)
{
    assert_int_equal(src, SLOT_SERVICE);
    *m = world.next;
}

void kaal_reply(const struct kaal_message *m)
{
    world.reply = *m;
    world.replied = true;
}

void kaal_send(uint64_t dest, const struct kaal_message *m)
{
    assert_true(dest >= comp_env()->first_free && dest < comp_env()->slots);
    assert_int_equal(msginfo_label(m->info), SYSTEM_OK);
    world.answers++;
    memcpy(buffer.msg, m->mr, sizeof(m->mr));
    memcpy(world.answer, buffer.msg, sizeof(world.answer));
}

void kaal_signal(uint64_t notification)
{
    assert_true(notification == 60 || notification == 61);
    world.signals[notification - 60]++;
}

void kaal_reply_recv(uint64_t src, struct kaal_message *m)
{
    (void)m;
    fail_msg("reply and receive on %lu: the fixture receives one message at a time", src);
}

enum error_code kaal_cnode_save_caller(struct kaal_slot to)
{
    assert_int_equal(to.root, SLOT_CNODE);
    return ERROR_NONE;
}

enum error_code kaal_cnode_delete(struct kaal_slot at)
{
    assert_int_equal(at.root, SLOT_CNODE);
    return ERROR_NONE;
}

enum system_error system_irq(uint64_t number, uint32_t slot, uint64_t *badge)
{
    (void)number;
    (void)slot;
    (void)badge;
    return SYSTEM_DENIED;
}

_Noreturn void system_exit(int status)
{
    fail_msg("the driver ends with status %d", status);
    __builtin_unreachable();
}

void system_log(const char *text, size_t bytes)
{
    (void)printf("# %.*s\n", (int)bytes, text);
}

/* ---- the CPU's timer ---- */

uint64_t counter_frequency(void)
{
    return machine.platform.timer_hz;
}

uint64_t counter_now(void)
{
    return clock_counter();
}

void counter_arm(uint64_t ticks)
{
    machine.model.timer[TIMER_PHYSICAL] = (struct timer_model){.enabled = true, .deadline = ticks};
}

void counter_disarm(void)
{
    machine.model.timer[TIMER_PHYSICAL] = (struct timer_model){0};
}

/* ---- the world ---- */

static struct env *env_page(void)
{
    static struct env *page;
    if (page == NULL) {
        page = mmap((void *)LAYOUT_ENV, ENV_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        assert_ptr_equal(page, (void *)LAYOUT_ENV);
    }
    return page;
}

static struct env_entry *add_entry(struct env *e, const char *name, enum env_kind kind)
{
    struct env_entry *entry = &e->entry[e->entries++];
    (void)snprintf(entry->name, sizeof(entry->name), "%s", name);
    entry->kind = kind;
    return entry;
}

void driver_fixture(const char *device, uint64_t address, uint32_t irq)
{
    struct platform p;
    machine_small_platform(&p, 1 << 20);
    machine_create(&p, 0);
    memset(&world, 0, sizeof(world));
    memset(taken, 0, sizeof(taken));
    kaal_ipc_buffer = &buffer;
    world.irq = irq;
    struct env *e = env_page();
    memset(e, 0, sizeof(*e));
    e->slots = 256;
    e->first_free = 100;
    e->serves = 1;
    if (address != 0) {
        struct env_entry *registers = add_entry(e, device, ENV_DEVICE);
        registers->address = registers->physical = address;
        registers->bytes = 4096;
    }
    *add_entry(e, device, ENV_IRQ) =
        (struct env_entry){.kind = ENV_IRQ, .slot = 50, .badge = 1, .physical = irq};
    (void)snprintf(e->entry[e->entries - 1].name, ENV_NAME_BYTES, "%s", device);
    for (unsigned n = 0; n < 2; n++) {
        struct env_entry *client = add_entry(e, n == 0 ? "first" : "second", ENV_CLIENT);
        client->badge = BADGE_MESSAGE | (DRIVER_CLIENT + n);
        client->signal = 60 + n;
    }
}

void driver_start(void)
{
    const char *missing;
    assert_int_equal(dddk_open(&dddk_driver, dddk_device(), &missing), SYSTEM_OK);
    assert_int_equal(dddk_driver.init(dddk_device()), SYSTEM_OK);
}

unsigned driver_call(unsigned n, uint64_t label, const void *in, size_t in_bytes, void *out,
                     size_t room)
{
    const struct rpc_service service = {dddk_driver.methods, dddk_driver.method_count, NULL, NULL};
    world.next = (struct kaal_message){.badge = BADGE_MESSAGE | (DRIVER_CLIENT + n),
                                       .info = msginfo_new(label, 0, 0, (in_bytes + 7) / 8)};
    if (in_bytes != 0) {
        memcpy(buffer.msg, in, in_bytes);
    }
    memcpy(world.next.mr, buffer.msg, sizeof(world.next.mr));
    world.replied = false;
    (void)rpc_serve_one(&service);
    if (!world.replied) {
        return DRIVER_WAITS;
    }
    memcpy(buffer.msg, world.reply.mr, sizeof(world.reply.mr));
    if (room != 0) {
        memcpy(out, buffer.msg, room);
    }
    return (unsigned)msginfo_label(world.reply.info);
}

unsigned driver_answers(void)
{
    return world.answers;
}

const void *driver_answer(void)
{
    return world.answer;
}

unsigned driver_signals(unsigned n)
{
    return world.signals[n];
}

static bool line_is_high(void)
{
    if (world.irq == IRQ_PPI_PHYSICAL_TIMER) {
        return clock_timer_fires(TIMER_PHYSICAL);
    }
    return (machine.model.irq.line.w[world.irq / 64] >> world.irq % 64 & 1) != 0;
}

void driver_interrupts(void)
{
    for (unsigned i = 0; line_is_high(); i++) {
        assert_true(i < 100); /* else its cause is never taken away */
        dddk_driver.irq(dddk_device());
    }
}

void driver_run_until(uint64_t until)
{
    uint64_t at = 0;
    driver_interrupts();
    while (machine_next_event(&at) && at <= until) {
        machine_advance(at > machine_now() ? at - machine_now() : 0);
        driver_interrupts();
    }
    machine_advance(until - machine_now());
    driver_interrupts();
}
