/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading programs (program.h). No byte sequence is refused and nothing outside it is read.
 */
#include "program.h"

#include "abi/objects.h"

/* Numbers at which the interface changes its mind. */
const uint64_t program_constants[CONSTANT_COUNT] = {
    WORD_BITS,
    WORD_BITS - 1,
    WORD_BITS + 1,
    MAX_UNTYPED_BITS,
    MAX_UNTYPED_BITS + 1,
    PRIORITY_COUNT - 1,
    PRIORITY_COUNT,
    RETYPE_FAN_OUT_LIMIT + 1,
    MSG_MAX_LENGTH,
    0x400000, /* the root task's image */
    0x401000,
    0x402000, /* its IPC buffer */
    0x403000,
    0x600000, /* next 2 MiB */
    0x40000000,
    0x8000000000,
    USER_TOP,
    USER_TOP + 1,
    USER_TOP - 0xfff,
    USER_TOP - 0x1fffff,
    0x3ff,
    0x400,
    0x401,
    0xfff,
    0x1000,
    0x1001,
    0x200000,
    (1ull << 56) - 1,
    1ull << 56,
    0xffffffff,
    0x100000000,
    0xf0000000, /* condition flags */
};

const uint8_t preempt_question[8] = {0, 1, 2, 3, 4, 6, 9, 17};

const char *const step_names[16] = {
    "Call",
    "Send",
    "NBSend",
    "Recv",
    "NBRecv",
    "Reply",
    "ReplyRecv",
    "Yield",
    "other system call",
    "svc with the registers as they are",
    "writes its IPC buffer",
    "interrupt",
    "time passes",
    "fault",
    "FP register used",
    "register set",
};

static uint8_t take_byte(struct reader *reader)
{
    return reader->at < reader->end ? *reader->at++ : 0;
}

static uint64_t take_bytes(struct reader *reader, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint64_t)take_byte(reader) << 8 * i;
    return value;
}

static uint64_t take_guard(struct reader *reader)
{
    uint64_t size = take_byte(reader) % WORD_BITS;
    return (uint64_t)take_byte(reader) << GUARD_SIZE_BITS | size;
}

static uint64_t take_value(struct reader *reader, const struct value_source *source)
{
    uint8_t b = take_byte(reader);
    if (b < VALUE_CONSTANT)
        return b;
    if (b < VALUE_SLOT)
        return program_constants[b - VALUE_CONSTANT];
    if (b < VALUE_BYTES)
        return source->slot((enum slot_kind)(b - VALUE_SLOT), take_byte(reader));
    if (b < VALUE_POWER)
        return take_bytes(reader, 1u << (b - VALUE_BYTES));
    switch (b) {
    case VALUE_POWER: return 1ull << take_byte(reader) % 64;
    case VALUE_MASK: return (1ull << take_byte(reader) % 64) - 1;
    case VALUE_MINUS: return 0 - (uint64_t)take_byte(reader);
    case VALUE_PAGE: return (uint64_t)take_byte(reader) << PAGE_BITS;
    case VALUE_PAGE + 1: return (uint64_t)take_byte(reader) << LARGE_PAGE_BITS;
    case VALUE_PAGE + 2: return (uint64_t)take_byte(reader) << HUGE_PAGE_BITS;
    case VALUE_GUARD: return take_guard(reader);
    case VALUE_MAPPED: return source->mapped(take_byte(reader));
    default: return 0 - (uint64_t)(0x100 - b);
    }
}

static void take_words(struct reader *payload, const struct value_source *source, struct step *step,
                       unsigned most)
{
    while (payload->at < payload->end && step->word_count < most)
        step->words[step->word_count++] = take_value(payload, source);
}

static void decode_send(struct reader *payload, const struct value_source *source,
                        struct step *step)
{
    step->cptr = take_value(payload, source);
    step->label = take_byte(payload);
    if (step->label == 255)
        step->label = (1ull << 52) - 1;
    step->length = take_byte(payload) % 128;
    step->cap_count = take_byte(payload) % 4;
    for (unsigned i = 0; i < step->cap_count; i++)
        step->caps[i] = take_value(payload, source);
    take_words(payload, source, step, STEP_MAX_WORDS);
}

/* The operands of all that is no message, as words. */
static void decode_other(struct reader *payload, const struct value_source *source,
                         struct step *step)
{
    switch (step->op) {
    case STEP_RECV:
    case STEP_NB_RECV: step->cptr = take_value(payload, source); break;
    case STEP_OTHER:
    case STEP_WRITE: take_words(payload, source, step, STEP_MAX_WORDS); break;
    case STEP_TICK: step->words[0] = take_byte(payload); break;
    case STEP_IRQ:
        step->words[0] = take_byte(payload) % 64;
        step->words[1] = take_byte(payload) % IRQ_MODE_COUNT;
        break;
    case STEP_FAULT:
        step->words[0] = take_byte(payload) % FAULT_KIND_COUNT;
        step->words[1] = take_value(payload, source);
        step->words[2] = take_value(payload, source);
        break;
    case STEP_FP:
        step->words[0] = take_value(payload, source) % 66;
        step->words[1] = take_value(payload, source);
        break;
    case STEP_REG:
        step->words[0] = take_byte(payload) % REG_COUNT;
        step->words[1] = take_value(payload, source);
        break;
    default: break;
    }
}

struct reader program_open(const uint8_t *data, size_t size, unsigned *start_state)
{
    if (size > PROGRAM_MAX_BYTES)
        size = PROGRAM_MAX_BYTES;
    struct reader reader = {data, data + size};
    *start_state = take_byte(&reader);
    return reader;
}

size_t program_step_bytes(const uint8_t *at, const uint8_t *end)
{
    size_t rest = (size_t)(end - at);
    size_t bytes = rest < 2 ? rest : 2u + at[1] % (STEP_MAX_PAYLOAD + 1);
    return bytes < rest ? bytes : rest;
}

bool program_next(struct reader *reader, const struct value_source *source, struct step *step)
{
    if (reader->at == reader->end)
        return false;
    const uint8_t *start = reader->at;
    reader->at += program_step_bytes(start, reader->end);
    struct reader payload = {reader->at - start < 2 ? reader->at : start + 2, reader->at};
    *step = (struct step){.op = (enum step_op)(start[0] % 16),
                          .preempt = start[0] / 16 % 8,
                          .leave = start[0] / 128 != 0};
    if (step_is_send(step->op))
        decode_send(&payload, source, step);
    else
        decode_other(&payload, source, step);
    return true;
}
