/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupts of the PL011 UART of QEMU's `virt` board: its transmit interrupt stands as soon as
 * something was printed, so writing the mask register raises the line at once. Measured from the
 * reading before that store to the handler's after its wait, or to the storing thread's own.
 */
#include "bench.h"
#include "kaal/print.h"

enum {
    UART_IRQ = 33,
    UART_IMSC = 0x38,
    UART_TX = 1 << 5,
};

#define UART_PADDR 0x09000000ull
#define UART_VADDR 0x30000000ull

static uint64_t uart_frame, irq_handler;

static uint64_t find_uart(void)
{
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++)
        if (boot->untyped_list[i].is_device && boot->untyped_list[i].paddr == UART_PADDR)
            return boot->untyped.start + i;
    return 0;
}

/* The frame at the start of the Untyped, and the interrupt; for good. */
static bool prepare(void)
{
    uint64_t untyped = find_uart();
    if (!untyped)
        return false;
    uart_frame = pool_slot();
    must(kaal_untyped_retype(untyped, OBJECT_SMALL_PAGE, 0,
                             (struct kaal_slot){SLOT_INIT_CNODE, 0, 0}, uart_frame, 1),
         "Untyped_Retype of the UART's page");
    irq_handler = pool_slot();
    must(kaal_irq_control_get(SLOT_IRQ_CONTROL, UART_IRQ, at(irq_handler)), "IRQControl_Get");
    return true;
}

static struct step *store_step(struct worker *w, uint64_t value)
{
    struct step *s = worker_step(w, SYS_YIELD, value, 0);
    s->shoot = shot_store;
    s->word = UART_VADDR + UART_IMSC;
    return s;
}

/* The handler takes the cause away, acknowledges, waits again. */
static struct worker *start_handler(uint8_t priority, bool other_as, uint64_t notification)
{
    struct worker *w = worker_new(priority, other_as);
    uint64_t cptr = worker_cap(w, notification);
    worker_step(w, SYS_RECV, cptr, 0)->logged = true;
    w->once = w->steps;
    store_step(w, 0);
    worker_step(w, SYS_CALL, worker_cap(w, irq_handler),
                msginfo_new(LABEL_IRQ_HANDLER_ACK, 0, 0, 0))
        ->checked = true;
    worker_step(w, SYS_RECV, cptr, 0)->logged = true;
    worker_start(w, 0);
    return w;
}

static void irq_row(const char *name, uint8_t from, uint8_t to, bool other_as)
{
    uint64_t samples[SAMPLES];
    row_begin(name);
    uint64_t notification = pool_object(OBJECT_NOTIFICATION, 0);
    uint64_t go = pool_object(OBJECT_NOTIFICATION, 0);
    uint64_t there = pool_mint(uart_frame, RIGHT_READ | RIGHT_WRITE, 0);
    pool_map(SLOT_INIT_VSPACE, pool_mint(uart_frame, RIGHT_READ | RIGHT_WRITE, 0), UART_VADDR);
    pool_map(other_space, there, UART_VADDR);
    must(kaal_irq_handler_set_notification(irq_handler, pool_mint(notification, RIGHTS_ALL, 1)),
         "IRQHandler_SetNotification");
    must(kaal_irq_handler_ack(irq_handler), "IRQHandler_Ack");
    struct worker *handler = start_handler(to, other_as, notification);
    struct worker *runner = worker_new(from, false);
    worker_step(runner, SYS_RECV, worker_cap(runner, go), 0);
    store_step(runner, UART_TX)->logged = true;
    worker_start(runner, 0);
    for (unsigned i = 0; i < ROUNDS; i++)
        kaal_signal(go);
    expect(runner->done == 1 && handler->log_count >= ROUNDS, "every interrupt arrives");
    for (unsigned i = 0; i < SAMPLES; i++) {
        const struct reading *r = &runner->log[i + WARM_UP];
        samples[i] = cost(r->before, to > from ? handler->log[i + WARM_UP].after : r->after);
    }
    must(kaal_irq_handler_clear(irq_handler), "IRQHandler_Clear");
    pool_reset();
    workers_forget();
    row_end(samples, SAMPLES, "instructions");
}

void rows_irq(void)
{
    if (!prepare()) {
        row_begin("irq_to_handler_other_as");
        row_skip("no device Untyped begins at the UART of QEMU's virt board");
        return;
    }
    pool_keep();
    irq_row("irq_to_handler_same_as", 253, 254, false);
    irq_row("irq_to_handler_other_as", 253, 254, true);
    irq_row("irq_no_switch", 254, 253, false);
}
