/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Harness and order of the cases.
 */
#include "comp/protocol.h"
#include "harness.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"
#include "orders.h"

#define WINDOW 0x8000000000ull /* free in the initial address space */

struct broker broker;
struct mm mm;

static unsigned cases, failed_cases;
static bool failed;
static uint32_t faults; /* the endpoint that puppets report to */

void check_that(bool holds, const char *what, const char *file, int line)
{
    if (!holds) {
        failed = true;
        kaal_printf("# %s:%d: %s\n", file, line, what);
    }
}

void check_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line)
{
    if (found != expected) {
        failed = true;
        kaal_printf("# %s:%d: %s: expected 0x%lx, found 0x%lx\n", file, line, what, expected,
                    found);
    }
}

void check_code(enum broker_code found, enum broker_code expected, const char *what,
                const char *file, int line)
{
    char why[200] = "";
    if (found != expected) {
        failed = true;
        broker_explain(&broker, why, sizeof(why));
        kaal_printf("# %s:%d: %s: expected code %u, found %u (%s)\n", file, line, what, expected,
                    found, why);
    }
}

void case_line(const char *what)
{
    cases++;
    failed_cases += failed;
    kaal_printf("%sok %u - %s\n", failed ? "not " : "", cases, what);
    failed = false;
}

struct broker_status books(void)
{
    broker_settle(&broker);
    return broker_status(&broker);
}

void check_books(struct broker_status before, const char *file, int line)
{
    struct broker_status now = books();
    check_equal(now.free_bytes, before.free_bytes, "free bytes", file, line);
    check_equal(now.largest_bytes, before.largest_bytes, "largest block", file, line);
    check_equal(now.slots_total, before.slots_total, "slots", file, line);
    check_equal(now.slots_used, before.slots_used, "used slots", file, line);
    check_equal(now.blocks_taken, before.blocks_taken, "taken blocks", file, line);
    check_equal(now.records_used, before.records_used, "used records", file, line);
    check_equal(broker.client[CLIENT].used, 0, "bytes of the client", file, line);
}

/* The same without joining what is free: a split holds two slots and two records. */
static void check_unjoined(struct broker_status before)
{
    struct broker_status now = broker_status(&broker);
    check_eq(now.free_bytes, before.free_bytes);
    check_eq(now.blocks_taken, before.blocks_taken);
    check_eq(now.slots_used - now.records_used, before.slots_used - before.records_used);
    check_eq(broker.client[CLIENT].used, 0);
}

/* `attempt` with failure 1, 2, 3... of those that `*made` counts, which `*fail_at` asks for. */
static unsigned every_failure(enum broker_code (*attempt)(void), struct broker_status before,
                              const uint64_t *made, uint64_t *fail_at)
{
    for (unsigned n = 1;; n++) {
        *fail_at = *made + n;
        enum broker_code code = attempt();
        bool reached = *made >= *fail_at;
        *fail_at = 0;
        check_unjoined(before);
        if (!reached) {
            check_eq(code, BROKER_OK);
            check_same_books(before);
            return n - 1;
        }
        check_that(n < 1000, "fewer than 1000 allocations", __FILE__, __LINE__);
        if (n >= 1000) {
            return n;
        }
    }
}

unsigned every_allocation_fails(enum broker_code (*attempt)(void), struct broker_status before)
{
    return every_failure(attempt, before, &broker.attempts, &broker.fail_at);
}

unsigned every_call_is_refused(enum broker_code (*attempt)(void), struct broker_status before)
{
    unsigned n = every_failure(attempt, before, &calls.made, &calls.refuse_at);
    kaal_printf("# %u kernel calls\n", n);
    return n;
}

uint32_t keeper_open(void)
{
    uint32_t space = 0;
    must(mm_space_open(&mm, BROKER_SYSTEM, &space));
    must(mm_map(&mm, space, LAYOUT_MAPPED, 4096, REGION_MAPPED, MAP_READ | MAP_NOW));
    return space;
}

uint32_t report_endpoint(void)
{
    return faults;
}

enum broker_code component_open(struct spawn *spawn, uint16_t client, const char *elf,
                                const char *end, uint32_t priority)
{
    char why[160] = "";
    struct spawn_params params = {
        .name = "component",
        .client = client,
        .elf = elf,
        .elf_bytes = (size_t)(end - elf),
        .priority = priority,
        .cnode_bits = 6,
        .stack = 16 << 10,
        .heap = 1 << 20,
        .faults = faults,
        .fault_badge = client,
    };
    enum broker_code code = spawn_open(&mm, &params, spawn, why, sizeof(why));
    if (code == BROKER_OK) {
        code = spawn_give(&mm, spawn, SLOT_SYSTEM, faults, RIGHT_WRITE | RIGHT_GRANT_REPLY, client);
        if (code != BROKER_OK) {
            spawn_close(&mm, spawn);
        }
    }
    return code;
}

enum broker_code puppet_open(struct spawn *puppet, uint16_t client)
{
    return component_open(puppet, client, puppet_elf, puppet_elf_end, PUPPET_PRIORITY);
}

/* Receives until the puppet reports or faults for good. */
static struct puppet_report listen(struct spawn *puppet)
{
    struct kaal_message m = {0};
    for (;;) {
        kaal_recv(faults, &m);
        uint64_t label = msginfo_label(m.info);
        if (label == PUPPET_REPORT) {
            return (struct puppet_report){.value = m.mr[0]};
        }
        uint64_t address = m.mr[1], instruction = m.mr[2], syndrome = m.mr[3];
        uint32_t right = instruction != 0           ? MAP_EXECUTE
                         : (syndrome >> 6 & 1) != 0 ? MAP_WRITE
                                                    : MAP_READ;
        enum mm_answer answer =
            label == FAULT_VM ? mm_fault(&mm, puppet->space, address, right) : MM_NOT_OURS;
        if (answer != MM_MAPPED) {
            return (struct puppet_report){true, address, label, answer};
        }
        kaal_reply(&(struct kaal_message){0});
    }
}

void puppet_start(struct spawn *puppet)
{
    must(spawn_start(&mm, puppet));
    check(!listen(puppet).faulted);
}

struct puppet_report puppet_do(struct spawn *puppet, uint64_t order, uint64_t a, uint64_t b)
{
    kaal_reply(&(struct kaal_message){.info = msginfo_new(0, 0, 0, 3), .mr = {order, a, b}});
    return listen(puppet);
}

int main(struct bootinfo *bootinfo)
{
    kaal_printf("framework: broker, memory manager and spawn\n");
    must(broker_open(&broker, bootinfo));
    must(mm_open(&mm, &broker, WINDOW));
    uint32_t block;
    must(broker_object(&broker, BROKER_SYSTEM, OBJECT_ENDPOINT, 0, &block));
    faults = broker_cptr(&broker, block);
    case_line("the libraries open");
    if (failed_cases == 0) {
        cases_broker();
        cases_mm();
        cases_random();
        cases_spawn();
        cases_hostile();
    }
    kaal_printf("1..%u\nframework: %u failed\n", cases, failed_cases);
    return failed_cases == 0 ? 0 : 1;
}
