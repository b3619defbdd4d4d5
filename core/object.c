/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * New objects (abi/objects.md §1).
 */
#include "object.h"

#include "thread.h"

void object_zero(void *p, uint64_t bytes)
{
    uint64_t *word = p;
    for (uint64_t i = 0; i < bytes / 8; i += 2) {
        word[i] = 0;
        word[i + 1] = 0;
    }
}

static struct cap create_tcb(struct cpu *cpu, uint64_t pa)
{
    thread_init(cpu, tcb_at(pa));
    return cap_tcb(pa);
}

static struct cap cap_for(struct cpu *cpu, enum object_type type, unsigned bits, uint64_t pa,
                          bool device)
{
    unsigned read_write = RIGHT_READ | RIGHT_WRITE;
    switch (type) {
    case OBJECT_UNTYPED: return cap_untyped(pa, bits, device, 0);
    case OBJECT_TCB: return create_tcb(cpu, pa);
    case OBJECT_ENDPOINT: return cap_endpoint(pa, 0, RIGHTS_ALL);
    case OBJECT_NOTIFICATION: return cap_notification(pa, 0, read_write);
    case OBJECT_CNODE: return cap_cnode(pa, bits - SLOT_BITS, 0, 0);
    case OBJECT_HUGE_PAGE: return cap_frame(pa, FRAME_1G, read_write, device);
    case OBJECT_LARGE_PAGE: return cap_frame(pa, FRAME_2M, read_write, device);
    case OBJECT_SMALL_PAGE: return cap_frame(pa, FRAME_4K, read_write, device);
    case OBJECT_VSPACE: return cap_vspace(pa, 0);
    default: return cap_page_table(pa);
    }
}

struct cap object_create(struct cpu *cpu, enum object_type type, unsigned bits, uint64_t pa,
                         bool device)
{
    if (type != OBJECT_UNTYPED && !device)
        hal_memory_typed(paddr(pa), 1ull << bits);
    return cap_for(cpu, type, bits, pa, device);
}
