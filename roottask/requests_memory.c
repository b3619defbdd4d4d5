/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Requests for memory. A component changes its own address space only, and only what it asked for.
 */
#include "kaal/string.h"
#include "system.h"

enum {
    RIGHTS = MAP_READ | MAP_WRITE | MAP_EXECUTE
};

/* Whether the address is one that a request may have given: asked-for memory or DMA. */
static bool is_asked_for(const struct component *c, uint64_t address)
{
    const struct region *r = mm_region(sys.mm, c->spawn.space, address);
    return r != NULL && (r->kind == REGION_MAPPED || r->kind == REGION_DMA);
}

static uint64_t pages(uint64_t bytes)
{
    return (bytes + MM_PAGE - 1) & ~(MM_PAGE - 1);
}

enum system_error request_map(struct request *r)
{
    uint64_t bytes = pages(r->q.word[0]);
    uint64_t flags = r->q.word[1];
    uint32_t space = r->from->spawn.space;
    if (bytes == 0 || bytes > LAYOUT_END - LAYOUT_MAPPED) {
        return SYSTEM_BAD_ARGUMENT;
    }
    if ((flags & ~(uint64_t)(RIGHTS | MAP_GUARD | MAP_NOW)) != 0 || (flags & RIGHTS) == 0) {
        r->a.word[0] = 1;
        r->words = 1;
        return SYSTEM_BAD_ARGUMENT;
    }
    uint64_t address = mm_place(sys.mm, space, LAYOUT_MAPPED, LAYOUT_END, bytes);
    if (address == 0) {
        return SYSTEM_NO_MEMORY;
    }
    enum broker_code code = mm_map(sys.mm, space, address, bytes, REGION_MAPPED, (uint32_t)flags);
    if (code != BROKER_OK) {
        return request_refused(r, code);
    }
    r->a.word[0] = address;
    r->words = 1;
    return SYSTEM_OK;
}

/* DMA memory of this address, which its life was given. */
static struct given *dma_at(struct component *c, uint64_t address)
{
    for (struct given *g = c->given; g < c->given + GIVEN_EACH; g++) {
        const struct region *region = mm_region(sys.mm, c->spawn.space, address);
        if (g->kind == GIVEN_MEMORY && region != NULL && region->kind == REGION_DMA &&
            g->number == (uint32_t)(address / MM_PAGE)) {
            return g;
        }
    }
    return NULL;
}

/* The number of the record of what was shared with `c` at `address`; 0 finds a free one. */
static uint32_t received_at(const struct component *c, uint64_t address)
{
    uint32_t i = 0;
    while (i < RECEIVED_EACH && c->received[i].address != address) {
        i++;
    }
    return i;
}

static void received_close(struct component *c, uint32_t i)
{
    c->received[i].from->shared_regions--;
    c->received[i].from = NULL;
    c->received[i].address = 0;
}

void received_end(struct component *c)
{
    for (uint32_t i = 0; i < RECEIVED_EACH; i++) {
        if (c->received[i].address != 0) {
            received_close(c, i);
        }
    }
}

enum system_error request_unmap(struct request *r)
{
    uint64_t address = r->q.word[0];
    struct component *c = r->from;
    uint32_t shared = address != 0 ? received_at(c, address) : RECEIVED_EACH;
    if (shared != RECEIVED_EACH) {
        received_close(c, shared);
        return request_refused(r, mm_unmap(sys.mm, c->spawn.space, address));
    }
    if (!is_asked_for(c, address)) {
        return SYSTEM_BAD_ARGUMENT;
    }
    struct given *g = dma_at(c, address);
    enum broker_code code = mm_unmap(sys.mm, c->spawn.space, address);
    if (code == BROKER_OK && g != NULL) {
        given_take_back(c, g);
    }
    return request_refused(r, code);
}

enum system_error request_protect(struct request *r)
{
    uint64_t address = r->q.word[0];
    uint64_t bytes = pages(r->q.word[1]);
    uint64_t flags = r->q.word[2];
    if (bytes == 0 || address + bytes < address || (flags & ~(uint64_t)RIGHTS) != 0) {
        return SYSTEM_BAD_ARGUMENT;
    }
    for (uint64_t at = address; at < address + bytes; at += MM_PAGE) {
        const struct region *region = mm_region(sys.mm, r->from->spawn.space, at);
        if (region == NULL || region->kind != REGION_MAPPED) {
            return SYSTEM_BAD_ARGUMENT;
        }
        at = region->end - MM_PAGE;
    }
    return request_refused(
        r, mm_protect(sys.mm, r->from->spawn.space, address, bytes, (uint32_t)flags));
}

