/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Repairs of Unicorn 2.0.1, put in at link time with the linker's --wrap: the static archive's
 * calls from one file to another come here (__wrap_NAME) and may go on (__real_NAME). One is
 * against a crash: when the buffer of translated code was full in the middle of a run and had been
 * cleared, the next piece was chained to the one before, which was gone; now it is cleared between
 * runs. The others change what costs time, never a result:
 *  - every store took the library's slow path; now only stores to pages with translated code do;
 *  - regions were looked up by virtual address;
 *  - a page was looked up in nested tables by a general walker, now by mmu_model.h;
 *  - a switch of the address space dropped all translations; now each space has its own, and
 *    translated code carries the space's number (where other targets keep the code segment's base).
 * Without --wrap this file links too: the __real_ functions are weak, and fast_begin() says so.
 */
#include "cpu_unicorn_fast.h"

#include <stdlib.h>
#include <string.h>

#include "cpu_unicorn.h"
#include "mmu_model.h"

enum {
    PIECE = 1024,           /* the page size that the library has for this target */
    CODE_BUFFER = 32 << 20, /* instead of 1 GiB, all of which the library clears on each flush */
    SPACES = 32,
    STATE_BYTES = 1024,  /* of the processor's state: general registers are near its start */
    WRITABLE = 2,        /* of a translation, as the library has it: readable 1, executable 4 */
    TLB_MAX = 16 * 1024, /* bytes; more is taken for an error */
};

/* The library's access attributes: 32 bits in a structure, passed by value. */
struct access_attributes {
    uint32_t bits;
};

#define WEAK __attribute__((weak))
/* Functions of the library that are called as they are. */
WEAK void tlb_init_aarch64(void *cpu);
WEAK void tlb_flush_aarch64(void *cpu);
WEAK void tlb_set_dirty_aarch64(void *cpu, uint64_t va);
WEAK uint64_t memory_region_get_ram_addr_aarch64(void *region);
WEAK void tb_flush_aarch64(void *cpu);
WEAK void tb_invalidate_phys_range_aarch64(uc_engine *uc, uint64_t from, uint64_t to);

/* Functions that are wrapped; NAME and its parameters. */
#define WRAP(result, name, ...)                                                                    \
    WEAK result __real_##name(__VA_ARGS__);                                                        \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

enum repair {
    REPAIR_REGION = 1 << 0,
    REPAIR_BUFFER = 1 << 1,
    REPAIR_FILL = 1 << 2,
    REPAIR_SET = 1 << 3,
    REPAIR_PROTECT = 1 << 4,
    REPAIR_LOCK = 1 << 5,
    REPAIR_STATE = 1 << 6,
    REPAIR_CODE = 1 << 7,
    REPAIR_ALL = (1 << 8) - 1,
};

/* What the library keeps of one address space while another one runs. */
struct space {
    uint64_t root;
    uint64_t generation; /* 0 = nothing valid */
    uint16_t asid;
    bool saved; /* tlb holds a TLB whose tables are allocated, of this space alone */
    struct seen_page seen[ENGINE_SEEN];
    uint8_t tlb[TLB_MAX];
};

struct fast {
    bool on;
    bool own_walks;
    unsigned used; /* enum repair: the wrappers that were called */
    const char *wrong;
    void *cpu; /* the library's CPU and the architectural part in it */
    uint8_t *env;
    void *region;                   /* the first RAM range */
    uint64_t ram[PLATFORM_MAX_RAM]; /* the library's own address of each range */
    struct access_attributes attributes;
    int translation_regime; /* of EL0 */
    uint8_t *tlb;
    size_t tlb_bytes;
    size_t regime_bytes; /* of one regime's part of the TLB; 0 = not known */
    unsigned regimes;
    struct space *space; /* whose TLB the library uses */
    uint64_t generation;
    uintptr_t oldest, newest; /* pieces of translated code: the buffer is filled upwards */
    uintptr_t buffer_bytes;
    void *code_cpu; /* whose code it is */
};

static struct fast fast;
static struct space spaces[SPACES + 1]; /* the last is used before and after all others */

static void wrong(const char *what)
{
    fast.wrong = fast.wrong != NULL ? fast.wrong : what;
}

/* ---- memory ---- */

/* Which region holds a virtual address is no question; any answer but "none" will do. */
WRAP(void *, memory_mapping, uc_engine *uc, uint64_t address)
{
    fast.used |= REPAIR_REGION;
    return fast.on && fast.region != NULL ? fast.region : __real_memory_mapping(uc, address);
}

