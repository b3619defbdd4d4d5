/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The last report: an exception that the kernel itself caused, or an SError. Ends the run. A fault
 * inside the report ends it without one, a third stops the CPU.
 */
#include "machine.h"
#include "offsets.h"

struct fatal_frame {
    uint64_t x[31];
    uint64_t sp;
    uint64_t esr;
    uint64_t elr;
    uint64_t far;
    uint64_t spsr;
};
_Static_assert(offsetof(struct fatal_frame, x) == FATAL_X0 &&
                   offsetof(struct fatal_frame, sp) == FATAL_SP &&
                   offsetof(struct fatal_frame, esr) == FATAL_ESR &&
                   offsetof(struct fatal_frame, far) == FATAL_FAR &&
                   sizeof(struct fatal_frame) == FATAL_BYTES,
               "offsets.h");

struct fatal_frame fatal_frame;
static uint32_t reports;

_Noreturn void fatal_report(uint32_t vector);

static void report_word(const char *name, uint64_t value)
{
    put_text(name);
    put_hex(value);
}

static void report_registers(const struct fatal_frame *f)
{
    report_word("  ESR=", f->esr);
    report_word(" ELR=", f->elr);
    report_word(" FAR=", f->far);
    report_word(" SPSR=", f->spsr);
    report_word(" SP=", f->sp);
    for (unsigned i = 0; i < 31; i++) {
        put_text(i % 4 == 0 ? "\n  x" : " x");
        put_decimal(i);
        report_word("=", f->x[i]);
    }
    put_text("\n");
}

/* `vector`: 0..15 in the order of the vector table; the low two bits are synchronous, IRQ, FIQ,
 * SError. Called by vectors.S on an emptied stack. */
_Noreturn void fatal_report(uint32_t vector)
{
    static const char *const kind[] = {"synchronous exception", "IRQ", "FIQ", "SError"};
    static const char *const from[] = {"EL1 on SP_EL0", "the kernel", "EL0", "AArch32 EL0"};
    int status = vector % 4 == 3 ? STATUS_SERROR : STATUS_KERNEL_BUG;
    reports++;
    if (reports == 1) {
        put_text("\nKERNEL FAULT: ");
        put_text(kind[vector % 4]);
        put_text(" from ");
        put_text(from[vector / 4 % 4]);
        put_text("\n");
        report_registers(&fatal_frame);
    }
    if (reports <= 2) {
        hal_halt(status);
    }
    for (;;) {
        __asm__ volatile("wfi");
    }
}
