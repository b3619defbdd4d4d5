/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Requests of components: one table row each. Keeps true: a request is copied before it is looked
 * at; what the description does not allow is refused before anything is done.
 */
#include "kaal/string.h"
#include "system.h"

struct row {
    enum system_error (*serve)(struct request *r);
    uint8_t words;  /* least */
    uint8_t rights; /* all of them are needed */
    bool named;     /* it has a text that must end */
};

static const struct row rows[SYSTEM_REQUESTS - SYSTEM_FIRST] = {
    [SYSTEM_EXIT - SYSTEM_FIRST] = {request_exit, 1, 0, false},
    [SYSTEM_MAP - SYSTEM_FIRST] = {request_map, 2, 0, false},
    [SYSTEM_UNMAP - SYSTEM_FIRST] = {request_unmap, 1, 0, false},
    [SYSTEM_PROTECT - SYSTEM_FIRST] = {request_protect, 3, 0, false},
    [SYSTEM_SHARE - SYSTEM_FIRST] = {request_share, 3, 0, true},
    [SYSTEM_DMA - SYSTEM_FIRST] = {request_dma, 2, 0, false},
    [SYSTEM_CACHE - SYSTEM_FIRST] = {request_cache, 3, 0, false},
    [SYSTEM_DEVICE - SYSTEM_FIRST] = {request_device, 1, RIGHT_DEVICES, true},
    [SYSTEM_IRQ - SYSTEM_FIRST] = {request_irq, 2, RIGHT_DEVICES, false},
    [SYSTEM_ENDPOINT - SYSTEM_FIRST] = {request_endpoint, 1, 0, false},
    [SYSTEM_NOTIFICATION - SYSTEM_FIRST] = {request_notification, 2, 0, false},
    [SYSTEM_CHANNEL - SYSTEM_FIRST] = {request_channel, 1, 0, true},
    [SYSTEM_FREE - SYSTEM_FIRST] = {request_free, 1, 0, false},
    [SYSTEM_LOG - SYSTEM_FIRST] = {request_log, 1, 0, false},
    [SYSTEM_SYNC - SYSTEM_FIRST] = {request_sync, 0, 0, false},
    [SYSTEM_COMPONENT - SYSTEM_FIRST] = {request_component, 1, RIGHT_INSPECT, false},
    [SYSTEM_MEMORY - SYSTEM_FIRST] = {request_memory, 0, RIGHT_INSPECT, false},
    [SYSTEM_CAPS - SYSTEM_FIRST] = {request_caps, 2, RIGHT_INSPECT, false},
    [SYSTEM_FILE - SYSTEM_FIRST] = {request_file, 1, RIGHT_INSPECT, false},
    [SYSTEM_READ_FILE - SYSTEM_FIRST] = {request_read_file, 2, RIGHT_INSPECT, true},
    [SYSTEM_SPAWN - SYSTEM_FIRST] = {request_spawn, 0, RIGHT_MANAGE, true},
    [SYSTEM_KILL - SYSTEM_FIRST] = {request_kill, 0, RIGHT_MANAGE, true},
    [SYSTEM_RESTART - SYSTEM_FIRST] = {request_restart, 0, RIGHT_MANAGE, true},
    [SYSTEM_WAIT - SYSTEM_FIRST] = {request_wait, 0, RIGHT_MANAGE, true},
    [SYSTEM_BACKOFF - SYSTEM_FIRST] = {request_backoff, 1, RIGHT_MANAGE, false},
    [SYSTEM_HALT - SYSTEM_FIRST] = {request_halt, 1, RIGHT_MANAGE, false},
};

const char *request_name(struct request *r)
{
    return r->q.text;
}

enum system_error request_refused(struct request *r, enum broker_code code)
{
    const struct broker_error *e = &sys.broker->error;
    r->words = 2;
    switch (code) {
    case BROKER_OK: r->words = 0; return SYSTEM_OK;
    case BROKER_QUOTA:
        r->a.word[0] = e->used;
        r->a.word[1] = e->limit;
        return SYSTEM_QUOTA;
    case BROKER_NO_MEMORY:
    case BROKER_NO_RECORDS:
        r->a.word[0] = e->wanted;
        r->a.word[1] = e->available;
        return SYSTEM_NO_MEMORY;
    case BROKER_NO_SLOTS:
    case BROKER_KERNEL: r->words = 0; return SYSTEM_NO_SLOTS;
    case BROKER_NOT_FOUND: r->words = 0; return SYSTEM_NOT_FOUND;
    case BROKER_BUSY:
        r->a.word[0] = e->holder;
        r->words = 1;
        return SYSTEM_BUSY;
    default: r->words = 0; return SYSTEM_BAD_ARGUMENT;
    }
}

/* Whether the text that came ends; what lies behind it is zero. */
static bool has_name(const struct request *r)
{
    for (size_t i = 0; i < r->text_bytes; i++) {
        if (r->q.text[i] == 0) {
            return i != 0;
        }
    }
    return false;
}

static enum system_error dispatch(struct request *r, uint64_t label, uint64_t length)
{
    uint64_t index = label - SYSTEM_FIRST;
    const struct row *row = &rows[index];
    if (label < SYSTEM_FIRST || label >= SYSTEM_REQUESTS || row->serve == NULL ||
        length < row->words || (row->named && !has_name(r))) {
        return SYSTEM_BAD_REQUEST;
    }
    if ((r->from->description->rights & row->rights) != row->rights) {
        return SYSTEM_DENIED;
    }
    return row->serve(r);
}

bool request_answer(struct component *c, struct kaal_message *m)
{
    static struct request r; /* too large for the stack of every call */
    uint64_t length = msginfo_length(m->info);
    size_t fixed = SYSTEM_QUESTION_WORDS;
    uint64_t *words = kaal_ipc_buffer->msg;
    memset(&r, 0, sizeof(r));
    length = length * 8 <= sizeof(r.q) ? length : sizeof(r.q) / 8;
    memcpy(words, m->mr, sizeof(m->mr));
    memcpy(&r.q, words, length * 8);
    r.text_bytes = length > fixed ? (length - fixed) * 8 : 0;
    r.from = c;
    enum system_error error = dispatch(&r, msginfo_label(m->info), length);
    if (r.silent) {
        return false;
    }
    size_t send = r.text != 0 ? SYSTEM_ANSWER_WORDS + (r.text + 7) / 8 : r.words;
    memcpy(words, &r.a, send * 8);
    memcpy(m->mr, words, sizeof(m->mr));
    m->info = msginfo_new(error, 0, 0, send);
    return true;
}
