/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * PL031 real-time clock (Arm DDI 0224). One alarm at a time.
 */
#include "dddk/dddk.h"
#include "service/clock.h"

struct pl031 {
    struct reg32_ro dr;
    struct reg32 mr, lr, cr, imsc;
    struct reg32_ro ris, mis;
    struct reg32_wo icr;
};
REG_AT(struct pl031, imsc, 0x10);
REG_AT(struct pl031, icr, 0x1c);
DDDK_REGISTERS(struct pl031);

static uint32_t waiting; /* who is answered at the alarm */

static enum system_error init(struct dddk_device *device)
{
    (void)device;
    reg_write(&regs()->icr, 1);
    reg_write(&regs()->imsc, 1);
    reg_write(&regs()->cr, 1);
    return SYSTEM_OK;
}

/* Without a cause nobody's time has come. */
static void irq(struct dddk_device *device)
{
    (void)device;
    if (reg_read(&regs()->mis) != 0) {
        reg_write(&regs()->icr, 1);
        rpc_unpark(&waiting, NULL, 0);
    }
}

static enum system_error get(struct rpc_request *r)
{
    RPC_OUT(r, struct clock_time)->seconds = reg_read(&regs()->dr);
    return SYSTEM_OK;
}

static enum system_error set(struct rpc_request *r)
{
    reg_write(&regs()->lr, RPC_IN(r, struct clock_time)->seconds);
    return SYSTEM_OK;
}

static enum system_error alarm(struct rpc_request *r)
{
    uint32_t at = RPC_IN(r, struct clock_time)->seconds;
    enum system_error e = reg_read(&regs()->dr) < at ? rpc_park(r, &waiting) : SYSTEM_OK;
    if (r->later) {
        reg_write(&regs()->mr, at);
        if (reg_read(&regs()->dr) >= at) { /* the moment was now */
            rpc_unpark(&waiting, NULL, 0);
        }
    }
    return e;
}

static const struct rpc_method methods[] = {[CLOCK_GET] = {get, 0},
                                            [CLOCK_SET] = {set, sizeof(struct clock_time)},
                                            [CLOCK_ALARM] = {alarm, sizeof(struct clock_time)}};

const struct dddk_driver dddk_driver = {.device = "rtc",
                                        .registers = sizeof(struct pl031),
                                        .interrupt = true,
                                        .init = init,
                                        .irq = irq,
                                        DDDK_METHODS(methods)};
