/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * hal_fpu_save and hal_fpu_load: FPCR, FPSR, V0..V31 (struct fp_state). The only FP instructions of
 * the running kernel; CPACR_EL1 never traps them at EL1. The compiler itself uses no FP register,
 * so none is named as changed.
 */
#include "machine.h"

#define ALL_VECTORS(operation)                                                                     \
    ".arch_extension simd\n" operation " q0, q1, [%0, #16]\n" operation                            \
    " q2, q3, [%0, #48]\n" operation " q4, q5, [%0, #80]\n" operation                              \
    " q6, q7, [%0, #112]\n" operation " q8, q9, [%0, #144]\n" operation                            \
    " q10, q11, [%0, #176]\n" operation " q12, q13, [%0, #208]\n" operation                        \
    " q14, q15, [%0, #240]\n" operation " q16, q17, [%0, #272]\n" operation                        \
    " q18, q19, [%0, #304]\n" operation " q20, q21, [%0, #336]\n" operation                        \
    " q22, q23, [%0, #368]\n" operation " q24, q25, [%0, #400]\n" operation                        \
    " q26, q27, [%0, #432]\n" operation " q28, q29, [%0, #464]\n" operation                        \
    " q30, q31, [%0, #496]\n"

_Static_assert(offsetof(struct fp_state, v) == 16, "the first vector");

void hal_fpu_save(struct fp_state *to)
{
    __asm__ volatile inline(ALL_VECTORS("stp") : : "r"(to) : "memory");
    to->fpcr = sysreg_read(fpcr);
    to->fpsr = sysreg_read(fpsr);
}

void hal_fpu_load(const struct fp_state *from)
{
    __asm__ volatile inline(ALL_VECTORS("ldp") : : "r"(from) : "memory");
    sysreg_write(fpcr, from->fpcr);
    sysreg_write(fpsr, from->fpsr);
}
