/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Console input (input.h). A file, or standard input that is none of a person's, is read whole
 * before the run, so that equal runs stay equal; a terminal is asked when nothing else is to be
 * done, its line editing off.
 */
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "device.h"
#include "internal.h"
#include "options.h"

enum {
    INPUT_MAX = 1 << 20,
    NS_PER_MS = 1000000
};

static uint8_t buffer[INPUT_MAX];
static bool live;
static struct termios before;

static void restore_terminal(void)
{
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void open_terminal(void)
{
    struct termios raw;
    live = tcgetattr(STDIN_FILENO, &before) == 0;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)ICRNL;
    if (live && tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0) {
        (void)atexit(restore_terminal);
    }
}

int input_open(const struct options *options)
{
    const char *name = options->console_input;
    machine.input = buffer;
    machine.input_bytes = 0;
    live = false;
    if (name == NULL) {
        return 0;
    }
    bool own = strcmp(name, "-") == 0;
    if (own && isatty(STDIN_FILENO)) {
        open_terminal();
        return 0;
    }
    FILE *f = own ? stdin : fopen(name, "rb");
    size_t got = f != NULL ? fread(buffer, 1, INPUT_MAX, f) : 0;
    const char *why = f == NULL || ferror(f) ? strerror(errno)
                      : got == INPUT_MAX     ? "size: expected less than 1 MiB, found more"
                                             : NULL;
    if (f != NULL && !own) {
        (void)fclose(f);
    }
    if (why != NULL) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: %s: %s\n", name, why);
        return STATUS_FILE;
    }
    machine.input_bytes = got;
    return 0;
}

bool input_is_live(void)
{
    return live && machine.input_bytes < INPUT_MAX;
}

void input_wait(uint64_t ns)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    fflush(stdout);
    int ms = ns / NS_PER_MS < 1000 ? (int)((ns + NS_PER_MS - 1) / NS_PER_MS) : 1000;
    if (poll(&fd, 1, ms) <= 0) {
        return;
    }
    ssize_t got = read(STDIN_FILENO, buffer + machine.input_bytes, INPUT_MAX - machine.input_bytes);
    live = got > 0;
    machine.input_bytes += got > 0 ? (size_t)got : 0;
    uart_input_changed();
}
