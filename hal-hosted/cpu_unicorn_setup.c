/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Prepares the Unicorn engine: memory map, stage-2 tables, the two EL0 states, and the places of
 * syndrome and address in a saved state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_check.h"
#include "cpu_unicorn.h"
#include "cpu_unicorn_fast.h"

const struct sysreg ttbr0_el1 = {3, 0, 2, 0, 0};
const struct sysreg tcr_el1 = {3, 0, 2, 0, 2};
const struct sysreg tlbi_alle1 = {1, 4, 8, 7, 4};
static const struct sysreg scr_el3 = {3, 6, 1, 1, 0};
static const struct sysreg hcr_el2 = {3, 4, 1, 1, 0};
static const struct sysreg vtcr_el2 = {3, 4, 2, 1, 2};
static const struct sysreg vttbr_el2 = {3, 4, 2, 1, 0};
static const struct sysreg sctlr_el1 = {3, 0, 1, 0, 0};
static const struct sysreg cpacr_el1 = {3, 0, 1, 0, 2};
static const struct sysreg mair_el1 = {3, 0, 10, 2, 0};
static const struct sysreg cntkctl_el1 = {3, 0, 14, 1, 0};
static const struct sysreg elr_el1 = {3, 0, 4, 0, 1};
static const struct sysreg spsr_el1 = {3, 0, 4, 0, 0};

/* Values of abi/boot.md §1; TCR with EPD1 (bit 23): EL0 has nothing in the upper half. */
const uint64_t engine_tcr = 0x1285100510ull | 1ull << 23;
static const uint64_t sctlr_value = 0x04c5982d;
static const uint64_t mair_value = 0x0000aaff440c0400ull;

enum {
    ROM_ENTRY = 0,    /* pages of the ROM: code that drops to EL0 */
    ROM_PROBE = 1,    /* code that faults */
    ROM_IDENTITY = 2, /* ENGINE_IDENTITY_ROOT and two level-1 tables */
    ROM_STAGE2 = 6,   /* two concatenated level-1 tables, then what they need */
};

static uint64_t *rom_page(unsigned page)
{
    return (uint64_t *)(engine.rom + (size_t)page * PAGE);
}

static uint64_t rom_address(unsigned page)
{
    return ENGINE_ROM_PA + (uint64_t)page * PAGE;
}

/* ---- memory map ---- */

/* Regions that only make virtual addresses acceptable; stage 2 keeps accesses away. */
static uint64_t nothing_read(uc_engine *uc, uint64_t offset, unsigned bytes, void *unused)
{
    (void)uc;
    (void)offset;
    (void)bytes;
    (void)unused;
    return 0;
}

static void nothing_write(uc_engine *uc, uint64_t offset, unsigned bytes, uint64_t value,
                          void *unused)
{
    (void)uc;
    (void)offset;
    (void)bytes;
    (void)value;
    (void)unused;
}

enum {
    MAX_TAKEN = PLATFORM_MAX_RAM + 32
};

struct map {
    struct range taken[MAX_TAKEN];
    unsigned count;
};

static void take(struct map *map, uint64_t start, uint64_t end)
{
    unsigned i = map->count++;
    if (i == MAX_TAKEN) {
        engine_broken("too many memory regions", UC_ERR_ARG);
    }
    for (; i > 0 && map->taken[i - 1].start > start; i--) {
        map->taken[i] = map->taken[i - 1];
    }
    map->taken[i] = (struct range){start, end};
}

static void fill(uint64_t start, uint64_t end)
{
    const uint64_t half = 1ull << 63; /* larger regions confuse the library */
    while (start < end) {
        uint64_t stop = start < half && end > half ? half : end;
        engine_must(
            uc_mmio_map(engine.uc, start, stop - start, nothing_read, NULL, nothing_write, NULL),
            "empty region");
        start = stop;
    }
}

