/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * core_caps(): every cap once, in pre-order of the derivation tree (abi/objects.md §3), with its
 * holder.
 */
#include "cap_view.h"
#include "cdt.h"
#include "core_fixture.h"
#include "diag.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    MOST = 2048
};

static struct cap_view views[MOST];
static unsigned count;

static void visit(void *arg, const struct cap_view *view)
{
    assert_ptr_equal(arg, &count);
    assert_true(count < MOST);
    views[count++] = *view;
}

static void look(void)
{
    count = 0;
    assert_true(core_caps(fx.cpu, visit, &count));
}

/* Index of the cap in a slot of the root CNode. */
static unsigned at(uint64_t slot)
{
    unsigned found = MOST;
    for (unsigned i = 0; i < count; i++) {
        if (views[i].holder.kind == HOLDER_CNODE && views[i].slot == slot &&
            views[i].holder.object == cap_object(fx_cap(ROOT))) {
            assert_int_equal(found, MOST); /* once */
            found = i;
        }
    }
    assert_int_not_equal(found, MOST);
    return found;
}

/* The last one before it that is less deep. */
static unsigned parent(unsigned i)
{
    unsigned depth = views[i].depth;
    while (views[i].depth >= depth) {
        assert_true(i > 0);
        i--;
    }
    return i;
}

static void every_cap_once(void **unused)
{
    unsigned in_root = 0;
    uint64_t slots = cnode_slots(fx_cap(ROOT));
    (void)unused;
    look();
    for (unsigned i = 0; i < count; i++)
        in_root += views[i].holder.object == cap_object(fx_cap(ROOT));
    for (uint64_t slot = 0; slot < slots; slot++) {
        if (cap_is_null(fx_cap(slot)))
            continue;
        in_root--;
        assert_string_equal(views[at(slot)].type, cap_type_name(cap_type(fx_cap(slot))));
        assert_int_equal(views[at(slot)].object, cap_object(fx_cap(slot)));
    }
    assert_int_equal(in_root, 0);
}

static void derivation(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t badged = fx_mint(endpoint, RIGHT_WRITE | RIGHT_GRANT_REPLY, 77);
    uint64_t child = fx_copy(badged, RIGHT_WRITE);
    uint64_t other = fx_copy(endpoint, RIGHT_READ);
    (void)unused; /* §3.3: a badged cap is the parent of copies with its badge */
    look();
    assert_string_equal(views[parent(at(endpoint))].type, "Untyped");
    assert_int_equal(parent(at(badged)), at(endpoint));
    assert_int_equal(parent(at(child)), at(badged));
    assert_int_equal(parent(at(other)), at(endpoint));
    assert_int_equal(views[at(badged)].badge, 77);
    assert_int_equal(views[at(badged)].rights, RIGHT_WRITE | RIGHT_GRANT_REPLY);
    assert_int_equal(views[at(other)].rights, RIGHT_READ);
}

/* Every cap that the thread holds shows its name, its state and on what it waits. */
static void shows(uint64_t thread, const char *name, const char *state, uint64_t waits_on)
{
    unsigned seen = 0;
    look();
    for (unsigned i = 0; i < count; i++) {
        const struct cap_holder *h = &views[i].holder;
        if (h->kind != HOLDER_THREAD || h->object != cap_object(fx_cap(thread)))
            continue;
        seen++;
        assert_string_equal(h->name, name);
        assert_string_equal(h->state, state);
        assert_int_equal(h->waits_on, waits_on);
        assert_int_equal(h->priority, 255);
    }
    assert_true(seen >= 2); /* its CSpace and its VSpace */
}

static void threads(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t thread = fx_thread(255, true);
    (void)unused;
    diag_name_thread(fx.cpu->diag, cap_object(fx_cap(thread)), "waiter");
    fx_switch(fx_tcb(thread));
    fx_recv(endpoint);
    shows(thread, "waiter", "receives", cap_object(fx_cap(endpoint)));
}

static void what_threads_wait_on(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t sender = fx_thread(255, true), waiter = fx_thread(255, true);
    (void)unused;
    shows(sender, "", "runnable", 0);
    fx_switch(fx_tcb(sender));
    fx_syscall(SYS_CALL, endpoint, 1, W(), C());
    fx_switch(fx_tcb(waiter));
    fx_recv(notification);
    fx_switch(fx.root);
    shows(sender, "", "sends", cap_object(fx_cap(endpoint)));
    shows(waiter, "", "waits for a signal", cap_object(fx_cap(notification)));
    fx_recv(endpoint);
    shows(sender, "", "waits for a reply", 0);
}

static void interrupts(void **unused)
{
    uint64_t handler = fx_slot();
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t signal = fx_mint(notification, RIGHT_WRITE, 4);
    bool seen = false;
    (void)unused; /* invocations.md §6: IRQControl_Get; the notification cap is kept */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, 64), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(signal));
    look();
    assert_int_equal(views[at(handler)].address, 40);
    assert_string_equal(views[parent(at(handler))].type, "IRQControl");
    for (unsigned i = 0; i < count; i++)
        seen = seen || (views[i].holder.kind == HOLDER_IRQ && views[i].holder.object == 40 &&
                        views[i].badge == 4);
    assert_true(seen);
}

/* A RAM Untyped whose memory ends below the kernel's table of interrupts. */
static uint64_t untyped_below_the_interrupts(void)
{
    const struct bootinfo *info = fx.info;
    uint64_t limit = pa_of(fx.cpu->kernel->irqs);
    for (uint64_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct untyped_desc *u = &info->untyped_list[i];
        if (!u->is_device && u->size_bits >= 12 && u->paddr + (1ull << u->size_bits) <= limit)
            return info->untyped.start + i;
    }
    fail_msg("no Untyped lies below the table of interrupts");
    return 0;
}

