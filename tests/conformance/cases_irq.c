/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupt and SGI caps (abi/invocations.md §6, abi/vectors.md §5, §11). Interrupts are raised by
 * SGI signal caps; 40 is a line that no device of the board uses.
 */
#include "kaal/bootinfo.h"
#include "kaal/fdt.h"
#include "kaal/string.h"
#include "probe.h"
#include "suites.h"

enum {
    MAX_IRQ = 159,
    TIMER_IRQ = 27,
    FREE_IRQ = 40,
    SGI = 3
};

/* Whether the device tree names a GICv3. */
static bool is_gicv3(void)
{
    size_t bytes = 0, length = 0;
    const void *blob = kaal_bootinfo_chunk(boot(), BOOTINFO_CHUNK_DTB, &bytes);
    const char *kind = blob == NULL
                           ? NULL
                           : kaal_fdt_property(blob, bytes, "/intc@8000000", "compatible", &length);
    return kind != NULL && strnlen(kind, length) < length && strcmp(kind, "arm,gic-v3") == 0;
}

static void get_checks(void)
{
    uint64_t to = slot_new(), ep = object(OBJECT_ENDPOINT, 0), guard = root_guard();
    const struct invocation valid =
        INVOCATION(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, CAPS(ROOT), FREE_IRQ, to, 64);
    const struct violation list[] = {
        {"INV-6-02b", "length 2", {LENGTH(2)}, TRUNC},
        {"INV-6-02b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-6-02c VEC-5-01 INV-6-01", "160", {WORD(0, MAX_IRQ + 1)}, RANGE(0, MAX_IRQ)},
        {"INV-6-02c", "2^63", {WORD(0, 1ull << 63)}, RANGE(0, MAX_IRQ)},
        {"INV-6-02d VEC-5-01 BOOT-5-14", "the kernel's timer", {WORD(0, TIMER_IRQ)}, REVOKE_FIRST},
        {"INV-6-02e", "root no CNode", {CAP(0, ep)}, NO_ROOT(0)},
        {"INV-6-02e", "depth 65", {WORD(2, 65)}, RANGE(1, 64)},
        {"INV-6-02e", "guard", {WORD(1, 1ull << 63), WORD(2, 64)}, GUARD(0, 64, 0, guard)},
        {"INV-6-02f VEC-5-01", "occupied slot", {WORD(1, ep)}, DELETE_FIRST},
    };
    REFUSALS("Get", valid, list);
    check_call(valid, OK);
    check(occupied(to));
    struct invocation v = valid;
    v.word[1] = slot_new();
    check_call(v, REVOKE_FIRST);
    must(kaal_cnode_delete(at(to)));
    check_call(v, OK);
}