static void map_memory(const struct platform *platform)
{
    struct map map = {.count = 0};
    uint64_t at = 0;
    for (uint32_t i = 0; i < platform->ram_count; i++) {
        const struct range *r = &platform->ram[i];
        engine_must(uc_mem_map_ptr(engine.uc, r->start, r->end - r->start, UC_PROT_ALL,
                                   engine.bus.memory(r->start)),
                    "RAM");
        take(&map, r->start, r->end);
    }
    for (const uint64_t *page = engine.bus.device_pages; *page != 0; page++) {
        engine_must(uc_mmio_map(engine.uc, *page, PAGE, engine_device_read, (void *)*page,
                                engine_device_write, (void *)*page),
                    "device");
        take(&map, *page, *page + PAGE);
    }
    engine_must(uc_mem_map_ptr(engine.uc, ENGINE_ROM_PA, (size_t)ENGINE_ROM_PAGES * PAGE,
                               UC_PROT_ALL, engine.rom),
                "ROM");
    take(&map, ENGINE_ROM_PA, rom_address(ENGINE_ROM_PAGES));
    for (unsigned i = 0; i < map.count; i++) {
        fill(at, map.taken[i].start);
        at = map.taken[i].end;
    }
    fill(at, -(uint64_t)PAGE); /* the last page cannot be mapped: its end is no address */
}

/* ---- stage 2 (Arm ARM D5.3, D5.4.5): identity for RAM and devices, nothing else ---- */

enum {
    S2_MEMORY = 0xf << 2 | 3 << 6 | 1 << 10, /* normal write-back, read and write, AF */
    S2_DEVICE = 0x1 << 2 | 3 << 6 | 1 << 10, /* nGnRE */
};
static const uint64_t s2_no_execute = 1ull << 54;

static unsigned next_table = ROM_STAGE2 + 2;

static uint64_t *next_level(uint64_t *entry)
{
    if (*entry == 0) {
        if (next_table == ENGINE_ROM_PAGES) {
            engine_broken("RAM in too many pieces", UC_ERR_NOMEM);
        }
        *entry = rom_address(next_table++) | 3;
    }
    uint64_t pa = *entry & 0x0000fffffffff000ull;
    return rom_page((unsigned)((pa - ENGINE_ROM_PA) / PAGE));
}

static void stage2_map(uint64_t start, uint64_t end, uint64_t attributes)
{
    static const uint64_t spans[] = {1ull << 30, 1ull << 21, 1ull << 12};
    uint64_t pa = start;
    while (pa < end) {
        uint64_t *entry = rom_page(ROM_STAGE2) + pa / spans[0];
        unsigned level = 0;
        while (pa % spans[level] != 0 || end - pa < spans[level]) {
            entry = next_level(entry);
            level++;
            entry += pa / spans[level] % 512;
        }
        *entry = pa | attributes | (level == 2 ? 3 : 1);
        pa += spans[level];
    }
}

static void build_stage2(const struct platform *platform)
{
    next_table = ROM_STAGE2 + 2;
    for (uint32_t i = 0; i < platform->ram_count; i++) {
        stage2_map(platform->ram[i].start, platform->ram[i].end, S2_MEMORY);
    }
    for (const uint64_t *page = engine.bus.device_pages; *page != 0; page++) {
        stage2_map(*page, *page + PAGE, S2_DEVICE | s2_no_execute);
    }
    /* 40 bits, start at level 1, 4 KiB granule, write-back walks, 40-bit addresses */
    engine_sys_write(&vtcr_el2, 24 | 1 << 6 | 1 << 8 | 1 << 10 | 2 << 16 | 1ull << 31);
    engine_sys_write(&vttbr_el2, rom_address(ROM_STAGE2));
}

void engine_stage2(bool on)
{
    engine_sys_write(&hcr_el2, 1ull << 31 | on); /* RW, VM */
}

static void build_identity(void)
{
    for (uint64_t i = 0; i < 1024; i++) {
        uint64_t *table = rom_page(ROM_IDENTITY + 1 + (unsigned)(i / 512));
        table[i % 512] = i << 30 | 3 << 6 | 1 << 10 | 4 << 2 | 1;
    }
    rom_page(ROM_IDENTITY)[0] = rom_address(ROM_IDENTITY + 1) | 3;
    rom_page(ROM_IDENTITY)[1] = rom_address(ROM_IDENTITY + 2) | 3;
}

