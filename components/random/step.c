/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Chooses what a worker does next. Most calls are meaningful: an existing cap, a method of its
 * type, arguments of the right kind; each part is now and then something else.
 */
#include <stddef.h>

#include "kaal/invocations.h"
#include "kaal/syscalls.h"
#include "method.h"
#include "offsets.h"

_Static_assert(offsetof(struct step, number) == STEP_NUMBER &&
                   offsetof(struct step, address) == STEP_ADDRESS &&
                   offsetof(struct step, touch) == STEP_ADDRESS + 8 && TOUCH_STORE == STEP_STORE &&
                   TOUCH_FP == STEP_FP,
               "offsets.h");

enum {
    PAGE_BYTES = 1 << PAGE_BITS,
    SEEN_TRIES = 24
};

_Alignas(4096) struct ipc_buffer worker_buffer[WORKERS];
uint64_t step_count;

static struct step next;
static uint8_t seen[PLAY_SLOTS]; /* cap type when the slot was last looked at */

/* ---- choosing caps ---- */

static uint64_t random_slot(void)
{
    return below(PLAY_SLOTS);
}

/* Looks what is in the slot: one more kernel entry. */
static void look(uint64_t slot)
{
    seen[slot] = (uint8_t)kaal_debug_cap_identify(slot);
}

/* A slot that probably holds such a cap. */
static uint64_t slot_with(uint64_t type)
{
    uint64_t slot = random_slot();
    if (once_in(24)) {
        return slot;
    }
    for (unsigned i = 0; i < PLAY_SLOTS && seen[slot] != type; i++) {
        slot = (slot + 1) % PLAY_SLOTS;
    }
    return slot;
}

static uint64_t empty_slot(void)
{
    uint64_t slot = random_slot();
    for (unsigned i = 0; i < SEEN_TRIES && seen[slot] != CAP_NULL; i++) {
        slot = random_slot();
    }
    if (once_in(2)) {
        look(slot);
    }
    return slot;
}

/* A cap to invoke: a slot in use, rarely any number. */
static uint64_t choose_cap(void)
{
    static const uint8_t favourites[] = {
        CAP_UNTYPED,     CAP_CNODE,      CAP_CNODE,        CAP_TCB,       CAP_TCB,
        CAP_FRAME,       CAP_VSPACE,     CAP_PAGE_TABLE,   CAP_ENDPOINT,  CAP_NOTIFICATION,
        CAP_IRQ_HANDLER, CAP_SGI_SIGNAL, CAP_ASID_CONTROL, CAP_ASID_POOL, CAP_DOMAIN};
    if (once_in(64)) {
        return random_word() >> below(64);
    }
    if (once_in(3)) {
        uint64_t slot = random_slot();
        look(slot);
        return slot;
    }
    return slot_with(favourites[below(sizeof favourites)]);
}

/* ---- choosing words ---- */

static uint64_t strange_word(void)
{
    static const uint64_t words[] = {0, 1, 63, 64, 65, 255, 256, 4095, 4096, 1ull << 47, ~0ull};
    return once_in(2) ? words[below(sizeof words / sizeof words[0])] : random_word() >> below(64);
}

/* Always a multiple of 4: where nothing is mapped either, QEMU 7.2 reports the abort, though the
 * Arm manual gives the misaligned PC priority. Never in the kernel's half: there the level in the
 * syndrome tells of the kernel's own tables. */
static uint64_t program_counter(void)
{
    switch (below(10)) {
    case 4: return (strange_word() & USER_TOP) / 4 * 4;
    case 0: return (uint64_t)worker_svc;
    case 1: return (uint64_t)worker_undefined;
    case 2: return random_page();
    case 3: return 0;
    default: return (uint64_t)worker_entry;
    }
}

static uint64_t object_size(uint64_t type)
{
    switch (type) {
    case OBJECT_UNTYPED: return 4 + below(12);
    case OBJECT_CNODE: return 1 + below(5);
    default: return 0;
    }
}

static uint64_t random_vaddr(void)
{
    switch (below(16)) {
    case 0: return random_page() + 0x10;
    case 1: return USER_TOP + 1 - PAGE_BYTES;
    case 2: return strange_word() | 1ull << 40;
    default: return random_page();
    }
}

/* `before` is the word before it. */
static uint64_t choose_word(enum word_kind kind, uint64_t before)
{
    if (once_in(40) && kind != WORD_CONTEXT) {
        return kind == WORD_VADDR ? random_vaddr() : strange_word();
    }
    switch (kind) {
    case WORD_SMALL: return below(4);
    case WORD_TYPE: return below(OBJECT_TYPE_COUNT);
    case WORD_SIZE: return object_size(before);
    case WORD_SLOT: return once_in(2) ? empty_slot() : random_slot();
    case WORD_DEPTH: return WORD_BITS;
    case WORD_COUNT: return 1 + below(3);
    case WORD_RIGHTS: return once_in(2) ? RIGHTS_ALL : below(16);
    case WORD_BADGE: return below(32);
    case WORD_GUARD: return once_in(4) ? 0 : PLAY_GUARD_BITS;
    case WORD_FAULTS: return PLAY_FAULTS + below(WORKERS);
    case WORD_BUFFER: return random_page() + 1024 * below(4);
    case WORD_PRIORITY: return below(HIGHEST_WORKER_PRIORITY + 4);
    case WORD_REGISTER_COUNT: return once_in(2) ? REG_COUNT : 1 + below(REG_COUNT);
    case WORD_CONTEXT: return program_counter();
    case WORD_VADDR: return random_vaddr();
    case WORD_VADDR_END:
    case WORD_OFFSET_END: return before + 1 + below(PAGE_BYTES - before % PAGE_BYTES + 8);
    case WORD_OFFSET: return below(PAGE_BYTES);
    case WORD_ATTRIBUTES: return below(8);
    default: return 0;
    }
}

