/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * From the entry to main() and from its return to the end: constructors and exit handlers run as in
 * any C program.
 */
#include <stdlib.h>

#include "comp/comp.h"
#include "comp/system.h"

enum {
    ARGUMENTS = 32
};

__thread struct ipc_buffer *kaal_ipc_buffer;

int main(int argc, char **argv);
void __libc_init_array(void);
_Noreturn void comp_start(void);
_Noreturn void _exit(int status);

static char *argv[ARGUMENTS + 1];

/* The strings are in the environment, which is read-only. */
static int read_arguments(void)
{
    const struct env *env = comp_env();
    int argc = env->argc < ARGUMENTS ? (int)env->argc : ARGUMENTS;
    const char *at = (const char *)env + env->argv_offset;
    for (int i = 0; i < argc; i++) {
        argv[i] = (char *)at;
        while (*at++ != '\0') {
        }
    }
    return argc;
}

_Noreturn void comp_start(void)
{
    kaal_ipc_buffer = (struct ipc_buffer *)LAYOUT_IPC_BUFFER;
    __libc_init_array();
    exit(main(read_arguments(), argv));
}

_Noreturn void _exit(int status)
{
    system_exit(status);
}
