/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * stdin, stdout and stderr of a component: rings named "console" when its environment has them,
 * else a channel of that name, else the root task's log (and an empty stdin). Output is sent in
 * lines, when fflush() asks for it, before input is awaited and at the end.
 */
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "comp/comp.h"
#include "comp/system.h"
#include "ring/ring.h"
#include "service/console.h"

enum {
    LINE = 256
};

static struct {
    bool open;
    bool out_ring, in_ring;
    struct ring out, in;
    const struct env_entry *channel; /* NULL = none */
    char line[LINE];                 /* not sent yet */
    size_t used;
    char input[CONSOLE_TEXT];
    size_t read, filled; /* of input */
} console;

static void console_open(void)
{
    if (!console.open) {
        console.open = true;
        console.channel = comp_find("console", ENV_CHANNEL);
        console.out_ring = ring_open_env(&console.out, comp_find("console", ENV_PRODUCER), 1);
        console.in_ring = ring_open_env(&console.in, comp_find("console", ENV_CONSUMER), 1);
    }
}

/* Waits for any signal. A component that reacts to other signals too must not block in stdio: they
 * would be taken here. */
static void wait_for_signal(void)
{
    (void)kaal_wait(SLOT_NOTIFICATION);
}

static void send_ring(const char *text, size_t bytes)
{
    while (bytes != 0 && !ring_is_broken(&console.out)) {
        uint32_t done = ring_char_push_many(&console.out, text, (uint32_t)bytes);
        text += done;
        bytes -= done;
        if (bytes != 0 && done == 0) {
            wait_for_signal();
        }
    }
}

/* A console that is being restarted is tried again; without one the log is there. */
static void send_text(const char *text, size_t bytes)
{
    enum system_error e = SYSTEM_BROKEN;
    if (console.out_ring) {
        send_ring(text, bytes);
        return;
    }
    for (int attempt = 0; console.channel != NULL && e == SYSTEM_BROKEN && attempt < 3; attempt++) {
        e = console_write(console.channel, text, bytes);
    }
    if (e != SYSTEM_OK) {
        system_log(text, bytes);
    }
}

static int flush(FILE *file)
{
    (void)file;
    if (console.used != 0) {
        size_t bytes = console.used;
        console.used = 0;
        send_text(console.line, bytes);
    }
    return 0;
}

static int put(char c, FILE *file)
{
    console_open();
    console.line[console.used++] = c;
    if (c == '\n' || console.used == LINE) {
        (void)flush(file);
    }
    return (unsigned char)c;
}

/* At least one byte into the input; false at its end. */
static bool fill_input(void)
{
    console.read = console.filled = 0;
    while (console.in_ring && console.filled == 0 && !ring_is_broken(&console.in)) {
        console.filled = ring_char_pop_many(&console.in, console.input, CONSOLE_TEXT);
        if (console.filled == 0) {
            wait_for_signal();
        }
    }
    enum system_error e = SYSTEM_BROKEN;
    while (!console.in_ring && console.channel != NULL && e == SYSTEM_BROKEN) {
        /* No more than is wanted now: what is typed ahead may be for another component. */
        e = console_read(console.channel, console.input, 1, &console.filled);
    }
    return console.filled != 0;
}

static int get(FILE *file)
{
    console_open();
    if (console.read == console.filled) {
        (void)flush(file);
        if (!fill_input()) {
            return _FDEV_EOF;
        }
    }
    return (unsigned char)console.input[console.read++];
}

static FILE file = FDEV_SETUP_STREAM(put, get, flush, _FDEV_SETUP_RW);
FILE *const stdin = &file;
FILE *const stdout = &file;
FILE *const stderr = &file;

/* Behind every exit handler of the program. */
__attribute__((destructor)) static void flush_at_end(void)
{
    (void)flush(&file);
}
