/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * AFL++'s persistent loop around the fuzz target: cases come through shared memory, the state is
 * reset by the target itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__AFL_FUZZ_INIT();

int main(void)
{
    static const uint8_t nothing[1] = {0};
    LLVMFuzzerTestOneInput(nothing, sizeof nothing); /* the start states are built once */
    __AFL_INIT();
    const uint8_t *data = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(1000000))
        LLVMFuzzerTestOneInput(data, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
}