static void get_trigger_checks(void)
{
    uint64_t to = slot_new(), ep = object(OBJECT_ENDPOINT, 0), guard = root_guard();
    const struct invocation valid = INVOCATION(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER,
                                               CAPS(ROOT), FREE_IRQ, 1, to, 64);
    const struct violation list[] = {
        {"INV-6-03", "length 3", {LENGTH(3)}, TRUNC},
        {"INV-6-03", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-6-03", "160", {WORD(0, MAX_IRQ + 1)}, RANGE(0, MAX_IRQ)},
        {"INV-6-03", "the kernel's timer", {WORD(0, TIMER_IRQ)}, REVOKE_FIRST},
        {"INV-6-03", "root no CNode", {CAP(0, ep)}, NO_ROOT(0)},
        {"INV-6-03", "depth 0", {WORD(3, 0)}, RANGE(1, 64)},
        {"INV-6-03", "guard", {WORD(2, 1ull << 63), WORD(3, 64)}, GUARD(0, 64, 0, guard)},
        {"INV-6-03", "occupied slot", {WORD(2, ep)}, DELETE_FIRST},
    };
    REFUSALS("GetTrigger", valid, list);
    check_call(valid, OK);
    must(kaal_cnode_delete(at(to)));
    struct invocation v = valid;
    v.word[1] = 0;
    check_call(v, OK);
}

static void issue_sgi_checks(void)
{
    uint64_t to = slot_new(), ep = object(OBJECT_ENDPOINT, 0), guard = root_guard();
    uint64_t beyond = is_gicv3() ? 1ull << 32 : 8;
    const struct invocation valid = INVOCATION(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL,
                                               CAPS(ROOT), SGI, 0, to, 64);
    const struct violation list[] = {
        {"INV-6-04b", "length 3", {LENGTH(3)}, TRUNC},
        {"INV-6-04b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-6-04c VEC-5-03", "SGI 16", {WORD(0, 16)}, RANGE(0, 15)},
        {"INV-6-04d VEC-5-03", "target out of range", {WORD(1, beyond)}, INV_ARG(1)},
        {"INV-6-04e", "root no CNode", {CAP(0, ep)}, NO_ROOT(0)},
        {"INV-6-04e", "depth 65", {WORD(3, 65)}, RANGE(1, 64)},
        {"INV-6-04e", "guard", {WORD(2, 1ull << 63), WORD(3, 64)}, GUARD(0, 64, 0, guard)},
        {"INV-6-04f", "occupied slot", {WORD(2, ep)}, DELETE_FIRST},
    };
    REFUSALS("IssueSGISignal", valid, list);
    check_call(valid, OK);
    struct invocation v = INVOCATION(to, 0x1234, NO_CAPS, 1, 2, 3);
    check_call(v, OK); /* any label; nobody has the interrupt, so it is dropped */
    v = valid;
    v.word[0] = 15;
    v.word[2] = slot_new();
    check_call(v, OK);
    v.word[1] = beyond - 1;
    v.word[2] = slot_new();
    check_call(v, OK);
}

/* A handler of SGI 3 with `badge` on a new notification, and the cap that raises it. */
struct scene {
    uint64_t handler, ntfn, raise;
};

static struct scene scene_new(uint64_t badge)
{
    struct scene s = {.handler = slot_new(), .raise = slot_new()};
    s.ntfn = object(OBJECT_NOTIFICATION, 0);
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, SGI, at(s.handler)));
    must(kaal_irq_handler_set_notification(s.handler, mint_of(s.ntfn, RIGHTS_ALL, badge)));
    must(kaal_irq_control_issue_sgi(SLOT_IRQ_CONTROL, SGI, 0, at(s.raise)));
    /* What an earlier case raised while it was masked arrives now: forget it. */
    settle();
    must(kaal_irq_handler_ack(s.handler));
    settle();
    (void)kaal_poll(s.ntfn);
    must(kaal_irq_handler_ack(s.handler));
    return s;
}

/* Raises it and gives it time to arrive; the notification's word. */
static uint64_t raise(const struct scene *s)
{
    struct kaal_message m = {0};
    kaal_send(s->raise, &m);
    settle();
    return kaal_poll(s->ntfn);
}

static void delivery(void)
{
    struct scene s = scene_new(0x40);
    check_eq(raise(&s), 0x40);
    /* Raised again before the acknowledgement: a GICv2 may be unable to mask SGIs (IHI
     * 0048, 3.1.2), so it arrives now or after it, but once. */
    uint64_t before = raise(&s);
    must(kaal_irq_handler_ack(s.handler));
    settle();
    uint64_t after = kaal_poll(s.ntfn);
    check_eq(before ^ after, 0x40);
    check_eq(before & after, 0);
    must(kaal_irq_handler_ack(s.handler));
    check_eq(raise(&s), 0x40);
    must(kaal_irq_handler_ack(s.handler));
    must(kaal_irq_handler_clear(s.handler));
    check_eq(raise(&s), 0);
}

/* The console's PL011 (Arm DDI 0183): its transmit interrupt is set by whatever the kernel prints.
 */