/* ---- EL0 ---- */

/* Drops to EL0 by a real ERET: writing the processor state would not be enough for the library. */
static const char *enter_el0(void)
{
    static const uint32_t code[] = {0xd69f03e0, 0xd4000001}; /* eret; svc #0 */
    memcpy(rom_page(ROM_ENTRY), code, sizeof code);
    engine_sys_write(&scr_el3, 1 << 10 | 0x31); /* RW, NS: EL1 is AArch64, non-secure */
    engine_stage2(false);
    engine_sys_write(&cpacr_el1, 3 << 20);
    engine_sys_write(&cntkctl_el1, 0); /* counters and timers trap */
    engine_sys_write(&mair_el1, mair_value);
    engine_sys_write(&tcr_el1, engine_tcr);
    engine_sys_write(&elr_el1, rom_address(ROM_ENTRY) + 4);
    engine_sys_write(&spsr_el1, 0); /* EL0t */
    uc_err err = engine_emulate(rom_address(ROM_ENTRY), 1000);
    if (err != UC_ERR_OK || !engine.excepted || engine.exception != 2) {
        return "CPU engine: cannot enter EL0";
    }
    engine_sys_write(&sctlr_el1, sctlr_value);
    return NULL;
}

/* ---- where a saved state holds syndrome and address ---- */

/* Runs `code` with x1 = address up to its data abort or system call; the saved state goes to
 * *state. */
static const char *probe(const uint32_t *code, uint64_t address, uint8_t *state)
{
    /* code is translated once: never put two at one address */
    uint64_t zero = 0, at = engine.probes++ * 16;
    memcpy((uint8_t *)rom_page(ROM_PROBE) + at, code, 8);
    engine_must(uc_reg_write(engine.uc, UC_ARM64_REG_X1, &address), "registers");
    uc_err err = engine_emulate(rom_address(ROM_PROBE) + at, 1000);
    engine_must(uc_reg_write(engine.uc, UC_ARM64_REG_X1, &zero), "registers");
    engine_must(uc_context_save(engine.uc, engine.scratch), "state");
    memcpy(state, engine.scratch, uc_context_size(engine.uc));
    return err == UC_ERR_OK && engine.excepted ? NULL : "CPU engine: a probe did not end";
}

static const char no_memory[] = "CPU engine: memory: expected room for its tables, found none";

/* Runs the code at two addresses and looks for the one place that holds them. Words before that
 * place must have the syndrome class, unless class is 0. */
static const char *find_place(const uint32_t *code, const uint64_t address[2], uint32_t class,
                              size_t *place)
{
    size_t bytes = uc_context_size(engine.uc), hits = 0;
    uint8_t *state[2] = {malloc(bytes), malloc(bytes)};
    const char *why = state[0] == NULL || state[1] == NULL ? no_memory : NULL;
    why = why != NULL ? why : probe(code, address[0], state[0]);
    why = why != NULL ? why : probe(code, address[1], state[1]);
    for (size_t at = 8; why == NULL && at + 8 <= bytes; at += 8) {
        uint32_t syndrome;
        memcpy(&syndrome, state[0] + at - 8, sizeof syndrome);
        if (memcmp(state[0] + at, &address[0], 8) == 0 &&
            memcmp(state[1] + at, &address[1], 8) == 0 && (class == 0 || syndrome >> 26 == class)) {
            *place = at;
            hits++;
        }
    }
    free(state[0]);
    free(state[1]);
    if (why == NULL && hits != 1) {
        why = "CPU engine: a known word cannot be found in its state";
    }
    return why;
}

