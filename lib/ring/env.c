/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Rings of a component: where they are is in the environment, signals go through the kernel.
 */
#include "comp/comp.h"
#include "ring/ring.h"

void ring_signal(const struct ring *r)
{
    if (r->signal != 0) {
        kaal_signal(r->signal);
    }
}

bool ring_open_env(struct ring *r, const struct env_entry *e, uint32_t entry_bytes)
{
    if (e == NULL || (e->kind != ENV_PRODUCER && e->kind != ENV_CONSUMER)) {
        return false;
    }
    uint64_t entries = e->physical >> 32;
    if ((uint32_t)e->physical != entry_bytes || entries == 0 || entries > RING_ENTRIES_MAX ||
        (entries & (entries - 1)) != 0 || e->bytes < RING_BYTES(entries, entry_bytes)) {
        return false;
    }
    if (e->kind == ENV_PRODUCER) {
        ring_open_producer(r, (void *)e->address, (uint32_t)entries, e->signal);
    } else {
        ring_open_consumer(r, (void *)e->address, (uint32_t)entries, e->signal);
    }
    return true;
}
