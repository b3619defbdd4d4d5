/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL031: its counter has 32 bits of seconds; the driver is woken at least every 2^31 s and so sees
 * each wrap. The CPU's counter has 64 bits; the product with 10^9 is formed in 128.
 */
#include "source.h"

#include "dddk/counter.h"

#define SECOND 1000000000ull

/* ---- PL031 (Arm DDI 0224) ---- */

struct pl031 {
    struct reg32_ro dr;
    struct reg32 mr, lr, cr, imsc;
    struct reg32_ro ris, mis;
    struct reg32_wo icr;
};
REG_AT(struct pl031, icr, 0x1c);
DDDK_REGISTERS(struct pl031);

static uint64_t seconds; /* last seen, with the wraps */

static enum system_error pl031_open(struct dddk_device *device)
{
    if (device->bytes < sizeof(struct pl031)) {
        return SYSTEM_NOT_FOUND;
    }
    seconds = reg_read(&regs()->dr);
    reg_write(&regs()->imsc, 1);
    reg_write(&regs()->cr, 1);
    return SYSTEM_OK;
}

static uint64_t pl031_now(void)
{
    seconds += (uint32_t)(reg_read(&regs()->dr) - (uint32_t)seconds);
    return seconds <= UINT64_MAX / SECOND ? seconds * SECOND : UINT64_MAX;
}

static void pl031_arm(uint64_t at)
{
    uint64_t wanted = at / SECOND + (at % SECOND != 0), far = seconds + (1u << 31);
    reg_write(&regs()->mr, (uint32_t)(wanted < far ? wanted : far));
}

static void pl031_answer(void)
{
    if (reg_read(&regs()->mis) != 0) {
        reg_write(&regs()->icr, 1);
    }
}

const struct source source_pl031 = {SECOND, pl031_open, pl031_now, pl031_arm, pl031_answer};

/* ---- physical timer ---- */

static uint64_t hz;

static enum system_error physical_open(struct dddk_device *device)
{
    (void)device;
    hz = counter_frequency();
    return hz != 0 ? SYSTEM_OK : SYSTEM_NOT_FOUND;
}

static uint64_t physical_now(void)
{
    unsigned __int128 ns = (unsigned __int128)counter_now() * SECOND / hz;
    return ns < UINT64_MAX ? (uint64_t)ns : UINT64_MAX;
}

/* The first count at which physical_now() has reached `at`. */
static void physical_arm(uint64_t at)
{
    unsigned __int128 ticks = ((unsigned __int128)at * hz + SECOND - 1) / SECOND;
    if (at == UINT64_MAX || ticks > UINT64_MAX) {
        counter_disarm();
    } else {
        counter_arm((uint64_t)ticks);
    }
}

/* The next arm() sets the timer anew. */
static void physical_answer(void)
{
    counter_disarm();
}

const struct source source_physical = {1000, physical_open, physical_now, physical_arm,
                                       physical_answer};
