/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a driver declares, found in the environment (dddk.h).
 */
#include "comp/system.h"
#include "dddk/dddk.h"
#include "kaal/string.h"

static struct dddk_device the_device;

struct dddk_device *dddk_device(void)
{
    return &the_device;
}

/* All, or the one with the number that is declared, else the first. */
static void find_irqs(const struct dddk_driver *driver, struct dddk_device *device)
{
    const struct env_entry *e = NULL;
    while ((e = comp_next(ENV_IRQ, e)) != NULL && device->irqs < DDDK_IRQS) {
        const struct dddk_irq irq = {e->slot, (uint32_t)e->physical, e->badge};
        if (strcmp(e->name, driver->device) != 0) {
            continue;
        }
        if (driver->interrupt_number == 0 || device->irqs == 0) {
            device->irq[device->irqs++] = irq;
        } else if (irq.number == driver->interrupt_number) {
            device->irq[0] = irq;
        }
    }
}

/* An interrupt that belongs to no device of the description (a CPU's own): asked for by number,
 * which needs RIGHT_DEVICES. */
static void ask_for_irq(const struct dddk_driver *driver, struct dddk_device *device)
{
    uint32_t slot = comp_slot_take();
    struct dddk_irq *irq = &device->irq[0];
    if (slot == 0) {
        return;
    }
    if (system_irq(driver->interrupt_number, slot, &irq->badge) == SYSTEM_OK) {
        irq->slot = slot;
        irq->number = driver->interrupt_number;
        device->irqs = 1;
    } else {
        comp_slot_give(slot);
    }
}

enum system_error dddk_open(const struct dddk_driver *driver, struct dddk_device *device,
                            const char **missing)
{
    const struct env_entry *registers = comp_find(driver->device, ENV_DEVICE);
    const struct env_entry *dma = comp_find(driver->device, ENV_DMA);
    *device = (struct dddk_device){0};
    find_irqs(driver, device);
    if (device->irqs == 0 && driver->interrupt_number != 0) {
        ask_for_irq(driver, device);
    }
    *missing = driver->registers != 0 && (registers == NULL || registers->bytes < driver->registers)
                   ? "the registers"
               : driver->interrupt && device->irqs == 0                        ? "the interrupt"
               : driver->dma != 0 && (dma == NULL || dma->bytes < driver->dma) ? "the DMA memory"
                                                                               : NULL;
    if (*missing != NULL) {
        return SYSTEM_NOT_FOUND;
    }
    if (registers != NULL) {
        device->registers = (void *)registers->address;
        device->bytes = registers->bytes;
    }
    if (dma != NULL) {
        device->dma = (void *)dma->address;
        device->dma_bytes = dma->bytes;
        device->dma_physical = dma->physical;
    }
    return SYSTEM_OK;
}
