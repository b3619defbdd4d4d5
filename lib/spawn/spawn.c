/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What is made is noted at once, so giving up anywhere is closing what there is.
 */
#include "spawn/spawn.h"

#include "comp/protocol.h"
#include "kaal/print.h"
#include "spawn/program.h"

enum {
    LEAST_CNODE_BITS = 4,
    MOST_CNODE_BITS = 16,
};

static uint32_t rights_of(uint32_t flags)
{
    return ((flags & PROGRAM_READ) != 0 ? MAP_READ : 0) |
           ((flags & PROGRAM_WRITE) != 0 ? MAP_WRITE : 0) |
           ((flags & PROGRAM_EXECUTE) != 0 ? MAP_EXECUTE : 0);
}

/* Pages with bytes of the file are written now, the others come zeroed with their first touch. */
static enum broker_code load(struct mm *mm, uint32_t space, const struct program *program)
{
    for (uint32_t i = 0; i < program->segments; i++) {
        const struct program_segment *s = &program->segment[i];
        uint64_t start = s->address & ~(MM_PAGE - 1);
        uint64_t end = (s->address + s->memory_bytes + MM_PAGE - 1) & ~(MM_PAGE - 1);
        enum broker_code code =
            mm_map(mm, space, start, end - start, REGION_IMAGE, rights_of(s->flags));
        if (code == BROKER_OK) {
            code = mm_write(mm, space, s->address, s->data, s->data_bytes);
        }
        if (code != BROKER_OK) {
            return code;
        }
    }
    return BROKER_OK;
}

struct fixed {
    uint64_t address;
    uint64_t bytes;
    enum region_kind kind;
    uint32_t flags;
};

static enum broker_code map_fixed(struct mm *mm, struct spawn *spawn, const struct spawn_params *p)
{
    spawn->stack_bottom = LAYOUT_STACK_TOP - p->stack;
    spawn->heap_limit = LAYOUT_HEAP + p->heap;
    const struct fixed list[] = {
        {LAYOUT_ENV, MM_PAGE, REGION_SYSTEM, MAP_READ | MAP_NOW},
        {LAYOUT_CONTROL, MM_PAGE, REGION_SYSTEM, MAP_READ | MAP_WRITE | MAP_NOW},
        {LAYOUT_IPC_BUFFER, MM_PAGE, REGION_SYSTEM, MAP_READ | MAP_WRITE | MAP_NOW},
        {spawn->stack_bottom, p->stack, REGION_STACK, MAP_READ | MAP_WRITE | MAP_GUARD},
        {LAYOUT_HEAP, p->heap, REGION_HEAP, MAP_READ | MAP_WRITE},
    };
    for (uint32_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i].bytes == 0) {
            continue; /* no heap */
        }
        enum broker_code code =
            mm_map(mm, spawn->space, list[i].address, list[i].bytes, list[i].kind, list[i].flags);
        if (code != BROKER_OK) {
            return code;
        }
    }
    return BROKER_OK;
}

static struct kaal_slot slot_of(const struct mm *mm, const struct spawn *spawn, uint32_t slot)
{
    return (struct kaal_slot){broker_cptr(mm->broker, spawn->cnode), slot, spawn->cnode_bits};
}

static enum broker_code kernel(struct mm *mm, const struct spawn *spawn, const char *what,
                               enum error_code error)
{
    uint16_t client = mm->space[spawn->space].client;
    return error == ERROR_NONE ? BROKER_OK
                               : broker_refuse(mm->broker, (struct broker_error){
                                                               .code = BROKER_KERNEL,
                                                               .client = client,
                                                               .kernel = error,
                                                               .what = what,
                                                           });
}

enum broker_code spawn_give(struct mm *mm, const struct spawn *spawn, uint32_t slot, uint32_t from,
                            uint64_t rights, uint64_t badge)
{
    struct kaal_slot to = slot_of(mm, spawn, slot), source = broker_at(mm->broker, from);
    return kernel(mm, spawn, "CNode_Copy",
                  badge == 0 ? kaal_cnode_copy(to, source, rights)
                             : kaal_cnode_mint(to, source, rights, badge));
}

/* The CSpace: one CNode that resolves all 64 bits of a cptr, with a cap to itself. */
static enum broker_code make_cspace(struct mm *mm, struct spawn *spawn,
                                    const struct spawn_params *p)
{
    struct broker *b = mm->broker;
    spawn->cnode_bits = p->cnode_bits;
    enum broker_code code = broker_object(b, p->client, OBJECT_CNODE, p->cnode_bits, &spawn->cnode);
    if (code != BROKER_OK) {
        return code;
    }
    code = kernel(mm, spawn, "CNode_Mint",
                  kaal_cnode_mint(slot_of(mm, spawn, SLOT_CNODE),
                                  broker_at(b, broker_cptr(b, spawn->cnode)), RIGHTS_ALL,
                                  kaal_guard(0, WORD_BITS - p->cnode_bits)));
    if (code == BROKER_OK) {
        code = spawn_give(mm, spawn, SLOT_FAULT, p->faults, RIGHT_WRITE | RIGHT_GRANT_REPLY,
                          p->fault_badge);
    }
    if (code == BROKER_OK && p->notification != 0) {
        code = spawn_give(mm, spawn, SLOT_NOTIFICATION, p->notification, RIGHT_READ, 0);
    }
    return code;
}

