/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reads lines from stdin and writes each to stdout with its length, until one says "end"; then, by
 * a channel, what the driver counted.
 */
#include <stdio.h>
#include <string.h>

#include "service/console.h"

int main(void)
{
    char line[200];
    printf("ready\n");
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        printf("line of %u: %s\n", (unsigned)strlen(line), line);
        if (strcmp(line, "end") == 0) {
            break;
        }
    }
    const struct env_entry *channel = comp_find("console", ENV_CHANNEL);
    struct console_status s;
    if (channel != NULL &&
        rpc_call(channel, CONSOLE_STATUS, NULL, 0, &s, sizeof(s), NULL) == SYSTEM_OK) {
        printf("framing %lu parity %lu breaks %lu overruns %lu lost %lu spurious %lu\n", s.framing,
               s.parity, s.breaks, s.overruns, s.lost, s.spurious);
    }
    return 0;
}
