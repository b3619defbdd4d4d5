/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Traced kernel entries (--trace: all; boot options kaal.trace_from, kaal.trace_to) in words, one
 * line each on standard error.
 */
#pragma once
#include "event.h"

void trace_event(const struct event *event);
