/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocations of Untyped, TCB and CNode caps (abi/invocations.md §3 to §5). Only kaal_invoke knows
 * how a message is laid out.
 */
#include "kaal/invocations.h"

#include "kaal/syscalls.h"

enum error_code kaal_invoke(uint64_t cap, uint64_t label, struct kaal_words words,
                            struct kaal_words extra)
{
    struct ipc_buffer *buffer = kaal_ipc_buffer;
    struct kaal_message m = {.info = msginfo_new(label, 0, extra.count, words.count)};
    for (uint64_t i = 0; i < words.count; i++) {
        if (i < MSG_REGISTERS) {
            m.mr[i] = words.word[i];
        } else {
            buffer->msg[i] = words.word[i];
        }
    }
    for (uint64_t i = 0; i < extra.count; i++) {
        buffer->caps_or_badges[i] = extra.word[i];
    }
    kaal_call(cap, &m);
    for (uint64_t i = 0; i < MSG_REGISTERS; i++) {
        buffer->msg[i] = m.mr[i];
    }
    return (enum error_code)msginfo_label(m.info);
}

enum error_code kaal_untyped_retype(uint64_t untyped, enum object_type type, uint64_t size_bits,
                                    struct kaal_slot to, uint64_t offset, uint64_t count)
{
    return kaal_invoke(untyped, LABEL_UNTYPED_RETYPE,
                       KAAL_WORDS(type, size_bits, to.index, to.depth, offset, count),
                       KAAL_WORDS(to.root));
}

enum error_code kaal_tcb_read_registers(uint64_t tcb, uint64_t suspend, uint64_t count,
                                        uint64_t *out)
{
    enum error_code error =
        kaal_invoke(tcb, LABEL_TCB_READ_REGISTERS, KAAL_WORDS(suspend, count), KAAL_NONE);
    for (uint64_t i = 0; error == ERROR_NONE && i < count; i++) {
        out[i] = kaal_ipc_buffer->msg[i];
    }
    return error;
}

enum error_code kaal_tcb_write_registers(uint64_t tcb, uint64_t resume, uint64_t count,
                                         const uint64_t *in)
{
    uint64_t words[2 + REG_COUNT] = {resume, count};
    uint64_t used = count < REG_COUNT ? count : REG_COUNT;
    for (uint64_t i = 0; i < used; i++) {
        words[2 + i] = in[i];
    }
    return kaal_invoke(tcb, LABEL_TCB_WRITE_REGISTERS, (struct kaal_words){words, 2 + used},
                       KAAL_NONE);
}

enum error_code kaal_tcb_copy_registers(uint64_t tcb, uint64_t source, uint64_t flags)
{
    return kaal_invoke(tcb, LABEL_TCB_COPY_REGISTERS, KAAL_WORDS(flags), KAAL_WORDS(source));
}

enum error_code kaal_tcb_configure(uint64_t tcb, const struct kaal_tcb_setup *to)
{
    return kaal_invoke(
        tcb, LABEL_TCB_CONFIGURE,
        KAAL_WORDS(to->fault_ep, to->cspace_data, to->vspace_data, to->buffer_address),
        KAAL_WORDS(to->cspace, to->vspace, to->buffer_frame));
}

enum error_code kaal_tcb_set_priority(uint64_t tcb, uint64_t authority, uint64_t priority)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_PRIORITY, KAAL_WORDS(priority), KAAL_WORDS(authority));
}

enum error_code kaal_tcb_set_mc_priority(uint64_t tcb, uint64_t authority, uint64_t mcp)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_MC_PRIORITY, KAAL_WORDS(mcp), KAAL_WORDS(authority));
}

enum error_code kaal_tcb_set_sched_params(uint64_t tcb, uint64_t authority, uint64_t mcp,
                                          uint64_t priority)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_SCHED_PARAMS, KAAL_WORDS(mcp, priority),
                       KAAL_WORDS(authority));
}

enum error_code kaal_tcb_set_ipc_buffer(uint64_t tcb, uint64_t address, uint64_t frame)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_IPC_BUFFER, KAAL_WORDS(address), KAAL_WORDS(frame));
}

