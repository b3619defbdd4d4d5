/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults (abi/syscalls.md §7): a first touch of a page on demand is answered with the page,
 * everything else is told in words and ends the life.
 */
#include "abi/syscalls.h"
#include "kaal/print.h"
#include "kaal/string.h"
#include "system.h"

/* ESR_EL1 (Arm ARM D17.2.37): the class, and of data aborts the direction. */
#define ESR_CLASS(esr)  ((esr) >> 26 & 0x3f)
#define ESR_WRITE(esr)  ((esr) >> 6 & 1)
#define ESR_STATUS(esr) ((esr)&0x3f)

struct class_text {
    uint32_t class;
    const char *text;
};

static const struct class_text classes[] = {
    {0x00, "an undefined instruction"},
    {0x07, "an FP or SIMD instruction, which it may not use"},
    {0x0e, "an illegal execution state"},
    {0x18, "a system register or instruction that EL0 may not use"},
    {0x22, "a misaligned program counter"},
    {0x26, "a misaligned stack pointer"},
    {0x2c, "a floating-point exception"},
    {0x3c, "a breakpoint instruction"},
};

static const char *class_of(uint64_t esr)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].class == ESR_CLASS(esr)) {
            return classes[i].text;
        }
    }
    return "an exception";
}

/* What lies at the address, as far as it explains the fault. */
static void region_text(const struct component *c, uint64_t address, char *out, size_t room)
{
    const struct region *r = mm_region(sys.mm, c->spawn.space, address);
    uint64_t guard = c->spawn.stack_bottom;
    if (address < guard && guard - address <= 16 * MM_PAGE) {
        kaal_snprintf(out, room, "below the stack, which may grow to %lu KiB: a stack overflow?",
                      (LAYOUT_STACK_TOP - guard) / 1024);
    } else if (address < MM_PAGE) {
        kaal_snprintf(out, room, "a null pointer?");
    } else if (r == NULL) {
        kaal_snprintf(out, room, "where nothing is");
    } else {
        kaal_snprintf(out, room, "in its %s, which is %s%s%s", region_kind_name(r->kind),
                      (r->rights & MAP_READ) != 0 ? "r" : "-",
                      (r->rights & MAP_WRITE) != 0 ? "w" : "-",
                      (r->rights & MAP_EXECUTE) != 0 ? "x" : "-");
    }
}

static void describe_memory(const struct component *c, const struct kaal_message *m, char *out,
                            size_t room)
{
    char where[LINE_BYTES];
    uint64_t esr = m->mr[3];
    const char *access = m->mr[2] != 0 ? "instruction fetch" : ESR_WRITE(esr) ? "write" : "read";
    region_text(c, m->mr[1], where, sizeof(where));
    kaal_snprintf(out, room, "%s of address 0x%lx, %s", access, m->mr[1], where);
}

static void describe_cap(const struct kaal_message *m, char *out, size_t room)
{
    static const char *const failure[] = {"", "its CSpace has no root", "no cap is there",
                                          "the cptr has bits left", "the guard is another"};
    uint64_t why = m->mr[3];
    kaal_snprintf(out, room, "system call (%s) through cptr 0x%lx: %s",
                  m->mr[2] != 0 ? "receive" : "send", m->mr[1],
                  why < sizeof(failure) / sizeof(failure[0]) ? failure[why] : "lookup failed");
}

static void describe(const struct component *c, const struct kaal_message *m, char *out,
                     size_t room)
{
    switch (msginfo_label(m->info)) {
    case FAULT_CAP: describe_cap(m, out, room); break;
    case FAULT_UNKNOWN_SYSCALL:
        kaal_snprintf(out, room, "unknown system call %ld", (long)kaal_ipc_buffer->msg[12]);
        break;
    case FAULT_USER_EXCEPTION:
        kaal_snprintf(out, room, "%s (ESR 0x%lx)", class_of(m->mr[3]), m->mr[3]);
        break;
    case FAULT_DEBUG_EXCEPTION: kaal_snprintf(out, room, "a debug exception"); break;
    case FAULT_VM: describe_memory(c, m, out, room); break;
    default: kaal_snprintf(out, room, "fault %lu", msginfo_label(m->info));
    }
}

/* The address of the instruction (of the system call, where it is one). */
static uint64_t address_of(const struct kaal_message *m)
{
    enum {
        UNKNOWN_SYSCALL_IP = 8
    };
    return msginfo_label(m->info) == FAULT_UNKNOWN_SYSCALL
               ? kaal_ipc_buffer->msg[UNKNOWN_SYSCALL_IP]
               : m->mr[0];
}

static enum mm_answer try_page(const struct component *c, const struct kaal_message *m)
{
    uint32_t right = m->mr[2] != 0 ? MAP_EXECUTE : ESR_WRITE(m->mr[3]) ? MAP_WRITE : MAP_READ;
    return mm_fault(sys.mm, c->spawn.space, m->mr[1], right);
}

bool fault_handle(struct component *c, const struct kaal_message *m)
{
    char place[LINE_BYTES];
    enum mm_answer answer = MM_NOT_OURS;
    if (msginfo_label(m->info) == FAULT_VM) {
        answer = try_page(c, m);
    }
    if (answer == MM_MAPPED) {
        return true;
    }
    if (answer == MM_REFUSED) {
        char why[LINE_BYTES];
        broker_explain(sys.broker, why, sizeof(why));
        kaal_snprintf(c->why, sizeof(c->why), "no page for address 0x%lx: %s", m->mr[1], why);
    } else {
        describe(c, m, c->why, sizeof(c->why));
    }
    place_text(c, address_of(m), place, sizeof(place));
    log_end(c);
    report("fault: %s: %s", c->name, c->why);
    report("  at %s", place);
    trace_print(c);
    life_ended_by_itself(c, STATE_FAULTED, 0);
    return false;
}