WRAP(void, tcg_exec_init_aarch64, uc_engine *uc, unsigned long bytes)
{
    fast.used |= REPAIR_BUFFER;
    (void)bytes; /* 0, the library's own choice, would not tell when the buffer is full */
    fast.buffer_bytes = CODE_BUFFER;
    __real_tcg_exec_init_aarch64(uc, fast.buffer_bytes);
}

/* Makes a piece of translated code. */
WRAP(void *, tb_gen_code_aarch64, void *cpu, uint64_t pc, uint64_t base, uint32_t flags,
     int options)
{
    void *piece = __real_tb_gen_code_aarch64(cpu, pc, base, flags, options);
    fast.used |= REPAIR_CODE;
    fast.code_cpu = cpu;
    fast.newest = (uintptr_t)piece;
    fast.oldest = fast.oldest == 0 || fast.newest < fast.oldest ? fast.newest : fast.oldest;
    return piece;
}

void fast_make_room(void)
{
    if (fast.newest - fast.oldest > fast.buffer_bytes / 4 * 3) {
        tb_flush_aarch64(fast.code_cpu);
        fast.oldest = fast.newest = 0;
    }
}

/* ---- translations ---- */

static bool has_code(uint64_t pa)
{
    for (unsigned i = 0; i < engine.code_count; i++) {
        const struct code_pages *code = &engine.code[i];
        if (pa >= code->ram.start && pa < code->ram.end) {
            return code->state[(pa - code->ram.start) / PAGE] != CODE_NONE;
        }
    }
    return true;
}

static int rights(const struct translation *t)
{
    return t->el0_read | t->el0_write << 1 | t->el0_execute << 2;
}

/* What the library found must be what the model finds, or its pages are not looked up by it. */
static void compare(uint64_t va, uint64_t pa, int prot)
{
    struct translation t;
    mmu_walk(engine.root, va, engine_read_ram, &t);
    if (t.result != MMU_OK || (t.pa ^ pa) / PAGE != 0 || rights(&t) != prot) {
        wrong("translation");
    }
}

WRAP(void, tlb_set_page_with_attrs_aarch64, void *cpu, uint64_t va, uint64_t pa,
     struct access_attributes attributes, int prot, int regime, uint64_t bytes)
{
    fast.used |= REPAIR_SET;
    __real_tlb_set_page_with_attrs_aarch64(cpu, va, pa, attributes, prot, regime, bytes);
    if (!fast.on || engine.bus.memory(pa) == NULL) {
        return;
    }
    if (fast.tlb != NULL && !fast.own_walks) {
        compare(va, pa, prot);
        fast.attributes = attributes;
        fast.translation_regime = regime;
    }
    if ((prot & WRITABLE) != 0 && !has_code(pa)) {
        tlb_set_dirty_aarch64(cpu, va);
    }
}

static void set_page(uint64_t va, uint64_t pa, int prot)
{
    __real_tlb_set_page_with_attrs_aarch64(fast.cpu, va, pa, fast.attributes, prot,
                                           fast.translation_regime, PIECE);
    if ((prot & WRITABLE) != 0 && !has_code(pa)) {
        tlb_set_dirty_aarch64(fast.cpu, va);
    }
}

WRAP(bool, arm_cpu_tlb_fill_aarch64, void *cpu, uint64_t va, int bytes, int access, int regime,
     bool probe, uintptr_t caller)
{
    static const enum mmu_access accesses[] = {MMU_READ, MMU_WRITE, MMU_EXECUTE};
    struct translation t;
    fast.used |= REPAIR_FILL;
    fast.cpu = cpu;
    if (fast.on && fast.own_walks && regime == fast.translation_regime) {
        mmu_access(engine.root, va, accesses[access], engine_read_ram, &t);
        if (t.result == MMU_OK && engine.bus.memory(t.pa) != NULL) {
            set_page(va & -(uint64_t)PIECE, t.pa & -(uint64_t)PIECE, rights(&t));
            return true;
        }
    }
    return __real_arm_cpu_tlb_fill_aarch64(cpu, va, bytes, access, regime, probe, caller);
}

/* ---- translated code ---- */

/* The library is about to translate code of a page: stores to it are watched from now on. */
WRAP(void, tlb_protect_code_aarch64, uc_engine *uc, uint64_t ram)
{
    fast.used |= REPAIR_PROTECT;
    for (unsigned i = 0; fast.on && i < engine.code_count; i++) {
        struct code_pages *code = &engine.code[i];
        if (ram - fast.ram[i] < code->ram.end - code->ram.start) {
            code->state[(ram - fast.ram[i]) / PAGE] = CODE_TRANSLATED;
        }
    }
    if (fast.on && fast.cpu != NULL) {
        fast.generation++;
        tlb_flush_aarch64(fast.cpu);
        if (fast.space != NULL) {
            fast.space->generation = fast.generation;
        }
    }
    __real_tlb_protect_code_aarch64(uc, ram);
}