#define UART        0x9000000ull
#define UART_VADDR  FREE_VADDR
#define UART_TX_BIT 0x20u

enum {
    UART_IRQ = 33,
    UART_DR = 0,
    UART_IMSC = 0x38,
    UART_ICR = 0x44
};

void uart_store(volatile uint32_t *to, uint32_t value); /* snippets.S */

static void uart_write(unsigned offset, uint32_t value)
{
    uart_store((volatile uint32_t *)(UART_VADDR + offset), value);
    __asm__ volatile("dsb sy" : : : "memory");
}

/* Maps the UART, silent, and makes a handler for its interrupt with `badge`. */
static struct scene uart_scene(uint64_t edge, uint64_t badge)
{
    struct scene s = {.handler = slot_new(), .ntfn = object(OBJECT_NOTIFICATION, 0)};
    const struct bootinfo *b = boot();
    uint64_t frame = slot_new(), count = b->untyped.end - b->untyped.start;
    for (uint64_t i = 0; i < count; i++) {
        if (b->untyped_list[i].is_device != 0 && b->untyped_list[i].paddr == UART) {
            must(kaal_untyped_retype(b->untyped.start + i, OBJECT_SMALL_PAGE, 0,
                                     (struct kaal_slot){ROOT, 0, 0}, frame, 1));
        }
    }
    map(SLOT_INIT_VSPACE, frame, UART_VADDR, RIGHT_READ | RIGHT_WRITE, ATTR_EXECUTE_NEVER);
    uart_write(UART_IMSC, 0);
    uart_write(UART_ICR, 0x7ff);
    must(kaal_irq_control_get_trigger(SLOT_IRQ_CONTROL, UART_IRQ, edge, at(s.handler)));
    must(kaal_irq_handler_set_notification(s.handler, mint_of(s.ntfn, RIGHTS_ALL, badge)));
    settle();
    must(kaal_irq_handler_ack(s.handler));
    (void)kaal_poll(s.ntfn);
    return s;
}

/* Makes the line go up by sending an empty comment line; what arrives. */
static uint64_t uart_raise(const struct scene *s)
{
    uart_write(UART_ICR, 0x7ff);
    uart_write(UART_IMSC, UART_TX_BIT);
    uart_write(UART_DR, '#');
    uart_write(UART_DR, '\n');
    settle();
    return kaal_poll(s->ntfn);
}

/* Acknowledges; what arrives. */
static uint64_t acknowledge(const struct scene *s)
{
    must(kaal_irq_handler_ack(s->handler));
    settle();
    return kaal_poll(s->ntfn);
}

static void level_triggered(void)
{
    struct scene s = uart_scene(0, 0x33);
    check_eq(uart_raise(&s), 0x33);
    settle();
    check_eq(kaal_poll(s.ntfn), 0);  /* masked until acknowledged */
    check_eq(acknowledge(&s), 0x33); /* the line is still up */
    uart_write(UART_ICR, 0x7ff);
    check_eq(acknowledge(&s), 0);
    check_eq(uart_raise(&s), 0x33);
    uart_write(UART_IMSC, 0);
    check_eq(acknowledge(&s), 0);
}

static void edge_triggered(void)
{
    struct scene s = uart_scene(1, 0x34);
    check_eq(uart_raise(&s), 0x34);
    check_eq(acknowledge(&s), 0); /* the line is still up, but there was no new edge */
    check_eq(uart_raise(&s), 0x34);
    uart_write(UART_IMSC, 0);
    check_eq(acknowledge(&s), 0);
}

