/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocations of the main thread that are measured.
 */
#include "invoke.h"

uint64_t measure(uint64_t cap, uint64_t label, struct kaal_words words, struct kaal_words extra)
{
    struct shot shot = {.x = {cap, msginfo_new(label, 0, extra.count, words.count)},
                        .number = (uint64_t)(int64_t)SYS_CALL};
    for (uint64_t i = 0; i < words.count; i++) {
        if (i < MSG_REGISTERS)
            shot.x[2 + i] = words.word[i];
        else
            kaal_ipc_buffer->msg[i] = words.word[i];
    }
    for (uint64_t i = 0; i < extra.count; i++)
        kaal_ipc_buffer->caps_or_badges[i] = extra.word[i];
    shot_svc(&shot);
    for (unsigned i = 0; i < MSG_REGISTERS; i++)
        kaal_ipc_buffer->msg[i] = shot.x[2 + i];
    must((enum error_code)msginfo_label(shot.x[1]), "the measured invocation");
    return cost(shot.before, shot.after);
}

uint64_t measure_retype(uint64_t from, enum object_type type, uint64_t bits, uint64_t slot,
                        uint64_t count)
{
    return measure(from, LABEL_UNTYPED_RETYPE, KAAL_WORDS(type, bits, 0, 0, slot, count),
                   KAAL_WORDS(SLOT_INIT_CNODE));
}

uint64_t measure_slot(uint64_t label, struct kaal_slot to)
{
    return measure(to.root, label, KAAL_WORDS(to.index, to.depth), KAAL_NONE);
}
