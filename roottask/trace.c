/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Where a stopped thread is: functions and lines from the image's symbols, registers, and the calls
 * that led there, found through the frame records that x29 leads to (AAPCS64 §6.4.6).
 */
#include "kaal/print.h"
#include "kaal/string.h"
#include "system.h"

enum {
    FRAMES = 16
};

void place_text(const struct component *c, uint64_t address, char *out, size_t room)
{
    struct symbols_place p = {0};
    size_t used = kaal_snprintf(out, room, "0x%lx", address);
    if (c->symbols != NULL) {
        p = symbols_find(c->symbols, address);
    }
    if (p.function != NULL && used < room) {
        used += kaal_snprintf(out + used, room - used, " %s+0x%x", p.function, p.function_offset);
    }
    if (p.file != NULL && used < room) {
        kaal_snprintf(out + used, room - used, " (%s:%u)", p.file, p.line);
    }
}

static void print_registers(const uint64_t *r)
{
    enum {
        COLUMNS = 4,
        NUMBERED = 31
    };
    static const uint8_t order[NUMBERED] = {
        REG_X0,  REG_X1,  REG_X2,  REG_X3,  REG_X4,  REG_X5,  REG_X6,  REG_X7,
        REG_X8,  REG_X9,  REG_X10, REG_X11, REG_X12, REG_X13, REG_X14, REG_X15,
        REG_X16, REG_X17, REG_X18, REG_X19, REG_X20, REG_X21, REG_X22, REG_X23,
        REG_X24, REG_X25, REG_X26, REG_X27, REG_X28, REG_X29, REG_X30,
    };
    char line[LINE_BYTES];
    for (unsigned i = 0; i < NUMBERED; i += COLUMNS) {
        size_t used = 0;
        for (unsigned k = i; k < i + COLUMNS && k < NUMBERED; k++) {
            used +=
                kaal_snprintf(line + used, sizeof(line) - used, "  x%-2u %16lx", k, r[order[k]]);
        }
        report("%s", line);
    }
    report("  sp  %16lx  pc  %16lx  spsr %lx", r[REG_SP], r[REG_PC], r[REG_SPSR]);
}

static void print_frame(const struct component *c, unsigned n, uint64_t address)
{
    char place[LINE_BYTES];
    place_text(c, address, place, sizeof(place));
    report("  #%u %s", n, place);
}

/* A function that calls nobody has no record of its own: its return address is in x30 alone. */
static void print_leaf(const struct component *c, const uint64_t *r, uint64_t returns_to)
{
    char place[LINE_BYTES];
    if (r[REG_X30] != returns_to && r[REG_X30] >= 4) {
        place_text(c, r[REG_X30] - 4, place, sizeof(place));
        report("  x30 %s", place);
    }
}

/* Each frame record is two words: the caller's record, and the address after the call. Records
 * must climb, so the walk ends whatever the stack holds. */
static void print_calls(struct component *c, const uint64_t *r)
{
    uint64_t record = r[REG_X29];
    print_frame(c, 0, r[REG_PC]);
    for (unsigned n = 1; n < FRAMES && record != 0 && record % 8 == 0; n++) {
        uint64_t words[2];
        if (mm_region(sys.mm, c->spawn.space, record) == NULL ||
            mm_read(sys.mm, c->spawn.space, record, words, sizeof(words)) != BROKER_OK ||
            words[1] < 4) {
            return;
        }
        if (n == 1) {
            print_leaf(c, r, words[1]);
        }
        print_frame(c, n, words[1] - 4);
        if (words[0] <= record) {
            return;
        }
        record = words[0];
    }
}

void trace_print(struct component *c)
{
    uint64_t registers[REG_COUNT];
    if (kaal_tcb_read_registers(spawn_tcb(sys.mm, &c->spawn), false, REG_COUNT, registers) !=
        ERROR_NONE) {
        report("  its registers cannot be read");
        return;
    }
    print_registers(registers);
    print_calls(c, registers);
}
