/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of a console: the UART driver, a log service, a terminal multiplexer. A component whose
 * environment has a channel or rings named "console" reads and writes through it by stdio (lib/c).
 */
#pragma once
#include "rpc/rpc.h"

enum console_label {
    CONSOLE_WRITE = 1, /* struct console_text: waits until all of it is taken */
    CONSOLE_READ,      /* struct console_read -> struct console_text: waits for at least one byte */
    CONSOLE_STATUS,    /* -> struct console_status, since the driver's start */
};

enum {
    CONSOLE_TEXT = 512
};

struct console_text {
    uint64_t bytes;
    char text[CONSOLE_TEXT];
};

struct console_read {
    uint64_t most; /* bytes, 1..CONSOLE_TEXT */
};

struct console_status {
    uint64_t sent, received;
    uint64_t lost; /* received, but nobody had room */
    uint64_t framing, parity, breaks, overruns;
    uint64_t spurious; /* interrupts without a cause */
};

/* Bytes of a struct console_text with that much text in it. */
#define CONSOLE_BYTES(text_bytes) (offsetof(struct console_text, text) + (text_bytes))

COMP_MUST_CHECK enum system_error console_write(const struct env_entry *channel, const char *text,
                                                size_t bytes);
/* At least one byte, at most `most`; how many in `*got`. */
COMP_MUST_CHECK enum system_error console_read(const struct env_entry *channel, char *to,
                                               size_t most, size_t *got);
