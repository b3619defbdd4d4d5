/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the Unicorn engine knows of the pages that EL0 executes: that they hold translated code, and
 * which kinds of instructions are in them.
 */
#include <string.h>

#include "cpu_unicorn.h"
#include "cpu_unicorn_fast.h"
#include "mmu_model.h"

uint64_t engine_read_ram(uint64_t pa)
{
    const uint64_t *p = engine.bus.memory(pa);
    return p != NULL ? *p : 0;
}

/* ARM DDI 0487 C4.1: loads in the group "load/store exclusive". */
static bool is_load_exclusive(uint32_t word)
{
    return (word & 0x3fc00000) == 0x08400000;
}

/* ARM DDI 0487 C4.1: FP/SIMD data processing, loads and stores with V set, MRS and MSR of FPCR and
 * FPSR. */
static bool is_fp(uint32_t word)
{
    bool data = (word >> 25 & 7) == 7;
    bool memory = (word >> 25 & 5) == 4 && (word >> 26 & 1) != 0;
    bool control = (word & 0xffdfff00) == 0xd51b4400;
    return data | memory | control;
}

static void look_at_words(struct seen_page *seen)
{
    bool fp = false, exclusive = false;
    memset(seen->fp_words, 0, sizeof seen->fp_words);
    for (unsigned i = 0; seen->words != NULL && i < PAGE / 4; i++) {
        exclusive |= is_load_exclusive(seen->words[i]);
        fp |= is_fp(seen->words[i]);
        seen->fp_words[i / 64] |= (uint64_t)is_fp(seen->words[i]) << i % 64;
    }
    seen->exclusive = exclusive;
    seen->fp = fp || !fast_is_on(); /* the plain engine does not hear of changes */
}

/* Remembers that the page at `va` holds translated code, by its physical address. */
static void mark_executed(struct seen_page *seen, uint64_t va)
{
    struct translation t;
    mmu_walk(engine.root, va & ~(uint64_t)(PAGE - 1), engine_read_ram, &t);
    seen->number = va / PAGE + 1;
    seen->words = t.result == MMU_OK ? engine.bus.memory(t.pa) : NULL;
    look_at_words(seen);
    for (unsigned i = 0; seen->words != NULL && i < engine.code_count; i++) {
        const struct range *r = &engine.code[i].ram;
        if (t.pa >= r->start && t.pa < r->end) {
            engine.code[i].state[(t.pa - r->start) / PAGE] = CODE_TRANSLATED;
        }
    }
}

void engine_forget_pages(void)
{
    memset(engine.seen, 0, ENGINE_SEEN * sizeof *engine.seen);
}

const struct seen_page *engine_look_at_page(uint64_t va)
{
    struct seen_page *seen = &engine.seen[va / PAGE % ENGINE_SEEN];
    if (engine.pages_valid != engine.code_writes) {
        engine.pages_valid = engine.code_writes;
        fast_translations_changed();
        engine_forget_pages();
    }
    if (seen->number != va / PAGE + 1) {
        mark_executed(seen, va);
    }
    return seen;
}

/* The fast engine looks at the marks, which are right as long as the page is; the plain one at the
 * words. A block ends with its page. */
bool engine_finds_fp(const struct seen_page *page, uint64_t address, uint32_t bytes)
{
    for (uint64_t at = address; page->words != NULL && at < address + bytes; at += 4) {
        uint64_t i = at % PAGE / 4;
        if (fast_is_on() && page->fp_words[i / 64] >> i % 64 == 0) {
            at = at / 256 * 256 + 252; /* none in the rest of these 64 words */
        } else if (is_fp(page->words[i])) {
            engine.fp_at = at;
            return true;
        }
    }
    return false;
}
