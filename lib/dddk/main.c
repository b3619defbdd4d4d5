/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * main() of every driver: linked in when a component defines dddk_driver and no main().
 */
#include "comp/system.h"
#include "dddk/dddk.h"
#include "kaal/string.h"

enum {
    STATUS_DEVICE = 71
};

int main(int argc, char **argv);

static void acknowledge(const struct dddk_irq *irq)
{
    if (kaal_irq_handler_ack(irq->slot) != ERROR_NONE) {
        comp_fail(STATUS_DEVICE, "the interrupt cannot be acknowledged", SYSTEM_OK);
    }
}

/* An interrupt is acknowledged after the driver has taken its cause away. */
static void on_signal(uint64_t bits, void *context)
{
    struct dddk_device *device = context;
    for (device->raised = 0; device->raised < device->irqs; device->raised++) {
        const struct dddk_irq *irq = &device->irq[device->raised];
        if ((bits & irq->badge) != 0) {
            dddk_driver.irq(device);
            acknowledge(irq);
            bits &= ~irq->badge;
        }
    }
    if (bits != 0 && dddk_driver.on_signal != NULL) {
        dddk_driver.on_signal(bits);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const char *missing;
    struct dddk_device *device = dddk_device();
    enum system_error e = dddk_open(&dddk_driver, device, &missing);
    if (e != SYSTEM_OK) {
        comp_fail(STATUS_DEVICE, missing, e);
    }
    e = dddk_driver.init(device);
    if (e != SYSTEM_OK) {
        comp_fail(STATUS_DEVICE, "the device cannot be set up", e);
    }
    for (uint32_t i = 0; i < device->irqs; i++) {
        acknowledge(&device->irq[i]); /* an earlier life may not have done so */
    }
    rpc_serve(&(struct rpc_service){.methods = dddk_driver.methods,
                                    .count = dddk_driver.method_count,
                                    .on_signal = on_signal,
                                    .context = device});
}
