/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL061 GPIO (Arm DDI 0190). One watcher at a time; both edges of inputs count.
 */
#include "dddk/dddk.h"
#include "service/gpio.h"

struct pl061 {
    struct reg32 data[256]; /* the index is the mask of lines */
    struct reg32 dir, is, ibe, iev, ie;
    struct reg32_ro ris, mis;
    struct reg32_wo ic;
};
REG_AT(struct pl061, dir, 0x400);
REG_AT(struct pl061, ic, 0x41c);
DDDK_REGISTERS(struct pl061);

static uint32_t waiting; /* who is answered at an edge */

static enum system_error init(struct dddk_device *device)
{
    (void)device;
    reg_write(&regs()->ie, 0);
    reg_write(&regs()->is, 0);
    reg_write(&regs()->ibe, GPIO_ALL);
    reg_write(&regs()->ic, GPIO_ALL);
    return SYSTEM_OK;
}

static void irq(struct dddk_device *device)
{
    (void)device;
    struct gpio_lines moved = {.mask = reg_read(&regs()->mis)};
    if (moved.mask != 0) {
        reg_write(&regs()->ie, 0);
        reg_write(&regs()->ic, moved.mask);
        moved.value = reg_read(&regs()->data[GPIO_ALL]);
        rpc_unpark(&waiting, &moved, sizeof(moved));
    }
}

static enum system_error direction(struct rpc_request *r)
{
    const struct gpio_lines *q = RPC_IN(r, struct gpio_lines);
    reg_write(&regs()->dir, (reg_read(&regs()->dir) & ~q->mask) | (q->mask & q->value));
    return SYSTEM_OK;
}

static enum system_error set(struct rpc_request *r)
{
    const struct gpio_lines *q = RPC_IN(r, struct gpio_lines);
    reg_write(&regs()->data[q->mask & GPIO_ALL], q->value);
    return SYSTEM_OK;
}

static enum system_error get(struct rpc_request *r)
{
    uint32_t value = reg_read(&regs()->data[GPIO_ALL]);
    *RPC_OUT(r, struct gpio_lines) = (struct gpio_lines){GPIO_ALL, value};
    return SYSTEM_OK;
}

static enum system_error watch(struct rpc_request *r)
{
    uint32_t mask = RPC_IN(r, struct gpio_lines)->mask;
    enum system_error e = rpc_park(r, &waiting);
    if (e == SYSTEM_OK) {
        reg_write(&regs()->ic, mask);
        reg_write(&regs()->ie, mask);
    }
    return e;
}

static const struct rpc_method methods[] = {
    [GPIO_DIRECTION] = {direction, sizeof(struct gpio_lines)},
    [GPIO_SET] = {set, sizeof(struct gpio_lines)},
    [GPIO_GET] = {get, 0},
    [GPIO_WATCH] = {watch, sizeof(struct gpio_lines)}};

const struct dddk_driver dddk_driver = {.device = "gpio",
                                        .registers = sizeof(struct pl061),
                                        .interrupt = true,
                                        .init = init,
                                        .irq = irq,
                                        DDDK_METHODS(methods)};
