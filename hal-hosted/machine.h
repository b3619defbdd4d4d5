/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The hosted machine as a library: for unit tests, fuzzers, the explorer and kaal-hosted itself.
 * One machine per process (its memory lies at a fixed address). Needs no CPU engine: a caller
 * fills the registers of core_current() and calls machine_enter(). Everything the machine does
 * depends only on the calls made, so equal calls give equal states.
 *
 *     struct platform platform;
 *     machine_small_platform(&platform, 256 * 1024);
 *     machine_create(&platform, 0);
 *     struct cpu *cpu = machine_boot();
 *     struct trap trap = {.kind = TRAP_SYSCALL};
 *     struct context *next = machine_enter(cpu, &trap);
 *     machine_destroy();
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "platform.h"

struct cpu;
struct cpu_engine;

/* ---- life ---- */

/* Fills *out with a small `virt`-like machine: ram_bytes (≥ 128 KiB, whole pages) at 0x40000000,
 * GICv2, no device tree, root CNode of 2^8 slots, debug calls on. Kernel image: 2 pages for boot
 * only, then pages for the state; after it a user image of two pages at virtual 0x400000. */
void machine_small_platform(struct platform *out, uint64_t ram_bytes);

/* Maps the platform's RAM, zero-filled, at HAL_WINDOW_BASE and puts every device into its reset
 * state. `state` is the physical address of the core's state (64-byte aligned, CORE_STATE_BYTES in
 * RAM); 0 = platform->kernel_boot.end. The platform is copied. Prints a sentence and exits with
 * STATUS_MEMORY when the host has no room. */
void machine_create(const struct platform *platform, uint64_t state);
void machine_destroy(void);

/* Clears the core's state and diagnostics and calls core_boot(). */
struct cpu *machine_boot(void);

/* One kernel entry, core_enter(), followed by the checks of a return to user level. An interrupt
 * comes before the next instruction: the machine sets the restart address to next_pc, also where
 * that is behind a system call. */
struct context *machine_enter(struct cpu *cpu, const struct trap *trap);

/* ---- ends and violations ---- */

enum {
    MACHINE_RAN_ON = -1,     /* machine_guard(): fn returned */
    MACHINE_VIOLATION = 256, /* machine_guard(): a check of the machine failed */
};

/* Runs fn(arg). Returns MACHINE_RAN_ON, the status given to hal_halt() (0..255), or
 * MACHINE_VIOLATION, machine_violation() being its sentence. Without a guard hal_halt() ends the
 * process and a violation prints its sentence and aborts with STATUS_VIOLATION. Guards do not
 * nest. */
int machine_guard(void (*fn)(void *), void *arg);
const char *machine_violation(void);

/* ---- console ---- */

/* Console bytes go to buffer (at most `bytes`, the rest is dropped) instead of standard output;
 * NULL = standard output again. */
void machine_console_capture(char *buffer, size_t bytes);
/* Bytes captured since then. */
size_t machine_console_used(void);

/* ---- interrupts and time ---- */

/* A rising edge on the interrupt's input; for edge-triggered ones. */
void machine_irq_pulse(uint32_t irq);
/* The level of the interrupt's input. A rise counts as an edge too. */
void machine_irq_line(uint32_t irq, bool high);

/* hal_irq_pending() answers true at the n-th question from now on (1 = the next one) and the
 * truth at all others; 0 = always the truth. */
void machine_preempt_at(uint64_t n);
/* Questions asked since the last machine_preempt_at(). */
uint64_t machine_preempt_asked(void);

/* Virtual time in nanoseconds since the machine was created. */
uint64_t machine_now(void);
void machine_advance(uint64_t ns);
/* When the next armed timer fires or a device does something by itself; false when neither will. */
bool machine_next_event(uint64_t *ns);

/* ---- devices ---- */

/* Characters arrive at the UART at once, whether it has room for them or not. */
void machine_uart_receive(const void *bytes, size_t count);
/* Drives a line (0..7) of the GPIO from outside. */
void machine_gpio_input(unsigned line, bool level);
/* Levels of the GPIO's lines, outputs and inputs. */
unsigned machine_gpio_lines(void);
/* Plans a fault or an input, once:
 *   uart:framing@N uart:parity@N uart:break@N   the N-th received character has this error
 *   uart:overrun@N                              it is lost, as if the FIFO were full
 *   uart:busy@N       from the N-th written character on nothing leaves for 10 ms
 *   uart:slow@NS      from the first one on each takes NS nanoseconds to leave
 *   uart:spurious@NS rtc:spurious@NS gpio:spurious@NS
 *                     at that time its interrupt rises without a cause, until its status is read
 *   gpio:LINE=0@NS gpio:LINE=1@NS               at that time the input has this level
 * False when the text is none of these or there are 32 already. */
bool machine_inject(const char *spec);

/* ---- copies of the state ---- */

/* Memory, the core's diagnostics, devices, time, checkers: everything but the console's capture.
 * Cost: one pass over all RAM; meant for small machines. */
size_t machine_snapshot_bytes(void);
void machine_snapshot(void *to);
void machine_restore(const void *from);
/* Where the byte of RAM at `pa` is in a snapshot, and everything but RAM restored: for callers that
 * know which pages changed. Only without AddressSanitizer, whose shadow of RAM is not restored. */
size_t machine_snapshot_ram(uint64_t pa);
void machine_restore_devices(const void *from);

/* 128-bit hash of all RAM, which holds the core's state (untouched pages count as zero). Not
 * cryptographic. */
struct machine_hash {
    uint64_t w[2];
};
struct machine_hash machine_hash(void);
/* The same over one block of memory. */
struct machine_hash machine_hash_bytes(const void *data, size_t bytes);

/* ---- observation ---- */

/* Called by hal_event(); NULL = nobody. */
void machine_on_event(void (*fn)(const struct event *event));

/* Address space that EL0 runs in: root table's physical address (0 = empty) and ASID. */
uint64_t machine_space_root(void);
uint16_t machine_space_asid(void);

/* Result of translating `va` in the current space as the Arm manual has it. */
struct translation; /* mmu_model.h */
void machine_translate(uint64_t va, struct translation *out);
