/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Log service: a console for many writers. Whole lines, each with its writer's name and a number,
 * go to the console; the last ones are kept and can be read back. Keeps true: a line is never mixed
 * with another, whatever its writers send in pieces.
 */
#include <stdio.h>
#include <string.h>

#include "service/console.h"
#include "service/log.h"

enum {
    WRITERS = 32,
};

/* A writer's line that has not ended. */
static struct {
    const struct env_entry *client;
    size_t bytes;
    char text[LOG_LINE];
} partial[WRITERS];

static struct log_line kept[LOG_KEPT];
static uint64_t lines; /* written so far */

static void end_line(const struct env_entry *client, const char *text, size_t bytes)
{
    struct log_line *l = &kept[lines % LOG_KEPT];
    memset(l, 0, sizeof(*l));
    l->number = ++lines;
    memcpy(l->writer, client != NULL ? client->name : "?", client != NULL ? ENV_NAME_BYTES : 2);
    memcpy(l->text, text, bytes);
    printf("[%llu] %s: %s\n", (unsigned long long)l->number, l->writer, l->text);
    fflush(stdout);
}

/* Where the client's unfinished line is kept; the last place serves all that come too late. */
static unsigned writer(const struct env_entry *client)
{
    unsigned i = 0;
    while (i < WRITERS - 1 && partial[i].client != NULL && partial[i].client != client) {
        i++;
    }
    partial[i].client = client;
    return i;
}

static void add(const struct env_entry *client, const char *text, size_t bytes)
{
    unsigned w = writer(client);
    for (size_t i = 0; i < bytes; i++) {
        bool end = text[i] == '\n';
        if (!end) {
            partial[w].text[partial[w].bytes++] = text[i];
        }
        if (end || partial[w].bytes == LOG_LINE - 1) {
            end_line(client, partial[w].text, partial[w].bytes);
            partial[w].bytes = 0;
        }
    }
}

static enum system_error serve_write(struct rpc_request *r)
{
    static struct console_text q;
    memset(&q, 0, sizeof(q));
    memcpy(&q, r->data, r->bytes < sizeof(q) ? r->bytes : sizeof(q));
    if (q.bytes > CONSOLE_TEXT || CONSOLE_BYTES(q.bytes) > (r->bytes + 7) / 8 * 8) {
        return SYSTEM_BAD_ARGUMENT;
    }
    add(r->client, q.text, q.bytes);
    return SYSTEM_OK;
}

static enum system_error serve_line(struct rpc_request *r)
{
    uint64_t number = RPC_IN(r, struct log_number)->number;
    uint64_t oldest = lines > LOG_KEPT ? lines - LOG_KEPT + 1 : 1;
    number = number < oldest ? oldest : number;
    if (number > lines) {
        return SYSTEM_NOT_FOUND;
    }
    *RPC_OUT(r, struct log_line) = kept[(number - 1) % LOG_KEPT];
    return SYSTEM_OK;
}

static const struct rpc_method methods[] = {
    [CONSOLE_WRITE] = {serve_write, sizeof(uint64_t)},
    [LOG_READ] = {serve_line, sizeof(struct log_number)},
};

int main(void)
{
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), NULL, NULL});
}
