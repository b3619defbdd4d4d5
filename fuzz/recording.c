/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Replaying recordings (recording.h). Everything in the file is checked before it is used.
 */
#include "recording.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "build_id.h"
#include "change.h"
#include "diag.h"
#include "internal.h"
#include "invariants.h"
#include "load.h"
#include "record.h"
#include "runner.h"
#include "trace.h"

static struct {
    const struct recording_options *options;
    const uint8_t *at;
    const uint8_t *end;
    struct platform platform;
    struct cpu *cpu;
    uint64_t state;
    uint64_t root_cnode;
    unsigned radix;
    bool created;
    bool told; /* events are on */
    bool over; /* END was read */
    uint32_t recorded_end;
    struct recording_result result;
    char sentence[256];
    char console[16];
} r;

static void fail(bool unreadable, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(bool unreadable, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r.sentence, sizeof r.sentence, format, args);
    va_end(args);
    r.result.failure = r.sentence;
    r.result.unreadable = unreadable;
}

static uint64_t number(const uint8_t *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

/* ---- steps; each has its payload and the length, which is at least what the table says ---- */

static void do_head(const uint8_t *p, unsigned length)
{
    static const uint8_t own[32] = KAAL_BUILD_ID;
    (void)length;
    if (memcmp(p, RECORD_MAGIC, RECORD_MAGIC_BYTES) != 0)
        fail(true, "recording: expected the magic " RECORD_MAGIC ", found another");
    else if (memcmp(p + 8, own, sizeof own) != 0 && !r.options->any_kernel)
        fail(true, "recording: expected the build id of this program's own kernel, found another "
                   "(build both from the same sources, or give --any-kernel)");
    else if (memcmp(p + 40, machine_flavour, 4) != 0)
        fail(true, "recording: expected a %s kernel, found another flavour", machine_flavour);
    else if (number(p + 44, 4) != sizeof r.platform || number(p + 48, 4) != sizeof machine.model)
        fail(true, "recording: expected structures of this program's sizes, found others");
}

static void do_platform(const uint8_t *p, unsigned length)
{
    uint64_t at = number(p, 4);
    if (at + (length - 4) > sizeof r.platform)
        fail(true, "recording: platform offset %" PRIu64 ", expected at most %zu", at,
             sizeof r.platform);
    else
        memcpy((uint8_t *)&r.platform + at, p + 4, length - 4);
}

/* The machine, when the platform is complete: before the first word of memory. */
static void create(void)
{
    r.platform.flavour = machine_flavour;
    if (r.platform.ram_count == 0 || r.platform.ram_count > PLATFORM_MAX_RAM) {
        fail(true, "recording: %u regions of RAM, expected 1..%d", r.platform.ram_count,
             PLATFORM_MAX_RAM);
        return;
    }
    machine_create(&r.platform, r.platform.kernel_boot.end);
    r.created = true;
}

__attribute__((no_sanitize("address"))) static void put_words(uint64_t pa, const uint8_t *from,
                                                              unsigned bytes)
{
    volatile uint8_t *to = hal_window(paddr(pa));
    for (unsigned i = 0; i < bytes; i++)
        to[i] = from[i];
}

static void do_ram(const uint8_t *p, unsigned length)
{
    uint64_t pa = number(p, 8);
    if (!r.created)
        create();
    if (!r.created)
        return;
    if (length == 8 || !arena_has(pa, length - 8))
        fail(true, "recording: memory at 0x%" PRIx64 ", expected an address in RAM", pa);
    else
        put_words(pa, p + 8, length - 8);
}

static void do_model(const uint8_t *p, unsigned length)
{
    uint64_t at = number(p, 4);
    if (!r.created || at + (length - 4) > sizeof machine.model)
        fail(true, "recording: model offset %" PRIu64 ", expected at most %zu", at,
             sizeof machine.model);
    else
        memcpy((uint8_t *)&machine.model + at, p + 4, length - 4);
}

static void do_boot(const uint8_t *p, unsigned length)
{
    (void)length;
    if (!r.created || r.cpu || !arena_has(number(p, 8), CORE_STATE_BYTES) ||
        number(p, 8) % 64 != 0) {
        fail(true, "recording: a boot at 0x%" PRIx64 ", expected one in RAM after memory was given",
             number(p, 8));
        return;
    }
    machine.state = number(p, 8);
    r.cpu = machine_boot();
    struct cap root = r.cpu->current->slots[TCB_CSPACE].cap;
    r.root_cnode = cap_object(root);
    r.radix = cnode_radix(root);
    change_begin(r.cpu, r.root_cnode, r.radix);
    if (r.options->words)
        change_write(stderr, r.cpu);
}

/* The core's events are on for one entry. What that changes in the hashed state is taken back. */
static bool tells(void)
{
    return r.options->words && r.result.entries >= r.options->words_from;
}

static void tell(bool on)
{
    static bool fast, watched;
    if (r.told == on || (on && !tells()))
        return;
    if (on) {
        fast = r.cpu->fast;
        watched = r.cpu->watched;
    }
    r.told = on;
    r.cpu->fast = fast && !on;
    r.cpu->watched = watched || on;
    r.cpu->diag->events = watched || on;
    r.cpu->diag->entries = r.result.entries - on;
    r.cpu->diag->trace_from = 0;
    r.cpu->diag->trace_to = on ? UINT64_MAX : 0;
}

static void enter(const struct trap *trap)
{
    r.result.entries++;
    *replay_progress = r.result.entries;
    if (r.options->stop_at == r.result.entries)
        replay_stop();
    tell(true);
    machine_enter(r.cpu, trap);
    tell(false);
    if (r.options->words && r.result.entries + 1 >= r.options->words_from)
        change_write(tells() ? stderr : NULL, r.cpu);
}

static void do_trap(const uint8_t *p, unsigned length)
{
    const struct trap trap = {
        .kind = (enum trap_kind)p[0], .esr = (uint32_t)number(p + 1, 4), .far = number(p + 5, 8)};
    (void)length;
    if (!r.cpu || trap.kind > TRAP_INTERRUPT ||
        (trap.kind != TRAP_INTERRUPT && !core_current(r.cpu))) {
        fail(true, "recording: a trap of kind %u, expected one that can happen here", p[0]);
        return;
    }
    enter(&trap);
    const char *broken = NULL;
    if (r.options->oracles)
        broken = invariants_check(r.cpu, slots_at(r.root_cnode), 1ull << r.radix);
    if (broken)
        fail(false, "invariant broken: %s", broken);
}

static void do_hash(const uint8_t *p, unsigned length)
{
    struct machine_hash hash = machine_hash();
    (void)length;
    if (number(p, 8) != r.result.entries || number(p + 8, 8) != hash.w[0] ||
        number(p + 16, 8) != hash.w[1])
        fail(false,
             "state hash %016" PRIx64 "%016" PRIx64 " expected, %016" PRIx64 "%016" PRIx64 " found",
             number(p + 8, 8), number(p + 16, 8), hash.w[0], hash.w[1]);
    r.result.hashes++;
}

static void do_end(const uint8_t *p, unsigned length)
{
    (void)length;
    r.over = true;
    r.recorded_end = (uint32_t)number(p, 4);
}

static const struct {
    void (*act)(const uint8_t *payload, unsigned length);
    uint8_t least; /* bytes */
} acts[RECORD_OP_COUNT] = {
    [RECORD_HEAD] = {do_head, 52}, [RECORD_PLATFORM] = {do_platform, 4},
    [RECORD_RAM] = {do_ram, 8},    [RECORD_MODEL] = {do_model, 4},
    [RECORD_BOOT] = {do_boot, 8},  [RECORD_TRAP] = {do_trap, 13},
    [RECORD_HASH] = {do_hash, 24}, [RECORD_END] = {do_end, 4},
};

static void step(void)
{
    size_t rest = (size_t)(r.end - r.at);
    unsigned length = rest >= 2 ? r.at[1] : 0;
    if (rest < 2 || rest - 2 < length || r.at[0] >= RECORD_OP_COUNT ||
        length < acts[r.at[0]].least || length > RECORD_PAYLOAD) {
        fail(true, "recording: operation %u of %u bytes, expected one that record.h names", r.at[0],
             length);
        return;
    }
    const uint8_t *payload = r.at + 2;
    r.at = payload + length;
    acts[payload[-2]].act(payload, length);
}

static void run(void *unused)
{
    (void)unused;
    while (!r.result.failure && !r.over && r.at < r.end)
        step();
    if (!r.over && !r.result.failure)
        fail(true, "recording: expected an end, found none");
}

/* The kernel left the machine: the rest of the file says whether it did so when it was recorded. */
static void judge_end(int status)
{
    tell(false);
    while (!r.over && !r.result.failure && r.at < r.end)
        step();
    if (status == MACHINE_VIOLATION)
        fail(false, "machine: %s", machine_violation());
    else if (r.over && r.recorded_end != (uint32_t)status)
        fail(false, "the kernel ended with status %d, when recorded with %d", status,
             (int)r.recorded_end);
}

bool recording_is(const uint8_t *bytes, size_t size)
{
    return size > 11 && bytes[0] == RECORD_START && bytes[1] == RECORD_HEAD &&
           memcmp(bytes + 3, RECORD_MAGIC, RECORD_MAGIC_BYTES) == 0;
}

struct recording_result recording_replay(const uint8_t *bytes, size_t size,
                                         const struct recording_options *options)
{
    memset(&r, 0, sizeof r);
    r.options = options;
    r.at = bytes + 1;
    r.end = bytes + size;
    while (!r.result.failure && r.at < r.end && *r.at != RECORD_BOOT)
        step(); /* creates the machine, which a guard would not survive */
    if (r.result.failure)
        return r.result;
    machine_on_event(options->words ? trace_event : NULL);
    machine_console_capture(options->words ? NULL : r.console, sizeof r.console);
    int status = machine_guard(run, NULL);
    if (status != MACHINE_RAN_ON)
        judge_end(status);
    return r.result;
}
