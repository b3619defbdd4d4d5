/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Requests to the root task (comp/protocol.h), every one, with what it refuses: a tester that
 * prints TAP; `other`, a server with a device of its own, reads where it is told; `plain` has no
 * rights and asks for everything.
 */
#include <stdio.h>
#include <string.h>

#include "comp/system.h"
#include "rpc/rpc.h"

enum {
    PAGE = 4096,
    LARGE = 2 << 20,
    UART_IRQ = 33, /* of `other` */
    FREE_IRQ = 90,
    PEEK = 1,   /* struct peek -> struct peek */
    DROP,       /* struct peek -> struct peek: unmaps */
    SHARED = 4, /* regions that one component may share (comp/system.h) */
};

struct peek {
    uint64_t address;
    uint64_t word;
};

static unsigned cases;
static unsigned failed;
static bool quiet; /* tells of failures only */

static void check(bool holds, const char *what)
{
    cases += !quiet;
    if (!quiet || !holds) {
        printf("%sok %u - %s\n", holds ? "" : "not ", cases, what);
    }
    failed += !holds;
}

static uint64_t detail(unsigned word)
{
    return kaal_ipc_buffer->msg[word];
}

/* ---- the server ---- */

static enum system_error peek(struct rpc_request *r)
{
    struct peek p = *RPC_IN(r, struct peek);
    p.word = *(volatile uint64_t *)p.address;
    *RPC_OUT(r, struct peek) = p;
    return SYSTEM_OK;
}

static enum system_error drop(struct rpc_request *r)
{
    return system_unmap((void *)RPC_IN(r, struct peek)->address);
}

static int other(void)
{
    static const struct rpc_method methods[] = {
        [PEEK] = {peek, sizeof(struct peek)}, [DROP] = {drop, sizeof(struct peek)}};
    rpc_serve(&(struct rpc_service){methods, RPC_COUNT(methods), NULL, NULL});
}

/* ---- memory ---- */

static void test_map(void)
{
    void *small, *large;
    check(system_map(PAGE + 1, MAP_READ | MAP_WRITE, &small) == SYSTEM_OK &&
              (uint64_t)small % PAGE == 0 && (uint64_t)small >= LAYOUT_MAPPED,
          "memory, where the memory map says");
    uint64_t *words = small;
    bool zero = true;
    for (unsigned i = 0; i < 2 * PAGE / 8; i++) {
        zero = zero && words[i] == 0;
        words[i] = i;
    }
    check(zero && words[2 * PAGE / 8 - 1] == 2 * PAGE / 8 - 1, "in whole pages, zero at first");
    struct system_component c;
    (void)!system_component(comp_env()->id - 1, &c);
    uint64_t before = c.frames;
    check(system_map(2 * LARGE, MAP_READ | MAP_WRITE | MAP_NOW, &large) == SYSTEM_OK &&
              (uint64_t)large % LARGE == 0,
          "4 MiB at once, aligned for large pages");
    check(system_component(comp_env()->id - 1, &c) == SYSTEM_OK &&
              c.frames - before >= 2 * LARGE / PAGE,
          "charged in full");
    check(system_map(64 << 20, MAP_READ | MAP_NOW, &large) == SYSTEM_QUOTA && detail(1) == c.quota,
          "more than the quota is refused, the quota is told");
    check(system_map(0, MAP_READ, &small) == SYSTEM_BAD_ARGUMENT &&
              system_map(PAGE, 0, &small) == SYSTEM_BAD_ARGUMENT &&
              system_map(PAGE, MAP_READ | MAP_WRITE | MAP_EXECUTE, &small) == SYSTEM_BAD_ARGUMENT &&
              system_map(PAGE, MAP_READ | MAP_IDENTITY, &small) == SYSTEM_BAD_ARGUMENT,
          "no bytes, no rights, writable code, flags of DMA");
    check(system_protect(small, PAGE, MAP_READ | MAP_WRITE | MAP_EXECUTE) == SYSTEM_BAD_ARGUMENT &&
              system_protect((void *)LAYOUT_STACK_TOP, PAGE, MAP_READ) == SYSTEM_BAD_ARGUMENT &&
              system_protect((char *)small + PAGE, 4 * PAGE, MAP_READ) == SYSTEM_BAD_ARGUMENT,
          "protect: writable code, what was not asked for, more than there is");
    check(system_protect((char *)small + PAGE, PAGE, MAP_READ | MAP_EXECUTE) == SYSTEM_OK &&
              words[PAGE / 8] == PAGE / 8,
          "protect keeps the contents");
    check(system_unmap((char *)small + PAGE) == SYSTEM_OK && system_unmap(small) == SYSTEM_OK &&
              system_unmap(large) == SYSTEM_OK,
          "unmap, region by region");
    check(system_unmap(small) == SYSTEM_BAD_ARGUMENT &&
              system_unmap((void *)LAYOUT_ENV) == SYSTEM_BAD_ARGUMENT,
          "not what is not there, nor what was not asked for");
}