static const char *calibrate(void)
{
    static const uint64_t unmapped[2] = {0x00005a3c12345670ull, 0x00003b4d89abcde8ull};
    static const uint32_t fault[2] = {0xf9400020, 0};            /* ldr x0, [x1] */
    static const uint32_t monitor[2] = {0xc85f7c20, 0xd4000001}; /* ldxr x0, [x1]; svc #0 */
    const uint64_t mapped[2] = {rom_address(ROM_PROBE) + 0x800, rom_address(ROM_PROBE) + 0x908};
    engine_sys_write(&ttbr0_el1, ENGINE_IDENTITY_ROOT);
    engine_sys_write(&tlbi_alle1, 0);
    const char *why = find_place(fault, unmapped, 0x24, &engine.address_offset);
    engine.syndrome_offset = engine.address_offset - 8;
    return why != NULL ? why : find_place(monitor, mapped, 0, &engine.monitor_offset);
}

/* ---- life ---- */

static const char *open_library(const struct platform *platform)
{
    engine_must(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &engine.uc), "open");
    engine_must(uc_ctl_set_cpu_model(engine.uc, UC_CPU_ARM64_A53), "CPU model");
    engine_must(uc_ctl_exits_enable(engine.uc), "exits"); /* no address stops a run */
    map_memory(platform);
    fast_find_ram();
    engine_add_hooks();
    engine_must(uc_context_alloc(engine.uc, &engine.scratch), "state");
    build_identity();
    build_stage2(platform);
    const char *why = enter_el0();
    why = why != NULL ? why : calibrate();
    if (why == NULL && fast_is_on()) {
        why = fast_find_tlb();
    }
    engine_stage2(true);
    return why;
}

static const char *take_memory(const struct platform *platform)
{
    engine.rom = aligned_alloc(PAGE, (size_t)ENGINE_ROM_PAGES * PAGE);
    if (engine.rom == NULL) {
        return no_memory;
    }
    memset(engine.rom, 0, (size_t)ENGINE_ROM_PAGES * PAGE);
    engine.code_count = platform->ram_count;
    for (uint32_t i = 0; i < platform->ram_count; i++) {
        engine.code[i].ram = platform->ram[i];
        engine.code[i].state = calloc((platform->ram[i].end - platform->ram[i].start) / PAGE, 1);
        if (engine.code[i].state == NULL) {
            return no_memory;
        }
    }
    return NULL;
}

/* Creates the engine of one kind. */
static const char *create(const struct platform *platform, const struct cpu_bus *bus, bool repaired)
{
    static struct seen_page seen[ENGINE_SEEN];
    uint64_t ram = platform->ram[0].start;
    const char *why = fast_begin(repaired);
    if (why != NULL) {
        return why;
    }
    engine.bus = *bus;
    engine.seen = seen;
    engine.set_root = UINT64_MAX;
    engine.stale_space = true;
    engine.on_trial = true;
    why = take_memory(platform);
    why = why != NULL ? why : open_library(platform);
    why = why != NULL ? why : cpu_check(&engine_functions, bus, ram);
    if (why == NULL && repaired) {
        why = fast_own_walks();
        why = why != NULL ? why : cpu_check(&engine_functions, bus, ram);
    }
    engine.on_trial = false;
    if (why != NULL) {
        engine_destroy();
    }
    return why;
}

const char *cpu_engine_create(const struct platform *platform, const struct cpu_bus *bus,
                              enum cpu_engine_kind kind, const struct cpu_engine **out)
{
    *out = NULL;
    for (uint32_t i = 0; i < platform->ram_count; i++) {
        if (platform->ram[i].end > ENGINE_ROM_PA) {
            return "CPU engine: memory: expected it below 0xffffe00000, found some above";
        }
    }
    const char *why = create(platform, bus, kind != CPU_ENGINE_PLAIN);
    if (why != NULL && kind == CPU_ENGINE_BEST) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: CPU engine: the slow one is used: %s\n", why);
        why = create(platform, bus, false);
    }
    *out = why == NULL ? &engine_functions : NULL;
    return why;
}

void engine_destroy(void)
{
    fast_end();
    if (engine.uc != NULL) { /* creating it may have ended before */
        uc_context_free(engine.scratch);
        uc_close(engine.uc);
    }
    for (unsigned i = 0; i < engine.code_count; i++) {
        free(engine.code[i].state);
    }
    free(engine.rom);
    memset(&engine, 0, sizeof engine);
}
