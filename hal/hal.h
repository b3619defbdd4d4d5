/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The contract between the core and a machine. Everything the core needs from a machine is declared
 * here and nowhere else (tools/check compares the core's undefined symbols with this list, in both
 * directions). Every function is mandatory on both machines; tests/hal is one suite for both.
 *
 * The core is entered on one CPU at a time with interrupts masked and never blocks.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "context.h"
#include "event.h"
#include "hal_window.h" /* HAL_WINDOW_BASE, from the machine's own folder */
#include "platform.h"

/* ---- scalars ---- */

struct paddr {
    uint64_t raw; /* physical address, bytes */
};
struct vaddr {
    uint64_t raw; /* user virtual address, bytes */
};

static inline struct paddr paddr(uint64_t raw)
{
    return (struct paddr){raw};
}
static inline struct vaddr vaddr(uint64_t raw)
{
    return (struct vaddr){raw};
}

/* ---- physical memory window: all RAM of the platform, at a constant offset ---- */

/* Where the core sees RAM at `pa`. `pa` must lie in RAM; hosted maps nothing else. */
static inline void *hal_window(struct paddr pa)
{
    return (void *)(HAL_WINDOW_BASE + pa.raw);
}
/* Inverse, for any pointer that came from hal_window(). */
static inline struct paddr hal_window_paddr(const void *p)
{
    return paddr((uint64_t)p - HAL_WINDOW_BASE);
}

/* ---- upcalls: the core as the machine sees it ---- */

struct cpu; /* opaque: the core's per-CPU state, inside its state */

/* Room for the core's state and its diagnostics (outside the hashed state), in bytes. Both are
 * zero-filled and 64-byte aligned when core_boot() is called. On the hosted machine the state lies
 * in the arena, the diagnostics at a fixed address outside. */
enum {
    CORE_STATE_BYTES = 24 * 1024,
    CORE_DIAG_BYTES = 24 * 1024
};

/* Boots on one CPU. `state` and `diag` as above; `platform` is only read during the call. On
 * failure prints one sentence and calls hal_halt(). Returns the CPU's handle for core_enter(). */
struct cpu *core_boot(void *state, void *diag, const struct platform *platform);

/* The context to run now (NULL = nothing is runnable: wait for an interrupt, then core_enter with
 * TRAP_INTERRUPT). Its address is where the machine saves the registers at the next trap. */
struct context *core_current(struct cpu *cpu);

/* One kernel entry. Precondition: the registers of the running thread are in its context. Returns
 * what core_current() would. */
struct context *core_enter(struct cpu *cpu, const struct trap *trap);

/* What core_enter() does with TRAP_SYSCALL, `number` being x7: spares the machine the record. */
struct context *core_enter_syscall(struct cpu *cpu, uint64_t number);

/* Prints the last refusals and faults as sentences, oldest first. */
void core_explain(const struct cpu *cpu);

/* Shows every cap of the system, in pre-order of the derivation tree. False: there are more CNodes
 * and threads than it can follow, some caps were left out. For pictures: slow, reads only. */
struct cap_view; /* cap_view.h */
bool core_caps(const struct cpu *cpu, void (*visit)(void *arg, const struct cap_view *cap),
               void *arg);

/* ---- console and end of run ---- */

/* Writes one byte to the console; LF is preceded by CR where the device wants it (abi/syscalls.md
 * §8 DebugPutChar). May be called at any time after the machine's entry code. */
void hal_console_putc(char c);

/* Ends the run with `status` (0..255): semihosting SYS_EXIT or PSCI SYSTEM_OFF; exit() hosted. */
_Noreturn void hal_halt(int status);

/* ---- physical memory ---- */

/* [pa, pa + bytes) becomes objects / becomes free memory. Nothing on hardware; the hosted machine
 * poisons free memory so that an overrun is seen. Free memory may only be touched by zeroing
 * through hal_memory_typed() first, and what was typed last is cleaned to the point of coherency
 * before it becomes free: an uncached mapping of it sees zeros (abi/objects.md §2). bytes > 0. */
void hal_memory_typed(struct paddr pa, uint64_t bytes);
void hal_memory_untyped(struct paddr pa, uint64_t bytes);

/* ---- page tables (Arm ARM D5.3, 4 KiB granule, 48 bits, levels 0..3) ---- */

