/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* kaal-builder as a program; the fuzzer calls builder_run() without it. */
#include "builder.h"

#ifdef __SANITIZE_ADDRESS__
/* A failure ends the program where it is found; what it holds then is no leak. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}
#endif

int main(int argc, char **argv)
{
    file_handle_signals();
    return builder_run(argc, argv);
}
