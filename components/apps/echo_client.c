/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls the channel "echo" with each of its arguments and prints the answers.
 */
#include <stdio.h>
#include <string.h>

#include "service/echo.h"

int main(int argc, char **argv)
{
    const struct env_entry *echo = comp_find("echo", ENV_CHANNEL);
    for (int i = 1; i < argc; i++) {
        struct echo_text t = {0};
        snprintf(t.text, sizeof(t.text), "%s", argv[i]);
        enum system_error e = rpc_call(echo, ECHO_TEXT, &t, sizeof(t), &t, sizeof(t), NULL);
        if (e != SYSTEM_OK) {
            printf("echo: %s\n", comp_error_sentence(e));
            return 1;
        }
        printf("answer %llu: %s\n", (unsigned long long)t.count, t.text);
    }
    return 0;
}
