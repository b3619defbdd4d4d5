/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the devices of device.h share: where they are, their identification, events in virtual time
 * and injected faults.
 */
#include "device.h"

#include "internal.h"

enum {
    PAGE = 4096,
    ID_FIRST = 0xfd0
};

const uint64_t device_pages[] = {DEVICE_UART, DEVICE_RTC, DEVICE_GPIO, 0};

struct device {
    uint32_t page;
    uint32_t irq;
    uint64_t (*read)(uint64_t offset);
    void (*write)(uint64_t offset, uint64_t value);
    uint8_t id[12]; /* registers 0xfd0 … 0xffc */
};

static const struct device devices[] = {
    {DEVICE_UART,
     DEVICE_UART_IRQ,
     uart_read,
     uart_write,
     {0, 0, 0, 0, 0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 5, 0xb1}},
    {DEVICE_RTC,
     DEVICE_RTC_IRQ,
     rtc_read,
     rtc_write,
     {0, 0, 0, 0, 0x31, 0x10, 0x14, 0, 0x0d, 0xf0, 5, 0xb1}},
    {DEVICE_GPIO,
     DEVICE_GPIO_IRQ,
     gpio_read,
     gpio_write,
     {0, 0, 0, 0, 0x61, 0x10, 4, 0, 0x0d, 0xf0, 5, 0xb1}},
};

enum {
    DEVICES = sizeof devices / sizeof devices[0]
};

static const struct device *device_at(uint64_t pa)
{
    for (unsigned i = 0; i < DEVICES; i++) {
        if (pa / PAGE == devices[i].page / PAGE) {
            return &devices[i];
        }
    }
    return NULL;
}

void device_reset(void)
{
    machine.model.device = (struct device_model){0};
    uart_reset();
}

/* ---- accesses ---- */

/* The registers are words: halves and bytes are parts of one, eight bytes are two. */
uint64_t device_read(uint64_t pa, unsigned bytes)
{
    const struct device *d = device_at(pa);
    uint64_t offset = pa % PAGE & ~3ull;
    if (d == NULL) {
        return 0;
    }
    if (bytes == 8) {
        return device_read(pa, 4) | device_read(pa + 4, 4) << 32;
    }
    uint64_t value = offset >= ID_FIRST ? d->id[(offset - ID_FIRST) / 4] : d->read(offset);
    return value >> pa % 4 * 8 & (bytes == 4 ? 0xffffffff : (1ull << bytes * 8) - 1);
}

void device_write(uint64_t pa, unsigned bytes, uint64_t value)
{
    const struct device *d = device_at(pa);
    if (bytes == 8) {
        device_write(pa, 4, value & 0xffffffff);
        device_write(pa + 4, 4, value >> 32);
    } else if (d != NULL && pa % PAGE < ID_FIRST) {
        d->write(pa % PAGE & ~3ull, (value << pa % 4 * 8) & 0xffffffff);
    }
}

/* ---- events and injected faults ---- */

uint64_t device_earlier(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static unsigned number_of(uint32_t page)
{
    unsigned i = 0;
    while (devices[i].page != page) {
        i++;
    }
    return i;
}

void device_line(uint32_t page, bool high)
{
    unsigned i = number_of(page);
    machine_irq_line(devices[i].irq, high || (machine.model.device.spurious >> i & 1) != 0);
}

struct injection *inject_take(enum inject_kind kind, uint32_t page, uint64_t count)
{
    for (unsigned i = 0; i < machine.model.device.injections; i++) {
        struct injection *j = &machine.model.device.injection[i];
        if (j->kind == kind && j->page == page && !j->done && count >= j->when) {
            j->done = true;
            return j;
        }
    }
    return NULL;
}

static bool is_timed(const struct injection *j)
{
    return !j->done && (j->kind == INJECT_SPURIOUS || j->kind == INJECT_LINE);
}

static void inject_run(uint64_t now)
{
    for (unsigned i = 0; i < machine.model.device.injections; i++) {
        struct injection *j = &machine.model.device.injection[i];
        if (!is_timed(j) || now < j->when) {
            continue;
        }
        j->done = true;
        if (j->kind == INJECT_LINE) {
            gpio_input(j->line, j->level != 0);
        } else {
            machine.model.device.spurious |= 1u << number_of(j->page);
            device_line(j->page, true);
        }
    }
}

void device_run(void)
{
    uint64_t now = machine.model.now;
    uart_run(now);
    rtc_run(now);
    inject_run(now);
}

bool device_next_event(uint64_t *ns)
{
    uint64_t at = device_earlier(uart_next(), rtc_next());
    for (unsigned i = 0; i < machine.model.device.injections; i++) {
        const struct injection *j = &machine.model.device.injection[i];
        if (is_timed(j)) {
            at = device_earlier(at, j->when != 0 ? j->when : 1);
        }
    }
    *ns = at;
    return at != 0;
}
