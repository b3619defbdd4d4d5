/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Bits of the system registers that the loader's assembly sets (Arm ARM D17.2), and what C and
 * assembly agree on.
 */
#ifndef LOADER_LEVELS_H
#define LOADER_LEVELS_H

#define MPIDR_AFFINITY 0xff00ffffff

/* SCTLR_EL1: RES1 bits only; MMU and caches off */
#define SCTLR_EL1_OFF 0x30d00800
#define SCTLR_M       (1 << 0)
#define SCTLR_C       (1 << 2)
#define SCTLR_I       (1 << 12)

#define SPSR_EL1H_MASKED 0x3c5 /* EL1 on its own stack pointer, D, A, I and F masked */

/*
 * SCR_EL3 before the kernel: RW, the RES1 bits, pointer authentication not trapped; still secure.
 * At the end the non-secure bit, and SMC undefined: there is no monitor any more.
 */
#define SCR_SECURE     (1 << 10 | 3 << 4 | 1 << 16 | 1 << 17)
#define SCR_NON_SECURE (SCR_SECURE | 1 << 0 | 1 << 7)

/* HCR_EL2: EL1 is AArch64; pointer authentication not trapped */
#define HCR_EL2_EL1_IS_64 (1 << 31 | 3 << 40)

/* The monitor's services, in x0 of an SMC */
#define MONITOR_LEAVE_SECURE 0x4b61614c /* x1 = CNTFRQ_EL0 if that is still 0 */
#define MONITOR_MOVE         0x4b61614d /* x1 = the monitor's vectors from now on */

/* struct secondary_parameters */
#define SECONDARY_REGISTERS 40
#define SECONDARY_ENTRY     88
#define SECONDARY_GICD      96
#define SECONDARY_GICC      104
#define SECONDARY_FREQUENCY 112
#define SECONDARY_COUNT     120
#define SECONDARY_MPIDR     128
#define SECONDARY_STARTED   640

/* The page in which CPUs wait that were started at EL3 together with the first. */
#define PEN_RELEASE 2048 /* u64: where to go, 0 = wait */
#define PEN_HERE    2560 /* 64 bytes, one for each of the lowest affinity numbers, 1 = waits here */

#endif