static void masked_without_handler(void)
{
    struct scene s = uart_scene(0, 0x35);
    must(kaal_cnode_delete(at(s.handler)));
    check_eq(uart_raise(&s), 0);
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, UART_IRQ, at(s.handler)));
    settle(); /* unmasked at once; dropped, and masked until the acknowledgement */
    must(kaal_irq_handler_set_notification(s.handler, mint_of(s.ntfn, RIGHTS_ALL, 0x36)));
    settle();
    check_eq(kaal_poll(s.ntfn), 0);
    check_eq(acknowledge(&s), 0x36);
    uart_write(UART_IMSC, 0);
    uart_write(UART_ICR, 0x7ff);
    check_eq(acknowledge(&s), 0);
}

static void call_raises(void)
{
    struct scene s = scene_new(0x41);
    struct invocation v = INVOCATION(s.raise, 99, NO_CAPS, 1);
    check_call(v, OK);
    settle();
    check_eq(kaal_poll(s.ntfn), 0x41);
}

static void dropped_without_notification(void)
{
    struct scene s = scene_new(0x42);
    must(kaal_irq_handler_clear(s.handler));
    check_eq(raise(&s), 0);
    must(kaal_irq_handler_set_notification(s.handler, mint_of(s.ntfn, RIGHTS_ALL, 0x43)));
    settle();
    check_eq(kaal_poll(s.ntfn), 0);
    must(kaal_irq_handler_ack(s.handler));
    settle();
    check_eq(raise(&s), 0x43);
}

static void wakes_a_waiter(void)
{
    struct scene s = scene_new(0x44);
    struct probe *p = probe_new();
    probe_call(p, SYS_RECV, s.ntfn, 0, 0, 0);
    settle();
    struct kaal_message m = {0};
    kaal_send(s.raise, &m);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X0], 0x44);
}

static void set_notification_checks(void)
{
    struct scene s = scene_new(1);
    uint64_t ep = object(OBJECT_ENDPOINT, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    uint64_t mute = copy_of(ntfn, RIGHT_READ);
    const struct invocation valid = INVOCATION(s.handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION,
                                               CAPS(mint_of(ntfn, RIGHT_WRITE, 0x45)));
    const struct violation list[] = {
        {"INV-6-06b", "no cap", {NCAPS(0)}, TRUNC},
        {"INV-6-06c VEC-5-02", "an endpoint", {CAP(0, ep)}, INV_CAP(0)},
        {"INV-6-06c", "an empty slot", {CAP(0, SLOT_NULL)}, INV_CAP(0)},
        {"INV-6-06c OBJ-5-01", "no write right", {CAP(0, mute)}, INV_CAP(0)},
    };
    REFUSALS("SetNotification", valid, list);
    check_call(valid, OK);
    check_eq(raise(&s), 0); /* the first notification was dropped */
    check_eq(kaal_poll(ntfn), 0x45);
    struct invocation v = INVOCATION(s.handler, LABEL_IRQ_HANDLER_ACK, NO_CAPS);
    check_call(v, OK);
    v.label = LABEL_IRQ_HANDLER_CLEAR;
    check_call(v, OK);
    check_call(v, OK);
    v.label = LABEL_IRQ_CONTROL_GET;
    check_call(v, ILLEGAL);
    v.target = SLOT_IRQ_CONTROL;
    v.label = LABEL_IRQ_HANDLER_ACK;
    check_call(v, ILLEGAL);
}

static void notification_cap_is_a_copy(void)
{
    struct scene s = scene_new(0x46);
    uint64_t given = mint_of(s.ntfn, RIGHTS_ALL, 0x47);
    must(kaal_irq_handler_set_notification(s.handler, given));
    must(kaal_cnode_delete(at(given)));
    check_eq(raise(&s), 0x47);
    must(kaal_irq_handler_ack(s.handler));
    /* Revoking the notification takes the handler's copy as well. */
    must(kaal_cnode_revoke(at(s.ntfn)));
    check_eq(raise(&s), 0);
}

static void handler_deleted(void)
{
    struct scene s = scene_new(0x48);
    uint64_t copy = copy_of(s.handler, RIGHTS_ALL);
    must(kaal_cnode_delete(at(s.handler)));
    check_eq(raise(&s), 0x48); /* a copy is left */
    must(kaal_irq_handler_ack(copy));
    must(kaal_cnode_delete(at(copy)));
    check_eq(raise(&s), 0);
    /* Issued afresh, it is unmasked at once; without a notification what is pending is dropped. */
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, SGI, at(s.handler)));
    settle();
    must(kaal_irq_handler_set_notification(s.handler, mint_of(s.ntfn, RIGHTS_ALL, 0x49)));
    must(kaal_irq_handler_ack(s.handler));
    settle();
    check_eq(raise(&s), 0x49);
}

