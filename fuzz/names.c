/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Values that name slots and mappings (names.h).
 */
#include "names.h"

#include "cspace.h"
#include "world.h"

static const struct cpu *namer;

static enum slot_kind kind_of(struct cap cap)
{
    static const uint8_t kinds[CAP_TYPE_COUNT] = {
        [CAP_NULL] = KIND_EMPTY,        [CAP_FRAME] = KIND_FRAME,
        [CAP_UNTYPED] = KIND_UNTYPED,   [CAP_PAGE_TABLE] = KIND_PAGE_TABLE,
        [CAP_ENDPOINT] = KIND_ENDPOINT, [CAP_NOTIFICATION] = KIND_NOTIFICATION,
        [CAP_REPLY] = KIND_REPLY,       [CAP_VSPACE] = KIND_VSPACE,
        [CAP_CNODE] = KIND_CNODE,       [CAP_ASID_CONTROL] = KIND_OTHER,
        [CAP_TCB] = KIND_TCB,           [CAP_ASID_POOL] = KIND_ASID_POOL,
        [CAP_IRQ_CONTROL] = KIND_OTHER, [CAP_IRQ_HANDLER] = KIND_IRQ_HANDLER,
        [CAP_ZOMBIE] = KIND_ZOMBIE,     [CAP_DOMAIN] = KIND_OTHER,
        [CAP_SMC] = KIND_OTHER,         [CAP_SGI_SIGNAL] = KIND_SGI,
    };
    return (enum slot_kind)kinds[cap_type(cap)];
}

/* Index of the k-th such slot in the current thread's root CNode, or -1. */
static int find_slot(struct cap root, enum slot_kind kind, unsigned k)
{
    uint8_t found[WORLD_SCANNED_SLOTS];
    unsigned count = 0;
    if (cap_type(root) != CAP_CNODE)
        return -1;
    for (unsigned i = 0; i < WORLD_SCANNED_SLOTS && i < cnode_slots(root); i++) {
        enum slot_kind here = kind_of(cnode_of(root)[i].cap);
        if (here == kind || (kind == KIND_ANY && here != KIND_EMPTY))
            found[count++] = (uint8_t)i;
    }
    return count ? found[k % count] : -1;
}

/* As a cptr of depth 64; for a root CNode used alone that is the slot's number. */
static uint64_t named_slot(enum slot_kind kind, unsigned k)
{
    struct cap root = namer->current->slots[TCB_CSPACE].cap;
    int index = find_slot(root, kind, k);
    if (index < 0)
        return 0;
    unsigned used = cnode_guard_size(root) + cnode_radix(root);
    uint64_t address = (uint64_t)index;
    if (cnode_guard_size(root) != 0)
        address |= cnode_guard(root) << cnode_radix(root);
    return used < WORD_BITS ? address << (WORD_BITS - used) : address;
}

static uint64_t named_mapping(unsigned k)
{
    struct cap root = namer->current->slots[TCB_CSPACE].cap;
    int index = find_slot(root, KIND_FRAME, k);
    return index < 0 ? 0 : mapping_vaddr(cnode_of(root)[index].cap);
}

static const struct value_source state_values = {named_slot, named_mapping};

/* Nobody runs: nobody has a CSpace. */
static uint64_t no_slot(enum slot_kind kind, unsigned k)
{
    return (void)kind, (void)k, 0;
}
static uint64_t no_mapping(unsigned k)
{
    return (void)k, 0;
}
static const struct value_source no_values = {no_slot, no_mapping};

const struct value_source *names_of(const struct cpu *cpu)
{
    namer = cpu;
    return cpu->current ? &state_values : &no_values;
}
