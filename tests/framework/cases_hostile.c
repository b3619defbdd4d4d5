/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Isolation: a hostile component makes hostile_calls random calls, in as many lives as it needs; a
 * greedy one touches more than its quota. The caps of the root task, the caps and the memory of
 * another component and the books must not change.
 *
 * A puppet of lower priority says when the hostile one does not run any more: it may wait for ever,
 * or have deleted the caps that its faults would come by.
 */
#include "comp/protocol.h"
#include "harness.h"
#include "kaal/print.h"
#include "kaal/syscalls.h"
#include "orders.h"

/* `kaal-builder --patch hostile_calls=N` replaces it. */
__attribute__((section(".data"))) volatile uint64_t hostile_calls = 20000;

enum {
    LIFE = 5000, /* calls of one life */
    HOSTILE_PRIORITY = 120,
    SLOTS = 64,
    ROOT_SLOTS = 8192,
    VICTIM = OTHER_CLIENT,
    WATCHER = OTHER_CLIENT + 1,
};

/* Digest of how many caps of each kind the root task's slots hold; free memory joined, so that
 * splits that come and go do not count. */
static uint64_t root_caps(void)
{
    uint64_t digest = 0xcbf29ce484222325ull, count[CAP_TYPE_COUNT] = {0};
    broker_settle(&broker);
    for (uint64_t cptr = 0; cptr < ROOT_SLOTS; cptr++) {
        count[kaal_debug_cap_identify(cptr)]++;
    }
    for (unsigned type = 0; type < CAP_TYPE_COUNT; type++) {
        digest = (digest ^ count[type]) * 0x100000001b3ull;
    }
    return digest;
}

/* Digest of the kinds of caps that a component holds. */
static uint64_t caps_of(const struct spawn *spawn)
{
    uint64_t digest = 0xcbf29ce484222325ull;
    uint32_t at = 0;
    must(broker_slots(&broker, BROKER_SYSTEM, 1, &at));
    for (uint64_t slot = 0; slot < SLOTS; slot++) {
        struct kaal_slot from = {broker_cptr(&broker, spawn->cnode), slot, spawn->cnode_bits};
        enum error_code error = kaal_cnode_copy(broker_at(&broker, at), from, RIGHTS_ALL);
        uint64_t type = error == ERROR_NONE ? kaal_debug_cap_identify(at) : 100u + error;
        digest = (digest ^ type) * 0x100000001b3ull;
        (void)!kaal_cnode_delete(broker_at(&broker, at));
    }
    broker_slots_free(&broker, at, 1);
    return digest;
}

static struct hostile_page *page_open(const struct mm_memory *memory)
{
    void *at = NULL;
    must(mm_window_open(&mm, memory->slots, false, &at));
    return at;
}

/* Answers the hostile component until its life is over. */
static void attend(struct spawn *hostile)
{
    for (;;) {
        struct kaal_message m = {0};
        kaal_recv(report_endpoint(), &m);
        if (m.badge == WATCHER) { /* the hostile one waits or is dead */
            kaal_reply(&(struct kaal_message){0});
            return;
        }
        check_eq(m.badge, CLIENT);
        if (msginfo_label(m.info) == FAULT_VM && msginfo_length(m.info) == 4 &&
            mm_fault(&mm, hostile->space, m.mr[1], MAP_WRITE) != MM_MAPPED) {
            return;
        }
        if (msginfo_label(m.info) == HOSTILE_DONE ||
            msginfo_label(m.info) == FAULT_USER_EXCEPTION) {
            return;
        }
        if (msginfo_label(m.info) == FAULT_CAP) { /* goes on behind the `svc` */
            uint64_t pc = m.mr[0] + 4;
            check_eq(kaal_tcb_write_registers(spawn_tcb(&mm, hostile), 1, 1, &pc), ERROR_NONE);
        } else {
            kaal_reply(&(struct kaal_message){0});
        }
    }
}

