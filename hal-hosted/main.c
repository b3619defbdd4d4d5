/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * kaal-hosted: boots an image in a Linux process (README, --help).
 */
#include <stdio.h>

#include "input.h"
#include "internal.h"
#include "load.h"
#include "run.h"
#include "status.h"

#if MACHINE_ASAN
/* The arena's poison is the machine's own; leaks of a program that ends are none. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:abort_on_error=0:exitcode=99:allow_user_poisoning=1";
}
#endif

int main(int argc, char **argv)
{
    struct options options;
    options_parse(&options, argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (options.dump_dtb != NULL) {
        return load_dump_dtb(&options);
    }
    int status = load_image(&options);
    if (status != 0) {
        return status;
    }
    status = input_open(&options);
    if (status != 0) {
        return status;
    }
    status = run_machine(&options);
    machine_destroy();
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "kaal-hosted: standard output: expected room for every line, found none\n");
        return status != 0 ? status : STATUS_FILE;
    }
    return status;
}
