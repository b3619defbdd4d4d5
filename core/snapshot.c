/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * DebugSnapshot: the capabilities reachable from the current thread, as capDL text: objects first,
 * then the contents of CNodes and threads.
 */
#include "debug.h"
#include "print.h"

enum {
    MAX_CONTAINERS = 128,
    NAME_BYTES = 40
};

/* A CNode or TCB whose slots are listed. */
struct container {
    struct cap cap;
    struct slot *slots;
    uint64_t count;
};

struct snapshot {
    struct container container[MAX_CONTAINERS];
    unsigned count;
    bool complete;
};

static void name_object(char name[NAME_BYTES], struct cap cap)
{
    const char *type = cap_type_name(cap_type(cap));
    if (cap_object_bits(cap) != 0)
        print_to(name, NAME_BYTES, "%s_%x", type, cap_object(cap));
    else
        print_to(name, NAME_BYTES, "%s_%x", type, cap.w[1]);
}

static bool is_container(struct cap cap)
{
    return cap_type(cap) == CAP_CNODE || cap_type(cap) == CAP_TCB;
}

static void add_container(struct snapshot *s, struct cap cap)
{
    for (unsigned i = 0; i < s->count; i++)
        if (cap_object(s->container[i].cap) == cap_object(cap))
            return;
    if (s->count == MAX_CONTAINERS) {
        s->complete = false;
        return;
    }
    bool cnode = cap_type(cap) == CAP_CNODE;
    s->container[s->count++] = (struct container){cap, cnode ? cnode_of(cap) : tcb_of(cap)->slots,
                                                  cnode ? cnode_slots(cap) : TCB_SLOT_COUNT};
}

/* Every container that a listed one holds a cap to is listed too. */
static void collect(struct snapshot *s)
{
    for (unsigned i = 0; i < s->count; i++)
        for (uint64_t j = 0; j < s->container[i].count; j++)
            if (is_container(s->container[i].slots[j].cap))
                add_container(s, s->container[i].slots[j].cap);
}

/* Does a slot before (container, index) hold a cap to the same object? */
static bool seen_before(const struct snapshot *s, unsigned container, uint64_t index,
                        struct cap cap)
{
    for (unsigned i = 0; i <= container; i++) {
        uint64_t end = i == container ? index : s->container[i].count;
        for (uint64_t j = 0; j < end; j++) {
            struct cap other = s->container[i].slots[j].cap;
            if (cap_type(other) == cap_type(cap) && cap_object(other) == cap_object(cap))
                return true;
        }
    }
    return false;
}

static void print_objects(const struct snapshot *s)
{
    char name[NAME_BYTES];
    print("arch aarch64\n\nobjects {\n");
    for (unsigned i = 0; i < s->count; i++) {
        for (uint64_t j = 0; j < s->container[i].count; j++) {
            struct cap cap = s->container[i].slots[j].cap;
            if (cap_object_bits(cap) == 0 || seen_before(s, i, j, cap))
                continue;
            name_object(name, cap);
            print("%s = %s (%u bits, paddr: 0x%x)\n", name, cap_type_name(cap_type(cap)),
                  (uint64_t)cap_object_bits(cap), cap_object(cap));
        }
    }
    print("}\n\n");
}

static void print_cap(uint64_t index, struct cap cap)
{
    char name[NAME_BYTES];
    name_object(name, cap);
    print("0x%x: %s", index, name);
    if (cap_type(cap) == CAP_ENDPOINT || cap_type(cap) == CAP_NOTIFICATION)
        print(" (rights: %x, badge: %u)", (uint64_t)ipc_rights(cap), ipc_badge(cap));
    else if (cap_type(cap) == CAP_CNODE)
        print(" (guard: %u, guard_size: %u)", cnode_guard(cap), (uint64_t)cnode_guard_size(cap));
    else if (cap_type(cap) == CAP_FRAME)
        print(" (rights: %x, asid: %u, vaddr: 0x%x)", (uint64_t)frame_rights(cap),
              (uint64_t)mapping_asid(cap), mapping_vaddr(cap));
    print("\n");
}

static void print_caps(const struct snapshot *s)
{
    char name[NAME_BYTES];
    print("caps {\n");
    for (unsigned i = 0; i < s->count; i++) {
        name_object(name, s->container[i].cap);
        print("%s {\n", name);
        for (uint64_t j = 0; j < s->container[i].count; j++)
            if (!cap_is_null(s->container[i].slots[j].cap))
                print_cap(j, s->container[i].slots[j].cap);
        print("}\n");
    }
    print("}\n");
}

void debug_snapshot(struct cpu *cpu)
{
    struct snapshot snapshot = {.complete = true};
    add_container(&snapshot, cap_tcb(pa_of(cpu->current)));
    collect(&snapshot);
    print_objects(&snapshot);
    print_caps(&snapshot);
    if (!snapshot.complete)
        print("-- more than %u CNodes and threads: the rest is left out\n",
              (uint64_t)MAX_CONTAINERS);
}