static enum broker_code make_thread(struct mm *mm, struct spawn *spawn,
                                    const struct spawn_params *p)
{
    struct broker *b = mm->broker;
    enum broker_code code = broker_object(b, p->client, OBJECT_TCB, 0, &spawn->tcb);
    if (code != BROKER_OK) {
        return code;
    }
    uint32_t tcb = broker_cptr(b, spawn->tcb);
    /* Made just before with MAP_NOW: the page is there. */
    const struct kaal_tcb_setup setup = {
        .fault_ep = SLOT_FAULT,
        .cspace = broker_cptr(b, spawn->cnode),
        .cspace_data = kaal_guard(0, WORD_BITS - p->cnode_bits),
        .vspace = mm_vspace(mm, spawn->space),
        .buffer_address = LAYOUT_IPC_BUFFER,
        .buffer_frame = mm_cap_at(mm, spawn->space, LAYOUT_IPC_BUFFER),
    };
    uint64_t registers[REG_COUNT] = {[REG_PC] = spawn->entry, [REG_SP] = LAYOUT_STACK_TOP};
    enum error_code error = kaal_tcb_configure(tcb, &setup);
    if (error == ERROR_NONE) {
        error = kaal_tcb_set_sched_params(tcb, SLOT_INIT_TCB, 0, p->priority);
    }
    if (error == ERROR_NONE && p->notification != 0) {
        error = kaal_tcb_bind_notification(tcb, p->notification);
    }
    if (error == ERROR_NONE) {
        error = kaal_tcb_write_registers(tcb, 0, REG_COUNT, registers);
    }
    return kernel(mm, spawn, "the thread's set-up", error);
}

static enum broker_code make(struct mm *mm, struct spawn *spawn, const struct spawn_params *p,
                             const struct program *program)
{
    enum broker_code code = mm_space_open(mm, p->client, &spawn->space);
    if (code != BROKER_OK) {
        return code;
    }
    spawn->open = true;
    spawn->entry = program->entry;
    code = load(mm, spawn->space, program);
    if (code == BROKER_OK) {
        code = map_fixed(mm, spawn, p);
    }
    if (code == BROKER_OK) {
        code = make_cspace(mm, spawn, p);
    }
    if (code == BROKER_OK) {
        code = make_thread(mm, spawn, p);
    }
    return code;
}

static enum broker_code refuse(struct mm *mm, const struct spawn_params *p, const char *what,
                               uint64_t value)
{
    return broker_refuse(mm->broker, (struct broker_error){.code = BROKER_BAD_ARGUMENT,
                                                           .client = p->client,
                                                           .what = what,
                                                           .wanted = value});
}

enum broker_code spawn_open(struct mm *mm, const struct spawn_params *params, struct spawn *spawn,
                            char *why, size_t room)
{
    struct program program;
    enum broker_code code;
    *spawn = (struct spawn){0};
    if (!program_read(&program, params->elf, params->elf_bytes, why, room)) {
        return refuse(mm, params, "program", 0);
    }
    if (params->cnode_bits < LEAST_CNODE_BITS || params->cnode_bits > MOST_CNODE_BITS) {
        code = refuse(mm, params, "CNode bits", params->cnode_bits);
    } else if (params->stack == 0 || params->stack > LAYOUT_STACK_TOP - LAYOUT_IPC_BUFFER) {
        code = refuse(mm, params, "stack bytes", params->stack);
    } else if (params->heap > LAYOUT_MMIO - LAYOUT_HEAP) {
        code = refuse(mm, params, "heap bytes", params->heap);
    } else {
        code = make(mm, spawn, params, &program);
    }
    if (code != BROKER_OK) {
        broker_explain(mm->broker, why, room);
        spawn_close(mm, spawn);
    }
    return code;
}

enum broker_code spawn_env(struct mm *mm, const struct spawn *spawn, const struct env *env)
{
    return mm_write(mm, spawn->space, LAYOUT_ENV, env, sizeof(*env));
}

enum broker_code spawn_start(struct mm *mm, const struct spawn *spawn)
{
    return spawn_resume(mm, spawn);
}

enum broker_code spawn_suspend(struct mm *mm, const struct spawn *spawn)
{
    return kernel(mm, spawn, "TCB_Suspend", kaal_tcb_suspend(spawn_tcb(mm, spawn)));
}

enum broker_code spawn_resume(struct mm *mm, const struct spawn *spawn)
{
    return kernel(mm, spawn, "TCB_Resume", kaal_tcb_resume(spawn_tcb(mm, spawn)));
}

void spawn_close(struct mm *mm, struct spawn *spawn)
{
    if (spawn->tcb != BUDDY_NONE) {
        broker_give_back(mm->broker, spawn->tcb);
    }
    if (spawn->cnode != BUDDY_NONE) {
        broker_give_back(mm->broker, spawn->cnode);
    }
    if (spawn->open) {
        mm_space_close(mm, spawn->space);
    }
    *spawn = (struct spawn){0};
}
