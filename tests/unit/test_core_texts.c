/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the kernel tells a developer, word for word where make mutation-check showed that nobody
 * looked: snapshot, names, last words, events.
 */
#include <stdio.h>

#include "console.h"
#include "diag.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    D = FX_DEPTH
};

static const char *snapshot(void)
{
    console_begin();
    fx_syscall(SYS_DEBUG_SNAPSHOT, 0, 0, W(), C());
    return console_end();
}

/* Each object once, with its size and address; caps without an object by their number. */
static void a_snapshot_lists_objects(void **unused)
{
    char line[96];
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0), handler = fx_slot();
    unsigned long long pa = cap_object(fx_cap(endpoint));
    (void)unused;
    (void)fx_copy(endpoint, RIGHTS_ALL);
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, D), C(ROOT));
    const char *text = snapshot();
    snprintf(line, sizeof line, "\nep_%llx = ep\n", pa);
    CONTAINS(text, line);
    assert_null(strstr(strstr(text, line) + 1, line));
    snprintf(line, sizeof line, "\n0x%llx: irq_40\n", (unsigned long long)handler);
    CONTAINS(text, line);
}

/* Frames with rights and mapping. */
static void a_snapshot_shows_mappings(void **unused)
{
    uint64_t slot = fx.info->user_image_frames.start;
    struct cap frame = fx_cap(slot);
    char line[96];
    (void)unused;
    const char *text = snapshot();
    snprintf(line, sizeof line, "\n0x%llx: frame_%llx (WR, asid: (0, 1)) -- at 0x%llx\n",
             (unsigned long long)slot, (unsigned long long)cap_object(frame),
             (unsigned long long)mapping_vaddr(frame));
    CONTAINS(text, line);
}

static void a_shorter_name_replaces_a_longer_one(void **unused)
{
    uint64_t thread = cap_object(fx_cap(fx_new(OBJECT_TCB, 0)));
    (void)unused;
    diag_name_thread(fx.cpu->diag, thread, "a long name");
    diag_name_thread(fx.cpu->diag, thread, "ab");
    assert_string_equal(diag_thread_name(fx.cpu->diag, thread), "ab");
}

/* Registers in the order of seL4_UserContext, four a line (abi/objects.md §1). */
static void a_double_fault_shows_the_registers(void **unused)
{
    struct tcb *tcb = fx_tcb(fx_thread(200, true));
    char line[96];
    (void)unused;
    for (unsigned i = 0; i < REG_COUNT; i++)
        tcb->context.reg[i] = 0x100 + i;
    fx.cpu->diag->log = LOG_REFUSALS;
    fx_switch(tcb);
    console_begin();
    fx_trap(TRAP_DATA_ABORT, 0x92000044, 0x1000);
    const char *text = console_end();
    for (unsigned i = 0; i < REG_COUNT; i += 4) {
        snprintf(line, sizeof line, "  %02u: %016x %016x %016x %016x\n", i, 0x100 + i, 0x101 + i,
                 0x102 + i, 0x103 + i);
        CONTAINS(text, line);
    }
}

/* x0 to x5 of the thread that trapped, as they are when it leaves the kernel. */
static void an_event_has_the_results(void **unused)
{
    struct diag *diag = fx.cpu->diag;
    (void)unused;
    diag->events = fx.cpu->watched = true;
    fx_call(ROOT, 4000, W(1, 2, 3, 4), C());
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(diag->event.result[i], fx.root->context.reg[REG_X0 + i]);
    assert_int_not_equal(diag->event.result[1], 0);
}

/* A sentence as core_explain() and events have it, whatever stood there before. */
static const char *sentence(const char *text, uint64_t found)
{
    struct diag *diag = fx.cpu->diag;
    diag->events = true;
    diag_refusal(fx.cpu, fx.root, LABEL_CNODE_COPY, ERROR_RANGE, text, found);
    return diag->text;
}

static void sentences_of_refusals(void **unused)
{
    char longer[DIAG_TEXT_BYTES + 10], most[DIAG_TEXT_BYTES + 10];
    (void)unused;
    assert_string_equal(sentence("depth # is more than % bits", 65),
                        "depth 0x41 is more than 65 bits");
    assert_string_equal(sentence("no room", 0), "no room");
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    memcpy(most, longer, sizeof most);
    most[DIAG_TEXT_BYTES - 1] = 0;
    assert_string_equal(sentence(longer, 0), most); /* what does not fit is cut off */
    longer[DIAG_TEXT_BYTES - 3] = '%';
    most[DIAG_TEXT_BYTES - 3] = '1';
    most[DIAG_TEXT_BYTES - 2] = '2';
    assert_string_equal(sentence(longer, 1234), most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(a_snapshot_lists_objects),
        FX_CASE(a_snapshot_shows_mappings),
        FX_CASE(a_shorter_name_replaces_a_longer_one),
        FX_CASE(a_double_fault_shows_the_registers),
        FX_CASE(an_event_has_the_results),
        FX_CASE(sentences_of_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