/* Slots on both sides of the table of interrupts are their CNodes'. */
static void slots_around_the_interrupts(void **unused)
{
    uint64_t cnode = fx_new_from(untyped_below_the_interrupts(), OBJECT_CNODE, 4);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    unsigned seen = 0;
    (void)unused;
    OK(cnode, LABEL_CNODE_COPY, W(9, 4, endpoint, FX_DEPTH, RIGHT_READ), C(ROOT));
    look();
    for (unsigned i = 0; i < count; i++) {
        const struct cap_view *view = &views[i];
        if (view->object != cap_object(fx_cap(endpoint)) || view->rights != RIGHT_READ)
            continue;
        seen++;
        assert_int_equal(view->holder.kind, HOLDER_CNODE);
        assert_int_equal(view->holder.object, cap_object(fx_cap(cnode)));
        assert_int_equal(view->slot, 9);
    }
    assert_int_equal(seen, 1);
}

/* Where frames and tables are mapped. */
static void mapped(uint64_t slot, uint64_t address)
{
    const struct cap_view *view = &views[at(slot)];
    assert_int_equal(view->asid, 1); /* the initial thread's, abi/boot.md §5 */
    assert_int_equal(view->address, address);
    assert_int_equal(view->address, mapping_vaddr(fx_cap(slot)));
}

static void mappings(void **unused)
{
    (void)unused; /* image at 0x400000, the IPC buffer behind it */
    uint64_t pages = fx.info->user_image_frames.end - fx.info->user_image_frames.start;
    look();
    mapped(fx.info->user_image_frames.start, 0x400000);
    mapped(fx.info->user_image_frames.start + 1, 0x401000);
    mapped(SLOT_IPC_BUFFER_FRAME, 0x400000 + pages * 0x1000);
    mapped(fx.info->user_image_paging.end - 1, 0x400000);
    assert_int_equal(views[at(SLOT_INIT_VSPACE)].asid, 1);
}

/* The master reply cap of a thread is derived from nothing and lies in its TCB alone. */
static void reply_cap_of_the_running_thread(void **unused)
{
    unsigned seen = 0;
    (void)unused;
    look();
    for (unsigned i = 0; i < count; i++)
        if (views[i].holder.kind == HOLDER_THREAD && views[i].holder.object == pa_of(fx.root) &&
            views[i].slot == TCB_REPLY) {
            seen++;
            assert_string_equal(views[i].type, cap_type_name(CAP_REPLY));
            assert_int_equal(views[i].depth, 0);
        }
    assert_int_equal(seen, 1);
}

/* A CNode that holds its own last cap: what lies there is found by its neighbours in the derivation
 * list, and so is the CNode, which is named as the holder. */
static void a_cnode_with_its_own_last_cap(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t cnode = fx_new_from(untyped_below_the_interrupts(), OBJECT_CNODE, 4);
    const struct slot *slots = cnode_of(fx_cap(cnode));
    uint64_t object = cap_object(fx_cap(cnode));
    unsigned seen = 0;
    (void)unused;
    OK(cnode, LABEL_CNODE_COPY, W(9, 4, endpoint, FX_DEPTH, RIGHT_READ), C(ROOT));
    OK(cnode, LABEL_CNODE_MOVE, W(3, 4, cnode, FX_DEPTH), C(ROOT));
    assert_int_equal(cap_type(slots[3].cap), CAP_CNODE);
    look();
    for (unsigned i = 0; i < count; i++) {
        if (views[i].object != cap_object(fx_cap(endpoint)) || views[i].rights != RIGHT_READ)
            continue;
        seen++;
        assert_int_equal(parent(i), at(endpoint));
        assert_int_equal(views[i].holder.kind, HOLDER_CNODE);
        assert_int_equal(views[i].holder.object, object);
        assert_int_equal(views[i].slot, 9);
    }
    assert_int_equal(seen, 1);
}

/* Untypeds of one size, each made of the one before (abi/objects.md §2): deeper than ancestors are
 * remembered. Every cap is shown, and the answer says that the depths are not all true. */
static void derived_over_many_steps(void **unused)
{
    uint64_t last = fx_new(OBJECT_UNTYPED, 12);
    unsigned seen = 0;
    (void)unused;
    fx.unchecked = true;
    for (unsigned i = 0; i < 140; i++)
        last = fx_new_from(last, OBJECT_UNTYPED, 12);
    count = 0;
    assert_false(core_caps(fx.cpu, visit, &count));
    for (unsigned i = 0; i < count; i++)
        seen += views[i].object == cap_object(fx_cap(last)) && views[i].object_bits == 12;
    assert_int_equal(seen, 141);
}

/* Memory that is no object's does not pose as a CNode's or a thread's. */
static void a_cap_in_no_object(void **unused)
{
    static _Alignas(16) struct slot stray;
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    unsigned seen = 0;
    (void)unused;
    cdt_insert_copy(fx_at(endpoint), &stray, fx_cap(endpoint));
    look();
    for (unsigned i = 0; i < count; i++)
        seen += views[i].holder.kind == HOLDER_UNKNOWN &&
                views[i].object == cap_object(fx_cap(endpoint)) && parent(i) == at(endpoint);
    assert_int_equal(seen, 1);
    cdt_remove(&stray);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, fx_setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_cap_once),
        CASE(derivation),
        CASE(threads),
        CASE(what_threads_wait_on),
        CASE(mappings),
        CASE(reply_cap_of_the_running_thread),
        CASE(interrupts),
        CASE(slots_around_the_interrupts),
        CASE(a_cnode_with_its_own_last_cap),
        CASE(derived_over_many_steps),
        CASE(a_cap_in_no_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