static enum system_error tell(uint64_t label, uint64_t address)
{
    struct peek p = {.address = address};
    return rpc_call(comp_find("other", ENV_CHANNEL), label, &p, sizeof(p), &p, sizeof(p), NULL);
}

/* `there`: where the server has it already. */
static void test_shared_twice(void *mine, uint64_t there)
{
    uint64_t at[SHARED];
    struct system_component server, after;
    bool good = system_component(0, &server) == SYSTEM_OK;
    at[0] = there;
    for (unsigned i = 1; i < SHARED; i++) {
        good = good && system_share(mine, PAGE, MAP_READ, "other", &at[i]) == SYSTEM_OK;
    }
    check(good && system_share(mine, PAGE, MAP_READ, "other", &there) == SYSTEM_NO_SLOTS,
          "four regions, no more");
    check(system_component(0, &after) == SYSTEM_OK && after.frames == server.frames,
          "the server does not pay for them");
    check(system_unmap(mine) == SYSTEM_OK && tell(PEEK, at[1]) == SYSTEM_OK,
          "they stay when their owner unmaps his");
    for (unsigned i = 0; i < SHARED; i++) {
        good = good && tell(DROP, at[i]) == SYSTEM_OK;
    }
    check(good && tell(DROP, at[0]) == SYSTEM_BAD_ARGUMENT, "until the server unmaps them, once");
}

static void test_share(void)
{
    void *mine;
    uint64_t there = 0;
    const struct env_entry *channel = comp_find("other", ENV_CHANNEL);
    check(system_map(2 * PAGE, MAP_READ | MAP_WRITE, &mine) == SYSTEM_OK &&
              system_share(mine, 2 * PAGE, MAP_READ, "other", &there) == SYSTEM_OK,
          "memory shared with a server");
    ((uint64_t *)mine)[PAGE / 8 + 1] = 0x5eed;
    struct peek p = {.address = there + PAGE + 8};
    check(rpc_call(channel, PEEK, &p, sizeof(p), &p, sizeof(p), NULL) == SYSTEM_OK &&
              p.word == 0x5eed,
          "which sees what is written later");
    check(system_share(mine, PAGE, MAP_READ, "plain", &there) == SYSTEM_DENIED &&
              system_share(mine, PAGE, MAP_READ, "nobody", &there) == SYSTEM_NOT_FOUND &&
              system_share((void *)LAYOUT_STACK_TOP, PAGE, MAP_READ, "other", &there) ==
                  SYSTEM_BAD_ARGUMENT,
          "not with strangers, not what was not asked for");
    test_shared_twice(mine, p.address - PAGE - 8);
}

/* ---- DMA ---- */

static bool all_operations(const void *at, uint64_t bytes, enum system_error expected)
{
    bool good = true;
    for (int i = 0; i < CACHE_OPERATIONS; i++) {
        good = good && system_cache(at, bytes, (enum system_cache)i) == expected;
    }
    return good;
}

