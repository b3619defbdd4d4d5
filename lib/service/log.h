/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of the log: written as a console (console.h, CONSOLE_WRITE), read back line by line.
 */
#pragma once
#include "rpc/rpc.h"

enum log_label {
    LOG_READ = 3, /* struct log_number -> struct log_line: that line or the oldest one kept */
};

enum {
    LOG_LINE = 160, /* bytes of a line, with the closing zero; longer ones are broken */
    LOG_KEPT = 128, /* lines */
};

struct log_number {
    uint64_t number; /* lines are counted from 1 */
};

struct log_line {
    uint64_t number;
    char writer[ENV_NAME_BYTES];
    char text[LOG_LINE];
};

/* SYSTEM_NOT_FOUND: there is no such line yet. */
static inline enum system_error log_read(const struct env_entry *channel, uint64_t number,
                                         struct log_line *out)
{
    struct log_number q = {number};
    return rpc_call(channel, LOG_READ, &q, sizeof(q), out, sizeof(*out), NULL);
}
