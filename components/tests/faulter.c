/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults in the way that its argument names, in its first lives; says so before. The second
 * argument is the number of lives that fault (default: all).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"

static volatile uintptr_t sink;

/* Recursion that the compiler cannot turn into a loop. */
__attribute__((noinline)) static unsigned deep(unsigned n)
{
    volatile char page[2048];
    page[n % sizeof(page)] = (char)n;
    return n == 0 ? 0 : deep(n - 1) + (unsigned)page[n % sizeof(page)];
}

static void fault_null(void)
{
    sink = *(volatile unsigned *)sink;
}

static void fault_write(void)
{
    *(volatile char *)LAYOUT_IMAGE = 1;
}

static void fault_stack(void)
{
    sink = deep(1u << 20);
}

static void fault_execute(void)
{
    static char code[16];
    void (*run)(void) = (void (*)(void))(uintptr_t)code;
    run();
}

static void fault_undefined(void)
{
    __asm__ volatile("udf #0");
}

static void fault_register(void)
{
    uint64_t value;
    __asm__ volatile("mrs %0, ttbr0_el1" : "=r"(value));
    sink = (uintptr_t)value;
}

static void fault_cap(void)
{
    struct kaal_message m = {.info = msginfo_new(0, 0, 0, 0)};
    kaal_call(1u << 20, &m);
}

static void fault_syscall(void)
{
    register uint64_t number __asm__("x7") = 77;
    __asm__ volatile("svc #0" : : "r"(number));
}

/* Touches the heap until no page is left for it. */
static void fault_quota(void)
{
    char *p;
    while ((p = malloc(65536)) != NULL) {
        memset(p, 1, 65536);
    }
    printf("faulter: malloc says no\n");
    exit(3);
}

/* Two pages, written once. */
static volatile char *two_pages(uint64_t flags)
{
    void *p = NULL;
    if (system_map(8192, MAP_READ | MAP_WRITE | flags, &p) != SYSTEM_OK) {
        exit(3);
    }
    memset(p, 1, 8192);
    return p;
}

static void fault_protected(void)
{
    volatile char *p = two_pages(0);
    if (system_protect((void *)(p + 4096), 4096, MAP_READ) == SYSTEM_OK) {
        p[0] = 2;
        printf("faulter: %d is still there\n", p[4096]);
        p[4096] = 2;
    }
}

static void fault_unmapped(void)
{
    volatile char *p = two_pages(0);
    if (system_unmap((void *)p) == SYSTEM_OK) {
        p[0] = 2;
    }
}

static void fault_guard(void)
{
    two_pages(MAP_GUARD)[8192] = 2;
}

static const struct {
    const char *name;
    void (*run)(void);
} kinds[] = {
    {"null", fault_null},
    {"write", fault_write},
    {"stack", fault_stack},
    {"execute", fault_execute},
    {"undefined", fault_undefined},
    {"register", fault_register},
    {"cap", fault_cap},
    {"syscall", fault_syscall},
    {"quota", fault_quota},
    {"protected", fault_protected},
    {"unmapped", fault_unmapped},
    {"guard", fault_guard},
};

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "null";
    unsigned lives = argc > 2 ? (unsigned)atoi(argv[2]) : ~0u;
    if (comp_env()->generation >= lives) {
        printf("faulter: no fault in life %u\n", comp_env()->generation + 1);
        return 0;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, kind) == 0) {
            printf("faulter: now %s\n", kind);
            kinds[i].run();
        }
    }
    printf("faulter: expected a kind of fault, found '%s'\n", kind);
    return 2;
}
