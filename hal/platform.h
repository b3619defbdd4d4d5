/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The machine as the core sees it: filled by hal/platform_fdt.c from the device tree and by the
 * machine's entry code from the boot protocol (abi/boot.md §1). Plain data; addresses are physical
 * unless said.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    PLATFORM_MAX_RAM = 16,
    PLATFORM_MAX_RESERVED = 32,
    PLATFORM_MAX_PRIVATE = 8,
    PLATFORM_NAME_BYTES = 64,
};

/* [start, end) */
struct range {
    uint64_t start;
    uint64_t end;
};

/* How PSCI calls are made (Arm DEN 0022). */
enum psci_conduit {
    PSCI_NONE = 0,
    PSCI_HVC = 1,
    PSCI_SMC = 2
};

enum gic_kind {
    GIC_V2 = 2,
    GIC_V3 = 3
};

enum log_level {
    LOG_QUIET = 0,
    LOG_NORMAL = 1,
    LOG_REFUSALS = 2,
    LOG_TRACE = 3
};

/* Boot options, from /chosen/bootargs: "kaal.<name>=<value>", separated by blanks. */
struct boot_options {
    uint32_t root_cnode_bits;  /* 4..24, default 12; raised when the initial caps fill over 1/4 */
    uint32_t domains;          /* 1..256, default 1 */
    uint32_t domain_schedules; /* 2..1024, default 2 with one domain, else 100 */
    uint32_t tick_us;          /* 100..1000000, default 2000; 0 = no ticks */
    uint32_t slice_ticks;      /* 1..65535, default 5 */
    bool el0_physical_counter; /* CNTKCTL_EL1 bits 0, 1, 9, 8 (abi/boot.md §5) */
    bool el0_virtual_counter;
    bool el0_physical_timer;
    bool el0_virtual_timer;
    bool el0_pmu;         /* PMUSERENR_EL0 bit 0 */
    bool smc;             /* SMC cap in slot 15 */
    bool debug_calls;     /* -9 … -16 answer; default of the flavour */
    bool benchmark_calls; /* -18 … -26 answer; default off */
    enum log_level log;   /* default: refusals in debug, normal in release */
    uint32_t max_irq;     /* upper bound for platform.max_irq, 31..1019; 0 = not given */
    uint32_t trace_from;  /* events of kernel entries trace_from..trace_to are traced; */
    uint32_t trace_to;    /* default 0..0 = none. With log=trace all are */
    uint32_t lockstep;    /* print digests of events and state every n entries; default 0 = never */
};

struct platform {
    char model[PLATFORM_NAME_BYTES];    /* root node's "model", else its "compatible" */
    struct range ram[PLATFORM_MAX_RAM]; /* ascending, disjoint */
    uint32_t ram_count;
    struct range reserved[PLATFORM_MAX_RESERVED]; /* never handed out, inside or outside RAM */
    uint32_t reserved_count;
    uint32_t reserved_no_map; /* bit i: reserved[i] must not even be mapped ("no-map") */
    struct range
        device_private[PLATFORM_MAX_PRIVATE]; /* the kernel's own device pages, ascending */
    uint32_t device_private_count;
    uint64_t device_top; /* device untypeds end here: 2^40 or 2^44 (abi/boot.md §2) */

    enum gic_kind gic;
    uint64_t gic_frames[2]; /* distributor; CPU interface (v2) or redistributors (v3) */
    uint64_t gic_sizes[2];  /* bytes */
    uint64_t uart;          /* PL011 registers, 0 = none */
    uint32_t timer_irq;     /* interrupt id of the virtual timer */
    uint32_t timer_hz;      /* counter frequency */
    uint32_t max_irq;       /* highest interrupt id user level may name */
    uint32_t cpu_count;
    enum psci_conduit psci;

    struct range kernel;      /* kernel image, page aligned */
    struct range kernel_boot; /* its boot-only first part, handed to user level; may be empty */
    struct range dtb;         /* the packed device tree, byte exact; empty if none */
    struct range user;        /* user image, page aligned */
    uint64_t user_pv_offset;  /* physical − virtual, modulo 2^64 */
    uint64_t user_entry;      /* virtual */
    const char *flavour;      /* "debug" or "release": for the banner */
    struct boot_options options;
};

/* Reads a device tree. Returns NULL, or one sentence saying field, expected and found (it lives in
 * a static buffer of the reader). Precondition: out->flavour is set; it decides the defaults of
 * debug_calls and log. On success every field but those of the machine's entry code is filled:
 * device_top, timer_hz, max_irq, kernel, kernel_boot, dtb and user* stay zero. `dtb` is 8-byte
 * aligned; nothing outside [dtb, dtb + dtb_bytes) is read. */
const char *platform_from_fdt(struct platform *out, const void *dtb, uint64_t dtb_bytes);
