/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Accesses to the registers of UART, clock and GPIO, one line each: the models of the hosted
 * machine must say what QEMU says. Nothing here depends on the time of day or on what the kernel's
 * console does with the UART meanwhile.
 */
#include <stdio.h>

#include "comp/comp.h"

enum {
    READ,
    WRITE
};

static const struct {
    const char *device;
    uint32_t offset;
    int write;
    uint32_t value;
} script[] = {
    /* PL011: identification, empty FIFOs, registers that keep what is written */
    {"uart", 0xfe0, READ, 0},
    {"uart", 0xfe4, READ, 0},
    {"uart", 0xfe8, READ, 0},
    {"uart", 0xff0, READ, 0},
    {"uart", 0xffc, READ, 0},
    {"uart", 0x018, READ, 0},
    {"uart", 0x034, READ, 0},
    {"uart", 0x038, READ, 0},
    {"uart", 0x024, WRITE, 0x1d},
    {"uart", 0x024, READ, 0},
    {"uart", 0x028, WRITE, 0x15},
    {"uart", 0x028, READ, 0},
    {"uart", 0x02c, WRITE, 0x70},
    {"uart", 0x02c, READ, 0},
    {"uart", 0x034, WRITE, 0x09},
    {"uart", 0x034, READ, 0},
    {"uart", 0x044, WRITE, 0x7ff},
    {"uart", 0x03c, READ, 0},
    {"uart", 0x038, WRITE, 0x10},
    {"uart", 0x040, READ, 0},
    {"uart", 0x000, WRITE, '*'}, /* sent at once: the interrupt rises */
    {"uart", 0x03c, READ, 0},
    {"uart", 0x040, READ, 0},
    {"uart", 0x038, WRITE, 0x30},
    {"uart", 0x040, READ, 0},
    {"uart", 0x044, WRITE, 0x20},
    {"uart", 0x03c, READ, 0},
    {"uart", 0x018, READ, 0},
    {"uart", 0x038, WRITE, 0},
    /* PL031: loaded, matched at once, cleared */
    {"rtc", 0xfe0, READ, 0},
    {"rtc", 0xff8, READ, 0},
    {"rtc", 0x00c, READ, 0},
    {"rtc", 0x010, READ, 0},
    {"rtc", 0x008, WRITE, 0x12345678},
    {"rtc", 0x008, READ, 0},
    {"rtc", 0x01c, WRITE, 1},
    {"rtc", 0x014, READ, 0},
    {"rtc", 0x004, WRITE, 0x22345678},
    {"rtc", 0x004, READ, 0},
    {"rtc", 0x014, READ, 0},
    {"rtc", 0x008, WRITE, 0x22345678},
    {"rtc", 0x014, READ, 0},
    {"rtc", 0x018, READ, 0},
    {"rtc", 0x010, WRITE, 1},
    {"rtc", 0x010, READ, 0},
    {"rtc", 0x018, READ, 0},
    {"rtc", 0x01c, WRITE, 1},
    {"rtc", 0x014, READ, 0},
    {"rtc", 0x010, WRITE, 0},
    /* PL061: masks, directions, levels */
    {"gpio", 0xfe0, READ, 0},
    {"gpio", 0xff4, READ, 0},
    {"gpio", 0x3fc, READ, 0},
    {"gpio", 0x400, READ, 0},
    {"gpio", 0x400, WRITE, 0x0f},
    {"gpio", 0x400, READ, 0},
    {"gpio", 0x3fc, WRITE, 0xff},
    {"gpio", 0x3fc, READ, 0},
    {"gpio", 0x014, READ, 0},
    {"gpio", 0x014, WRITE, 0},
    {"gpio", 0x3fc, READ, 0},
    {"gpio", 0x404, WRITE, 0xf0},
    {"gpio", 0x404, READ, 0},
    {"gpio", 0x408, WRITE, 0x11},
    {"gpio", 0x408, READ, 0},
    {"gpio", 0x40c, WRITE, 0xff},
    {"gpio", 0x40c, READ, 0},
    {"gpio", 0x410, WRITE, 0x0f},
    {"gpio", 0x410, READ, 0},
    {"gpio", 0x41c, WRITE, 0xff},
    {"gpio", 0x414, READ, 0},
    {"gpio", 0x418, READ, 0},
    {"gpio", 0x410, WRITE, 0},
    {"gpio", 0x420, READ, 0},
};

int main(void)
{
    for (unsigned i = 0; i < sizeof(script) / sizeof(script[0]); i++) {
        const struct env_entry *e = comp_find(script[i].device, ENV_DEVICE);
        if (e == NULL) {
            return 1;
        }
        volatile uint32_t *at = (volatile uint32_t *)(e->address + script[i].offset);
        if (script[i].write == WRITE) {
            *at = script[i].value;
            continue;
        }
        uint32_t value = *at;
        printf("%s 0x%03x: 0x%08x\n", script[i].device, (unsigned)script[i].offset,
               (unsigned)value);
    }
    return 0;
}