static unsigned live(const struct mm_memory *memory, uint32_t notification)
{
    unsigned lives = 0;
    for (uint64_t made = 0; made < hostile_calls; lives++) {
        struct spawn hostile;
        struct hostile_page *page = page_open(memory);
        page->left = hostile_calls - page->made < LIFE ? hostile_calls - page->made : LIFE;
        mm_window_close(&mm);
        must(component_open(&hostile, CLIENT, hostile_elf, hostile_elf_end, HOSTILE_PRIORITY));
        must(mm_map_memory(&mm, hostile.space, LAYOUT_SHARED, memory, REGION_SHARED,
                           MAP_READ | MAP_WRITE));
        must(spawn_give(&mm, &hostile, 9, notification, RIGHT_WRITE, 1));
        must(spawn_give(&mm, &hostile, 10, report_endpoint(), RIGHT_WRITE | RIGHT_GRANT_REPLY,
                        CLIENT));
        must(spawn_start(&mm, &hostile));
        attend(&hostile);
        spawn_close(&mm, &hostile);
        page = page_open(memory);
        check(page->made > made); /* each life makes calls */
        made = page->made > made ? page->made : hostile_calls;
        mm_window_close(&mm);
    }
    return lives;
}

static void hostility(void)
{
    struct broker_status before = books();
    struct spawn victim, watcher;
    struct mm_memory memory;
    uint32_t notification = 0;
    broker_client_open(&broker, WATCHER, "watcher", BROKER_NO_LIMIT);
    must(broker_object(&broker, CLIENT, OBJECT_NOTIFICATION, 0, &notification));
    must(mm_memory_open(&mm, CLIENT, 4096, &memory));
    must(puppet_open(&victim, VICTIM));
    puppet_start(&victim);
    check_eq(puppet_do(&victim, ORDER_STORE, LAYOUT_HEAP + 0x3000, 0xfeed).value, 0xfeed);
    check_eq(puppet_do(&victim, ORDER_COUNTER, 0, 0).value, 41);
    must(spawn_suspend(&mm, &victim)); /* it reports again when it is resumed */
    must(component_open(&watcher, WATCHER, puppet_elf, puppet_elf_end, PUPPET_PRIORITY));
    must(spawn_start(&mm, &watcher));
    struct kaal_message m = {0};
    kaal_recv(report_endpoint(), &m);
    kaal_reply(&(struct kaal_message){0}); /* nothing to say yet */

    page_open(&memory)->seed = 20260101;
    mm_window_close(&mm);
    uint64_t root = root_caps(), victims = caps_of(&victim);
    unsigned lives = live(&memory, broker_cptr(&broker, notification));
    check_eq(root_caps(), root);
    check_eq(caps_of(&victim), victims);
    kaal_printf("# %lu calls in %u lives\n", hostile_calls, lives);
    check(lives >= hostile_calls / LIFE);

    spawn_close(&mm, &watcher);
    puppet_start(&victim);
    check_eq(puppet_do(&victim, ORDER_LOAD, LAYOUT_HEAP + 0x3000, 0).value, 0xfeed);
    check_eq(puppet_do(&victim, ORDER_COUNTER, 0, 0).value, 42);
    spawn_close(&mm, &victim);
    mm_memory_close(&mm, &memory);
    broker_give_back(&broker, notification);
    check_same_books(before);
    case_line("a hostile component's random calls change nothing that is not its own");
}

static void greed(void)
{
    struct broker_status before = books();
    struct spawn greedy, other;
    struct puppet_report r = {0};
    uint64_t pages = 0;
    must(puppet_open(&greedy, CLIENT));
    puppet_start(&greedy);
    /* The page for the stack, tables of the heap, then ten pages. */
    broker.client[CLIENT].quota = broker.client[CLIENT].used + 12 * 4096;
    while (pages < 200 && !r.faulted) {
        r = puppet_do(&greedy, ORDER_STORE, LAYOUT_HEAP + pages * 4096, 1);
        pages += !r.faulted;
    }
    check(r.faulted);
    check_eq(r.answer, MM_REFUSED);
    check_eq(broker.error.code, BROKER_QUOTA);
    check_eq(broker.error.client, CLIENT);
    check_eq(broker.client[CLIENT].used, broker.client[CLIENT].quota);
    check(pages >= 8 && pages <= 12);
    /* Another component does not notice. */
    must(puppet_open(&other, OTHER_CLIENT));
    puppet_start(&other);
    check_eq(puppet_do(&other, ORDER_STORE, LAYOUT_HEAP, 5).value, 5);
    spawn_close(&mm, &other);
    spawn_close(&mm, &greedy);
    broker.client[CLIENT].quota = QUOTA;
    check_same_books(before);
    case_line("a greedy component stops at its quota, another one goes on");
}

void cases_hostile(void)
{
    uint32_t keeper = keeper_open();
    greed();
    hostility();
    mm_space_close(&mm, keeper);
}
