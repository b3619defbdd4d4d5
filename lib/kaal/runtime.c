/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Thread-local storage of AArch64, variant 1: the thread pointer points to two words that belong to
 * the C library, the program's thread-local variables follow at the next aligned address.
 */
#include "kaal/runtime.h"

#include "kaal/string.h"
#include "kaal/syscalls.h"

enum {
    TLS_HEADER = 16,
    TLS_ALIGN = 16
}; /* the link script asserts the alignment */
enum {
    FIRST_TLS_BYTES = 1024
};

__thread struct ipc_buffer *kaal_ipc_buffer;

extern const char kaal_tls_image[]; /* initial values, from the link script */
extern const char kaal_tls_image_end[];
extern const char kaal_tls_end[]; /* after the zero-filled part */

static _Alignas(TLS_ALIGN) char first_tls[FIRST_TLS_BYTES];

_Noreturn void kaal_start(struct bootinfo *bootinfo);

size_t kaal_tls_size(void)
{
    return TLS_HEADER + (size_t)(kaal_tls_end - kaal_tls_image);
}

void kaal_tls_init(void *block, struct ipc_buffer *buffer)
{
    char *variables = (char *)block + TLS_HEADER;
    size_t filled = (size_t)(kaal_tls_image_end - kaal_tls_image);
    memset(block, 0, kaal_tls_size());
    memcpy(variables, kaal_tls_image, filled);
    /* kaal_ipc_buffer lies as far behind this thread's pointer as it will behind the new one's. */
    size_t offset = (size_t)((char *)&kaal_ipc_buffer - (char *)__builtin_thread_pointer());
    memcpy((char *)block + offset, &buffer, sizeof(buffer));
}

_Noreturn void kaal_exit(int status)
{
    kaal_debug_halt((uint64_t)status);
    for (;;) {
        /* A kernel without DebugHalt faults this thread; one that ignores it gets no more work. */
        kaal_yield();
    }
}

/* First C code of the initial thread; runs before thread-local variables exist. */
_Noreturn void kaal_start(struct bootinfo *bootinfo)
{
    if (kaal_tls_size() > sizeof(first_tls)) {
        kaal_exit(125);
    }
    kaal_tls_init(first_tls, (struct ipc_buffer *)bootinfo->ipc_buffer);
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(first_tls) : "memory");
    kaal_exit(main(bootinfo));
}
