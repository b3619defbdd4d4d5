/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Stands for lib/dddk/counter.h on the host: the hosted machine's counter and physical timer.
 */
#pragma once
#include <stdint.h>

uint64_t counter_frequency(void);
uint64_t counter_now(void);
void counter_arm(uint64_t ticks);
void counter_disarm(void);