enum error_code kaal_tcb_set_space(uint64_t tcb, uint64_t fault_ep, uint64_t cspace,
                                   uint64_t cspace_data, uint64_t vspace, uint64_t vspace_data)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_SPACE, KAAL_WORDS(fault_ep, cspace_data, vspace_data),
                       KAAL_WORDS(cspace, vspace));
}

enum error_code kaal_tcb_suspend(uint64_t tcb)
{
    return kaal_invoke(tcb, LABEL_TCB_SUSPEND, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_tcb_resume(uint64_t tcb)
{
    return kaal_invoke(tcb, LABEL_TCB_RESUME, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_tcb_bind_notification(uint64_t tcb, uint64_t notification)
{
    return kaal_invoke(tcb, LABEL_TCB_BIND_NOTIFICATION, KAAL_NONE, KAAL_WORDS(notification));
}

enum error_code kaal_tcb_unbind_notification(uint64_t tcb)
{
    return kaal_invoke(tcb, LABEL_TCB_UNBIND_NOTIFICATION, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_tcb_set_tls_base(uint64_t tcb, uint64_t base)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_TLS_BASE, KAAL_WORDS(base), KAAL_NONE);
}

enum error_code kaal_tcb_set_flags(uint64_t tcb, uint64_t clear, uint64_t set)
{
    return kaal_invoke(tcb, LABEL_TCB_SET_FLAGS, KAAL_WORDS(clear, set), KAAL_NONE);
}

enum error_code kaal_cnode_revoke(struct kaal_slot at)
{
    return kaal_invoke(at.root, LABEL_CNODE_REVOKE, KAAL_WORDS(at.index, at.depth), KAAL_NONE);
}

enum error_code kaal_cnode_delete(struct kaal_slot at)
{
    return kaal_invoke(at.root, LABEL_CNODE_DELETE, KAAL_WORDS(at.index, at.depth), KAAL_NONE);
}

enum error_code kaal_cnode_cancel_badged_sends(struct kaal_slot at)
{
    return kaal_invoke(at.root, LABEL_CNODE_CANCEL_BADGED_SENDS, KAAL_WORDS(at.index, at.depth),
                       KAAL_NONE);
}

enum error_code kaal_cnode_copy(struct kaal_slot to, struct kaal_slot from, uint64_t rights)
{
    return kaal_invoke(to.root, LABEL_CNODE_COPY,
                       KAAL_WORDS(to.index, to.depth, from.index, from.depth, rights),
                       KAAL_WORDS(from.root));
}

enum error_code kaal_cnode_mint(struct kaal_slot to, struct kaal_slot from, uint64_t rights,
                                uint64_t data)
{
    return kaal_invoke(to.root, LABEL_CNODE_MINT,
                       KAAL_WORDS(to.index, to.depth, from.index, from.depth, rights, data),
                       KAAL_WORDS(from.root));
}

enum error_code kaal_cnode_move(struct kaal_slot to, struct kaal_slot from)
{
    return kaal_invoke(to.root, LABEL_CNODE_MOVE,
                       KAAL_WORDS(to.index, to.depth, from.index, from.depth),
                       KAAL_WORDS(from.root));
}

enum error_code kaal_cnode_mutate(struct kaal_slot to, struct kaal_slot from, uint64_t data)
{
    return kaal_invoke(to.root, LABEL_CNODE_MUTATE,
                       KAAL_WORDS(to.index, to.depth, from.index, from.depth, data),
                       KAAL_WORDS(from.root));
}

enum error_code kaal_cnode_rotate(struct kaal_slot to, uint64_t to_data, struct kaal_slot pivot,
                                  uint64_t pivot_data, struct kaal_slot from)
{
    return kaal_invoke(to.root, LABEL_CNODE_ROTATE,
                       KAAL_WORDS(to.index, to.depth, to_data, pivot.index, pivot.depth, pivot_data,
                                  from.index, from.depth),
                       KAAL_WORDS(pivot.root, from.root));
}

enum error_code kaal_cnode_save_caller(struct kaal_slot to)
{
    return kaal_invoke(to.root, LABEL_CNODE_SAVE_CALLER, KAAL_WORDS(to.index, to.depth), KAAL_NONE);
}
