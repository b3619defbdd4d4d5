/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The driver kit. A driver is one declaration and a few functions; finding the device, its
 * interrupt and DMA memory, acknowledging interrupts, receiving requests and signals are the kit's
 * matter:
 *
 *     struct pl000 { struct reg32 control; struct reg32_ro status; };
 *     REG_AT(struct pl000, status, 0x04);
 *     DDDK_REGISTERS(struct pl000);
 *
 *     static enum system_error init(struct dddk_device *d) { reg_write(&regs()->control, 1); … }
 *     static void irq(struct dddk_device *d) { … clear its cause … }
 *     static enum system_error get(struct rpc_request *r) { … }
 *     static const struct rpc_method methods[] = {[GET] = {get, 0}};
 *
 *     const struct dddk_driver dddk_driver = {
 *         .device = "pl000", .registers = sizeof(struct pl000), .interrupt = true,
 *         .init = init, .irq = irq, DDDK_METHODS(methods),
 *     };
 *
 * There is no main(): the kit has it. A driver's functions reach their device only through
 * dddk/mmio.h and dddk/counter.h, so that tests can put a model behind them.
 */
#pragma once
#include "dddk/mmio.h"
#include "rpc/rpc.h"

/* ---- registers ---- */

/* A 32-bit register, by what may be done with it. */
struct reg32 {
    uint32_t v;
};
struct reg32_ro {
    uint32_t v;
};
struct reg32_wo {
    uint32_t v;
};

/* The offset of a register, from the manual, checked at compile time. */
#define REG_AT(type, member, offset)                                                               \
    _Static_assert(offsetof(type, member) == (offset), #type "." #member)

/* Reading a write-only register, or writing a read-only one, does not compile. */
#define reg_read(r) mmio_read32(_Generic(*(r), struct reg32 : &(r)->v, struct reg32_ro : &(r)->v))
#define reg_write(r, value)                                                                        \
    mmio_write32(_Generic(*(r), struct reg32 : &(r)->v, struct reg32_wo : &(r)->v), (value))
#define reg_set(r, bits)   reg_write(r, reg_read(r) | (uint32_t)(bits))
#define reg_clear(r, bits) reg_write(r, reg_read(r) & ~(uint32_t)(bits))

/* ---- drivers ---- */

enum {
    DDDK_IRQS = 8
};

struct dddk_irq {
    uint32_t slot; /* of the handler */
    uint32_t number;
    uint64_t badge;
};

/* The device as found in the environment. */
struct dddk_device {
    void *registers;
    uint64_t bytes;
    struct dddk_irq irq[DDDK_IRQS]; /* in the device tree's order */
    uint32_t irqs;
    uint32_t raised; /* inside irq(): index of the one that came */
    void *dma; /* NULL = none; cached: system_cache() before the device reads and after it wrote */
    uint64_t dma_bytes;
    uint64_t dma_physical; /* as the device sees it */
};

struct dddk_driver {
    const char *device;        /* its name in the system description */
    size_t registers;          /* bytes of them, 0 = none */
    bool interrupt;            /* it cannot do without */
    uint32_t interrupt_number; /* of several interrupts this one, if there, else the first;
                                   without any it is asked for by this number. 0 = all */
    size_t dma;                /* bytes of DMA memory, 0 = none */
    /* Puts the device into its first state, whatever an earlier life left. */
    enum system_error (*init)(struct dddk_device *device);
    /* Answers an interrupt and takes its cause away; spurious ones come too. Acknowledged after. */
    void (*irq)(struct dddk_device *device);
    const struct rpc_method *methods; /* by label */
    size_t method_count;
    void (*on_signal)(uint64_t bits); /* rings and others; NULL = none */
};

/* Inside a driver: `regs()` are its device's registers, of that type. */
#define DDDK_REGISTERS(type)                                                                       \
    static inline type *regs(void)                                                                 \
    {                                                                                              \
        return dddk_device()->registers;                                                           \
    }                                                                                              \
    _Static_assert(sizeof(type) % 4 == 0, "registers of whole words")
/* The methods of a declaration. */
#define DDDK_METHODS(array) .methods = (array), .method_count = RPC_COUNT(array)

/* Defined by the driver. */
extern const struct dddk_driver dddk_driver;

/* Finds what the driver declares; *device is filled as far as that is there. SYSTEM_NOT_FOUND, and
 * in *missing what is not there. */
enum system_error dddk_open(const struct dddk_driver *driver, struct dddk_device *device,
                            const char **missing);
/* The device of this component, as init() got it. */
struct dddk_device *dddk_device(void);
