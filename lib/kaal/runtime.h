/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a thread needs before C code can run in it: a stack, a block of thread-local storage in
 * TPIDR_EL0, and kaal_ipc_buffer in that block. The link script gives the bounds of the image.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "abi/bootinfo.h"
#include "abi/syscalls.h"

/* The program's own function, called on the initial thread. Its result ends the run. */
int main(struct bootinfo *bootinfo);

/* Bounds of the image as linked: [start, data) is read-only code and constants, [data, end) is
 * writable. All are multiples of 4096. */
extern char kaal_image_start[];
extern char kaal_image_data[];
extern char kaal_image_end[];

/* What the registers held when the initial thread started: x0..x30, sp, TPIDR_EL0, TPIDRRO_EL0.
 * All but x0 stay 0 when x30 was not 0, which no conforming kernel does (abi/boot.md §5). */
enum {
    KAAL_ENTRY_REGISTERS = 34
};
extern const uint64_t kaal_entry_registers[];

/* Bytes that a thread-local block takes in this program. */
size_t kaal_tls_size(void);

/* Fills `block` (kaal_tls_size() bytes, 16-byte aligned) for a new thread with the given IPC
 * buffer. The thread's TPIDR_EL0 is the block's address as the thread sees it, which may be another
 * than the one it is filled at. */
void kaal_tls_init(void *block, struct ipc_buffer *buffer);

/* Ends the run with `status` (0..255): DebugHalt, and where a kernel does not know that, stops this
 * thread for good. */
_Noreturn void kaal_exit(int status);
