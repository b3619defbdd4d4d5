/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL011 (Arm DDI 0183, chapter 3). Receiving: characters of the machine's console input come one
 * per UART_CHARACTER_NS while receiver and UART are enabled and the FIFO has room (as QEMU's
 * terminal waits too); those of machine_uart_receive() come at once, room or not. Sending takes no
 * time unless that is injected, and does not ask for UARTEN, as in QEMU.
 */
#include "device.h"
#include "internal.h"

enum {
    DR = 0x00,
    RSR = 0x04, /* write: ECR */
    FR = 0x18,
    ILPR = 0x20,
    IBRD = 0x24,
    FBRD = 0x28,
    LCR = 0x2c,
    CR = 0x30,
    IFLS = 0x34,
    IMSC = 0x38,
    RIS = 0x3c,
    MIS = 0x40,
    ICR = 0x44,
    DMACR = 0x48,
};

enum {
    FR_BUSY = 1 << 3,
    FR_RXFE = 1 << 4,
    FR_TXFF = 1 << 5,
    FR_RXFF = 1 << 6,
    FR_TXFE = 1 << 7,
    LCR_FEN = 1 << 4,
    CR_UARTEN = 1 << 0,
    CR_LBE = 1 << 7,
    CR_RXE = 1 << 9,
    INT_RX = 1 << 4,
    INT_TX = 1 << 5,
    INT_RT = 1 << 6,
    INT_ERRORS = 7, /* shift from DR's error bits 8.. to the interrupts FE, PE, BE, OE */
    DR_FRAMING = 1 << 8,
    DR_PARITY = 1 << 9,
    DR_BREAK = 1 << 10,
    DR_OVERRUN = 1 << 11,
};

static struct uart_model *uart(void)
{
    return &machine.model.device.uart;
}

static void update(void)
{
    device_line(DEVICE_UART, (uart()->ris & uart()->imsc) != 0);
}

/* Without FIFOs each side has one holding register. */
static uint32_t depth(void)
{
    return (uart()->lcr & LCR_FEN) != 0 ? UART_FIFO : 1;
}

/* IFLS: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO; what is reserved counts as 7/8. */
static uint32_t level(unsigned field)
{
    static const uint8_t levels[8] = {2, 4, 8, 12, 14, 14, 14, 14};
    return (uart()->lcr & LCR_FEN) != 0 ? levels[field & 7] : 1;
}

void uart_reset(void)
{
    uart()->cr = 0x300;
    uart()->ifls = 0x12;
}

/* ---- receiving ---- */

static bool can_receive(void)
{
    return (uart()->cr & (CR_UARTEN | CR_RXE)) == (CR_UARTEN | CR_RXE);
}

/* The next character of the console's input is expected one character's time from now. */
static void expect_input(void)
{
    struct uart_model *u = uart();
    bool more = u->input_at < machine.input_bytes && can_receive() && u->count < depth();
    if (!more) {
        u->next_rx = 0;
    } else if (u->next_rx == 0) {
        u->next_rx = machine.model.now + UART_CHARACTER_NS;
    }
}

void uart_input_changed(void)
{
    expect_input();
}

static uint32_t injected_errors(void)
{
    static const struct {
        enum inject_kind kind;
        uint32_t bits;
    } errors[] = {{INJECT_FRAMING, DR_FRAMING},
                  {INJECT_PARITY, DR_PARITY},
                  {INJECT_BREAK, DR_BREAK | DR_FRAMING}};
    uint32_t bits = 0;
    for (unsigned i = 0; i < 3; i++) {
        bits |=
            inject_take(errors[i].kind, DEVICE_UART, uart()->received) != NULL ? errors[i].bits : 0;
    }
    return bits;
}

/* 3.3.1 UARTDR: a character that finds no room is lost and marks the next one that has. */
static void receive(uint8_t c)
{
    struct uart_model *u = uart();
    u->received++;
    uint32_t errors = injected_errors();
    if (u->count >= depth() || inject_take(INJECT_OVERRUN, DEVICE_UART, u->received) != NULL) {
        u->overrun = true;
        u->rsr |= DR_OVERRUN >> 8;
        u->ris |= DR_OVERRUN >> 1;
        update();
        return;
    }
    uint32_t value = (errors & DR_BREAK) != 0 ? errors : c | errors;
    value |= u->overrun ? DR_OVERRUN : 0;
    u->overrun = false;
    u->fifo[(u->first + u->count) % UART_FIFO] = (uint16_t)value;
    u->count++;
    u->ris |= errors >> 1;
    u->ris |= u->count >= level(u->ifls >> 3) ? INT_RX : 0;
    u->timeout_at = machine.model.now + UART_TIMEOUT_NS;
    update();
}

void machine_uart_receive(const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        receive(((const uint8_t *)bytes)[i]);
    }
}

/* Takes the oldest character; an empty FIFO gives zero. */
static uint32_t read_data(void)
{
    struct uart_model *u = uart();
    if (u->count == 0) {
        return 0;
    }
    uint32_t value = u->fifo[u->first];
    u->first = (u->first + 1) % UART_FIFO;
    u->count--;
    u->rsr = (u->rsr & DR_OVERRUN >> 8) | (value >> 8 & 15);
    u->ris &= u->count < level(u->ifls >> 3) ? ~(uint32_t)INT_RX : ~0u;
    u->ris &= u->count == 0 ? ~(uint32_t)INT_RT : ~0u;
    u->timeout_at = u->count == 0 ? 0 : machine.model.now + UART_TIMEOUT_NS;
    expect_input();
    update();
    return value;
}