/* Components that talk to each other may share memory. */
static bool are_linked(const struct component *a, const struct component *b)
{
    for (uint32_t i = 0; i < sys.links; i++) {
        const struct link *l = &sys.link[i];
        if ((l->from == a && l->to == b) || (l->from == b && l->to == a)) {
            return true;
        }
    }
    return false;
}

enum system_error request_share(struct request *r)
{
    uint64_t bytes = pages(r->q.word[1]);
    uint64_t flags = r->q.word[2];
    struct component *other = component_find(request_name(r));
    if (other == NULL || other->state != STATE_RUNNING) {
        return SYSTEM_NOT_FOUND;
    }
    if (!are_linked(r->from, other)) {
        return SYSTEM_DENIED;
    }
    if (bytes == 0 || bytes > LAYOUT_END - LAYOUT_MAPPED || !is_asked_for(r->from, r->q.word[0]) ||
        (flags & ~(uint64_t)(MAP_READ | MAP_WRITE)) != 0) {
        return SYSTEM_BAD_ARGUMENT;
    }
    uint64_t there = mm_place(sys.mm, other->spawn.space, LAYOUT_MAPPED, LAYOUT_END, bytes);
    uint32_t record = received_at(other, 0);
    if (there == 0) {
        return SYSTEM_NO_MEMORY;
    }
    if (record == RECEIVED_EACH || r->from->shared_regions == SHARED_EACH) {
        return SYSTEM_NO_SLOTS;
    }
    enum broker_code code = mm_share(sys.mm, r->from->spawn.space, r->q.word[0], bytes,
                                     other->spawn.space, there, (uint32_t)flags);
    if (code != BROKER_OK) {
        return request_refused(r, code);
    }
    other->received[record].address = there;
    other->received[record].from = r->from;
    r->from->shared_regions++;
    r->a.word[0] = there;
    r->words = 1;
    return SYSTEM_OK;
}

/* Only who has a device may ask for memory whose physical address it learns. */
enum system_error request_dma(struct request *r)
{
    struct component *c = r->from;
    uint64_t bytes = pages(r->q.word[0]);
    uint64_t flags = r->q.word[1];
    struct given *g = given_free(c);
    if (c->devices == 0 && (c->description->rights & RIGHT_DEVICES) == 0) {
        return SYSTEM_DENIED;
    }
    if (bytes == 0 || (flags & ~(uint64_t)(MAP_UNCACHED | MAP_IDENTITY)) != 0) {
        return SYSTEM_BAD_ARGUMENT;
    }
    if (g == NULL) {
        return SYSTEM_NO_SLOTS;
    }
    enum broker_code code = mm_memory_open(sys.mm, c->id, bytes, &g->memory);
    if (code != BROKER_OK) {
        return request_refused(r, code);
    }
    uint64_t at = (flags & MAP_IDENTITY) != 0 ? g->memory.paddr
                                              : mm_place(sys.mm, c->spawn.space, LAYOUT_MAPPED,
                                                         LAYOUT_END, g->memory.bytes);
    code = at == 0 ? BROKER_NO_MEMORY
                   : mm_map_memory(sys.mm, c->spawn.space, at, &g->memory, REGION_DMA,
                                   MAP_READ | MAP_WRITE | (uint32_t)(flags & MAP_UNCACHED));
    if (code != BROKER_OK) {
        enum system_error error = request_refused(r, code);
        mm_memory_close(sys.mm, &g->memory);
        return error;
    }
    g->kind = GIVEN_MEMORY;
    g->number = (uint32_t)(at / MM_PAGE);
    r->a.word[0] = at;
    r->a.word[1] = g->memory.paddr;
    r->words = 2;
    return SYSTEM_OK;
}

enum system_error request_cache(struct request *r)
{
    uint64_t operation = r->q.word[2];
    if (operation >= CACHE_OPERATIONS) {
        return SYSTEM_BAD_ARGUMENT;
    }
    return request_refused(r, mm_cache(sys.mm, r->from->spawn.space, r->q.word[0], r->q.word[1],
                                       (enum system_cache)operation));
}
