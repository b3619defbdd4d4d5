/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fault messages as a whole: the words in registers and those in this thread's buffer.
 */
#include "faults.h"

struct fault_message fault_receive(uint64_t ep)
{
    struct fault_message f = {0};
    struct kaal_message m = {0};
    settle();
    kaal_nb_recv(ep, &m);
    f.badge = m.badge;
    f.info = m.info;
    for (unsigned i = 0; i < FAULT_WORDS; i++) {
        f.mr[i] = i < MSG_REGISTERS ? m.mr[i] : kaal_ipc_buffer->msg[i];
    }
    return f;
}

void fault_reply(uint64_t label, uint64_t length, const uint64_t *words)
{
    struct kaal_message m = {.info = msginfo_new(label, 0, 0, length)};
    for (uint64_t i = 0; i < length; i++) {
        if (i < MSG_REGISTERS) {
            m.mr[i] = words[i];
        } else {
            kaal_ipc_buffer->msg[i] = words[i];
        }
    }
    kaal_reply(&m);
}

void fault_check(const struct probe *p, const struct fault_message *f, uint64_t label,
                 uint64_t length)
{
    check_eq(f->badge, PROBE_BADGE + p->index);
    check_eq(f->info, msginfo_new(label, 0, 0, length));
}

void fault_check_spsr(uint64_t found, uint64_t flags)
{
    check_eq(found & ~0x100ull, flags | 0x40);
}

struct fault_message fault_unknown_call(struct probe *p, uint64_t number)
{
    probe_set(p, snippet_svc);
    for (unsigned i = 0; i < 7; i++) {
        p->regs[REG_X0 + i] = 0x1000 + i;
    }
    p->regs[REG_X7] = number;
    p->regs[REG_SPSR] = 0xffffffff;
    probe_go(p);
    return fault_receive(fault_endpoint());
}

struct fault_message fault_run(struct probe *p, const char *code, uint64_t x0)
{
    probe_set(p, code);
    p->regs[REG_X0] = x0;
    probe_go(p);
    return fault_receive(fault_endpoint());
}

void fault_vm(struct probe *p, const char *code, uint64_t address, uint64_t syndrome)
{
    struct fault_message f = fault_run(p, code, address);
    fault_check(p, &f, FAULT_VM, 4);
    check_eq(f.mr[0], code == snippet_jump ? address : (uint64_t)code);
    check_eq(f.mr[1], address);
    check_eq(f.mr[2], code == snippet_jump);
    check_eq(f.mr[3], syndrome);
}
