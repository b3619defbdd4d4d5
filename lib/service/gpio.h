/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of general-purpose lines: components/drivers/pl061.c. Lines are bits 0..7 of a mask.
 */
#pragma once
#include "rpc/rpc.h"

enum gpio_label {
    GPIO_DIRECTION = 1, /* struct gpio_lines: those in `mask` become outputs (value 1) or inputs */
    GPIO_SET,           /* struct gpio_lines: outputs in `mask` get their values */
    GPIO_GET,           /* -> struct gpio_lines: all values */
    GPIO_WATCH,         /* struct gpio_lines: waits for an edge of an input in `mask`, then -> the
                           lines that moved in `mask`, all values in `value` */
};

enum {
    GPIO_ALL = 0xff
};

struct gpio_lines {
    uint32_t mask;
    uint32_t value;
};
