/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * --trace: every kernel entry in words, one line on standard error.
 */
#pragma once
#include "event.h"

void trace_event(const struct event *event);
