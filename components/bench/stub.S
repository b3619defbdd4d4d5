/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Measured instructions. Each reads the counter immediately before and immediately after, with an
 * ISB before each read so that a real processor does not read early. The interface preserves every
 * register that is not a result (abi/syscalls.md §1), so x8 keeps the address of the shot and x9
 * the first reading.
 */
#include "stub.h"

    .macro  begin name
    .balign 64
    .global \name
    .type   \name, %function
\name:
    mov     x8, x0
    ldp     x0, x1, [x8, #SHOT_X]
    ldp     x2, x3, [x8, #SHOT_X + 16]
    ldp     x4, x5, [x8, #SHOT_X + 32]
    ldp     x7, x11, [x8, #SHOT_NUMBER]
    .endm

    .macro  read_before
    isb
    mrs     x9, pmevcntr0_el0
    .endm

    .macro  read_after
    isb
    mrs     x10, pmevcntr0_el0
    .endm

    .macro  end name
    stp     x0, x1, [x8, #SHOT_X]
    stp     x2, x3, [x8, #SHOT_X + 16]
    stp     x4, x5, [x8, #SHOT_X + 32]
    stp     x9, x10, [x8, #SHOT_BEFORE]
    ret
    .size   \name, . - \name
    .endm

    .text
    .macro  system_call name
    begin   \name
    read_before
    .global \name\()_at
\name\()_at:
    svc     #0
    read_after
    end     \name
    .endm

/* Without readings: on machines where they trap they would cost more than the call. */
    begin   shot_bare
    svc     #0
    end     shot_bare

    .macro  system_call_fp name
    begin   \name
    fmov    d0, x8
    read_before
    .global \name\()_at
\name\()_at:
    svc     #0
    fmov    d1, x8
    read_after
    end     \name
    .endm

    system_call shot_svc
    system_call shot_aside
    system_call_fp shot_svc_fp
    system_call_fp shot_aside_fp

    begin   shot_undefined
    read_before
    .global shot_undefined_at
shot_undefined_at:
    .inst   0                       /* UDF #0 */
    read_after
    end     shot_undefined

    begin   shot_load
    read_before
    .global shot_load_at
shot_load_at:
    ldr     x12, [x11]
    read_after
    end     shot_load

    begin   shot_store
    read_before
    .global shot_store_at
shot_store_at:
    str     w0, [x11]
    read_after
    end     shot_store

    begin   shot_timer_off
    msr     cntp_ctl_el0, xzr
    isb
    ret
    .size   shot_timer_off, . - shot_timer_off

/* Fires x0 counts of CNTPCT from here; returns the instruction counter at the deadline, supposing
 * that both count alike. */
    .global timer_arm
    .type   timer_arm, %function
timer_arm:
    isb
    mrs     x9, cntpct_el0
    mrs     x10, pmevcntr0_el0
    add     x9, x9, x0
    msr     cntp_cval_el0, x9
    mov     x11, #1
    msr     cntp_ctl_el0, x11
    isb
    add     x0, x10, x0
    ret
    .size   timer_arm, . - timer_arm

    .global timer_hertz
    .type   timer_hertz, %function
timer_hertz:
    mrs     x0, cntfrq_el0
    ret
    .size   timer_hertz, . - timer_hertz

    begin   shot_empty
    read_before
    read_after
    end     shot_empty

    begin   shot_empty_fp
    read_before
    fmov    d1, x8
    read_after
    end     shot_empty_fp

/* PMCCFILTR_EL0 and PMEVTYPER0_EL0: count at every exception level. PMCR_EL0: enable, reset both,
 * 64-bit cycle counter. */
    .global shot_start_counter
    .type   shot_start_counter, %function
shot_start_counter:
    mov     x0, #8
    msr     pmevtyper0_el0, x0
    msr     pmccfiltr_el0, xzr
    mov     x0, #1
    movk    x0, #0x8000, lsl #16
    msr     pmcntenset_el0, x0
    mov     x0, #0x47
    msr     pmcr_el0, x0
    isb
    ret
    .size   shot_start_counter, . - shot_start_counter

    .global counter_read
    .type   counter_read, %function
counter_read:
    isb
    mrs     x0, pmevcntr0_el0
    ret
    .size   counter_read, . - counter_read
