/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Refusals in words and thread names. Outside the hashed state.
 */
#include "diag.h"

#include "explain.h"
#include "print.h"

const char *diag_thread_name(const struct diag *diag, uint64_t thread)
{
    for (unsigned i = 0; i < DIAG_NAMES; i++)
        if (diag->names[i].thread == thread)
            return diag->names[i].text;
    return "";
}

static struct diag_name *name_entry(struct diag *diag, uint64_t thread)
{
    for (unsigned i = 0; i < DIAG_NAMES; i++)
        if (diag->names[i].thread == thread)
            return &diag->names[i];
    return &diag->names[diag->next_name++ % DIAG_NAMES];
}

void diag_name_thread(struct diag *diag, uint64_t thread, const char *name)
{
    struct diag_name *entry = name_entry(diag, thread);
    unsigned i;
    entry->thread = thread;
    for (i = 0; i < DIAG_NAME_BYTES - 1 && name[i]; i++)
        entry->text[i] = name[i];
    entry->text[i] = 0;
}

void diag_forget_thread(struct diag *diag, uint64_t thread)
{
    for (unsigned i = 0; i < DIAG_NAMES; i++)
        if (diag->names[i].thread == thread)
            diag->names[i] = (struct diag_name){0};
}

/* `text` with the value found in place of "%" (decimal) or "#" (hexadecimal). */
static void write_sentence(struct diag *diag, const char *text, uint64_t found)
{
    unsigned used = 0;
    for (; *text && used < DIAG_TEXT_BYTES - 1; text++) {
        if (*text == '%' || *text == '#')
            used += (unsigned)print_to(diag->text + used, DIAG_TEXT_BYTES - used,
                                       *text == '%' ? "%u" : "0x%x", found);
        else
            diag->text[used++] = *text;
    }
    diag->text[used] = 0;
}

/* "name" of a thread that has one, else its address. */
static void print_thread(const struct diag *diag, uint64_t thread)
{
    const char *name = diag_thread_name(diag, thread);
    if (name[0])
        print("\"%s\": ", name);
    else
        print("thread 0x%x: ", thread);
}

static void print_entry(struct diag *diag, const struct diag_entry *entry)
{
    print_thread(diag, entry->thread);
    if (entry->label == 0) {
        print("%s: %s 0x%x\n", fault_name(entry->code), entry->text, entry->found);
        return;
    }
    const char *name = entry->label < LABEL_COUNT ? methods[entry->label].name : NULL;
    write_sentence(diag, entry->text, entry->found);
    print("%s: %s (%s)\n", name ? name : "unknown label", diag->text, error_name(entry->code));
}

static struct diag_entry *add_entry(struct cpu *cpu, const struct tcb *thread)
{
    struct diag_entry *entry = &cpu->diag->ring[cpu->diag->refusals++ % DIAG_RING];
    entry->thread = pa_of(thread);
    return entry;
}

void diag_refusal(struct cpu *cpu, const struct tcb *thread, uint32_t label, uint32_t code,
                  const char *text, uint64_t found)
{
    struct diag_entry *entry = add_entry(cpu, thread);
    entry->label = label ? label : LABEL_COUNT;
    entry->code = code;
    entry->text = text;
    entry->found = found;
    if (cpu->diag->events)
        write_sentence(cpu->diag, text, found);
    if (cpu->diag->log >= LOG_REFUSALS)
        print_entry(cpu->diag, entry);
}

void diag_fault(struct cpu *cpu, const struct tcb *thread, const struct fault *fault)
{
    static const char *const texts[] = {
        "", "no usable cap at cptr", "there is no system call", "instruction not allowed, at",
        "", "no access to address"};
    struct diag_entry *entry = add_entry(cpu, thread);
    entry->label = 0;
    entry->code = fault->label;
    entry->text = texts[fault->label];
    entry->found = fault->label == FAULT_USER_EXCEPTION ? thread->context.reg[REG_PC] : fault->word;
    cpu->diag->event.fault = fault->label;
    if (cpu->diag->log >= LOG_REFUSALS)
        print_entry(cpu->diag, entry);
}

void core_explain(const struct cpu *cpu)
{
    struct diag *diag = cpu->diag;
    uint64_t first = diag->refusals > DIAG_RING ? diag->refusals - DIAG_RING : 0;
    if (first)
        print("(%u earlier refusals are not kept)\n", first);
    for (uint64_t i = first; i < diag->refusals; i++)
        print_entry(diag, &diag->ring[i % DIAG_RING]);
}
