/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Exceptions in the boot loader: one report, then a non-zero end. Instructions that a machine may
 * not answer (semihosting's hlt, PSCI's hvc and smc, a probing load) are skipped instead, with -1
 * as their result.
 */
#include "machine.h"

#define EC_UNKNOWN    0x00u
#define EC_DATA_ABORT 0x25u

/* What Debian's libraries call: they are built with -fstack-protector-strong. */
extern uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

uintptr_t __stack_chk_guard = 0x4b61614c00fd7000;

/* loader.ld binds the C library functions to it that the libraries name but must not call here. */
_Noreturn void library_refused(void);

_Noreturn void library_refused(void)
{
    loader_fail("KaaL loader: crash: a library called a function that the loader does not have",
                LOADER_EXIT_CRASH);
}

_Noreturn void __stack_chk_fail(void)
{
    loader_fail("KaaL loader: crash: a stack canary was overwritten", LOADER_EXIT_CRASH);
}

static uint64_t read_esr(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, esr_el1" : "=r"(value));
    return value;
}

static uint64_t read_elr(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, elr_el1" : "=r"(value));
    return value;
}

static uint64_t read_far(void)
{
    uint64_t value;

    __asm__ volatile("mrs %0, far_el1" : "=r"(value));
    return value;
}

/* The name of an exception class (Arm ARM D17.2.37, ESR_EL1.EC). */
static const char *class_name(uint64_t ec)
{
    switch (ec) {
    case 0x00: return "undefined instruction";
    case 0x07: return "FP access trapped";
    case 0x15: return "SVC";
    case 0x21: return "instruction abort";
    case 0x22: return "PC alignment fault";
    case 0x25: return "data abort";
    case 0x26: return "SP alignment fault";
    case 0x2f: return "SError";
    case 0x3c: return "BRK";
    default: return "exception";
    }
}

static void print_registers(const uint64_t *registers)
{
    char line[160];
    struct image_text t;

    for (unsigned i = 0; i < 31; i++) {
        if (i % 4 == 0) {
            text_start(&t, line, sizeof line);
        }
        text_str(&t, i % 4 == 0 ? "  x" : " x");
        text_dec(&t, i);
        text_char(&t, '=');
        text_hex(&t, registers[i]);
        if (i % 4 == 3 || i == 30) {
            console_line(LOADER_QUIET, line);
        }
    }
}

static bool is_probe(uint64_t ec, uint64_t elr)
{
    bool called = elr == (uint64_t)(uintptr_t)semihost_call ||
                  elr == (uint64_t)(uintptr_t)psci_hvc || elr == (uint64_t)(uintptr_t)psci_smc;

    return ec == EC_UNKNOWN ? called
                            : ec == EC_DATA_ABORT && elr == (uint64_t)(uintptr_t)probe_read32;
}

void loader_exception(const uint64_t *registers, uint64_t vector)
{
    static bool crashed;
    uint64_t esr = read_esr();
    uint64_t elr = read_elr();
    char sentence[256];
    struct image_text t;

    if (is_probe(esr >> 26, elr)) {
        return;
    }
    text_start(&t, sentence, sizeof sentence);
    text_str(&t, "KaaL loader: crash: ");
    text_str(&t, class_name(esr >> 26 & 0x3f));
    text_str(&t, " (vector ");
    text_dec(&t, vector);
    text_str(&t, "), ESR ");
    text_hex(&t, esr);
    text_str(&t, ", ELR ");
    text_hex(&t, elr);
    text_str(&t, ", FAR ");
    text_hex(&t, read_far());
    if (!crashed) {
        crashed = true;
        print_registers(registers);
    }
    loader_fail(sentence, LOADER_EXIT_CRASH);
}
