/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The suite's frame: TAP output, its memory, EL0's address spaces, and the three functions of the
 * core that a machine calls.
 */
#include "suite.h"

struct context user;
struct space one, two;
const struct platform *machine_platform;

static struct platform platform_copy;
static unsigned cases, failures;
static uint64_t next_free; /* pages are taken downwards from the end of RAM */
static struct paddr code_pages;
static uint64_t code_used, code_start; /* bytes */

static const struct step *const groups[] = {trap_steps, memory_steps, interrupt_steps};
static unsigned group, step;
static char handle; /* &handle is the struct cpu of this core */

/* ---- output ---- */

static void print(const char *s)
{
    while (*s != '\0') {
        hal_console_putc(*s++);
    }
}

static void print_number(uint64_t value, unsigned base)
{
    char digits[20];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (n > 0) {
        hal_console_putc(digits[--n]);
    }
}

void check(bool good, const char *name)
{
    cases++;
    failures += !good;
    print(good ? "ok " : "not ok ");
    print_number(cases, 10);
    print(" - ");
    print(name);
    print("\n");
}

void equals(uint64_t found, uint64_t expected, const char *name)
{
    check(found == expected, name);
    if (found != expected) {
        print("# expected 0x");
        print_number(expected, 16);
        print(", found 0x");
        print_number(found, 16);
        print("\n");
    }
}

static _Noreturn void finish(void)
{
    print("1..");
    print_number(cases, 10);
    print("\n");
    hal_halt(failures == 0 ? 0 : 1);
}

/* ---- memory ---- */

uint64_t *words(struct paddr pa)
{
    return hal_window(pa);
}

static bool is_in(struct range r)
{
    return next_free < r.end && next_free + SUITE_PAGE > r.start;
}

static bool is_taken(void)
{
    const struct platform *p = machine_platform;
    bool taken = is_in(p->kernel) || is_in(p->dtb) || is_in(p->user);
    for (uint32_t i = 0; i < p->reserved_count; i++) {
        taken = taken || is_in(p->reserved[i]);
    }
    return taken;
}

struct paddr new_page(void)
{
    do {
        next_free -= SUITE_PAGE;
    } while (is_taken());
    struct paddr pa = paddr(next_free);
    hal_memory_typed(pa, SUITE_PAGE);
    for (unsigned i = 0; i < SUITE_PAGE / 8; i++) {
        words(pa)[i] = 0;
    }
    return pa;
}

uint64_t *user_entry(const struct space *space, uint64_t va)
{
    struct paddr table = space->root;
    for (unsigned level = 0; level < 3; level++) {
        uint64_t *entry = &words(table)[pte_index(va, level)];
        if (pte_kind(hal_pte_load(entry), level) == PTE_INVALID) {
            hal_pte_store(entry, pte_table(new_page().raw));
        }
        table = paddr(pte_address(hal_pte_load(entry)));
    }
    return &words(table)[pte_index(va, 3)];
}

static void make_space(struct space *space, uint16_t asid)
{
    space->root = new_page();
    space->asid = asid;
    space->data = new_page();
    for (uint64_t i = 0; i < 8; i++) {
        hal_pte_store(user_entry(space, USER_CODE + i * SUITE_PAGE),
                      pte_user_leaf(code_pages.raw + i * SUITE_PAGE, 3, PTE_USER_RO, true, false));
    }
    hal_pte_store(user_entry(space, USER_DATA),
                  pte_user_leaf(space->data.raw, 3, PTE_USER_RW, true, true));
    user_entry(space, USER_HOLE);
}

void begin(const uint32_t *code, unsigned count)
{
    struct paddr to = paddr(code_pages.raw + code_used);
    uint32_t *memory = hal_window(to);
    for (unsigned i = 0; i < count; i++) {
        memory[i] = code[i];
    }
    hal_cache_range(HAL_CACHE_UNIFY, to, count * 4);
    code_start = code_used;
    code_used += count * 4;
    user = (struct context){0};
    user.reg[REG_PC] = user.next_pc = USER_CODE + code_start;
    hal_space_switch(one.root, one.asid);
}

uint64_t code_at(unsigned k)
{
    return USER_CODE + code_start + 4 * k;
}

/* ---- the core's functions ---- */

static const struct step *current_step(void)
{
    return &groups[group][step];
}

/* Prepares the next step; ends the run behind the last. */
static void prepare_step(void)
{
    while (current_step()->prepare == NULL) {
        step = 0;
        group++;
        if (group == sizeof(groups) / sizeof(groups[0])) {
            finish();
        }
    }
    current_step()->prepare();
}

struct cpu *core_boot(void *state, void *diag, const struct platform *platform)
{
    platform_copy = *platform; /* it is only there during this call */
    machine_platform = &platform_copy;
    next_free = platform->ram[platform->ram_count - 1].end;
    test_boot_memory(state, diag);
    for (unsigned i = 0; i < 8; i++) {
        code_pages = new_page(); /* the last is the lowest */
    }
    make_space(&one, ASID_ONE);
    make_space(&two, ASID_TWO);
    test_tables();
    test_fpu_state();
    test_timer();
    test_interrupts();
    prepare_step();
    return (struct cpu *)&handle;
}

struct context *core_current(struct cpu *cpu)
{
    if (cpu != (struct cpu *)&handle) {
        check(false, "core_current gets the handle that core_boot returned");
    }
    return current_step()->wait ? NULL : &user;
}

struct context *core_enter(struct cpu *cpu, const struct trap *trap)
{
    current_step()->judge(trap);
    step++;
    prepare_step();
    return core_current(cpu);
}

/* The number must be the thread's x7; the rest is judged as any trap. */
struct context *core_enter_syscall(struct cpu *cpu, uint64_t number)
{
    const struct trap trap = {.kind = TRAP_SYSCALL};
    check(number == user.reg[REG_X7], "core_enter_syscall gets x7");
    return core_enter(cpu, &trap);
}

void core_explain(const struct cpu *cpu)
{
    check(cpu == (const struct cpu *)&handle, "core_explain gets the handle");
}

bool core_caps(const struct cpu *cpu, void (*visit)(void *arg, const struct cap_view *cap),
               void *arg)
{
    (void)visit;
    (void)arg;
    check(cpu == (const struct cpu *)&handle, "core_caps gets the handle");
    return true;
}
