/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A thread's life, step by step and in sum. Its priority is below the caller's, so Resume does not
 * switch to it.
 */
#include "invoke.h"
#include "kaal/runtime.h"

enum life {
    CREATE,
    CONFIGURE,
    SET_PRIORITY,
    WRITE_REGISTERS,
    RESUME,
    SUSPEND,
    DELETE,
    LIFE_STEPS
};

static char stack[PAGE];
static _Alignas(PAGE) struct ipc_buffer buffer;

static void live(uint64_t c[LIFE_STEPS])
{
    uint64_t tcb = pool_slot();
    uint64_t frame =
        boot->user_image_frames.start + ((uint64_t)&buffer - (uint64_t)kaal_image_start) / PAGE;
    uint64_t words[2 + REG_COUNT] = {0, REG_COUNT};
    words[2 + REG_PC] = (uint64_t)live;
    words[2 + REG_SP] = (uint64_t)(stack + PAGE);
    c[CREATE] = measure_retype(pool_arena(), OBJECT_TCB, 0, tcb, 1);
    c[CONFIGURE] = measure(tcb, LABEL_TCB_CONFIGURE, KAAL_WORDS(0, 0, 0, (uint64_t)&buffer),
                           KAAL_WORDS(SLOT_INIT_CNODE, SLOT_INIT_VSPACE, frame));
    c[SET_PRIORITY] =
        measure(tcb, LABEL_TCB_SET_PRIORITY, KAAL_WORDS(1), KAAL_WORDS(SLOT_INIT_TCB));
    c[WRITE_REGISTERS] = measure(tcb, LABEL_TCB_WRITE_REGISTERS,
                                 (struct kaal_words){words, 2 + REG_COUNT}, KAAL_NONE);
    c[RESUME] = measure(tcb, LABEL_TCB_RESUME, KAAL_NONE, KAAL_NONE);
    c[SUSPEND] = measure(tcb, LABEL_TCB_SUSPEND, KAAL_NONE, KAAL_NONE);
    must(kaal_tcb_resume(tcb), "TCB_Resume");
    c[DELETE] = measure_slot(LABEL_CNODE_DELETE, at(tcb));
}

void rows_thread(void)
{
    static const char *const names[] = {
        "tcb_create", "tcb_configure", "tcb_set_priority", "tcb_write_registers",
        "tcb_resume", "tcb_suspend",   "tcb_delete",       "tcb_create_configure_resume_delete"};
    for (unsigned which = 0; which <= LIFE_STEPS; which++) {
        uint64_t samples[SAMPLES], c[LIFE_STEPS];
        row_begin(names[which]);
        pool_object(OBJECT_ENDPOINT, 0);
        for (unsigned i = 0; i < SAMPLES; i++) {
            live(c);
            samples[i] = which < LIFE_STEPS ? c[which]
                                            : c[CREATE] + c[CONFIGURE] + c[SET_PRIORITY] +
                                                  c[WRITE_REGISTERS] + c[RESUME] + c[DELETE];
        }
        pool_reset();
        row_end(samples, SAMPLES, "instructions");
    }
}
