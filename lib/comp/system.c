/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Requests to the root task. Question and answer lie in the message words of the IPC buffer; the
 * first four travel in registers and are copied from and to it here.
 */
#include "comp/system.h"

#include "kaal/string.h"

_Static_assert(sizeof(struct system_question) <= sizeof(((struct ipc_buffer *)0)->msg), "fits");
_Static_assert(sizeof(struct system_answer) <= sizeof(((struct ipc_buffer *)0)->msg), "fits");

static struct system_question *question(void)
{
    return (struct system_question *)kaal_ipc_buffer->msg;
}

static const struct system_answer *answer(void)
{
    return (const struct system_answer *)kaal_ipc_buffer->msg;
}

/* Asks with the words given and, behind them, what lies in the question's text already. Answers
 * that are too short read as zero. */
static enum system_error ask_with(enum system_request request, const uint64_t word[4],
                                  size_t text_bytes)
{
    uint64_t length = 4 + (text_bytes + 7) / 8;
    struct kaal_message m = {.info = msginfo_new(request, 0, 0, length)};
    memcpy(m.mr, word, sizeof(m.mr));
    kaal_call(SLOT_SYSTEM, &m);
    memcpy(kaal_ipc_buffer->msg, m.mr, sizeof(m.mr));
    for (uint64_t i = msginfo_length(m.info); i < SYSTEM_ANSWER_WORDS; i++) {
        kaal_ipc_buffer->msg[i] = 0;
    }
    uint64_t label = msginfo_label(m.info);
    return label < SYSTEM_ERRORS ? (enum system_error)label : SYSTEM_BAD_REQUEST;
}

static enum system_error ask(enum system_request request, uint64_t a, uint64_t b, uint64_t c)
{
    return ask_with(request, (const uint64_t[4]){a, b, c, 0}, 0);
}

/* The same with a name. One that does not fit is known to nobody. */
static enum system_error ask_name(enum system_request request, uint64_t a, uint64_t b, uint64_t c,
                                  const char *name)
{
    size_t bytes = strnlen(name, SYSTEM_PATH) + 1;
    if (bytes > SYSTEM_PATH) {
        return SYSTEM_NOT_FOUND;
    }
    memset(question()->text, 0, (bytes + 7) / 8 * 8);
    memcpy(question()->text, name, bytes);
    return ask_with(request, (const uint64_t[4]){a, b, c, 0}, bytes);
}

/* At most `room` bytes of text from the answer, with a closing zero. */
static void copy_text(char *to, size_t room, const char *from)
{
    size_t bytes = strnlen(from, room - 1);
    memcpy(to, from, bytes);
    to[bytes] = '\0';
}

_Noreturn void system_exit(int status)
{
    for (;;) {
        (void)ask(SYSTEM_EXIT, (uint64_t)status, 0, 0);
    }
}

/* ---- memory ---- */

enum system_error system_map(uint64_t bytes, uint64_t flags, void **address)
{
    enum system_error e = ask(SYSTEM_MAP, bytes, flags, 0);
    if (e == SYSTEM_OK) {
        *address = (void *)answer()->word[0];
    }
    return e;
}

enum system_error system_unmap(void *address)
{
    return ask(SYSTEM_UNMAP, (uint64_t)address, 0, 0);
}

enum system_error system_protect(void *address, uint64_t bytes, uint64_t flags)
{
    return ask(SYSTEM_PROTECT, (uint64_t)address, bytes, flags);
}

enum system_error system_share(const void *address, uint64_t bytes, uint64_t flags,
                               const char *component, uint64_t *there)
{
    enum system_error e = ask_name(SYSTEM_SHARE, (uint64_t)address, bytes, flags, component);
    if (e == SYSTEM_OK) {
        *there = answer()->word[0];
    }
    return e;
}

enum system_error system_dma(uint64_t bytes, uint64_t flags, void **address, uint64_t *physical)
{
    enum system_error e = ask(SYSTEM_DMA, bytes, flags, 0);
    if (e == SYSTEM_OK) {
        *address = (void *)answer()->word[0];
        *physical = answer()->word[1];
    }
    return e;
}

enum system_error system_cache(const void *address, uint64_t bytes, enum system_cache operation)
{
    return ask(SYSTEM_CACHE, (uintptr_t)address, bytes, operation);
}

/* ---- devices and objects ---- */

enum system_error system_device(const char *name, uint32_t slot, struct system_device *out)
{
    enum system_error e = ask_name(SYSTEM_DEVICE, slot, 0, 0, name);
    if (e == SYSTEM_OK) {
        const uint64_t *w = answer()->word;
        *out = (struct system_device){(void *)w[0], w[1], w[2], w[3], (void *)w[4], w[5], w[6]};
    }
    return e;
}

