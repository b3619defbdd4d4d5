/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Components: they run, fault, are suspended, killed and started anew, and leave nothing behind.
 */
#include "comp/protocol.h"
#include "harness.h"
#include "kaal/print.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"
#include "orders.h"
#include "spawn/program.h"

enum {
    PAGE = 4096
};

static void lives(void)
{
    struct broker_status before = books();
    struct spawn puppet;
    struct env env = {.magic = ENV_MAGIC, .version = ENV_VERSION, .id = CLIENT, .generation = 3};
    for (unsigned life = 0; life < 3; life++) {
        must(puppet_open(&puppet, CLIENT));
        env.generation = life;
        must(spawn_env(&mm, &puppet, &env));
        puppet_start(&puppet);
        check_eq(puppet_do(&puppet, ORDER_GENERATION, 0, 0).value, life);
        check_eq(puppet_do(&puppet, ORDER_COUNTER, 0, 0).value, 41);
        check_eq(puppet_do(&puppet, ORDER_COUNTER, 0, 0).value, 42);
        check_eq(puppet_do(&puppet, ORDER_LOAD, LAYOUT_HEAP + 0x80000, 0).value, 0);
        check_eq(puppet_do(&puppet, ORDER_STORE, LAYOUT_HEAP + 0x80000, 99).value, 99);
        check_eq(puppet_do(&puppet, ORDER_LOAD, LAYOUT_HEAP + 0x80000, 0).value, 99);
        check_eq(puppet_do(&puppet, ORDER_LOAD, puppet.stack_bottom, 0).value, 0);
        spawn_close(&mm, &puppet);
        check_same_books(before);
    }
    case_line("a component runs, is ended and starts anew with fresh memory, three times");
}

/* The fault that ends an order. */
static void check_fault(struct puppet_report r, uint64_t label, uint64_t address)
{
    check(r.faulted);
    check_eq(r.label, label);
    check_eq(r.value, address);
    check_eq(r.answer, MM_NOT_OURS);
}

/* A life that ends with one order, which must fault. */
static void fault_of(uint64_t order, uint64_t a, uint64_t label, uint64_t address)
{
    struct spawn puppet;
    must(puppet_open(&puppet, CLIENT));
    puppet_start(&puppet);
    check_fault(puppet_do(&puppet, order, a, 1), label, address);
    spawn_close(&mm, &puppet);
}

static void faults(void)
{
    struct broker_status before = books();
    uint64_t bottom = LAYOUT_STACK_TOP - (16 << 10);
    fault_of(ORDER_STORE, bottom - 8, FAULT_VM, bottom - 8);             /* guard */
    fault_of(ORDER_STORE, LAYOUT_STACK_TOP, FAULT_VM, LAYOUT_STACK_TOP); /* guard */
    fault_of(ORDER_LOAD, 0, FAULT_VM, 0);
    fault_of(ORDER_LOAD, LAYOUT_HEAP + (1 << 20), FAULT_VM, LAYOUT_HEAP + (1 << 20));
    fault_of(ORDER_STORE, LAYOUT_IMAGE, FAULT_VM, LAYOUT_IMAGE); /* code */
    fault_of(ORDER_STORE, LAYOUT_ENV, FAULT_VM, LAYOUT_ENV);
    fault_of(ORDER_JUMP, LAYOUT_HEAP, FAULT_VM, LAYOUT_HEAP); /* no code there */
    fault_of(ORDER_WAIT, 63, FAULT_CAP, 63);                  /* an empty slot */
    check_same_books(before);
    case_line("what a component may not touch is a fault that names the address");
}

static void only_its_caps(void)
{
    struct broker_status before = books();
    struct spawn puppet;
    must(puppet_open(&puppet, CLIENT));
    puppet_start(&puppet);
    for (uint64_t slot = 0; slot < 64; slot++) {
        uint64_t expected = ERROR_INVALID_CAPABILITY;
        if (slot == SLOT_SYSTEM || slot == SLOT_CNODE || slot == SLOT_FAULT) {
            continue;
        }
        check_eq(puppet_do(&puppet, ORDER_CALL, slot, 77).value, expected);
    }
    check_eq(puppet_do(&puppet, ORDER_CALL, SLOT_CNODE, 77).value, ERROR_ILLEGAL_OPERATION);
    /* Outside its CNode there is nothing, in whatever CNodes the root task has. */
    check_eq(puppet_do(&puppet, ORDER_CALL, SLOT_SYSTEM + 64, 77).faulted, true);
    spawn_close(&mm, &puppet);
    check_same_books(before);
    case_line("a component holds its caps and nothing else");
}

