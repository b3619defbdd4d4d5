/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * lib/kaal/memory.c against byte loops: every alignment of both sides, lengths around its blocks,
 * overlapping in both directions. Its functions get names of their own here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void *kaal_memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *kaal_memmove(void *to, const void *from, size_t bytes);
void *kaal_memset(void *to, int value, size_t bytes);
#define memcpy  kaal_memcpy
#define memmove kaal_memmove
#define memset  kaal_memset
#include "../../lib/kaal/memory.c"
#undef memcpy
#undef memmove
#undef memset

enum {
    ROOM = 256,
    LONGEST = 75 /* two blocks, a word, and bytes on both sides */
};

static _Alignas(16) char memory[ROOM], expected[ROOM];

static void fill(void)
{
    for (unsigned i = 0; i < ROOM; i++) {
        memory[i] = expected[i] = (char)(i * 37 + 11);
    }
}

static void same(unsigned to, unsigned from, unsigned bytes)
{
    for (unsigned i = 0; i < ROOM; i++) {
        if (memory[i] != expected[i]) {
            fail_msg("%u bytes from %u to %u: byte %u is wrong", bytes, from, to, i);
        }
    }
}

static void copies(void **state)
{
    (void)state;
    for (unsigned to = 0; to < 9; to++) {
        for (unsigned from = 128; from < 137; from++) {
            for (unsigned bytes = 0; bytes <= LONGEST; bytes++) {
                fill();
                assert_ptr_equal(kaal_memcpy(memory + to, memory + from, bytes), memory + to);
                for (unsigned i = 0; i < bytes; i++) {
                    expected[to + i] = expected[from + i];
                }
                same(to, from, bytes);
            }
        }
    }
}

static void moves(void **state)
{
    (void)state;
    for (unsigned to = 64; to < 128; to++) {
        for (unsigned bytes = 0; bytes <= LONGEST; bytes++) {
            char before[ROOM];
            fill();
            for (unsigned i = 0; i < ROOM; i++) {
                before[i] = expected[i];
            }
            assert_ptr_equal(kaal_memmove(memory + to, memory + 96, bytes), memory + to);
            for (unsigned i = 0; i < bytes; i++) {
                expected[to + i] = before[96 + i];
            }
            same(to, 96, bytes);
        }
    }
}

static void fills(void **state)
{
    (void)state;
    for (unsigned to = 0; to < 9; to++) {
        for (unsigned bytes = 0; bytes <= LONGEST; bytes++) {
            fill();
            assert_ptr_equal(kaal_memset(memory + to, 0x1a5, bytes), memory + to);
            for (unsigned i = 0; i < bytes; i++) {
                expected[to + i] = (char)0xa5;
            }
            same(to, to, bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(moves),
        cmocka_unit_test(fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
