/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL061 (Arm DDI 0190, chapter 3): eight lines; inputs are low until something drives them
 * (machine_gpio_input()). Data is addressed with the mask of lines in address bits 9..2.
 */
#include "device.h"
#include "internal.h"

enum {
    DATA_END = 0x400,
    DIR = 0x400,
    IS = 0x404,
    IBE = 0x408,
    IEV = 0x40c,
    IE = 0x410,
    RIS = 0x414,
    MIS = 0x418,
    IC = 0x41c,
    AFSEL = 0x420,
};

static struct gpio_model *gpio(void)
{
    return &machine.model.device.gpio;
}

static uint8_t lines(void)
{
    const struct gpio_model *g = gpio();
    return (g->out & g->dir) | (g->in & ~g->dir);
}

/* Level-sensitive lines follow their level, edge-sensitive ones keep what was seen. */
static uint8_t raw_status(void)
{
    const struct gpio_model *g = gpio();
    uint8_t wanted = lines() ^ (uint8_t)~g->iev;
    return (g->is & wanted) | (g->latched & ~g->is);
}

static void update(void)
{
    device_line(DEVICE_GPIO, (raw_status() & gpio()->ie) != 0);
}

/* Notes the edges of inputs between two states of the lines: either one, or the one of IEV. */
static void changed(uint8_t before)
{
    struct gpio_model *g = gpio();
    uint8_t now = lines(), moved = (uint8_t)((before ^ now) & ~g->dir);
    uint8_t rise = moved & now, fall = moved & before;
    g->latched |= (uint8_t)(((g->ibe & moved) | (g->iev & rise) | (~g->iev & fall)) & ~g->is);
    update();
}

void gpio_input(unsigned line, bool level)
{
    uint8_t before = lines(), bit = (uint8_t)(1u << (line & 7));
    gpio()->in = level ? gpio()->in | bit : gpio()->in & (uint8_t)~bit;
    changed(before);
}

void machine_gpio_input(unsigned line, bool level)
{
    gpio_input(line, level);
}

unsigned machine_gpio_lines(void)
{
    return lines();
}

static uint8_t status(uint8_t value)
{
    machine.model.device.spurious &= ~4u;
    update();
    return value;
}

uint64_t gpio_read(uint64_t offset)
{
    const struct gpio_model *g = gpio();
    if (offset < DATA_END) {
        return lines() & offset >> 2;
    }
    switch (offset) {
    case DIR: return g->dir;
    case IS: return g->is;
    case IBE: return g->ibe;
    case IEV: return g->iev;
    case IE: return g->ie;
    case RIS: return status(raw_status());
    case MIS: return status(raw_status() & g->ie);
    case AFSEL: return g->afsel;
    default: return 0;
    }
}

void gpio_write(uint64_t offset, uint64_t value)
{
    struct gpio_model *g = gpio();
    uint8_t v = (uint8_t)value;
    if (offset < DATA_END) {
        uint8_t mask = (uint8_t)(offset >> 2) & g->dir;
        g->out = (uint8_t)((g->out & ~mask) | (v & mask));
        update();
        return;
    }
    switch (offset) {
    case DIR: g->dir = v; break;
    case IS: g->is = v; break;
    case IBE: g->ibe = v; break;
    case IEV: g->iev = v; break;
    case IE: g->ie = v; break;
    case IC: g->latched &= (uint8_t)~v; break;
    case AFSEL: g->afsel = v; break;
    default: break;
    }
    update();
}
