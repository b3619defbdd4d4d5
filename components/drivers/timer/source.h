/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Where the timer driver's time comes from: a clock that never goes back and one alarm.
 */
#pragma once
#include "dddk/dddk.h"

struct source {
    uint64_t resolution; /* ns */
    enum system_error (*open)(struct dddk_device *device);
    uint64_t (*now)(void); /* ns */
    /* The interrupt comes at that time or, when it is far, before; UINT64_MAX = none is needed. One
     * that has passed may not come: look at now() behind it. */
    void (*arm)(uint64_t at);
    void (*answer)(void); /* takes the interrupt's cause away, when there is one */
};

extern const struct source source_pl031;    /* a clock's registers: seconds */
extern const struct source source_physical; /* the CPU's physical timer at EL0 */
