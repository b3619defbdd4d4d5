/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What is typed at the console: a file, or a person at a terminal.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct options;

/* Opens the console input that the options name. 0, or STATUS_FILE after a sentence. */
int input_open(const struct options *options);
/* A person may still type. */
bool input_is_live(void);
/* Waits at most `ns` of real time for something to be typed and passes it on. */
void input_wait(uint64_t ns);
