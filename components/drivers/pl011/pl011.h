/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Registers of the PL011 UART (Arm DDI 0183, chapter 3).
 */
#pragma once
#include "dddk/dddk.h"

struct pl011 {
    struct reg32 dr;
    struct reg32 rsr; /* write: clears errors */
    uint32_t reserved0[4];
    struct reg32_ro fr;
    uint32_t reserved1;
    struct reg32 ilpr, ibrd, fbrd, lcr, cr, ifls, imsc;
    struct reg32_ro ris, mis;
    struct reg32_wo icr;
    struct reg32 dmacr;
};
REG_AT(struct pl011, fr, 0x18);
REG_AT(struct pl011, ibrd, 0x24);
REG_AT(struct pl011, cr, 0x30);
REG_AT(struct pl011, imsc, 0x38);
REG_AT(struct pl011, icr, 0x44);
REG_AT(struct pl011, dmacr, 0x48);

enum pl011_bits {
    FR_RXFE = 1 << 4,
    FR_TXFF = 1 << 5,
    LCR_FIFOS_8_BITS = 0x70,
    CR_ENABLE = 0x301, /* UARTEN, TXE, RXE */
    IFLS_HALF = 0x12,
    INT_RX = 1 << 4,
    INT_TX = 1 << 5,
    INT_RT = 1 << 6,
    INT_ALL = 0x7ff,
    DR_FRAMING = 1 << 8,
    DR_PARITY = 1 << 9,
    DR_BREAK = 1 << 10,
    DR_OVERRUN = 1 << 11,
};
