/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the kernel says on the console, as a string, and how a run ends.
 */
#pragma once
#include "core_fixture.h"

/* Console bytes go to a buffer from now on. */
void console_begin(void);
/* The text since then, carriage returns left out; the console is standard output again. */
const char *console_end(void);

/* Runs fn(arg) with the console captured. Returns how it ended (machine_guard()); *text gets the
 * console's text. */
int console_run(void (*fn)(void *), void *arg, const char **text);

/* `text` contains `part`, or the test fails showing both. */
#define CONTAINS(text, part) console_contains(text, part, __FILE__, __LINE__)
void console_contains(const char *text, const char *part, const char *file, int line);
