/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Error words (abi/invocations.md §1).
 */
#include "refusal.h"

static void start(struct refusal *no, enum error_code code, const char *text, uint64_t found)
{
    no->code = code;
    no->count = 0;
    no->text = text;
    no->found = found;
}

enum error_code refuse(struct refusal *no, enum error_code code, const char *text, uint64_t found)
{
    start(no, code, text, found);
    return code;
}

static enum error_code add_word(struct refusal *no, uint64_t word)
{
    no->words[no->count++] = word;
    return no->code;
}

enum error_code refuse_truncated(struct refusal *no)
{
    return refuse(no, ERROR_TRUNCATED_MESSAGE, "message has too few words or caps", 0);
}

enum error_code refuse_argument(struct refusal *no, uint64_t number, const char *text,
                                uint64_t found)
{
    start(no, ERROR_INVALID_ARGUMENT, text, found);
    return add_word(no, number);
}

enum error_code refuse_cap(struct refusal *no, uint64_t number, const char *text)
{
    start(no, ERROR_INVALID_CAPABILITY, text, number);
    return add_word(no, number);
}

enum error_code refuse_illegal(struct refusal *no, const char *text)
{
    return refuse(no, ERROR_ILLEGAL_OPERATION, text, 0);
}

enum error_code refuse_range(struct refusal *no, uint64_t min, uint64_t max, const char *text,
                             uint64_t found)
{
    start(no, ERROR_RANGE, text, found);
    (void)add_word(no, min);
    return add_word(no, max);
}

enum error_code refuse_lookup(struct refusal *no, bool is_source, const struct lookup_fault *fault,
                              const char *text)
{
    start(no, ERROR_FAILED_LOOKUP, text, fault->bits_left);
    (void)add_word(no, is_source);
    (void)add_word(no, fault->type);
    if (fault->type >= LOOKUP_MISSING_CAPABILITY)
        (void)add_word(no, fault->bits_left);
    if (fault->type == LOOKUP_GUARD_MISMATCH)
        (void)add_word(no, fault->guard_found);
    if (fault->type >= LOOKUP_DEPTH_MISMATCH)
        (void)add_word(no, fault->bits_found);
    return no->code;
}

enum error_code refuse_missing(struct refusal *no, bool is_source, uint64_t bits_left,
                               const char *text)
{
    struct lookup_fault fault = {.type = LOOKUP_MISSING_CAPABILITY,
                                 .bits_left = (uint32_t)bits_left};
    return refuse_lookup(no, is_source, &fault, text);
}

enum error_code refuse_memory(struct refusal *no, uint64_t bytes_left)
{
    start(no, ERROR_NOT_ENOUGH_MEMORY, "% bytes are left", bytes_left);
    return add_word(no, bytes_left);
}
