/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls that are never answered, to the driver that its argument names: an alarm in a hundred
 * years, a line that nobody moves, a key that nobody types. Only the driver's death can end such a
 * call; each time it must be SYSTEM_BROKEN, and the next life takes the next call.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dddk/counter.h"
#include "notes.h"
#include "service/clock.h"
#include "service/console.h"
#include "service/gpio.h"

static enum system_error wait_for(const char *kind)
{
    const struct env_entry *channel = comp_find(kind, ENV_CHANNEL);
    if (strcmp(kind, "clock") == 0) {
        struct clock_time never = {UINT32_MAX};
        return rpc_call(channel, CLOCK_ALARM, &never, sizeof(never), NULL, 0, NULL);
    }
    if (strcmp(kind, "gpio") == 0) {
        struct gpio_lines inputs = {0xf0, 0}, moved;
        return rpc_call(channel, GPIO_WATCH, &inputs, sizeof(inputs), &moved, sizeof(moved), NULL);
    }
    char c;
    size_t got;
    return console_read(channel, &c, 1, &got);
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";
    struct ring ring;
    if (note_number(kind) == NOTE_KINDS || comp_find(kind, ENV_CHANNEL) == NULL ||
        !ring_open_env(&ring, comp_next(ENV_PRODUCER, NULL), sizeof(uint64_t))) {
        return 64;
    }
    for (;;) {
        enum system_error error = wait_for(kind);
        uint64_t note = note_make(note_number(kind), NOTE_BROKEN, 0);
        if (error != SYSTEM_BROKEN) {
            comp_fail(1, kind, error);
        }
        while (!notes_push(&ring, &note)) {
            (void)kaal_wait(SLOT_NOTIFICATION);
        }
    }
}