/* ---- messages ---- */

static void put_word(struct ipc_buffer *buffer, unsigned i, uint64_t word)
{
    if (i < MSG_REGISTERS) {
        next.x[2 + i] = word;
    } else {
        buffer->msg[i] = word;
    }
}

/* The registers after the first, which is at word `at`. */
static unsigned put_context(struct ipc_buffer *buffer, unsigned at, uint64_t count)
{
    unsigned n = count <= REG_COUNT ? (unsigned)count : REG_COUNT;
    for (unsigned i = 1; i < n; i++) {
        put_word(buffer, at + i, once_in(2) ? random_slot() : strange_word());
    }
    return n == 0 ? 0 : n - 1;
}

static uint64_t put_extra_caps(struct ipc_buffer *buffer, const uint8_t caps[3])
{
    uint64_t count = 0;
    for (; count < MSG_MAX_EXTRA_CAPS && caps[count] != 0; count++) {
        buffer->caps_or_badges[count] = once_in(40) ? strange_word() : slot_with(caps[count]);
    }
    return once_in(40) ? below(4) : count;
}

static void put_method(struct ipc_buffer *buffer, const struct method *method)
{
    unsigned n = 0;
    uint64_t word = 0;
    for (unsigned i = 0; i < 8 && method->words[i] != WORD_END; i++) {
        uint64_t before = word;
        word = choose_word((enum word_kind)method->words[i], before);
        put_word(buffer, n++, word);
        if (method->words[i] == WORD_CONTEXT) {
            n += put_context(buffer, n - 1, before);
        }
    }
    uint64_t caps = put_extra_caps(buffer, method->caps);
    uint64_t label = once_in(50) ? below(64) : method->label;
    uint64_t length = once_in(40) ? below(MSG_MAX_LENGTH + 8) : n;
    next.x[1] = msginfo_new(label, 0, caps, length);
}

/* A message that no kernel object understands, with caps now and then. */
static void put_message(struct ipc_buffer *buffer)
{
    uint64_t length = once_in(4) ? below(20) : below(5);
    uint64_t caps = once_in(2) ? 0 : below(4);
    for (unsigned i = 0; i < length; i++) {
        put_word(buffer, i, random_word() >> 40);
    }
    for (uint64_t i = 0; i < caps; i++) {
        buffer->caps_or_badges[i] = random_slot();
    }
    next.x[1] = msginfo_new(once_in(2) ? 0 : below(6), 0, caps, length);
}

/* Where received caps go. */
static void put_receive_slot(struct ipc_buffer *buffer)
{
    buffer->receive_cnode = slot_with(CAP_CNODE);
    buffer->receive_index = empty_slot();
    buffer->receive_depth = once_in(20) ? below(70) : WORD_BITS;
}

/* ---- steps ---- */

static enum syscall choose_sending(void)
{
    static const int8_t calls[] = {SYS_CALL, SYS_CALL, SYS_CALL,    SYS_CALL,
                                   SYS_CALL, SYS_SEND, SYS_NB_SEND, SYS_REPLY_RECV};
    return (enum syscall)calls[below(sizeof calls)];
}

static enum syscall choose_other(void)
{
    static const int8_t calls[] = {SYS_RECV,
                                   SYS_NB_RECV,
                                   SYS_NB_RECV,
                                   SYS_REPLY_RECV,
                                   SYS_REPLY,
                                   SYS_REPLY_RECV,
                                   SYS_DEBUG_CAP_IDENTIFY,
                                   SYS_YIELD};
    if (once_in(40)) {
        return (enum syscall)((int)below(100) - 150); /* there is none */
    }
    return (enum syscall)calls[below(sizeof calls)];
}

static void choose_invocation(struct ipc_buffer *buffer)
{
    uint64_t slot = choose_cap();
    const struct method *method = slot < PLAY_SLOTS ? method_for(seen[slot]) : NULL;
    next.x[0] = slot;
    if (method != NULL) {
        next.number = (uint64_t)(int64_t)(once_in(16) ? SYS_SEND : SYS_CALL);
        put_method(buffer, method);
    } else {
        next.number = (uint64_t)(int64_t)choose_sending();
        put_message(buffer);
    }
}

static void choose_ipc(struct ipc_buffer *buffer)
{
    next.number = (uint64_t)(int64_t)choose_other();
    next.x[0] = slot_with(once_in(3) ? CAP_NOTIFICATION : CAP_ENDPOINT);
    put_message(buffer);
    put_receive_slot(buffer);
}

static void choose_touch(void)
{
    next.touch = once_in(6) ? 1 + below(TOUCH_JUMP) : TOUCH_NOTHING;
    next.address = random_page() + 8 * below(PAGE_BYTES / 8);
}

/* A thread that copies its own frame registers to itself makes the same call again, for ever. The
 * supervisor makes such copies between others. */
static void avoid_endless_call(void)
{
    if (msginfo_label(next.x[1]) == LABEL_TCB_COPY_REGISTERS) {
        next.x[2] &= ~(uint64_t)COPY_FRAME;
    }
}

const struct step *worker_step(uint64_t who)
{
    struct ipc_buffer *buffer = &worker_buffer[who % WORKERS];
    step_count++;
    for (unsigned i = 0; i < 6; i++) {
        next.x[i] = random_word() >> 48;
    }
    if (once_in(4)) {
        choose_ipc(buffer);
    } else {
        choose_invocation(buffer);
    }
    avoid_endless_call();
    choose_touch();
    return &next;
}
