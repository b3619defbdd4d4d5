/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The device tree as a loading machine treats it: validate, take over the boot arguments of the
 * image, pack; and the few facts that loading needs from it.
 */
#ifndef LOADER_IMAGE_DTB_H
#define LOADER_IMAGE_DTB_H

#include "image.h"
#include "image_tree.h"

#define IMAGE_MAX_RAM      16u
#define IMAGE_MAX_RESERVED 32u

/* RAM and reserved ranges of a device tree, ready for image_check_place(). */
struct image_dtb_memory {
    struct image_range ram[IMAGE_MAX_RAM];
    struct image_range reserved[IMAGE_MAX_RESERVED];
    struct image_memory memory; /* points into the two arrays above */
};

/* The declared size of a tree that image_dtb_check() accepted. */
uint64_t image_dtb_size(const void *dtb);

/*
 * Checks a device tree of which `max` bytes may be read: every offset in it that a reader follows
 * stays inside its declared size, which is at most max. image_tree.h and libfdt are safe on it.
 */
IMAGE_MUST_CHECK enum image_code image_dtb_check(const void *dtb, uint64_t max,
                                                 struct image_error *err);

/*
 * Copies the device tree at `from` (at most from_max readable bytes) into buf, writes
 * /chosen/bootargs when bootargs is not empty, packs it and returns its size in *size. The whole
 * tree is checked first.
 */
IMAGE_MUST_CHECK enum image_code image_dtb_prepare(const void *from, uint64_t from_max, void *buf,
                                                   uint64_t cap, const char *bootargs,
                                                   uint64_t *size, struct image_error *err);

/* Adds a range to the reserve map of a prepared tree in a buffer of cap bytes; *size changes. */
IMAGE_MUST_CHECK enum image_code image_dtb_reserve(void *buf, uint64_t cap, uint64_t start,
                                                   uint64_t length, uint64_t *size,
                                                   struct image_error *err);

/* Fills *m from the memory nodes, the reserve map and /reserved-memory of a prepared tree. */
IMAGE_MUST_CHECK enum image_code image_dtb_memory(const void *dtb, struct image_dtb_memory *m,
                                                  struct image_error *err);

/* The root node's model, or "unknown". */
const char *image_dtb_model(const void *dtb);

/* Appends every range of a node's reg property; false when one is malformed or too many. */
bool image_dtb_reg(const struct tree *t, uint32_t node, uint32_t parent, struct image_range *ranges,
                   unsigned max, unsigned *count);

/* A property of one word from 0 to 4, 0 for what is none, `missing` where there is no property. */
unsigned image_dtb_cells(const struct tree *t, uint32_t node, const char *name, unsigned missing);

/* ---- Facts about the machine (image_dtb_machine.c) ---- */

enum image_uart_kind {
    IMAGE_UART_NONE,
    IMAGE_UART_PL011,
    IMAGE_UART_16550, /* 8250 family and the BCM2835's mini-UART */
    IMAGE_UART_CADENCE,
};

struct image_uart {
    enum image_uart_kind kind;
    unsigned shift; /* of the register numbers, 16550 only */
    unsigned width; /* bytes of one access, 1 or 4, 16550 only */
    uint64_t base;  /* physical */
};

/* The device that /chosen/stdout-path names, IMAGE_UART_NONE when there is none that is known. */
void image_dtb_uart(const void *dtb, struct image_uart *uart);

enum image_psci {
    IMAGE_PSCI_NONE,
    IMAGE_PSCI_HVC,
    IMAGE_PSCI_SMC,
};

enum image_psci image_dtb_psci(const void *dtb);

#define IMAGE_MAX_CPUS 64u

enum image_cpu_method {
    IMAGE_CPU_UNKNOWN, /* held by the loader itself, or not to be started */
    IMAGE_CPU_PSCI,
    IMAGE_CPU_SPIN_TABLE,
};

struct image_cpu {
    uint64_t mpidr; /* affinity fields */
    enum image_cpu_method method;
    uint64_t release; /* physical address that a spin table's CPU watches */
};

/* The CPUs in the tree's order, at most IMAGE_MAX_CPUS; returns their number. */
unsigned image_dtb_cpus(const void *dtb, struct image_cpu cpus[IMAGE_MAX_CPUS]);

struct image_gic {
    unsigned version; /* 2, 3, or 0 = none that is known */
    struct image_range distributor;
    struct image_range second; /* CPU interface (2) or first redistributor region (3) */
};

void image_dtb_gic(const void *dtb, struct image_gic *gic);

/* clock-frequency of the timer node, 0 = not given. */
uint32_t image_dtb_timer_frequency(const void *dtb);

#endif
