/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * hal_fpu_save and hal_fpu_load: V0..V31, FPCR, FPSR (struct fp_state). The only FP instructions of
 * the running kernel; CPACR_EL1 never traps them at EL1.
 */
#include "offsets.h"

.macro all_vectors operation
    \operation q0, q1, [x0]
    \operation q2, q3, [x0, #32]
    \operation q4, q5, [x0, #64]
    \operation q6, q7, [x0, #96]
    \operation q8, q9, [x0, #128]
    \operation q10, q11, [x0, #160]
    \operation q12, q13, [x0, #192]
    \operation q14, q15, [x0, #224]
    \operation q16, q17, [x0, #256]
    \operation q18, q19, [x0, #288]
    \operation q20, q21, [x0, #320]
    \operation q22, q23, [x0, #352]
    \operation q24, q25, [x0, #384]
    \operation q26, q27, [x0, #416]
    \operation q28, q29, [x0, #448]
    \operation q30, q31, [x0, #480]
.endm

    .section .text.fpu, "ax"
    .balign 16
    .global hal_fpu_save
    .type   hal_fpu_save, %function
hal_fpu_save:
    all_vectors stp
    mrs     x1, fpcr
    mrs     x2, fpsr
    add     x0, x0, #FP_FPCR
    stp     x1, x2, [x0]
    ret

    .global hal_fpu_load
    .type   hal_fpu_load, %function
hal_fpu_load:
    all_vectors ldp
    add     x0, x0, #FP_FPCR
    ldp     x1, x2, [x0]
    msr     fpcr, x1
    msr     fpsr, x2
    ret