static void revoke_control(void)
{
    struct scene s = scene_new(1);
    uint64_t copy = copy_of(s.handler, 0), sgi_copy = copy_of(s.raise, 0);
    must(kaal_cnode_revoke(at(SLOT_IRQ_CONTROL)));
    check(!occupied(s.handler) && !occupied(s.raise) && !occupied(copy) && !occupied(sgi_copy));
    check(occupied(SLOT_IRQ_CONTROL));
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, SGI, at(s.handler)));
}

static void tree_of_irq_caps(void)
{
    struct scene s = scene_new(1);
    uint64_t copy = copy_of(s.handler, 0), sgi_copy = copy_of(s.raise, 0);
    uint64_t other = slot_new();
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, FREE_IRQ, at(other)));
    /* A handler from IRQControl is revocable and covers its own interrupt only. */
    must(kaal_cnode_revoke(at(s.handler)));
    check(!occupied(copy) && occupied(other) && occupied(s.raise));
    must(kaal_cnode_revoke(at(s.raise)));
    check(!occupied(sgi_copy) && occupied(s.raise) && occupied(other));
}

static const struct test tests[] = {
    {"INV-6-02a INV-6-02g VEC-5-01 INV-2-31", "Get: every check, then the valid call", get_checks},
    {"INV-6-03 INV-2-56", "GetTrigger: every check, then the valid call", get_trigger_checks},
    {"INV-6-04a INV-6-10 SYS-3-18 VEC-5-03 INV-2-58",
     "IssueSGISignal: every check, then the valid call", issue_sgi_checks},
    {"VEC-11-17 INV-6-05 INV-6-07 INV-6-08 INV-6-02g INV-6-10", "from SGI to notification and Ack",
     delivery},
    {"INV-6-08 INV-6-05 INV-6-03 VSP-4-15 VSP-4-19", "a level interrupt is masked until Ack",
     level_triggered},
    {"INV-6-03", "an edge interrupt fires once per edge", edge_triggered},
    {"INV-6-09 INV-6-08 INV-6-02g", "a device interrupt without handler is masked",
     masked_without_handler},
    {"INV-6-10 SYS-3-18", "Call on an SGI signal cap", call_raises},
    {"INV-6-08 INV-6-07", "an interrupt without notification is dropped and masked",
     dropped_without_notification},
    {"SCH-3-12 INV-6-08", "an interrupt wakes a waiter", wakes_a_waiter},
    {"INV-6-06a INV-6-05 INV-6-07 VEC-5-02 INV-1-18 INV-2-32..34", "SetNotification, Ack, Clear",
     set_notification_checks},
    {"INV-6-06d OBJ-3.1-06", "the notification cap is a copy", notification_cap_is_a_copy},
    {"INV-6-09 OBJ-3.5-11", "deleting the last handler cap", handler_deleted},
    {"VEC-11-18 OBJ-3.3-12 INV-6-02g INV-6-04g OBJ-3.1-11", "Revoke of IRQControl", revoke_control},
    {"OBJ-3.1-11 OBJ-3.3-03 OBJ-3.2-01", "handlers and SGI caps cover their own number",
     tree_of_irq_caps},
};
const struct suite suite_irq = SUITE("irq", tests);
