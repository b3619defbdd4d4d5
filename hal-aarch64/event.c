/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The event hook of the real machine: one line of text on the console per event.
 */
#include "event_text.h"
#include "machine.h"

void hal_event(const struct event *event)
{
    event_text(event, put_text);
}