/* A store to a page with translated code; the locks are for other threads, which there are not. */
WRAP(void *, page_collection_lock_aarch64, uc_engine *uc, uint64_t from, uint64_t to)
{
    fast.used |= REPAIR_LOCK;
    engine.code_writes++;
    return fast.on ? NULL : __real_page_collection_lock_aarch64(uc, from, to);
}

WRAP(void, page_collection_unlock_aarch64, void *locks)
{
    if (!fast.on) {
        __real_page_collection_unlock_aarch64(locks);
    }
}

/* Key under which translated code is found. */
WRAP(void, cpu_get_tb_cpu_state_aarch64, void *env, uint64_t *pc, uint64_t *base, uint32_t *flags)
{
    __real_cpu_get_tb_cpu_state_aarch64(env, pc, base, flags);
    if (fast.on) {
        fast.used |= REPAIR_STATE;
        fast.env = env;
        *base = fast.space != NULL ? (uint64_t)(fast.space - spaces) + 1 : 0;
    }
}

/* ---- start ---- */

static bool is_linked(void)
{
    return __real_memory_mapping != NULL && __real_tcg_exec_init_aarch64 != NULL &&
           __real_tlb_set_page_with_attrs_aarch64 != NULL &&
           __real_arm_cpu_tlb_fill_aarch64 != NULL && __real_tlb_protect_code_aarch64 != NULL &&
           __real_page_collection_lock_aarch64 != NULL &&
           __real_page_collection_unlock_aarch64 != NULL &&
           __real_cpu_get_tb_cpu_state_aarch64 != NULL && __real_tb_gen_code_aarch64 != NULL &&
           tb_flush_aarch64 != NULL && tlb_init_aarch64 != NULL && tlb_flush_aarch64 != NULL &&
           tlb_set_dirty_aarch64 != NULL && memory_region_get_ram_addr_aarch64 != NULL &&
           tb_invalidate_phys_range_aarch64 != NULL;
}

const char *fast_begin(bool on)
{
    unsigned major, minor, version = uc_version(&major, &minor); /* a byte for each part */
    fast = (struct fast){.generation = 1};
    for (unsigned i = 0; i <= SPACES; i++) {
        spaces[i].generation = 0;
    }
    if (!on) {
        return NULL;
    }
    if (!is_linked()) {
        return "this program was linked without the library's repairs";
    }
    if (version >> 8 != (2 << 16 | 0 << 8 | 1)) {
        return "the library is not the version 2.0.1 that its repairs are for";
    }
    fast.on = true;
    return NULL;
}

bool fast_is_on(void)
{
    return fast.on;
}

void fast_find_ram(void)
{
    for (unsigned i = 0; fast.on && i < engine.code_count; i++) {
        void *region = __real_memory_mapping(engine.uc, engine.code[i].ram.start);
        fast.ram[i] = region != NULL ? memory_region_get_ram_addr_aarch64(region) : UINT64_MAX;
        if (fast.ram[i] == UINT64_MAX) {
            wrong("memory regions");
        }
        fast.region = i == 0 ? region : fast.region;
    }
}

enum {
    TLB_COMMON = 32, /* bytes before the parts of the regimes */
    TLB_TABLE = 16   /* after them, for each regime: mask and address of its table */
};

/* Where the parts of the regimes begin, each with two words of ones, then a time. */
static bool is_regime_size(const uint8_t *tlb, size_t each, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t word[3];
        memcpy(word, tlb + TLB_COMMON + i * each, sizeof word);
        if (word[0] != UINT64_MAX || word[1] != UINT64_MAX || word[2] == UINT64_MAX) {
            return false;
        }
    }
    return true;
}

/* The TLB has a part for each translation regime. If exactly one size of the parts fits, a switch
 * exchanges EL0's alone: the others are used only before the first switch. */
static void find_regimes(void)
{
    size_t found = 0, all = fast.tlb_bytes - TLB_COMMON;
    for (size_t each = 64; each <= all / 2; each += 8) {
        size_t count = all / (each + TLB_TABLE);
        if (all % (each + TLB_TABLE) == 0 && is_regime_size(fast.tlb, each, (unsigned)count)) {
            fast.regime_bytes = found++ == 0 ? each : 0;
            fast.regimes = (unsigned)count;
        }
    }
}