/* One descriptor. `entry` is inside a table in the window, 8-byte aligned. */
uint64_t hal_pte_load(const uint64_t *entry);
/* Single-copy atomic store, ordered before later table walks. Break-before-make is the caller's
 * duty (Arm ARM D5.10.1): a valid descriptor may only be replaced by a valid one when output
 * address, type and memory attributes stay. The hosted machine asserts that. */
void hal_pte_store(uint64_t *entry, uint64_t value);

/* ---- address space and translations ---- */

/* EL0 runs in `root` (level-0 table) with `asid` from now on; root 0 = the empty address space,
 * in which every access faults. */
void hal_space_switch(struct paddr root, uint16_t asid);
/* Forgets all cached translations of the ASID, or those for `va` (any level, walk entries too) in
 * the ASID; complete on return. */
void hal_tlb_invalidate_asid(uint16_t asid);
void hal_tlb_invalidate_page(uint16_t asid, struct vaddr va);

/* ---- caches ---- */

enum hal_cache_op {
    HAL_CACHE_CLEAN_POC,      /* clean data to the point of coherency */
    HAL_CACHE_CLEAN_POU,      /* clean data to the point of unification (page tables) */
    HAL_CACHE_INVALIDATE_POC, /* partly covered lines at the ends are cleaned first */
    HAL_CACHE_CLEAN_INVALIDATE_POC,
    HAL_CACHE_UNIFY, /* clean to PoU, then invalidate the instruction cache */
};
/* [pa, pa + bytes) in RAM, through the window; complete (DSB, and ISB for UNIFY) on return. */
void hal_cache_range(enum hal_cache_op op, struct paddr pa, uint64_t bytes);
/* All data and instruction caches of this CPU (BenchmarkFlushCaches). */
void hal_cache_flush_all(void);

/* ---- floating point and SIMD ---- */

/* EL0 may execute FP/SIMD instructions, or they trap (ESR class 7). The core itself uses none. */
void hal_fpu_enable(bool el0);
void hal_fpu_save(struct fp_state *to);
void hal_fpu_load(const struct fp_state *from);

/* ---- interrupts (GICv2 and GICv3 behind one contract) ---- */

enum {
    HAL_IRQ_NONE = 0xffffffff
};

/* Takes the highest pending enabled interrupt, or HAL_IRQ_NONE (id 1023 counts as none). It stays
 * active until exactly one of hal_irq_done() or hal_irq_hold(). */
uint32_t hal_irq_claim(void);
/* The claimed interrupt is dealt with and may fire again. */
void hal_irq_done(uint32_t irq);
/* The claimed interrupt was passed to user level: does not fire again before hal_irq_release().
 * GICv2: end of interrupt and mask; GICv3: priority drop only (EOImode 1). */
void hal_irq_hold(uint32_t irq);
/* User level is done with it (IRQHandler_Ack). GICv2: unmask; GICv3: deactivate. Harmless when the
 * interrupt is not held. */
void hal_irq_release(uint32_t irq);
/* Lets it fire, or masks it; masking ends a hold. All are masked at boot except the kernel timer's.
 * A GICv2 need not be able to mask ids 0..15. */
void hal_irq_enable(uint32_t irq, bool on);
/* Trigger: level (false) or rising edge. Without effect for ids 0..15. */
void hal_irq_configure(uint32_t irq, bool edge);
/* Is an enabled interrupt waiting? Asked at preemption points; a hosted test may script it. */
bool hal_irq_pending(void);
/* Raises software-generated interrupt `sgi` (0..15). GICv2: `target` is a CPU interface number
 * 0..7; GICv3: affinity value 0..2^32−1 (bits 7..0 Aff0, 15..8 Aff1, 23..16 Aff2, 31..24 Aff3). */
void hal_irq_raise_sgi(uint32_t sgi, uint32_t target);

/* ---- time ---- */

/* Counter of the virtual timer, in 1/platform.timer_hz seconds. */
uint64_t hal_timer_now(void);
/* The kernel timer interrupt fires when the counter reaches `deadline` (at once if it has). Arming
 * again moves it and withdraws a pending one. */
void hal_timer_arm(uint64_t deadline);

/* ---- CPU ---- */

/* Number of the calling CPU, 0 for the boot CPU. */
uint32_t hal_cpu_id(void);
/* Applies the EL0 access options (el0_* of struct boot_options). */
void hal_user_access(const struct boot_options *options);
/* Secure monitor call with x0..x7 = reg[0..7]; results in place. */
void hal_smc(uint64_t reg[8]);

/* ---- the event hook ---- */

/* Called once at the end of each kernel entry while the core's event switch is on. Read only. */
void hal_event(const struct event *event);
