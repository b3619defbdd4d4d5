/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * libFuzzer's side of the system-call target: the same changes to cases as under AFL++
 * (mutator.c), half of the time; the other half libFuzzer's own.
 */
#include <string.h>

#include "grammar.h"
#include "internal.h"
#include "program.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    struct generator generator = {seed};
    uint8_t out[PROGRAM_MAX_BYTES];
    if (seed % 2 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    size_t room = max_size < sizeof out ? max_size : sizeof out;
    size_t used = grammar_mutate(&generator, data, size, NULL, 0, out, room);
    memcpy(data, out, used);
    return used;
}

#if MACHINE_ASAN
/* Free memory of the arena is poisoned by the machine itself. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:allow_user_poisoning=1";
}
#endif
