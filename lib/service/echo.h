/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The smallest service: a text comes back.
 */
#pragma once
#include "rpc/rpc.h"

enum echo_label {
    ECHO_TEXT = 1, /* struct echo_text -> struct echo_text */
};

struct echo_text {
    uint64_t count; /* in the answer: requests answered so far */
    char text[56];
};
