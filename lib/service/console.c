/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Client of a console (console.h).
 */
#include "service/console.h"

#include "kaal/string.h"

enum system_error console_write(const struct env_entry *channel, const char *text, size_t bytes)
{
    struct console_text q;
    enum system_error e = SYSTEM_OK;
    for (size_t part; bytes != 0 && e == SYSTEM_OK; text += part, bytes -= part) {
        part = bytes < CONSOLE_TEXT ? bytes : CONSOLE_TEXT;
        q.bytes = part;
        memcpy(q.text, text, part);
        e = rpc_call(channel, CONSOLE_WRITE, &q, CONSOLE_BYTES(part), NULL, 0, NULL);
    }
    return e;
}

enum system_error console_read(const struct env_entry *channel, char *to, size_t most, size_t *got)
{
    struct console_read q = {.most = most < CONSOLE_TEXT ? most : CONSOLE_TEXT};
    struct console_text a;
    enum system_error e = rpc_call(channel, CONSOLE_READ, &q, sizeof(q), &a, sizeof(a), NULL);
    if (e == SYSTEM_OK) {
        *got = a.bytes < q.most ? a.bytes : q.most;
        memcpy(to, a.text, *got);
    }
    return e;
}