/* ---- sending ---- */

static void send(uint8_t c)
{
    if ((uart()->cr & CR_LBE) != 0) {
        receive(c);
    } else {
        machine_console_put((char)c);
    }
}

static bool is_stuck(void)
{
    return machine.model.now < uart()->stuck_until;
}

/* One character fewer waits; passing the level from above raises the interrupt. */
static void sent(void)
{
    struct uart_model *u = uart();
    send(u->tx[0]);
    for (uint32_t i = 1; i < u->tx_count; i++) {
        u->tx[i - 1] = u->tx[i];
    }
    u->tx_count--;
    u->ris |= depth() == 1 ? (u->tx_count == 0 ? INT_TX : 0)
                           : (u->tx_count <= level(u->ifls) ? INT_TX : 0);
    u->tx_next = u->tx_count != 0 ? machine.model.now + u->tx_ns : 0;
}

static void write_data(uint8_t c)
{
    struct uart_model *u = uart();
    struct injection *slow = inject_take(INJECT_SLOW, DEVICE_UART, UINT64_MAX);
    u->tx_ns = slow != NULL ? slow->when : u->tx_ns;
    if (u->tx_count >= depth()) {
        return; /* no room: lost */
    }
    u->written++;
    u->tx[u->tx_count++] = c;
    if (inject_take(INJECT_BUSY, DEVICE_UART, u->written) != NULL) {
        u->stuck_until = machine.model.now + UART_STUCK_NS;
    }
    u->ris &= depth() == 1 || u->tx_count > level(u->ifls) ? ~(uint32_t)INT_TX : ~0u;
    if (is_stuck()) {
        u->tx_next = u->stuck_until;
    } else if (u->tx_ns != 0) {
        u->tx_next = u->tx_next != 0 ? u->tx_next : machine.model.now + u->tx_ns;
    } else {
        sent();
    }
    update();
}

/* ---- registers ---- */

static uint32_t flags(void)
{
    const struct uart_model *u = uart();
    return (u->count == 0 ? FR_RXFE : 0) | (u->count >= depth() ? FR_RXFF : 0) |
           (u->tx_count == 0 ? FR_TXFE : FR_BUSY) | (u->tx_count >= depth() ? FR_TXFF : 0) |
           (is_stuck() ? FR_TXFF | FR_BUSY : 0);
}

/* A spurious interrupt goes when somebody looks for its cause. */
static uint32_t status(uint32_t value)
{
    machine.model.device.spurious &= ~1u;
    update();
    return value;
}

uint64_t uart_read(uint64_t offset)
{
    const struct uart_model *u = uart();
    switch (offset) {
    case DR: return read_data();
    case RSR: return u->rsr;
    case FR: return flags();
    case ILPR: return u->ilpr;
    case IBRD: return u->ibrd;
    case FBRD: return u->fbrd;
    case LCR: return u->lcr;
    case CR: return u->cr;
    case IFLS: return u->ifls;
    case IMSC: return u->imsc;
    case RIS: return status(u->ris);
    case MIS: return status(u->ris & u->imsc);
    case DMACR: return u->dmacr;
    default: return 0;
    }
}

/* Switching the FIFOs empties them (3.3.7, UARTLCR_H: FEN). */
static void write_line_control(uint32_t value)
{
    struct uart_model *u = uart();
    if (((u->lcr ^ value) & LCR_FEN) != 0) {
        u->first = u->count = 0;
        u->timeout_at = 0;
        u->ris &= ~(uint32_t)(INT_RX | INT_RT);
    }
    u->lcr = value & 0xff;
}

void uart_write(uint64_t offset, uint64_t value)
{
    struct uart_model *u = uart();
    uint32_t v = (uint32_t)value;
    switch (offset) {
    case DR: write_data((uint8_t)v); break;
    case RSR: u->rsr = 0; break;
    case ILPR: u->ilpr = v & 0xff; break;
    case IBRD: u->ibrd = v & 0xffff; break;
    case FBRD: u->fbrd = v & 0x3f; break;
    case LCR: write_line_control(v); break;
    case CR: u->cr = v & 0xffff; break;
    case IFLS: u->ifls = v & 0x3f; break;
    case IMSC: u->imsc = v & 0x7ff; break;
    case ICR: u->ris &= ~v; break;
    case DMACR: u->dmacr = v & 7; break;
    default: break;
    }
    expect_input();
    update();
}

/* ---- time ---- */

void uart_run(uint64_t now)
{
    struct uart_model *u = uart();
    while (u->next_rx != 0 && u->next_rx <= now) {
        uint64_t at = u->next_rx;
        receive(machine.input[u->input_at++]);
        u->next_rx = 0;
        expect_input();
        u->next_rx = u->next_rx != 0 ? at + UART_CHARACTER_NS : 0;
    }
    if (u->timeout_at != 0 && u->timeout_at <= now) {
        u->timeout_at = 0;
        u->ris |= INT_RT;
        update();
    }
    while (u->tx_next != 0 && u->tx_next <= now) {
        uint64_t at = u->tx_next;
        sent();
        u->tx_next = u->tx_next != 0 ? at + u->tx_ns : 0;
        update();
    }
}

uint64_t uart_next(void)
{
    const struct uart_model *u = uart();
    return device_earlier(u->next_rx, device_earlier(u->timeout_at, u->tx_next));
}

bool device_waits_for_input(void)
{
    return can_receive() && (uart()->imsc & (INT_RX | INT_RT)) != 0;
}
