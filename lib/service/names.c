/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Client of names (names.h).
 */
#include "service/names.h"

#include "kaal/string.h"

static bool set_name(struct names_name *q, const char *name)
{
    size_t bytes = strlen(name) + 1;
    memset(q, 0, sizeof(*q));
    if (bytes > sizeof(q->name)) {
        return false;
    }
    memcpy(q->name, name, bytes);
    return true;
}

/* A call that carries a cap to the service, or one back. */
static int call(const struct env_entry *channel, enum names_label label, const char *name,
                uint32_t cap, uint64_t *info)
{
    struct names_name q;
    if (channel == NULL || !set_name(&q, name)) {
        return SYSTEM_BAD_ARGUMENT;
    }
    struct kaal_message m = {.info = msginfo_new(label, 0, cap != 0, sizeof(q) / 8)};
    memcpy(kaal_ipc_buffer->msg, &q, sizeof(q));
    memcpy(m.mr, &q, sizeof(m.mr));
    kaal_ipc_buffer->caps_or_badges[0] = cap;
    int error = (int)comp_call(channel->slot, &m);
    *info = m.info;
    return error;
}

int names_offer(const struct env_entry *channel, const char *name, uint32_t slot)
{
    uint64_t info;
    return call(channel, NAMES_OFFER, name, slot, &info);
}

int names_find(const struct env_entry *channel, const char *name, uint32_t slot)
{
    uint64_t info;
    comp_receive_slot(slot);
    int error = call(channel, NAMES_FIND, name, 0, &info);
    comp_receive_slot(0);
    /* The cap is gone when the component that offered it has died. */
    return error == 0 && msginfo_extra_caps(info) == 0 ? SYSTEM_NOT_FOUND : error;
}

int names_withdraw(const struct env_entry *channel, const char *name)
{
    struct names_name q;
    return set_name(&q, name) ? (int)rpc_call(channel, NAMES_WITHDRAW, &q, sizeof(q), NULL, 0, NULL)
                              : SYSTEM_BAD_ARGUMENT;
}

int names_list(const struct env_entry *channel, uint64_t index, struct names_name *out)
{
    struct names_index q = {index};
    int error = (int)rpc_call(channel, NAMES_LIST, &q, sizeof(q), out, sizeof(*out), NULL);
    if (error == 0) {
        out->name[NAMES_BYTES - 1] = 0;
        out->owner[ENV_NAME_BYTES - 1] = 0;
    }
    return error;
}
