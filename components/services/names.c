/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Name service: keeps an endpoint cap for each name that somebody offers, hands copies to who asks.
 * Keeps true: a name has one owner, the client of the channel it was offered through; one empty
 * slot is always ready for the next cap.
 */
#include <string.h>

#include "service/names.h"

struct entry {
    char name[NAMES_BYTES]; /* empty = free */
    const struct env_entry *owner;
    uint32_t slot;
};

static struct entry entries[NAMES_MOST];
static unsigned used; /* entries [0, used) are in use, in the order of the offers */
static uint32_t ready;

/* Index of the name, `used` when nobody offers it. */
static unsigned find(const char *name)
{
    unsigned i = 0;
    while (i < used && strcmp(entries[i].name, name) != 0) {
        i++;
    }
    return i;
}

/* Copies the request's name; false when it is empty or does not end. */
static bool read_name(const struct rpc_request *r, char name[NAMES_BYTES])
{
    memcpy(name, RPC_IN(r, struct names_name)->name, NAMES_BYTES);
    return name[0] != 0 && memchr(name, 0, NAMES_BYTES) != NULL;
}

static void remove_at(unsigned index)
{
    comp_slot_clear(entries[index].slot);
    comp_slot_give(entries[index].slot);
    used--;
    memmove(&entries[index], &entries[index + 1], (used - index) * sizeof(entries[0]));
}

/* The next life of an owner offers its name again: the new cap takes the old one's place. */
static void replace(struct entry *e)
{
    uint32_t old = e->slot;
    comp_slot_clear(old);
    e->slot = ready;
    ready = old;
    comp_receive_slot(ready);
}

static int check_offer(const struct rpc_request *r, bool good_name, const char *name)
{
    unsigned index = good_name ? find(name) : used;
    if (!good_name) {
        return SYSTEM_BAD_ARGUMENT;
    }
    if (r->caps == 0) {
        return NAMES_NO_CAP;
    }
    if (index < used && entries[index].owner != r->client) {
        return NAMES_TAKEN;
    }
    return index == used && used == NAMES_MOST ? NAMES_FULL : 0;
}

static enum system_error offer(struct rpc_request *r)
{
    char name[NAMES_BYTES];
    bool good = read_name(r, name);
    int error = check_offer(r, good, name);
    if (error == 0 && find(name) < used) {
        replace(&entries[find(name)]);
        return SYSTEM_OK;
    }
    uint32_t next = error == 0 ? comp_slot_take() : 0;
    if (error == 0 && next == 0) {
        error = SYSTEM_NO_SLOTS;
    }
    if (error != 0) {
        comp_slot_clear(ready);
        return (enum system_error)error;
    }
    struct entry *e = &entries[used++];
    memcpy(e->name, name, NAMES_BYTES);
    e->owner = r->client;
    e->slot = ready;
    ready = next;
    comp_receive_slot(ready);
    return SYSTEM_OK;
}

static enum system_error look_up(struct rpc_request *r)
{
    char name[NAMES_BYTES];
    if (!read_name(r, name)) {
        return SYSTEM_BAD_ARGUMENT;
    }
    unsigned index = find(name);
    if (index == used) {
        return SYSTEM_NOT_FOUND;
    }
    r->reply_cap = entries[index].slot;
    return SYSTEM_OK;
}

static enum system_error withdraw(struct rpc_request *r)
{
    char name[NAMES_BYTES];
    if (!read_name(r, name)) {
        return SYSTEM_BAD_ARGUMENT;
    }
    unsigned index = find(name);
    if (index == used) {
        return SYSTEM_NOT_FOUND;
    }
    if (entries[index].owner != r->client) {
        return SYSTEM_DENIED;
    }
    remove_at(index);
    return SYSTEM_OK;
}

static enum system_error list(struct rpc_request *r)
{
    uint64_t index = RPC_IN(r, struct names_index)->index;
    if (index >= used) {
        return SYSTEM_NOT_FOUND;
    }
    struct names_name *a = RPC_OUT(r, struct names_name);
    memset(a, 0, sizeof(*a));
    memcpy(a->name, entries[index].name, NAMES_BYTES);
    if (entries[index].owner != NULL) {
        memcpy(a->owner, entries[index].owner->name, ENV_NAME_BYTES);
    }
    return SYSTEM_OK;
}

static const struct rpc_method methods[] = {
    [NAMES_OFFER] = {offer, sizeof(struct names_name)},
    [NAMES_FIND] = {look_up, sizeof(struct names_name)},
    [NAMES_WITHDRAW] = {withdraw, sizeof(struct names_name)},
    [NAMES_LIST] = {list, sizeof(struct names_index)},
};

int main(void)
{
    ready = comp_slot_take();
    if (ready == 0) {
        comp_fail(1, "no free slot", 0);
    }
    comp_receive_slot(ready);
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), NULL, NULL});
}
