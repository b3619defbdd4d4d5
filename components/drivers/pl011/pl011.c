/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL011 UART: characters both ways, by interrupts. Who has a ring to the driver writes by it (the
 * first consumer's end), who has one from it reads by it; clients of the console service
 * (service/console.h) write and read by calls. Keeps true: nothing is sent twice or out of order;
 * input that finds no room is lost at the end of the queue, counted; a character with a framing or
 * parity error and a break are counted and dropped.
 */
#include "pl011.h"

#include <string.h>

#include "ring/ring.h"
#include "service/console.h"

DDDK_REGISTERS(struct pl011);

enum {
    WRITERS = 16,
    QUEUE = 1024
};

/* A caller whose text is not taken yet. */
struct writer {
    uint32_t slot;
    uint32_t bytes, sent;
    char text[CONSOLE_TEXT];
};

static struct writer writer[WRITERS]; /* in order; writer[0] is being sent */
static uint32_t writers;
static struct ring to_send, received;
static bool has_to_send, has_received;
static char queue[QUEUE]; /* input for readers by calls */
static uint32_t queued;
static uint32_t reader; /* who is answered at the next input */
static uint64_t reader_most;
static struct console_status count;

/* ---- sending ---- */

/* The next character, from the first writer, then from the ring; false when there is none. */
static bool next_to_send(char *c)
{
    if (writers != 0 && writer[0].sent < writer[0].bytes) {
        *c = writer[0].text[writer[0].sent++];
        return true;
    }
    return has_to_send && ring_char_pop(&to_send, c);
}

/* Answers the first writer when all of his is sent. */
static void finish_writer(void)
{
    if (writers != 0 && writer[0].sent == writer[0].bytes) {
        uint32_t slot = writer[0].slot;
        writers--;
        memmove(&writer[0], &writer[1], writers * sizeof(writer[0]));
        rpc_answer(slot, SYSTEM_OK, NULL, 0);
    }
}

/* Fills the FIFO. When it is full the interrupt tells when there is room; the transmitter may be
 * stuck for any time. */
static void send(void)
{
    char c;
    bool full;
    while (!(full = (reg_read(&regs()->fr) & FR_TXFF) != 0) && next_to_send(&c)) {
        reg_write(&regs()->dr, (unsigned char)c);
        count.sent++;
        finish_writer();
    }
    if (full) {
        reg_set(&regs()->imsc, INT_TX);
    } else {
        reg_clear(&regs()->imsc, INT_TX);
    }
}

static enum system_error write_text(struct rpc_request *r)
{
    const struct console_text *q = RPC_IN(r, struct console_text);
    struct writer *w = &writer[writers];
    if (q->bytes > CONSOLE_TEXT || CONSOLE_BYTES(q->bytes) > r->bytes) {
        return SYSTEM_BAD_ARGUMENT;
    }
    if (q->bytes == 0 || writers == WRITERS) {
        return q->bytes == 0 ? SYSTEM_OK : SYSTEM_BUSY;
    }
    w->sent = 0;
    w->bytes = (uint32_t)q->bytes;
    memcpy(w->text, q->text, q->bytes);
    w->slot = rpc_later(r);
    if (w->slot == 0) {
        return SYSTEM_NO_SLOTS;
    }
    writers++;
    send();
    return SYSTEM_OK;
}

/* ---- receiving ---- */

static void answer_reader(void)
{
    static struct console_text a;
    if (reader == 0 || queued == 0) {
        return;
    }
    a.bytes = queued < reader_most ? queued : reader_most;
    memcpy(a.text, queue, a.bytes);
    queued -= (uint32_t)a.bytes;
    memmove(queue, queue + a.bytes, queued);
    rpc_unpark(&reader, &a, CONSOLE_BYTES(a.bytes));
}

static void deliver(char c)
{
    bool taken = has_received ? ring_char_push(&received, &c) : queued < QUEUE;
    if (!has_received && taken) {
        queue[queued++] = c;
    }
    count.received += taken;
    count.lost += !taken;
}

static void receive(void)
{
    while ((reg_read(&regs()->fr) & FR_RXFE) == 0) {
        uint32_t c = reg_read(&regs()->dr);
        count.overruns += (c & DR_OVERRUN) != 0;
        count.breaks += (c & DR_BREAK) != 0;
        count.framing += (c & (DR_BREAK | DR_FRAMING)) == DR_FRAMING;
        count.parity += (c & DR_PARITY) != 0;
        if ((c & (DR_BREAK | DR_FRAMING | DR_PARITY)) == 0) {
            deliver((char)c);
        }
    }
    reg_write(&regs()->rsr, 0);
    answer_reader();
}

static enum system_error read_text(struct rpc_request *r)
{
    uint64_t most = RPC_IN(r, struct console_read)->most;
    if (most == 0 || most > CONSOLE_TEXT || has_received) {
        return SYSTEM_BAD_ARGUMENT;
    }
    enum system_error e = rpc_park(r, &reader);
    if (e == SYSTEM_OK) {
        reader_most = most;
        answer_reader();
    }
    return e;
}

/* ---- the device ---- */

static enum system_error get_status(struct rpc_request *r)
{
    *RPC_OUT(r, struct console_status) = count;
    return SYSTEM_OK;
}

static enum system_error init(struct dddk_device *device)
{
    (void)device;
    has_to_send = ring_open_env(&to_send, comp_next(ENV_CONSUMER, NULL), 1);
    has_received = ring_open_env(&received, comp_next(ENV_PRODUCER, NULL), 1);
    reg_write(&regs()->imsc, 0);
    reg_write(&regs()->icr, INT_ALL);
    reg_write(&regs()->lcr, LCR_FIFOS_8_BITS);
    reg_write(&regs()->ifls, IFLS_HALF);
    reg_write(&regs()->cr, CR_ENABLE);
    reg_write(&regs()->imsc, INT_RX | INT_RT);
    return SYSTEM_OK;
}

static void irq(struct dddk_device *device)
{
    (void)device;
    uint32_t cause = reg_read(&regs()->mis);
    count.spurious += cause == 0;
    reg_write(&regs()->icr, cause);
    receive();
    send();
}

/* A ring has something to send, or room again. */
static void on_signal(uint64_t bits)
{
    (void)bits;
    send();
}

static const struct rpc_method methods[] = {
    [CONSOLE_WRITE] = {write_text, CONSOLE_BYTES(0)},
    [CONSOLE_READ] = {read_text, sizeof(struct console_read)},
    [CONSOLE_STATUS] = {get_status, 0},
};

const struct dddk_driver dddk_driver = {.device = "uart",
                                        .registers = sizeof(struct pl011),
                                        .interrupt = true,
                                        .init = init,
                                        .irq = irq,
                                        .on_signal = on_signal,
                                        DDDK_METHODS(methods)};
