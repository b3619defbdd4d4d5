/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL031 (Arm DDI 0224, chapter 3): seconds of virtual time since the start, or since what was
 * loaded. The interrupt rises when the counter becomes equal to the match register, also when
 * either is written so (as in QEMU); a match in the past comes after 2^32 seconds.
 */
#include "device.h"
#include "internal.h"

enum {
    DR = 0x00,
    MR = 0x04,
    LR = 0x08,
    CR = 0x0c,
    IMSC = 0x10,
    RIS = 0x14,
    MIS = 0x18,
    ICR = 0x1c,
};
static const uint64_t second = 1000000000;

static struct rtc_model *rtc(void)
{
    return &machine.model.device.rtc;
}

static void update(void)
{
    device_line(DEVICE_RTC, (rtc()->ris & rtc()->imsc) != 0);
}

static uint32_t counter(void)
{
    return (uint32_t)(rtc()->offset + machine.model.now / second);
}

static void set_alarm(void)
{
    struct rtc_model *r = rtc();
    uint32_t left = r->match - counter();
    if (left == 0) {
        r->ris = 1;
        r->alarm_at = 0;
    } else {
        r->alarm_at = (machine.model.now / second + left) * second;
    }
}

static uint32_t status(uint32_t value)
{
    machine.model.device.spurious &= ~2u;
    update();
    return value;
}

uint64_t rtc_read(uint64_t offset)
{
    const struct rtc_model *r = rtc();
    switch (offset) {
    case DR: return counter();
    case MR: return r->match;
    case LR: return r->load;
    case CR: return 1; /* enabled for ever */
    case IMSC: return r->imsc;
    case RIS: return status(r->ris);
    case MIS: return status(r->ris & r->imsc);
    default: return 0;
    }
}

void rtc_write(uint64_t offset, uint64_t value)
{
    struct rtc_model *r = rtc();
    switch (offset) {
    case MR:
        r->match = (uint32_t)value;
        set_alarm();
        break;
    case LR:
        r->load = (uint32_t)value;
        r->offset += (uint32_t)value - counter();
        set_alarm();
        break;
    case IMSC: r->imsc = value & 1; break;
    case ICR: r->ris &= ~(uint32_t)value; break;
    default: break;
    }
    update();
}

void rtc_run(uint64_t now)
{
    struct rtc_model *r = rtc();
    if (r->alarm_at != 0 && r->alarm_at <= now) {
        r->alarm_at = 0;
        r->ris = 1;
        update();
    }
}

/* A masked alarm interrupts nobody, so nobody waits for it. */
uint64_t rtc_next(void)
{
    return (rtc()->imsc & 1) != 0 ? rtc()->alarm_at : 0;
}
