/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * DebugSnapshot: the capabilities reachable from the current thread, as capDL text (language
 * specification, revision 1.0): objects first, then the contents of CNodes and threads. A zombie,
 * an SMC and an SGI cap are comments, for which capDL has no words.
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

/* Object types and names of capDL, revision 1.0; empty for a cap that it does not know. */
static const char words[CAP_TYPE_COUNT][13] = {
    [CAP_FRAME] = "frame",
    [CAP_UNTYPED] = "ut",
    [CAP_PAGE_TABLE] = "pt",
    [CAP_ENDPOINT] = "ep",
    [CAP_NOTIFICATION] = "notification",
    [CAP_REPLY] = "tcb",
    [CAP_VSPACE] = "pd",
    [CAP_CNODE] = "cnode",
    [CAP_ASID_CONTROL] = "asid_control",
    [CAP_TCB] = "tcb",
    [CAP_ASID_POOL] = "asid_pool",
    [CAP_IRQ_CONTROL] = "irq_control",
    [CAP_IRQ_HANDLER] = "irq",
    [CAP_DOMAIN] = "domain",
};

struct snapshot {
    struct container container[MAX_CONTAINERS];
    unsigned count;
    bool complete;
};

/* The name is the object's type and address; caps to no object have names of their own. */
static void name_object(char name[NAME_BYTES], struct cap cap)
{
    const char *word = words[cap_type(cap)];
    if (cap_type(cap) == CAP_REPLY)
        print_to(name, NAME_BYTES, "%s_%x", word, cap.w[1]);
    else if (cap_type(cap) == CAP_IRQ_HANDLER)
        print_to(name, NAME_BYTES, "%s_%u", word, (uint64_t)irq_handler_irq(cap));
    else if (cap_object_bits(cap) != 0)
        print_to(name, NAME_BYTES, "%s_%x", word, cap_object(cap));
    else
        print_to(name, NAME_BYTES, "%s", word);
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
            if (cap_type(other) == cap_type(cap) && cap_object(other) == cap_object(cap) &&
                (cap_type(cap) != CAP_IRQ_HANDLER ||
                 irq_handler_irq(other) == irq_handler_irq(cap)))
                return true;
        }
    }
    return false;
}

/* An interrupt is an object of capDL, though not one in memory. */
static bool is_object(struct cap cap)
{
    return words[cap_type(cap)][0] && (cap_object_bits(cap) || cap_type(cap) == CAP_IRQ_HANDLER);
}

/* Untypeds and CNodes have their size in bits, of bytes and of slots; frames in bytes. */
static void print_size(struct cap cap)
{
    uint64_t bits = cap_object_bits(cap), pa = cap_object(cap);
    switch (cap_type(cap)) {
    case CAP_UNTYPED: print(" (%u bits, paddr: 0x%x)\n", bits, pa); break;
    case CAP_CNODE: print(" (%u bits)\n", bits - SLOT_BITS); break;
    case CAP_FRAME:
        print(" (%u%c, paddr: 0x%x)\n", 1ull << (bits < 20 ? bits - 10 : bits - 20),
              bits < 20 ? 'k' : 'M', pa);
        break;
    default: print("\n"); break;
    }
}

static void print_objects(const struct snapshot *s)
{
    char name[NAME_BYTES];
    print("arch aarch64\n\nobjects {\n");
    for (unsigned i = 0; i < s->count; i++) {
        for (uint64_t j = 0; j < s->container[i].count; j++) {
            struct cap cap = s->container[i].slots[j].cap;
            if (!is_object(cap) || seen_before(s, i, j, cap))
                continue;
            name_object(name, cap);
            print("%s = %s", name, words[cap_type(cap)]);
            print_size(cap);
        }
    }
    print("}\n\n");
}

/* In the order of RIGHT_WRITE, READ, GRANT and GRANT_REPLY; capDL takes any. P, for grant-reply, is
 * its tools' letter; revision 1.0 has none. */
static void print_rights(unsigned rights)
{
    for (unsigned i = 0; i < 4; i++)
        if (rights >> i & 1)
            print("%c", "WRGP"[i]);
    print(rights ? ", " : "");
}

static void print_cap(uint64_t index, struct cap cap)
{
    char name[NAME_BYTES];
    enum cap_type_number type = cap_type(cap);
    name_object(name, cap);
    if (!words[type][0]) {
        print("-- 0x%x: %s\n", index, cap_type_name(type));
        return;
    }
    print("0x%x: %s", index, name);
    if (type == CAP_ENDPOINT || type == CAP_NOTIFICATION) {
        print(" (");
        print_rights(ipc_rights(cap));
        print("badge: %u)", ipc_badge(cap));
    } else if (type == CAP_CNODE) {
        print(" (guard: %u, guard_size: %u)", cnode_guard(cap), (uint64_t)cnode_guard_size(cap));
    } else if (type == CAP_REPLY) {
        print(reply_is_master(cap) ? " (master_reply)" : " (reply)");
    } else if (type == CAP_FRAME) {
        print(" (");
        print_rights(frame_rights(cap));
        print("asid: (%u, %u)) -- at 0x%x", (uint64_t)mapping_asid(cap) / 512,
              (uint64_t)mapping_asid(cap) % 512, mapping_vaddr(cap));
    }
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
