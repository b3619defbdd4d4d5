/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Events on standard error (trace.h).
 */
#include "trace.h"

#include <stdio.h>

#include "event_text.h"

static void put(const char *text)
{
    fputs(text, stderr);
}

void trace_event(const struct event *event)
{
    event_text(event, put);
}
