/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The captured console.
 */
#include "console.h"

static char raw[128 * 1024];
static char plain[sizeof raw];

void console_begin(void)
{
    memset(raw, 0, sizeof raw);
    machine_console_capture(raw, sizeof raw - 1);
}

const char *console_end(void)
{
    size_t used = machine_console_used(), length = 0;
    machine_console_capture(NULL, 0);
    assert_true(used < sizeof raw - 1);
    for (size_t i = 0; i < used; i++)
        if (raw[i] != '\r')
            plain[length++] = raw[i];
    plain[length] = 0;
    return plain;
}

int console_run(void (*fn)(void *), void *arg, const char **text)
{
    console_begin();
    int status = machine_guard(fn, arg);
    *text = console_end();
    return status;
}

void console_contains(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part))
        return;
    print_error("expected: %s\nin: %s\n", part, text);
    _fail(file, line);
}
