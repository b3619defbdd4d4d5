/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The server's side of rpc.h. It keeps true: every request gets exactly one reply, at once or
 * through the slot that rpc_later() gave; nothing that a client sends reaches a method that did not
 * ask for that much.
 */
#include "kaal/invocations.h"
#include "kaal/string.h"
#include "rpc/rpc.h"

enum {
    SLOTS_PARKED = 256 /* comp_slot_take() gives no higher slot */
};

static bool has_service(void)
{
    return comp_env()->serves != 0;
}

/* The reply's words are in the buffer; the first four go to registers. `cap` 0 = none goes with it.
 */
static void load(struct kaal_message *m, enum system_error label, size_t bytes, uint32_t cap)
{
    uint64_t *words = kaal_ipc_buffer->msg;
    if (bytes % 8 != 0) {
        memset((char *)words + bytes, 0, 8 - bytes % 8);
    }
    memcpy(m->mr, words, sizeof(m->mr));
    kaal_ipc_buffer->caps_or_badges[0] = cap;
    m->info = msginfo_new(label, 0, cap != 0, (bytes + 7) / 8);
}

/* Runs the request's method; true when it is to be answered now, with the reply in *m. */
static bool dispatch(const struct rpc_service *service, struct kaal_message *m)
{
    memcpy(kaal_ipc_buffer->msg, m->mr, sizeof(m->mr));
    struct rpc_request r = {
        .label = msginfo_label(m->info),
        .badge = m->badge,
        .client = comp_client(m->badge),
        .data = kaal_ipc_buffer->msg,
        .bytes = msginfo_length(m->info) * 8,
        /* An unwrapped cap is a badge, not a cap in the slot. */
        .caps = msginfo_extra_caps(m->info) != 0 && msginfo_unwrapped(m->info) == 0,
    };
    const struct rpc_method *method = r.label < service->count ? &service->methods[r.label] : NULL;
    enum system_error label = SYSTEM_BAD_REQUEST;
    if (method != NULL && method->serve != NULL && r.bytes >= method->least &&
        r.bytes <= RPC_BYTES) {
        label = method->serve(&r);
    }
    load(m, label, r.reply_bytes <= RPC_BYTES ? r.reply_bytes : 0, r.reply_cap);
    return !r.later;
}

/* Answers a posted request through the client's buffer, in place of a reply. */
static void answer_post(const struct kaal_message *m, uint64_t badge, uint64_t sequence)
{
    const struct env_entry *client = comp_client(badge);
    if (client == NULL || client->bytes < RPC_POST_BYTES) {
        return;
    }
    volatile struct rpc_post *post = (struct rpc_post *)client->address;
    uint64_t words = msginfo_length(m->info);
    memcpy(kaal_ipc_buffer->msg, m->mr, sizeof(m->mr));
    post->label = msginfo_label(m->info);
    post->bytes = words * 8;
    for (uint64_t i = 0; i < words && i < RPC_WORDS; i++) {
        post->data[i] = kaal_ipc_buffer->msg[i];
    }
    __atomic_store_n(&post->sequence, sequence, __ATOMIC_RELEASE);
    rpc_signal(client);
}

static bool handle_post(const struct rpc_service *service, struct kaal_message *m)
{
    uint64_t label = msginfo_label(m->info);
    uint64_t badge = m->badge;
    m->info = msginfo_new(RPC_LABEL(label), 0, 0, msginfo_length(m->info));
    if (dispatch(service, m)) {
        answer_post(m, badge, RPC_SEQUENCE(label));
    }
    return false;
}

/* Handles what was received into *m; true when *m is now a reply to be sent. */
static bool handle(const struct rpc_service *service, struct kaal_message *m)
{
    if ((m->badge & BADGE_MESSAGE) != 0) {
        bool posted = (msginfo_label(m->info) & RPC_POSTED) != 0;
        return posted ? handle_post(service, m) : dispatch(service, m);
    }
    if (service->on_signal != NULL && m->badge != 0) {
        service->on_signal(m->badge, service->context);
    }
    return false;
}

_Noreturn void rpc_serve(const struct rpc_service *service)
{
    struct kaal_message m = {0};
    uint64_t from = has_service() ? SLOT_SERVICE : SLOT_NOTIFICATION;
    bool reply = false;
    for (;;) {
        if (reply) {
            kaal_reply_recv(from, &m);
        } else {
            kaal_recv(from, &m);
        }
        reply = handle(service, &m);
    }
}

uint64_t rpc_serve_one(const struct rpc_service *service)
{
    struct kaal_message m = {0};
    kaal_recv(has_service() ? SLOT_SERVICE : SLOT_NOTIFICATION, &m);
    uint64_t badge = m.badge;
    if (handle(service, &m)) {
        kaal_reply(&m);
    }
    return (badge & BADGE_MESSAGE) != 0 ? 0 : badge;
}

uint32_t rpc_later(struct rpc_request *r)
{
    uint64_t kept[4];
    uint32_t slot = comp_slot_take();
    memcpy(kept, kaal_ipc_buffer->msg, sizeof(kept));
    if (slot != 0 && kaal_cnode_save_caller(comp_slot(slot)) != ERROR_NONE) {
        comp_slot_give(slot);
        slot = 0;
    }
    memcpy(kaal_ipc_buffer->msg, kept, sizeof(kept));
    r->later = slot != 0;
    return slot;
}

void rpc_answer(uint32_t slot, enum system_error label, const void *data, size_t bytes)
{
    struct kaal_message m = {0};
    if (bytes != 0) {
        memcpy(kaal_ipc_buffer->msg, data, bytes);
    }
    load(&m, label, bytes, 0);
    kaal_send(slot, &m); /* sending through a saved reply cap consumes it */
    comp_slot_give(slot);
}

void rpc_forget(uint32_t *slot)
{
    comp_slot_clear(*slot);
    comp_slot_give(*slot);
    *slot = 0;
}

/* Who waits in which slot. */
static uint64_t *parked_by(uint32_t slot)
{
    static uint64_t badge[SLOTS_PARKED];
    return &badge[slot % SLOTS_PARKED];
}

enum system_error rpc_park(struct rpc_request *r, uint32_t *waiting)
{
    if (*waiting != 0 && *parked_by(*waiting) != r->badge) {
        return SYSTEM_BUSY;
    }
    if (*waiting != 0) {
        rpc_forget(waiting);
    }
    *waiting = rpc_later(r);
    *parked_by(*waiting) = r->badge;
    return *waiting != 0 ? SYSTEM_OK : SYSTEM_NO_SLOTS;
}

void rpc_unpark(uint32_t *waiting, const void *data, size_t bytes)
{
    uint32_t slot = *waiting;
    *waiting = 0;
    if (slot != 0) {
        rpc_answer(slot, SYSTEM_OK, data, bytes);
    }
}

void *rpc_client_buffer(const struct rpc_request *r, size_t *bytes)
{
    *bytes = r->client != NULL ? r->client->bytes : 0;
    return *bytes != 0 ? (void *)r->client->address : NULL;
}

void rpc_signal(const struct env_entry *client)
{
    if (client != NULL && client->signal != 0) {
        kaal_signal(client->signal);
    }
}