static void test_dma(void)
{
    void *cached, *uncached, *same, *large;
    uint64_t physical, other_physical, large_physical;
    const struct env_entry *pool = comp_find("gpio", ENV_DMA);
    check(pool != NULL && pool->bytes == 65536 && pool->physical % PAGE == 0,
          "the device's own DMA memory");
    memset((void *)pool->address, 3, pool->bytes);
    check(all_operations((void *)pool->address, pool->bytes, SYSTEM_OK) &&
              ((uint8_t *)pool->address)[pool->bytes - 1] == 3,
          "cache maintenance over all of it keeps what was written");
    check(system_dma(3 * PAGE, 0, &cached, &physical) == SYSTEM_OK && physical % PAGE == 0,
          "more, at run time, cached");
    memset(cached, 1, 3 * PAGE);
    check(all_operations((char *)cached + 100, 2 * PAGE, SYSTEM_OK) &&
              ((uint8_t *)cached)[99] == 1 && ((uint8_t *)cached)[2 * PAGE + 101] == 1,
          "maintenance from the middle of a line, over two pages");
    check(system_dma(2 * LARGE, 0, &large, &large_physical) == SYSTEM_OK &&
              all_operations((char *)large + LARGE - 64, 128, SYSTEM_OK),
          "maintenance over the border of two large pages");
    check(all_operations((char *)large + 2 * LARGE - 64, 128, SYSTEM_BAD_ARGUMENT) &&
              all_operations(large, 0, SYSTEM_BAD_ARGUMENT) &&
              all_operations((void *)UINT64_MAX, 2, SYSTEM_BAD_ARGUMENT) &&
              all_operations(&cases, 4, SYSTEM_BAD_ARGUMENT) &&
              system_cache(large, 64, CACHE_OPERATIONS) == SYSTEM_BAD_ARGUMENT,
          "not beyond its end, not of nothing, not of other memory, not what there is not");
    check(system_unmap(large) == SYSTEM_OK && all_operations(large, 64, SYSTEM_BAD_ARGUMENT),
          "not when it has been given back");
    check(system_dma(PAGE, MAP_UNCACHED, &uncached, &other_physical) == SYSTEM_OK, "uncached");
    ((volatile uint64_t *)uncached)[5] = 0xd0d0;
    check(((volatile uint64_t *)uncached)[5] == 0xd0d0 && ((volatile uint64_t *)uncached)[6] == 0 &&
              all_operations(uncached, PAGE, SYSTEM_OK),
          "zero at first, aligned accesses work, maintenance is allowed");
    check(system_dma(PAGE, MAP_IDENTITY, &same, &physical) == SYSTEM_OK &&
              (uint64_t)same == physical && physical < LAYOUT_IDENTITY_END,
          "at its physical address, on request");
    check(system_unmap(cached) == SYSTEM_OK && system_unmap(uncached) == SYSTEM_OK &&
              system_unmap(same) == SYSTEM_OK,
          "all goes back");
}

/* ---- devices and objects ---- */

static void test_devices(void)
{
    struct system_device d = {0}, again = {0};
    uint32_t slot = comp_slot_take(), second = comp_slot_take();
    uint64_t badge = 0;
    const struct env_entry *irq = comp_find("gpio", ENV_IRQ);
    check(irq != NULL && irq->physical == 39 && irq->badge != 0, "an interrupt knows its number");
    check(system_device("arm,pl031", slot, &d) == SYSTEM_OK && d.irq_badge != 0 &&
              d.bytes == PAGE && d.physical == 0x9010000,
          "a device that nobody owns");
    check(((volatile uint32_t *)d.registers)[0xfe0 / 4] == 0x31,
          "its registers are mapped: the PL031's identification (Arm DDI 0224, 3.3.9)");
    check(system_device("arm,pl031", slot, &again) == SYSTEM_OK && again.registers == d.registers &&
              again.irq_badge == d.irq_badge,
          "asked for again, the same answer");
    check(system_device("arm,pl011", second, &again) == SYSTEM_BUSY && detail(0) == 1,
          "a device of somebody else: busy, and whose it is");
    check(system_device("arm,pl061", second, &again) == SYSTEM_BUSY && detail(0) == comp_env()->id,
          "its own by the description");
    check(system_device("arm,nothing", second, &again) == SYSTEM_NOT_FOUND &&
              system_device("/nowhere", second, &again) == SYSTEM_NOT_FOUND,
          "a device that is not there");
    check(system_free(slot) == SYSTEM_OK && system_free(slot) == SYSTEM_NOT_FOUND,
          "it goes back, once");
    check(system_irq(FREE_IRQ, slot, &badge) == SYSTEM_OK && badge != 0, "an interrupt by itself");
    check(system_irq(FREE_IRQ, second, &badge) == SYSTEM_BUSY && detail(0) == comp_env()->id &&
              system_irq(UART_IRQ, second, &badge) == SYSTEM_BUSY && detail(0) == 1,
          "busy, and who has it");
    check(system_irq(5000, second, &badge) != SYSTEM_OK &&
              system_irq(1ull << 40, second, &badge) == SYSTEM_BAD_ARGUMENT &&
              system_irq(FREE_IRQ + 1, 1, &badge) == SYSTEM_NO_SLOTS,
          "no such interrupt, a slot that is not its own");
    check(system_free(slot) == SYSTEM_OK, "it goes back");
    comp_slot_give(slot);
    comp_slot_give(second);
}