/* Copies what of a TLB belongs to EL0; all of it while that is not known. */
static void copy_tlb(uint8_t *to, const uint8_t *from)
{
    size_t part = (size_t)fast.translation_regime * fast.regime_bytes + TLB_COMMON;
    size_t tables = fast.regimes * fast.regime_bytes + TLB_COMMON;
    size_t table = tables + (size_t)fast.translation_regime * TLB_TABLE;
    if (!fast.own_walks || fast.regime_bytes == 0) {
        memcpy(to, from, fast.tlb_bytes);
        return;
    }
    memcpy(to, from, TLB_COMMON);
    memcpy(to + part, from + part, fast.regime_bytes);
    memcpy(to + table, from + table, TLB_TABLE);
}

/* The TLB lies before the architectural state. Initialising it anew gives it new tables, and what
 * differs then is it; it starts with a set of used regimes, which becomes empty, and three counts,
 * then come for each regime address and mask of the large pages, which become all ones. */
const char *fast_find_tlb(void)
{
    uint8_t *cpu = fast.cpu;
    size_t bytes = cpu != NULL && fast.env > cpu ? (size_t)(fast.env - cpu) : 0, first = 0, last;
    if (fast.wrong != NULL || bytes == 0 || bytes > 1 << 20) {
        return "the library's processor is not where it was expected";
    }
    uint8_t *before = malloc(bytes);
    if (before == NULL) {
        return "memory: expected room for a copy of the library's processor, found none";
    }
    memcpy(before, cpu, bytes);
    tlb_init_aarch64(cpu);
    while (first < bytes && cpu[first] == before[first]) {
        first++;
    }
    last = bytes;
    while (last > first && cpu[last - 1] == before[last - 1]) {
        last--;
    }
    first &= ~(size_t)7;
    last = (last + 7) & ~(size_t)7;
    if (last <= first + 48 || last - first > TLB_MAX || bytes - last > 64 || cpu[first] != 0 ||
        *(uint64_t *)(cpu + first + 32) != UINT64_MAX ||
        *(uint64_t *)(cpu + first + 40) != UINT64_MAX) {
        free(before);
        return "the library's TLB has another form than expected";
    }
    fast.tlb = cpu + first;
    fast.tlb_bytes = last - first;
    find_regimes();
    for (unsigned i = 0; i < SPACES; i++) {
        if (!spaces[i].saved) {
            memcpy(spaces[i].tlb, fast.tlb, fast.tlb_bytes);
            spaces[i].saved = true;
            break;
        }
    }
    memcpy(fast.tlb, before + first, fast.tlb_bytes);
    free(before);
    fast.space = &spaces[SPACES];
    return engine_find_registers(fast.env, STATE_BYTES);
}

/* ---- between runs ---- */

/* Gives the space tables of its own. */
static void make_tlb(struct space *space)
{
    static uint8_t kept[TLB_MAX];
    memcpy(kept, fast.tlb, fast.tlb_bytes);
    tlb_init_aarch64(fast.cpu);
    memcpy(space->tlb, fast.tlb, fast.tlb_bytes);
    memcpy(fast.tlb, kept, fast.tlb_bytes);
}

static void exchange_tlb(struct space *space)
{
    if (!space->saved) {
        make_tlb(space);
    }
    copy_tlb(fast.space->tlb, fast.tlb);
    fast.space->saved = true;
    copy_tlb(fast.tlb, space->tlb);
    fast.space = space;
}

const char *fast_own_walks(void)
{
    if (fast.used != REPAIR_ALL) {
        return "a repair of the library was never used";
    }
    if (fast.wrong != NULL) {
        return "the library's translations or pages are not as expected";
    }
    if (fast.space != &spaces[SPACES]) { /* what is not exchanged any more is the first's */
        exchange_tlb(&spaces[SPACES]);
    }
    engine.stale_space = true;
    fast.own_walks = true;
    fast.generation++;
    return NULL;
}

struct seen_page *fast_space(uint64_t root, uint16_t asid, bool *fresh)
{
    struct space *space = &spaces[asid % SPACES];
    if (space != fast.space) {
        exchange_tlb(space);
    }
    *fresh = space->generation != fast.generation || space->root != root || space->asid != asid;
    if (*fresh) {
        tlb_flush_aarch64(fast.cpu);
        memset(space->seen, 0, sizeof space->seen);
        space->generation = fast.generation;
        space->root = root;
        space->asid = asid;
    }
    return space->seen;
}

void fast_translations_changed(void)
{
    fast.generation++;
}

void fast_drop_code(unsigned range, uint64_t page)
{
    uint64_t at = fast.ram[range] + page * PAGE;
    tb_invalidate_phys_range_aarch64(engine.uc, at, at + PAGE);
}

/* The library frees its first TLB itself; the tables of the others stay for the next engine. */
void fast_end(void)
{
    if (fast.tlb != NULL && fast.space != &spaces[SPACES]) {
        exchange_tlb(&spaces[SPACES]);
    }
    fast = (struct fast){.on = false};
}
