/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Registers of the two interrupt controllers (Arm IHI 0048 GICv2, Arm IHI 0069 GICv3), byte
 * offsets. Set/clear registers hold one bit per interrupt, 32 to a word.
 */
#pragma once

enum {
    GICD_CTLR = 0x000,
    GICD_TYPER = 0x004,
    GICD_IGROUPR = 0x080,
    GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180,
    GICD_ICPENDR = 0x280,
    GICD_ICACTIVER = 0x380,
    GICD_IPRIORITYR = 0x400,
    GICD_ITARGETSR = 0x800, /* v2 */
    GICD_ICFGR = 0xc00,
    GICD_SGIR = 0xf00,     /* v2 */
    GICD_IROUTER = 0x6000, /* v3, 8 bytes per interrupt from id 0 */
};
enum {
    GICD_CTLR_RWP = 1u << 31
};

enum {
    GICC_CTLR = 0x00,
    GICC_PMR = 0x04,
    GICC_BPR = 0x08,
    GICC_IAR = 0x0c,
    GICC_EOIR = 0x10
};

enum {
    GICR_CTLR = 0x0000,
    GICR_TYPER = 0x0008, /* 64 bits */
    GICR_WAKER = 0x0014,
    GICR_SGI_FRAME =
        0x10000, /* second frame: private interrupts, registers as in the distributor */
    GICR_STRIDE = 0x20000,
    GICR_STRIDE_VLPIS = 0x40000,
};
enum {
    GICR_CTLR_RWP = 1u << 3,
    GICR_TYPER_VLPIS = 2,
    GICR_TYPER_LAST = 16
};
enum {
    WAKER_PROCESSOR_SLEEP = 2,
    WAKER_CHILDREN_ASLEEP = 4
};

/* System registers of the GICv3 CPU interface, by encoding: assemblers without GICv3 know no names.
 */
#define ICC_PMR     s3_0_c4_c6_0
#define ICC_IAR1    s3_0_c12_c12_0
#define ICC_EOIR1   s3_0_c12_c12_1
#define ICC_BPR1    s3_0_c12_c12_3
#define ICC_CTLR    s3_0_c12_c12_4
#define ICC_SRE     s3_0_c12_c12_5
#define ICC_IGRPEN1 s3_0_c12_c12_7
#define ICC_DIR     s3_0_c12_c11_1
#define ICC_SGI1R   s3_0_c12_c11_5

enum {
    GIC_FIRST_SPECIAL = 1020,
    GIC_PRIORITY = 0xa0,
    GIC_SPIN_LIMIT = 1000000
};
