/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the consumer of a ring says of what it has seen.
 */
#pragma once
#include "rpc/rpc.h"

enum sink_label {
    SINK_REPORT = 1, /* -> struct sink_report, when the ring is empty */
};

struct sink_report {
    uint64_t life;
    uint64_t count; /* entries in this life */
    uint64_t last;
    uint64_t disorder; /* entries that were not above the one before */
};
