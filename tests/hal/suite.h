/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The contract suite of the HAL: it takes the core's place (core_boot, core_current, core_enter),
 * so that the same source runs on the bare AArch64 machine and on the hosted one, and prints TAP on
 * the console. Tests that need no EL0 run in core_boot(); the others are steps, each of which
 * prepares the EL0 context, lets it run into the next trap, and judges that trap.
 */
#pragma once
#include "hal.h"
#include "pte.h"

/* One case: "ok N - name" or "not ok N - name". */
void check(bool good, const char *name);
/* The same for two words; prints both when they differ. */
void equals(uint64_t found, uint64_t expected, const char *name);

struct step {
    const char *name;
    void (*prepare)(void);
    void (*judge)(const struct trap *trap);
    bool wait; /* run nothing: core_current() is NULL until an interrupt comes */
};
extern const struct step trap_steps[], memory_steps[], interrupt_steps[]; /* end: prepare == NULL */

/* Tests without EL0. */
void test_boot_memory(const void *state, const void *diag);
void test_tables(void);
void test_fpu_state(void);
void test_interrupts(void);
void test_timer(void);

/* The context of EL0, zeroed and set to `pc` by begin(). */
extern struct context user;
extern const struct platform *machine_platform;

/* ---- memory of the suite ---- */

enum {
    SUITE_PAGE = 4096
};

/* A zeroed page of RAM. */
struct paddr new_page(void);
uint64_t *words(struct paddr pa);

/* ---- EL0's address spaces ---- */

enum {
    USER_CODE = 0x400000,     /* 8 pages: read-only, executable */
    USER_DATA = 0x410000,     /* read-write */
    USER_HOLE = 0x420000,     /* nothing, but the last-level table is there */
    USER_FAR = 0x40000000000, /* nothing on any level below the root */
    ASID_ONE = 5,
    ASID_TWO = 6,
};

struct space {
    struct paddr root;
    uint16_t asid;
    struct paddr data; /* the page at USER_DATA */
};
extern struct space one, two;

/* The last-level entry for `va`, tables on the way made as needed. */
uint64_t *user_entry(const struct space *space, uint64_t va);

/* Writes `count` instructions behind the ones written before, makes them visible to fetches, and
 * sets `user` to run them in space one: registers zero. */
void begin(const uint32_t *code, unsigned count);
/* Address of the k-th instruction of the last begin(). */
uint64_t code_at(unsigned k);

#define BEGIN(...)                                                                                 \
    do {                                                                                           \
        static const uint32_t code[] = {__VA_ARGS__};                                              \
        begin(code, sizeof(code) / sizeof(code[0]));                                               \
    } while (0)

/* Instructions (Arm ARM C6.2, C7.2). */
#define INSN_SVC           0xd4000001u
#define INSN_UDF           0x00000000u
#define INSN_BRK           0xd4200000u
#define INSN_LOOP          0x14000000u /* b . */
#define INSN_WFI           0xd503207fu
#define INSN_WFE           0xd503205fu
#define INSN_ADD_X0_1      0x91000400u /* add x0, x0, #1 */
#define INSN_LDR           0xf9400020u /* ldr x0, [x1] */
#define INSN_STR           0xf9000020u /* str x0, [x1] */
#define INSN_LDR_X2_X3     0xf9400062u /* ldr x2, [x3] */
#define INSN_BR_X1         0xd61f0020u
#define INSN_READ_CNTVCT   0xd53be040u /* mrs x0, cntvct_el0 */
#define INSN_READ_CNTPCT   0xd53be020u
#define INSN_READ_CNTP_CTL 0xd53be220u
#define INSN_READ_CNTV_CTL 0xd53be320u
#define INSN_READ_PMCR     0xd53b9c00u
#define INSN_READ_CTR      0xd53b0020u /* mrs x0, ctr_el0 */
#define INSN_READ_TPIDR    0xd53bd040u
#define INSN_READ_RO       0xd53bd061u /* mrs x1, tpidrro_el0 */
#define INSN_CLEAN_X1      0xd50b7a21u /* dc cvac, x1 */
#define INSN_FMOV_D31_X0   0x9e67001fu
#define INSN_FMOV_X2_D31   0x9e6603e2u
#define INSN_MOVZ_X0(n)    (0xd2800000u | (uint32_t)(n) << 5)

/* ESR_EL1 (Arm ARM D17.2.37): class in bits 31..26, IL bit 25, ISS below. */
enum {
    ESR_SVC = 0x56000000u,              /* class 0x15, immediate 0 */
    ESR_UNKNOWN = 0x02000000u,          /* class 0 (abi/vectors.md §7) */
    ESR_FP = 0x1fe00000u,               /* class 7, condition 0b1110 (abi/vectors.md) */
    ESR_READ_LEVEL_0 = 0x92000004u,     /* class 0x24, translation fault level 0 */
    ESR_READ_LEVEL_3 = 0x92000007u,     /* translation fault level 3 */
    ESR_WRITE_PERMISSION = 0x9200004fu, /* write, permission fault level 3 */
    ESR_FETCH_LEVEL_0 = 0x82000004u,    /* class 0x20 */
    ESR_FETCH_LEVEL_3 = 0x82000007u,
    ESR_FETCH_PERMISSION = 0x8200000fu,
};
