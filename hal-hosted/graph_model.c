/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reading all caps (graph_model.h).
 */
#include "graph_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/syscalls.h"
#include "hal.h"
#include "status.h"

enum {
    TCB_SLOT_CSPACE = 0, /* cap_view.h, struct cap_holder */
    TCB_SLOT_VSPACE = 1,
};

/* Room for one more element. */
static void *grow(void *list, size_t used, size_t *room, size_t bytes)
{
    if (used < *room) {
        return list;
    }
    *room = *room != 0 ? 2 * *room : 256;
    list = realloc(list, *room * bytes);
    if (list == NULL) {
        fprintf(stderr, "kaal-hosted: --graph: expected memory for %zu caps, found none\n", *room);
        exit(STATUS_MEMORY);
    }
    return list;
}

static size_t find_space(const struct graph_model *m, uint64_t thread)
{
    for (size_t i = 0; i < m->spaces; i++) {
        if (m->space[i].thread == thread) {
            return i;
        }
    }
    return GRAPH_NONE;
}

static void add_space(struct graph_model *m, const struct cap_holder *h)
{
    if (find_space(m, h->object) != GRAPH_NONE) {
        return;
    }
    m->space = grow(m->space, m->spaces, &m->space_room, sizeof *m->space);
    struct graph_space *s = &m->space[m->spaces++];
    *s = (struct graph_space){
        .thread = h->object, .state = h->state, .waits_on = h->waits_on, .priority = h->priority};
    if (h->name[0] != '\0') {
        snprintf(s->name, sizeof s->name, "%s", h->name);
    } else {
        snprintf(s->name, sizeof s->name, "thread 0x%" PRIx64, h->object);
    }
}

static void visit(void *arg, const struct cap_view *view)
{
    struct graph_model *m = arg;
    m->cap = grow(m->cap, m->caps, &m->cap_room, sizeof *m->cap);
    struct graph_cap *cap = &m->cap[m->caps];
    *cap = (struct graph_cap){.view = *view, .space = GRAPH_NONE, .parent = GRAPH_NONE};
    cap->view.holder.name = "";
    for (size_t i = m->caps; view->depth > 0 && i > 0 && cap->parent == GRAPH_NONE; i--) {
        if (m->cap[i - 1].view.depth < view->depth) {
            cap->parent = i - 1;
        }
    }
    m->caps++;
    if (view->holder.kind != HOLDER_THREAD) {
        return;
    }
    add_space(m, &view->holder);
    cap->space = find_space(m, view->holder.object);
    struct graph_space *space = &m->space[cap->space];
    if (view->slot == TCB_SLOT_CSPACE && graph_is(cap, "CNode")) {
        space->cspace = view->object;
    }
    if (view->slot == TCB_SLOT_VSPACE && graph_is(cap, "VSpace")) {
        space->vspace = view->object;
        space->asid = view->asid;
    }
}

/* ---- whose CNode ---- */

static size_t space_of_cspace(const struct graph_model *m, uint64_t cnode)
{
    for (size_t i = 0; i < m->spaces; i++) {
        if (m->space[i].cspace == cnode) {
            return i;
        }
    }
    return GRAPH_NONE;
}

/* The space that has a cap to the CNode in one of its own CNodes. */
static size_t space_above(const struct graph_model *m, uint64_t cnode)
{
    for (size_t i = 0; i < m->caps; i++) {
        const struct graph_cap *c = &m->cap[i];
        if (c->view.object == cnode && c->space != GRAPH_NONE &&
            c->view.holder.kind == HOLDER_CNODE && graph_is(c, "CNode")) {
            return c->space;
        }
    }
    return GRAPH_NONE;
}

/* Gives all slots of a CNode to a space; until nothing changes any more. */
static void spread(struct graph_model *m)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < m->caps; i++) {
            struct graph_cap *c = &m->cap[i];
            if (c->space != GRAPH_NONE || c->view.holder.kind != HOLDER_CNODE) {
                continue;
            }
            c->space = space_of_cspace(m, c->view.holder.object);
            if (c->space == GRAPH_NONE) {
                c->space = space_above(m, c->view.holder.object);
            }
            changed = changed || c->space != GRAPH_NONE;
        }
    }
}

/* The first thread is the one that holds IRQControl or, without it, the most caps. */
static void put_first(struct graph_model *m)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < m->spaces; i++) {
        size_t count = 0;
        for (size_t j = 0; j < m->caps; j++) {
            bool control = graph_is(&m->cap[j], "IRQControl");
            count += m->cap[j].space == i ? (control ? m->caps : 1) : 0;
        }
        best = count > most ? i : best;
        most = count > most ? count : most;
    }
    if (best == 0) {
        return;
    }
    struct graph_space s = m->space[0];
    m->space[0] = m->space[best];
    m->space[best] = s;
    for (size_t j = 0; j < m->caps; j++) {
        size_t now = m->cap[j].space;
        m->cap[j].space = now == 0 ? best : now == best ? 0 : now;
    }
}

void graph_read(struct graph_model *model, const struct cpu *cpu)
{
    *model = (struct graph_model){0};
    model->complete = core_caps(cpu, visit, model);
    spread(model);
    put_first(model);
}

void graph_free(struct graph_model *model)
{
    free(model->cap);
    free(model->space);
}

size_t graph_receiver(const struct graph_model *model, uint64_t object)
{
    size_t found = GRAPH_NONE;
    for (size_t i = 0; i < model->caps; i++) {
        const struct graph_cap *c = &model->cap[i];
        if (c->view.object == object && c->space != GRAPH_NONE &&
            (c->view.rights & RIGHT_READ) != 0 && (found == GRAPH_NONE || found == 0)) {
            found = c->space;
        }
    }
    return found;
}

bool graph_is(const struct graph_cap *cap, const char *type)
{
    return strcmp(cap->view.type, type) == 0;
}

const char *graph_name(const struct graph_model *model, size_t space)
{
    return space == GRAPH_NONE ? "nobody" : model->space[space].name;
}

size_t graph_space_of_asid(const struct graph_model *model, unsigned asid)
{
    for (size_t i = 0; i < model->spaces && asid != 0; i++) {
        if (model->space[i].asid == asid) {
            return i;
        }
    }
    return GRAPH_NONE;
}

size_t graph_owner(const struct graph_model *model, const struct graph_cap *cap)
{
    uint64_t object = cap->view.object;
    if (graph_is(cap, "Endpoint") || graph_is(cap, "Notification")) {
        return graph_receiver(model, object);
    }
    if (graph_is(cap, "Frame") || graph_is(cap, "PageTable")) {
        return graph_space_of_asid(model, cap->view.asid);
    }
    for (size_t i = 0; i < model->spaces; i++) {
        const struct graph_space *s = &model->space[i];
        if ((graph_is(cap, "TCB") && s->thread == object) ||
            (graph_is(cap, "CNode") && s->cspace == object) ||
            (graph_is(cap, "VSpace") && s->vspace == object)) {
            return i;
        }
    }
    return GRAPH_NONE;
}