static void suspension(void)
{
    struct spawn puppet;
    uint32_t notification;
    must(broker_object(&broker, CLIENT, OBJECT_NOTIFICATION, 0, &notification));
    must(puppet_open(&puppet, CLIENT));
    must(spawn_give(&mm, &puppet, 20, broker_cptr(&broker, notification), RIGHT_WRITE, 4));
    puppet_start(&puppet);
    (void)puppet_do(&puppet, ORDER_SIGNAL, 20, 0);
    check_eq(kaal_poll(broker_cptr(&broker, notification)), 4);
    must(spawn_suspend(&mm, &puppet));
    check_is(spawn_give(&mm, &puppet, 20, broker_cptr(&broker, notification), RIGHT_WRITE, 4),
             BROKER_KERNEL);
    /* Its call, which was taken, is made again (abi/syscalls.md §9). */
    puppet_start(&puppet);
    (void)puppet_do(&puppet, ORDER_SIGNAL, 20, 0);
    check_eq(kaal_poll(broker_cptr(&broker, notification)), 4);
    spawn_close(&mm, &puppet);
    broker_give_back(&broker, notification);
    case_line("a component is suspended and resumed; a full slot is refused");
}

static void shared_buffer(void)
{
    struct broker_status before = books();
    struct spawn puppet;
    struct mm_memory buffer;
    must(mm_memory_open(&mm, CLIENT, 2 * PAGE, &buffer));
    must(puppet_open(&puppet, CLIENT));
    must(mm_map_memory(&mm, puppet.space, LAYOUT_SHARED, &buffer, REGION_SHARED,
                       MAP_READ | MAP_WRITE | MAP_GUARD));
    puppet_start(&puppet);
    check_eq(puppet_do(&puppet, ORDER_STORE, LAYOUT_SHARED + PAGE, 5150).value, 5150);
    void *at;
    must(mm_window_open(&mm, buffer.slots + 1, false, &at));
    check_eq(*(volatile uint64_t *)at, 5150);
    mm_window_close(&mm);
    /* The next life sees what the buffer holds. */
    spawn_close(&mm, &puppet);
    must(puppet_open(&puppet, CLIENT));
    must(mm_map_memory(&mm, puppet.space, LAYOUT_SHARED, &buffer, REGION_SHARED, MAP_READ));
    puppet_start(&puppet);
    check_eq(puppet_do(&puppet, ORDER_LOAD, LAYOUT_SHARED + PAGE, 0).value, 5150);
    spawn_close(&mm, &puppet);
    mm_memory_close(&mm, &buffer);
    check_same_books(before);
    case_line("a buffer is handed over to the next life");
}

static void bad_programs(void)
{
    struct broker_status before = books();
    static char copy[65536];
    static const struct {
        unsigned at;
        uint8_t value;
        const char *says;
    } rows[] = {
        {0, 0, "identification"},
        {18, 62, "machine"},
        {16, 3, "type"},
        {54, 1, "program header"},
        {57, 9, "program headers"},
        {24, 2, "entry"},
        {64 + 5, 1, "entry"},
        {64 + 4, 7, "writable and executable"},
        {64 + 41, 0, "bytes of a segment"},
        {64 + 16 + 5, 0, "address of a segment"},
    };
    size_t bytes = (size_t)(puppet_elf_end - puppet_elf);
    check(bytes < sizeof(copy));
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct program program;
        char why[160] = "";
        memcpy(copy, puppet_elf, bytes);
        copy[rows[i].at] = (char)rows[i].value;
        bool taken = program_read(&program, copy, bytes, why, sizeof(why));
        if (rows[i].at != 64 + 5) {
            check(!taken);
        }
        size_t n = strlen(rows[i].says);
        bool said = taken;
        for (const char *p = why; *p != '\0'; p++) {
            said |= strnlen(p, n) == n && memcmp(p, rows[i].says, n) == 0;
        }
        check(said);
        if (!said) {
            kaal_printf("# byte %u: \"%s\", expected \"%s\"\n", rows[i].at, why, rows[i].says);
        }
    }
    for (size_t cut = 0; cut < bytes; cut += 97) {
        struct program program;
        char why[160];
        memcpy(copy, puppet_elf, cut);
        (void)program_read(&program, copy, cut, why, sizeof(why));
    }
    check_same_books(before);
    case_line("a bad ELF file is refused with a sentence that names the field");
}

static enum broker_code attempt_spawn(void)
{
    struct spawn puppet;
    enum broker_code code = puppet_open(&puppet, CLIENT);
    if (code == BROKER_OK) {
        spawn_close(&mm, &puppet);
    }
    return code;
}

void cases_spawn(void)
{
    uint32_t keeper = keeper_open();
    lives();
    faults();
    only_its_caps();
    suspension();
    shared_buffer();
    bad_programs();
    unsigned n = every_allocation_fails(attempt_spawn, books());
    check(n >= 20);
    case_line("spawning: every allocation fails in turn, the books stay");
    check(every_call_is_refused(attempt_spawn, books()) >= 20);
    case_line("spawning: every kernel call is refused in turn, the books stay");
    mm_space_close(&mm, keeper);
}