static void test_objects(void)
{
    uint32_t a = comp_slot_take(), b = comp_slot_take(), c = comp_slot_take();
    check(system_notification(a, b) == SYSTEM_OK, "a pair of notifications");
    check(system_endpoint(c) == SYSTEM_QUOTA && detail(0) == 2 && detail(1) == 2,
          "not more objects than the description allows");
    check(system_free(b) == SYSTEM_OK && system_endpoint(c) == SYSTEM_OK, "an endpoint instead");
    check(system_channel("other", b) == SYSTEM_OK, "a second cap of its channel");
    struct env_entry second = *comp_find("other", ENV_CHANNEL);
    struct peek p = {.address = LAYOUT_ENV};
    second.slot = b;
    check(rpc_call(&second, PEEK, &p, sizeof(p), &p, sizeof(p), NULL) == SYSTEM_OK &&
              (uint32_t)p.word == ENV_MAGIC,
          "which works");
    check(system_channel("plain", b) == SYSTEM_DENIED &&
              system_channel("nobody", b) == SYSTEM_NOT_FOUND,
          "none to strangers");
    check(system_free(a) == SYSTEM_OK && system_free(b) == SYSTEM_OK && system_free(c) == SYSTEM_OK,
          "all goes back");
}

/* ---- form and rights ---- */

static uint64_t raw(uint64_t label, uint64_t words)
{
    struct kaal_message m = {.info = msginfo_new(label, 0, 0, words)};
    kaal_call(SLOT_SYSTEM, &m);
    return msginfo_label(m.info);
}

static void test_form(void)
{
    check(raw(SYSTEM_REQUESTS, 4) == SYSTEM_BAD_REQUEST && raw(1, 4) == SYSTEM_BAD_REQUEST &&
              raw(0, 0) == SYSTEM_BAD_REQUEST && raw(1ull << 51, 120) == SYSTEM_BAD_REQUEST,
          "unknown requests");
    check(raw(SYSTEM_MAP, 1) == SYSTEM_BAD_REQUEST && raw(SYSTEM_SHARE, 3) == SYSTEM_BAD_REQUEST &&
              raw(SYSTEM_READ_FILE, 4) == SYSTEM_BAD_REQUEST,
          "too few words, no name");
    system_sync();
}

/* Asked by a component without a right or a device. */
static int plain(void)
{
    struct system_device d;
    struct system_component c;
    struct system_memory m;
    struct system_cap cap;
    char name[SYSTEM_PATH];
    void *p;
    uint64_t n, id = 0;
    int status;
    uint32_t slot = comp_slot_take();
    const enum system_error answers[] = {
        system_device("arm,pl031", slot, &d),
        system_irq(FREE_IRQ, slot, &n),
        system_dma(PAGE, 0, &p, &n),
        system_component(0, &c),
        system_memory(&m),
        system_caps(1, 1, &cap),
        system_file(0, &n, name),
        system_read_file("bin/x", 0, name, 1, &n),
        system_spawn("other"),
        system_kill("other"),
        system_restart("other"),
        system_wait("other", &status),
        system_backoff(&id, &n),
        system_halt(0),
        system_channel("other", slot),
    };
    unsigned denied = 0;
    for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        denied += answers[i] == SYSTEM_DENIED;
    }
    printf("denied %u of %u\n", denied, (unsigned)(sizeof(answers) / sizeof(answers[0])));
    return system_endpoint(slot) != SYSTEM_QUOTA;
}

static void test_all(void)
{
    test_map();
    test_share();
    test_dma();
    test_devices();
    test_objects();
    test_form();
}

/* Each with a bit and a handler of its own. */
static void print_interrupts(void)
{
    uint64_t badges = 0;
    printf("interrupts:");
    for (const struct env_entry *e = NULL; (e = comp_next(ENV_IRQ, e)) != NULL;) {
        bool own = (badges & e->badge) == 0 && kaal_irq_handler_ack(e->slot) == ERROR_NONE;
        printf(" %s%u", own ? "" : "not ", (unsigned)e->physical);
        badges |= e->badge;
    }
    printf("\n");
}

/* In the first round stack and heap grow. */
static int tester(void)
{
    struct system_memory before, after;
    print_interrupts();
    quiet = true;
    test_all();
    quiet = false;
    check(system_memory(&before) == SYSTEM_OK, "the books");
    test_all();
    check(system_memory(&after) == SYSTEM_OK && after.free == before.free &&
              after.slots_free == before.slots_free,
          "the books are as they were");
    printf("1..%u\n", cases);
    fflush(stdout);
    return failed != 0;
}

int main(int argc, char **argv)
{
    const char *role = argc > 1 ? argv[1] : "";
    return strcmp(role, "other") == 0 ? other() : strcmp(role, "plain") == 0 ? plain() : tester();
}
