/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Console and ending of the boot loader. Report lines go to the PL011 that the device tree names
 * and nowhere else; a failure's sentence is also seen without one, by semihosting.
 */
#include "machine.h"

#define PL011_DR      0x00u
#define PL011_FR      0x18u
#define PL011_FR_TXFF (1u << 5)

/* Arm semihosting, AArch64: operations and the reason of SYS_EXIT. */
#define SYS_WRITE0                   0x04u
#define SYS_EXIT                     0x18u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

static uint64_t pl011;

void console_use_pl011(uint64_t base)
{
    pl011 = base;
}

uint64_t console_pl011(void)
{
    return pl011;
}

static volatile uint32_t *reg(unsigned offset)
{
    return (volatile uint32_t *)(uintptr_t)(pl011 + offset);
}

static void put(char c)
{
    while ((*reg(PL011_FR) & PL011_FR_TXFF) != 0) {
    }
    *reg(PL011_DR) = (uint8_t)c;
}

void console_line(const char *text)
{
    if (pl011 == 0) {
        return;
    }
    while (*text != '\0') {
        put(*text++);
    }
    put('\n');
}

_Noreturn void loader_fail(const char *sentence, enum loader_exit status)
{
    uint64_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, status};

    if (pl011 != 0) {
        console_line(sentence);
    } else {
        semihost_call(SYS_WRITE0, sentence);
        semihost_call(SYS_WRITE0, "\n");
    }
    semihost_call(SYS_EXIT, block);
    psci_system_off();
    for (;;) {
        __asm__ volatile("wfi");
    }
}

_Noreturn void loader_fail_error(const struct image_error *err)
{
    char sentence[320];
    char buf[256];
    struct image_text t;

    image_error_text(err, buf, sizeof buf);
    text_start(&t, sentence, sizeof sentence);
    text_str(&t, "KaaL loader: ");
    text_str(&t, buf);
    loader_fail(sentence, (enum loader_exit)image_exit_status(err->code));
}
