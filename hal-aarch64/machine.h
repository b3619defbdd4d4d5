/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the files of the AArch64 machine share: system registers, the addresses of the kernel's own
 * devices, and the few things that boot code hands to the part that stays.
 */
#pragma once
#include "hal.h"

#define KERNEL_BASE 0xffffff8040000000ull /* link address of the image; kernel.ld says the same */

enum {
    PAGE = 4096,
};

#define SYSREG_TEXT(name) #name /* expands `name` first */
#define sysreg_read(name)                                                                          \
    ({                                                                                             \
        uint64_t sysreg_value;                                                                     \
        __asm__ volatile("mrs %0, " SYSREG_TEXT(name) : "=r"(sysreg_value));                       \
        sysreg_value;                                                                              \
    })
#define sysreg_write(name, value)                                                                  \
    __asm__ volatile("msr " SYSREG_TEXT(name) ", %0" : : "r"((uint64_t)(value)) : "memory")

/* Barriers by their Arm names; each use says what it orders. */
#define dsb(scope) __asm__ volatile("dsb " #scope : : : "memory")
static inline void isb(void)
{
    __asm__ volatile("isb" : : : "memory");
}

/* Device registers: 32 bits unless said; `base` is a virtual address. */
static inline uint32_t io_read(uint64_t base, uint32_t offset)
{
    return *(volatile uint32_t *)(base + offset);
}
static inline void io_write(uint64_t base, uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(base + offset) = value;
}

/* Per CPU; TPIDR_EL1 points to it. */
struct machine_cpu {
    uint64_t stack_top; /* the stack is empty at every trap */
    struct cpu *core;
    uint32_t id;
};
extern struct machine_cpu machine_cpu0;

static inline struct machine_cpu *machine_cpu(void)
{
    return (struct machine_cpu *)sysreg_read(tpidr_el1);
}

/* Facts from the boot that the running kernel needs. */
struct machine {
    uint64_t uart;       /* virtual address of the PL011's registers, 0 = no console yet */
    uint64_t gic_dist;   /* distributor */
    uint64_t gic_local;  /* GICv2 CPU interface, GICv3 redistributor frame of this CPU */
    uint64_t empty_root; /* physical address of a table without entries */
    enum gic_kind gic;
    enum psci_conduit psci;
};
extern struct machine machine;

/* Page tables that stay in use after boot; boot_map.c fills them. The image lies in the first
 * IMAGE_PAGES pages of its 2 MiB, boot-time views of other memory behind them; devices are 2 MiB
 * blocks from the second entry of image_level2 on. */
enum {
    IMAGE_PAGES = 256,
    TABLE_POOL = 2
};
struct table {
    uint64_t entry[512];
} __attribute__((aligned(4096)));
extern struct table kernel_root, image_level1, image_level2, image_level3;
extern struct table empty_table; /* the empty address space of EL0 */
extern struct table table_pool[TABLE_POOL];

/* Leaves the boot part: gives up its mapping, and runs what the core wants to run. `pages` is the
 * number of pages from KERNEL_BASE on that become user level's. */
_Noreturn void kernel_start(struct cpu *cpu, uint32_t pages);
/* Resumes `context`, or waits for an interrupt if it is NULL; the stack is dropped. */
_Noreturn void kernel_resume(struct context *context);

/* Instructions that are undefined on some machines: then the result is −1. */
int64_t probe_semihosting(uint64_t operation, const void *parameter);
void probe_smc(uint64_t reg[8]);
void probe_hvc(uint64_t reg[8]);

/* Text on the console. */
void put_text(const char *s);
void put_hex(uint64_t value);
void put_decimal(uint64_t value);

/* Boot-only; sets up the controller and returns a sentence or NULL. platform->max_irq is filled. */
const char *boot_gic(struct platform *platform);

/* Interrupt controllers: hal_irq_* choose between these by machine.gic. */
uint32_t gicv2_claim(void);
void gicv2_end(uint32_t irq);
void gicv2_enable(uint32_t irq, bool on);
void gicv2_raise_sgi(uint32_t sgi, uint32_t target);
uint32_t gicv3_claim(void);
void gicv3_drop(uint32_t irq);
void gicv3_deactivate(uint32_t irq);
void gicv3_enable(uint32_t irq, bool on);
void gicv3_raise_sgi(uint32_t sgi, uint32_t target);

extern const char machine_flavour[]; /* "debug" or "release" */
