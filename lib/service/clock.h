/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of a real-time clock: components/drivers/pl031.c.
 */
#pragma once
#include "rpc/rpc.h"

enum clock_label {
    CLOCK_GET = 1, /* -> struct clock_time */
    CLOCK_SET,     /* struct clock_time */
    CLOCK_ALARM,   /* struct clock_time: waits until then; at once when it has passed */
};

struct clock_time {
    uint32_t seconds; /* since 1970-01-01 00:00 UTC */
};
