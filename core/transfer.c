/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Message and cap transfer (abi/syscalls.md §4).
 */
#include "transfer.h"

#include "cdt.h"
#include "cspace.h"
#include "derive.h"
#include "fault.h"
#include "thread.h"

bool extra_caps_lookup(const struct tcb *sender, const struct ipc_buffer *buffer, unsigned count,
                       struct extra_caps *out, uint64_t *cptr, struct lookup_fault *fault)
{
    out->count = 0;
    for (unsigned i = 0; i < count; i++) {
        *cptr = *(const volatile uint64_t *)&buffer->caps_or_badges[i];
        out->slot[i] = cspace_lookup(sender, *cptr, fault);
        if (!out->slot[i])
            return false;
        out->count = i + 1;
    }
    return true;
}

/* Where the receiver wants a cap, or NULL; failures are silent. */
static struct slot *receive_slot(const struct tcb *receiver, const struct ipc_buffer *buffer)
{
    const volatile struct ipc_buffer *words = buffer;
    struct lookup_fault fault;
    struct refusal no;
    struct slot *slot;
    struct slot *root = cspace_lookup(receiver, words->receive_cnode, &fault);
    if (!root)
        return NULL;
    if (cspace_target(root->cap, words->receive_index, words->receive_depth, false, &slot, &no))
        return NULL;
    return cap_is_null(slot->cap) ? slot : NULL;
}

/* The cap loop of §4. Returns the number of caps dealt with; *unwrapped gets their bits. */
static unsigned transfer_caps(const struct transfer *t, const struct extra_caps *extra,
                              struct ipc_buffer *buffer, unsigned *unwrapped)
{
    struct slot *place = receive_slot(t->receiver, buffer);
    unsigned i;
    for (i = 0; i < extra->count; i++) {
        struct slot *source = extra->slot[i];
        struct cap copy;
        struct refusal no;
        //@ split place;
        //@ split source;
        if (t->endpoint && cap_type(source->cap) == CAP_ENDPOINT &&
            endpoint_of(source->cap) == t->endpoint) {
            buffer->caps_or_badges[i] = ipc_badge(source->cap);
            *unwrapped |= 1u << i;
            continue;
        }
        if (!place || derive(source, source->cap, &copy, &no) || cap_is_null(copy))
            break;
        cdt_insert_copy(source, place, copy);
        place = NULL;
    }
    return i;
}

static uint64_t transfer_words(const struct transfer *t, const struct ipc_buffer *from,
                               struct ipc_buffer *to, uint64_t length)
{
    uint64_t in_registers = length < MSG_REGISTERS ? length : MSG_REGISTERS;
    for (unsigned i = 0; i < in_registers; i++)
        t->receiver->context.reg[REG_X2 + i] = t->sender->context.reg[REG_X2 + i];
    if (!from || !to)
        return in_registers;
    for (uint64_t i = MSG_REGISTERS; i < length; i++)
        to->msg[i] = *(const volatile uint64_t *)&from->msg[i];
    return length;
}

static void transfer_normal(const struct transfer *t)
{
    const struct ipc_buffer *from = thread_buffer(t->sender, false);
    struct ipc_buffer *to = thread_buffer(t->receiver, true);
    uint64_t info = t->sender->context.reg[REG_X1];
    uint64_t length = msginfo_length(info);
    if (length > MSG_MAX_LENGTH)
        length = MSG_MAX_LENGTH;
    length = transfer_words(t, from, to, length);

    struct extra_caps looked_up = {0};
    const struct extra_caps *extra = t->extra;
    unsigned wanted = (unsigned)msginfo_extra_caps(info);
    unsigned unwrapped = 0;
    unsigned count = 0;
    if (t->grant && wanted && from && to) {
        uint64_t cptr;
        struct lookup_fault fault;
        if (!extra) {
            if (!extra_caps_lookup(t->sender, from, wanted, &looked_up, &cptr, &fault))
                looked_up.count = 0;
            extra = &looked_up;
        }
        if (extra->count)
            count = transfer_caps(t, extra, to, &unwrapped);
    }
    t->receiver->context.reg[REG_X0] = t->badge;
    t->receiver->context.reg[REG_X1] = msginfo_new(msginfo_label(info), unwrapped, count, length);
}

void transfer_message(const struct transfer *t)
{
    if (!t->sender->faulty)
        transfer_normal(t);
    else
        fault_send_message(t->sender, t->receiver, t->badge);
}
