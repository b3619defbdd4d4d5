/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The static memory of the machine and the small functions of the contract that are one register
 * each. Everything here is zero at start; kernel.ld puts the stack lowest, above read-only pages,
 * so that an overflow faults.
 */
#include "machine.h"

#include "note.h"
#include "offsets.h"

_Static_assert(CTX_PC == 8 * REG_PC && CTX_SP == 8 * REG_SP && CTX_SPSR == 8 * REG_SPSR,
               "offsets.h");
_Static_assert(CTX_X0 == 8 * REG_X0 && REG_X1 == REG_X0 + 1, "offsets.h");
_Static_assert(CTX_X2 == 8 * REG_X2 && REG_X3 == REG_X2 + 1, "offsets.h");
_Static_assert(CTX_X4 == 8 * REG_X4 && REG_X5 == REG_X4 + 1, "offsets.h");
_Static_assert(CTX_X6 == 8 * REG_X6 && REG_X7 == REG_X6 + 1, "offsets.h");
_Static_assert(CTX_X8 == 8 * REG_X8 && REG_X16 == REG_X8 + 1, "offsets.h");
_Static_assert(CTX_X17 == 8 * REG_X17 && REG_X18 == REG_X17 + 1, "offsets.h");
_Static_assert(CTX_X29 == 8 * REG_X29 && REG_X30 == REG_X29 + 1, "offsets.h");
_Static_assert(CTX_X9 == 8 * REG_X9 && REG_X10 == REG_X9 + 1, "offsets.h");
_Static_assert(CTX_X11 == 8 * REG_X11 && REG_X12 == REG_X11 + 1, "offsets.h");
_Static_assert(CTX_X13 == 8 * REG_X13 && REG_X14 == REG_X13 + 1, "offsets.h");
_Static_assert(CTX_X15 == 8 * REG_X15 && REG_X19 == REG_X15 + 1, "offsets.h");
_Static_assert(CTX_X20 == 8 * REG_X20 && REG_X21 == REG_X20 + 1, "offsets.h");
_Static_assert(CTX_X22 == 8 * REG_X22 && REG_X23 == REG_X22 + 1, "offsets.h");
_Static_assert(CTX_X24 == 8 * REG_X24 && REG_X25 == REG_X24 + 1, "offsets.h");
_Static_assert(CTX_X26 == 8 * REG_X26 && REG_X27 == REG_X26 + 1, "offsets.h");
_Static_assert(CTX_X28 == 8 * REG_X28 && REG_TPIDR_EL0 == REG_X28 + 1, "offsets.h");
_Static_assert(CTX_TPIDRRO == 8 * REG_TPIDRRO_EL0, "offsets.h");
_Static_assert(offsetof(struct context, next_pc) == CTX_NEXT_PC && CTX_NEXT_PC == CTX_TPIDRRO + 8,
               "offsets.h");
_Static_assert(KIND_SYSCALL == TRAP_SYSCALL && KIND_DATA_ABORT == TRAP_DATA_ABORT &&
                   KIND_INSTRUCTION_ABORT == TRAP_INSTRUCTION_ABORT &&
                   KIND_USER_EXCEPTION == TRAP_USER_EXCEPTION && KIND_INTERRUPT == TRAP_INTERRUPT,
               "offsets.h");
_Static_assert(offsetof(struct trap, kind) == TRAP_KIND && offsetof(struct trap, esr) == 4 &&
                   offsetof(struct trap, far) == TRAP_FAR && sizeof(struct trap) == TRAP_BYTES,
               "offsets.h");
_Static_assert(offsetof(struct machine_cpu, stack_top) == CPU_STACK &&
                   offsetof(struct machine_cpu, core) == CPU_STACK + 8,
               "offsets.h");

struct machine machine;
struct machine_cpu machine_cpu0;
uint8_t core_state[CORE_STATE_BYTES] __attribute__((aligned(64)));
uint8_t core_diag[CORE_DIAG_BYTES] __attribute__((aligned(64)));
struct table kernel_root;
struct table image_level1;
struct table image_level2;
struct table image_level3;
struct table empty_table;
struct table table_pool[TABLE_POOL];

/* Objects need no preparation on hardware: the core zeroes what it hands out. */
void hal_memory_typed(struct paddr pa, uint64_t bytes)
{
    (void)pa;
    (void)bytes;
}

void hal_memory_untyped(struct paddr pa, uint64_t bytes)
{
    (void)pa;
    (void)bytes;
}

uint32_t hal_cpu_id(void)
{
    return machine_cpu()->id;
}

/* CPACR_EL1.FPEN: 0b11 no trap, 0b01 traps EL0 only. The return to EL0 synchronizes it. */
void hal_fpu_enable(bool el0)
{
    sysreg_write(cpacr_el1, el0 ? 3u << 20 : 1u << 20);
}

/* CNTKCTL_EL1: EL0PCTEN, EL0VCTEN, EL0VTEN (8), EL0PTEN (9); PMUSERENR_EL0.EN, where there is a
 * PMU (ID_AA64DFR0_EL1.PMUVer neither 0 nor 15). */
void hal_user_access(const struct boot_options *options)
{
    uint64_t pmu = sysreg_read(id_aa64dfr0_el1) >> 8 & 15;
    sysreg_write(cntkctl_el1, (uint64_t)options->el0_physical_counter |
                                  (uint64_t)options->el0_virtual_counter << 1 |
                                  (uint64_t)options->el0_virtual_timer << 8 |
                                  (uint64_t)options->el0_physical_timer << 9);
    if (pmu != 0 && pmu != 15) {
        sysreg_write(pmuserenr_el0, options->el0_pmu);
    }
}

void hal_smc(uint64_t reg[8])
{
    probe_smc(reg);
}

/* The ISB keeps the counter from being read ahead of what comes before it. */
uint64_t hal_timer_now(void)
{
    isb();
    return sysreg_read(cntvct_el0);
}

/* CNTV_CTL_EL0: ENABLE, not masked. The condition is level sensitive, so a later deadline withdraws
 * the interrupt; the ISB makes that so before the core looks at what is pending. */
void hal_timer_arm(uint64_t deadline)
{
    sysreg_write(cntv_cval_el0, deadline);
    sysreg_write(cntv_ctl_el0, 1);
    isb();
}
