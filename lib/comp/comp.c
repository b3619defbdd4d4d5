/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The environment is read-only and was made by the root task: its strings and counts are trusted.
 */
#include "comp/comp.h"

#include "comp/call_offsets.h"
#include "comp/system.h"
#include "kaal/string.h"

_Static_assert(LAYOUT_CONTROL == LAYOUT_CONTROL_ADDRESS && LAYOUT_CONTROL % 0x10000 == 0, "call.S");
_Static_assert(offsetof(struct control, channel) == CONTROL_CHANNEL, "call.S");
_Static_assert(offsetof(struct control, call_start) == CONTROL_CALL_START, "call.S");
_Static_assert(offsetof(struct control, call_end) == CONTROL_CALL_START + 8, "call.S");
_Static_assert(offsetof(struct kaal_message, badge) == MESSAGE_BADGE, "call.S");
_Static_assert(offsetof(struct kaal_message, info) == MESSAGE_INFO, "call.S");
_Static_assert(offsetof(struct kaal_message, mr) == MESSAGE_MR, "call.S");
_Static_assert(CALL_BROKEN == CALL_BROKEN_LABEL, "call.S");
_Static_assert(SYSTEM_BROKEN == SYSTEM_BROKEN_NUMBER, "call.S");

enum {
    SLOTS = 256, /* that comp_slot_take() manages */
    SLOT_WORDS = SLOTS / 64
};

/* ---- the environment ---- */

const struct env_entry *comp_next(enum env_kind kind, const struct env_entry *after)
{
    const struct env *env = comp_env();
    const struct env_entry *e = after == NULL ? env->entry : after + 1;
    for (; e < env->entry + env->entries; e++) {
        if (e->kind == kind) {
            return e;
        }
    }
    return NULL;
}

const struct env_entry *comp_find(const char *name, enum env_kind kind)
{
    const struct env_entry *e = NULL;
    do {
        e = comp_next(kind, e);
    } while (e != NULL && strcmp(e->name, name) != 0);
    return e;
}

const struct env_entry *comp_client(uint64_t badge)
{
    const struct env_entry *e = NULL;
    do {
        e = comp_next(ENV_CLIENT, e);
    } while (e != NULL && e->badge != badge);
    return e;
}

/* ---- slots ---- */

static uint64_t taken[SLOT_WORDS]; /* one bit per slot */

uint32_t comp_slot_take(void)
{
    const struct env *env = comp_env();
    uint32_t end = env->slots < SLOTS ? env->slots : SLOTS;
    for (uint32_t slot = env->first_free; slot < end; slot++) {
        if ((taken[slot / 64] >> slot % 64 & 1) == 0) {
            taken[slot / 64] |= 1ull << slot % 64;
            return slot;
        }
    }
    return 0;
}

void comp_slot_give(uint32_t slot)
{
    if (slot < SLOTS) {
        taken[slot / 64] &= ~(1ull << slot % 64);
    }
}

struct kaal_slot comp_slot(uint32_t slot)
{
    return (struct kaal_slot){SLOT_CNODE, slot, 64};
}

void comp_slot_clear(uint32_t slot)
{
    /* Deleting from an empty slot is no error; a wrong slot number is a bug of the caller. */
    if (kaal_cnode_delete(comp_slot(slot)) != ERROR_NONE) {
        comp_fail(70, "comp_slot_clear", SYSTEM_NO_SLOTS);
    }
}

void comp_receive_slot(uint32_t slot)
{
    kaal_ipc_buffer->receive_cnode = slot == 0 ? 0 : SLOT_CNODE;
    kaal_ipc_buffer->receive_index = slot;
    kaal_ipc_buffer->receive_depth = 64;
}

/* ---- words for errors ---- */

static const struct {
    const char *name;
    const char *sentence;
} error_words[SYSTEM_ERRORS] = {
    [SYSTEM_OK] = {"OK", "done"},
    [SYSTEM_BAD_REQUEST] = {"BAD_REQUEST", "unknown request, or too few words"},
    [SYSTEM_BAD_ARGUMENT] = {"BAD_ARGUMENT", "a value out of range"},
    [SYSTEM_NOT_FOUND] = {"NOT_FOUND", "nothing of that name or number"},
    [SYSTEM_DENIED] = {"DENIED", "the system description does not allow it"},
    [SYSTEM_BUSY] = {"BUSY", "somebody else holds it"},
    [SYSTEM_QUOTA] = {"QUOTA", "the component's own limit is reached"},
    [SYSTEM_NO_MEMORY] = {"NO_MEMORY", "no memory is left"},
    [SYSTEM_NO_SLOTS] = {"NO_SLOTS", "the slot is occupied or out of range, or no slots are left"},
    [SYSTEM_BROKEN] = {"BROKEN", "the server died while it had the call"},
    [SYSTEM_LATE] = {"LATE", "there was no answer before the deadline"},
};

const char *comp_error_name(uint64_t error)
{
    return error < SYSTEM_ERRORS ? error_words[error].name : "unknown error";
}

const char *comp_error_sentence(uint64_t error)
{
    return error < SYSTEM_ERRORS ? error_words[error].sentence : "unknown error";
}

_Noreturn void comp_fail(int status, const char *text, uint64_t error)
{
    system_log(text, strlen(text));
    if (error != SYSTEM_OK) {
        system_log(": ", 2);
        system_log(comp_error_sentence(error), strlen(comp_error_sentence(error)));
    }
    system_log("\n", 1);
    system_exit(status);
}
