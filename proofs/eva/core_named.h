/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Calls that name slots: an entry point says which (one, or each in turn), so that the analyser
 * has one state for each choice, with one cap in it. Words, badges, rights and all that no entry
 * point fixes are any. Included once, by core.c.
 */
#pragma once

enum {
    ROOT_SLOTS = 1 << ROOT_RADIX,
    FREE = ROOT_SLOTS - 1,
    DERIVED = FREE - 1, /* two slots for what an entry point adds */
    ADDED = FREE - 2,
    IN_INNER = ROOT_SLOTS, /* the four slots of S_INNER */
    EACH_THREAD = 254,     /* S_TCB_A, B and C */
    EACH = 255,            /* every slot of the root CNode */
    HANDLED_IRQ = 40,
};

struct naming {
    unsigned label;
    enum waiting waiting;
    unsigned invoked;
    unsigned words; /* least number, of those that the call needs */
    unsigned caps;  /* the slots of extra caps, as many as the call needs */
    unsigned extra[3];
    unsigned targets; /* the slots that are named by root, index and depth, in their order */
    unsigned target[3];
    void (*prepare)(struct cpu *cpu); /* NULL: nothing to change */
    bool may_fail;                    /* too few words or caps, lookups that find nothing */
    bool fast;                        /* fast paths may be taken: exactly so many words */
};

static struct slot *slot_numbered(unsigned i)
{
    return i < IN_INNER ? root_slot(i) : slots_at(INNER) + (i - IN_INNER);
}

static unsigned one_of(unsigned slot)
{
    if (slot < EACH_THREAD)
        return slot;
    unsigned number = (unsigned)Frama_C_interval(0, ROOT_SLOTS - 1);
    if (slot == EACH_THREAD)
        number = (unsigned)Frama_C_interval(S_TCB_A, S_TCB_C);
    //@ split number;
    return number;
}

/* Word i, in a register, of the message that the running thread sends. */
static void set_word(struct cpu *cpu, unsigned i, uint64_t word)
{
    cpu->current->context.reg[REG_X2 + i] = word;
}

/* Badged caps have a badge, so that it is known how their entries are flagged. */
static void give_badges(void)
{
    struct slot *sender = root_slot(S_BADGED), *signaller = root_slot(S_SIGNAL);
    sender->cap.w[1] = Frama_C_unsigned_long_interval(1, UINT64_MAX);
    sender->link = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
    signaller->cap.w[1] = Frama_C_unsigned_long_interval(1, UINT64_MAX);
    signaller->link = SLOT_REVOCABLE | SLOT_FIRST_BADGED;
}

/* As many words and caps as the call needs, or too few. */
static uint64_t info_for(const struct naming *naming)
{
    uint64_t caps = naming->caps;
    uint64_t length = naming->words;
    if (!naming->fast)
        length = Frama_C_unsigned_long_interval(length, 127);
    if (naming->may_fail) {
        bool no_caps = Frama_C_interval(0, 1);
        //@ split no_caps;
        caps = no_caps ? 0 : caps;
        length = Frama_C_unsigned_long_interval(0, 127);
    }
    return (uint64_t)naming->label * 4096 + caps * 128 + length;
}

static void enter_named(struct cpu *cpu, const struct naming *naming)
{
    struct ipc_buffer *buffer = hal_window(paddr(BUFFER_A));
    for (unsigned i = 0; i < naming->targets; i++)
        targets_named[i] = slot_numbered(one_of(naming->target[i]));
    targets_count = naming->targets;
    for (unsigned i = 0; i < naming->caps; i++) {
        unsigned number = one_of(naming->extra[i]);
        extras_named[i] = slot_numbered(number);
        buffer->caps_or_badges[i] = number;
    }
    extras_count = naming->caps;
    surely_found = !naming->may_fail;
    lookups_before = naming->fast ? 3 : 1;
    cpu->current->context.reg[REG_X0] = one_of(naming->invoked);
    cpu->current->context.reg[REG_X1] = info_for(naming);
    enter_syscall(cpu, SYS_CALL);
}

/* One of `calls`, a state for each. */
static void enter_one_call(const struct naming *calls, unsigned count)
{
    interrupts_apart = true;
    failures_apart = true;
    int i = Frama_C_interval(0, (int)count - 1);
    //@ split i;
    struct cpu *cpu = make_state(calls[i].waiting, calls[i].fast);
    give_badges();
    if (calls[i].prepare)
        calls[i].prepare(cpu);
    enter_named(cpu, &calls[i]);
}

#define CALL(constant, state, slot, how, ...)                                                      \
    {                                                                                              \
        .label = LABEL_##constant, .waiting = (state), .invoked = (slot), .prepare = (how),        \
        __VA_ARGS__                                                                                \
    }
#define ENTRY(name, ...)                                                                           \
    void eva_##name(void)                                                                          \
    {                                                                                              \
        static const struct naming calls[] = {__VA_ARGS__};                                        \
        enter_one_call(calls, sizeof calls / sizeof calls[0]);                                     \
    }

/* The next look for interrupts is at each of the first `most` places, or far. */
static void look_within(struct cpu *cpu, uint32_t most)
{
    uint32_t left = (uint32_t)Frama_C_interval(0, (int)most);
    //@ split left;
    cpu->work_units = WORK_UNITS_PER_PREEMPTION - 1 - left;
    if (left == most)
        cpu->work_units = (uint32_t)Frama_C_interval(0, 30);
}
static void look_soon(struct cpu *cpu)
{
    look_within(cpu, 12);
}

/* The interrupt that S_IRQ stands for signals the notification. */
static void arm_irq(struct cpu *cpu)
{
    cdt_insert_copy(root_slot(S_NOTIFICATION), &cpu->kernel->irqs[HANDLED_IRQ].slot,
                    cap_notification(NOTIFICATIONS, any, RIGHT_WRITE));
}