enum system_error system_irq(uint64_t number, uint32_t slot, uint64_t *badge)
{
    enum system_error e = ask(SYSTEM_IRQ, number, slot, 0);
    if (e == SYSTEM_OK) {
        *badge = answer()->word[0];
    }
    return e;
}

enum system_error system_endpoint(uint32_t slot)
{
    return ask(SYSTEM_ENDPOINT, slot, 0, 0);
}

enum system_error system_notification(uint32_t slot, uint32_t other)
{
    return ask(SYSTEM_NOTIFICATION, slot, other, 0);
}

enum system_error system_channel(const char *component, uint32_t slot)
{
    return ask_name(SYSTEM_CHANNEL, slot, 0, 0, component);
}

enum system_error system_free(uint32_t slot)
{
    return ask(SYSTEM_FREE, slot, 0, 0);
}

/* ---- the log ---- */

void system_log(const char *text, size_t bytes)
{
    while (bytes != 0) {
        size_t part = bytes < SYSTEM_QUESTION_TEXT ? bytes : SYSTEM_QUESTION_TEXT;
        memcpy(question()->text, text, part);
        (void)ask_with(SYSTEM_LOG, (const uint64_t[4]){part, 0, 0, 0}, part);
        text += part;
        bytes -= part;
    }
}

void system_sync(void)
{
    (void)ask(SYSTEM_SYNC, 0, 0, 0);
}

/* ---- looking around ---- */

enum system_error system_component(uint64_t index, struct system_component *out)
{
    enum system_error e = ask(SYSTEM_COMPONENT, index, 0, 0);
    if (e == SYSTEM_OK) {
        const struct system_answer *a = answer();
        memcpy(out, a->word, sizeof(a->word));
        copy_text(out->name, sizeof(out->name), a->text);
        copy_text(out->sentence, sizeof(out->sentence), a->text + ENV_NAME_BYTES);
    }
    return e;
}
_Static_assert(offsetof(struct system_component, name) == 8 * SYSTEM_ANSWER_WORDS, "memcpy above");

enum system_error system_memory(struct system_memory *out)
{
    enum system_error e = ask(SYSTEM_MEMORY, 0, 0, 0);
    if (e == SYSTEM_OK) {
        memcpy(out, answer()->word, sizeof(*out));
    }
    return e;
}

enum system_error system_caps(uint64_t component, uint64_t slot, struct system_cap *out)
{
    enum system_error e = ask(SYSTEM_CAPS, component, slot, 0);
    if (e == SYSTEM_OK) {
        const uint64_t *w = answer()->word;
        *out = (struct system_cap){w[0], w[1], w[2], w[3], w[4], ""};
        copy_text(out->text, sizeof(out->text), answer()->text);
    }
    return e;
}

enum system_error system_file(uint64_t index, uint64_t *bytes, char name[SYSTEM_PATH])
{
    enum system_error e = ask(SYSTEM_FILE, index, 0, 0);
    if (e == SYSTEM_OK) {
        *bytes = answer()->word[0];
        copy_text(name, SYSTEM_PATH, answer()->text);
    }
    return e;
}

enum system_error system_read_file(const char *name, uint64_t offset, void *to, uint64_t bytes,
                                   uint64_t *got)
{
    uint64_t done = 0, part = 1;
    enum system_error e = SYSTEM_OK;
    while (done < bytes && part != 0 && e == SYSTEM_OK) {
        uint64_t left = bytes - done;
        left = left < SYSTEM_ANSWER_TEXT ? left : SYSTEM_ANSWER_TEXT;
        e = ask_name(SYSTEM_READ_FILE, offset + done, left, 0, name);
        part = e == SYSTEM_OK && answer()->word[0] <= left ? answer()->word[0] : 0;
        memcpy((char *)to + done, answer()->text, part);
        done += part;
    }
    if (e == SYSTEM_OK) {
        *got = done;
    }
    return e;
}

/* ---- components ---- */

enum system_error system_spawn(const char *name)
{
    return ask_name(SYSTEM_SPAWN, 0, 0, 0, name);
}

enum system_error system_kill(const char *name)
{
    return ask_name(SYSTEM_KILL, 0, 0, 0, name);
}

enum system_error system_restart(const char *name)
{
    return ask_name(SYSTEM_RESTART, 0, 0, 0, name);
}

enum system_error system_wait(const char *name, int *status)
{
    enum system_error e = ask_name(SYSTEM_WAIT, 0, 0, 0, name);
    if (e == SYSTEM_OK) {
        *status = (int)answer()->word[0];
    }
    return e;
}

enum system_error system_backoff(uint64_t *id, uint64_t *milliseconds)
{
    enum system_error e = ask(SYSTEM_BACKOFF, *id, 0, 0);
    if (e == SYSTEM_OK) {
        *id = answer()->word[0];
        *milliseconds = answer()->word[1];
    }
    return e;
}

enum system_error system_halt(int status)
{
    return ask(SYSTEM_HALT, (uint64_t)status, 0, 0);
}
