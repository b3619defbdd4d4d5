/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Cap spaces: a table for each thread with a row for each of its caps; arrows to who receives what
 * is sent by it. Memory is counted, and of the first thread, which has everything, all is.
 */
#include <inttypes.h>
#include <stdio.h>

#include "graph.h"

enum {
    TCB_CALLER = 3, /* cap_view.h, struct cap_holder */
    TYPES = 24
};

/* ---- counted caps ---- */

struct count {
    const char *type;
    unsigned caps;
};

static void count_type(struct count count[TYPES], const char *type)
{
    unsigned i = 0;
    while (i < TYPES - 1 && count[i].type != NULL && count[i].type != type) {
        i++; /* type names are the core's constants */
    }
    count[i].type = type;
    count[i].caps++;
}

static bool is_memory(const struct graph_cap *c)
{
    return graph_is(c, "Frame") || graph_is(c, "PageTable") || graph_is(c, "Untyped");
}

/* Shown as a row, not counted. Of a thread's own slots only the reply right that it holds. */
static bool has_row(const struct graph_cap *c)
{
    if (c->view.holder.kind == HOLDER_THREAD) {
        return c->view.slot == TCB_CALLER;
    }
    return c->space != 0 && !is_memory(c);
}

static void write_counts(FILE *out, const struct graph_model *m, size_t space)
{
    struct count count[TYPES] = {{0}};
    for (size_t i = 0; i < m->caps; i++) {
        const struct graph_cap *c = &m->cap[i];
        if (c->space == space && !has_row(c) && c->view.holder.kind == HOLDER_CNODE) {
            count_type(count, c->view.type);
        }
    }
    for (unsigned i = 0; i < TYPES && count[i].type != NULL; i++) {
        fprintf(out, "<tr><td align=\"right\">%u</td><td align=\"left\" colspan=\"3\">%s</td></tr>",
                count[i].caps, count[i].type);
    }
}

/* ---- rows ---- */

/* What the cap leads to. */
static void write_target(FILE *out, const struct graph_model *m, const struct graph_cap *c)
{
    size_t owner = graph_owner(m, c);
    if (graph_is(c, "IRQHandler")) {
        fprintf(out, "interrupt %" PRIu64, c->view.address);
    } else if (graph_is(c, "Reply")) {
        for (size_t i = 0; i < m->spaces; i++) {
            if (m->space[i].thread == c->view.object) {
                fputs("to ", out);
                graph_text(out, m->space[i].name);
            }
        }
    } else if (owner == c->space) {
        fputs("own", out);
    } else {
        fputs("&rarr; ", out);
        graph_text(out, graph_name(m, owner));
    }
    if (c->view.badge != 0) {
        fprintf(out, ", badge 0x%" PRIx64, c->view.badge);
    }
}

static void write_row(FILE *out, const struct graph_model *m, const struct graph_cap *c)
{
    bool ipc = graph_is(c, "Endpoint") || graph_is(c, "Notification");
    fputs("<tr><td align=\"right\" port=\"l", out);
    graph_port(out, c);
    if (c->view.holder.kind == HOLDER_THREAD) {
        fputs("\">caller", out);
    } else {
        fprintf(out, "\">%" PRIu64, c->view.slot);
    }
    fprintf(out,
            "</td><td align=\"left\">%s</td><td align=\"left\">%s</td><td align=\"left\" "
            "port=\"",
            c->view.type, ipc ? graph_rights(c) : "");
    graph_port(out, c);
    fputs("\">", out);
    write_target(out, m, c);
    fputs("</td></tr>", out);
}

/* Rows in the order of the slots. */
static void write_rows(FILE *out, const struct graph_model *m, size_t space)
{
    for (uint64_t from = 0;;) {
        const struct graph_cap *next = NULL;
        for (size_t i = 0; i < m->caps; i++) {
            const struct graph_cap *c = &m->cap[i];
            if (c->space == space && c->view.holder.kind == HOLDER_CNODE && has_row(c) &&
                c->view.slot >= from && (next == NULL || c->view.slot < next->view.slot)) {
                next = c;
            }
        }
        if (next == NULL) {
            break;
        }
        write_row(out, m, next);
        from = next->view.slot + 1;
    }
    for (size_t i = 0; i < m->caps; i++) {
        const struct graph_cap *c = &m->cap[i];
        if (c->space == space && c->view.holder.kind == HOLDER_THREAD && has_row(c)) {
            write_row(out, m, c);
        }
    }
}

static void write_table(FILE *out, const struct graph_model *m, size_t space)
{
    const struct graph_space *s = &m->space[space];
    fprintf(out,
            "space%zu [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" "
            "cellpadding=\"3\" color=\"#888888\" bgcolor=\"white\"><tr><td colspan=\"4\" "
            "port=\"head\" bgcolor=\"%s\">",
            space, space == 0 ? "#fde2c8" : "#d6e6fb");
    graph_text(out, s->name);
    fprintf(out, ", priority %u, %s", s->priority, s->state);
    if (s->waits_on != 0) {
        fprintf(out, " on 0x%" PRIx64, s->waits_on);
    }
    fputs("</td></tr>", out);
    write_rows(out, m, space);
    write_counts(out, m, space);
    fputs("</table>>];\n", out);
}

/* ---- arrows ---- */

/* The receiver's own cap to the object: where the arrow ends. */
static const struct graph_cap *receiving_cap(const struct graph_model *m, size_t space,
                                             uint64_t object)
{
    for (size_t i = 0; i < m->caps; i++) {
        const struct graph_cap *c = &m->cap[i];
        if (c->space == space && c->view.object == object && has_row(c)) {
            return c;
        }
    }
    return NULL;
}

static void write_arrow(FILE *out, const struct graph_model *m, const struct graph_cap *c)
{
    bool signal = graph_is(c, "Notification");
    size_t to = graph_receiver(m, c->view.object);
    if ((!signal && !graph_is(c, "Endpoint")) || c->space == 0 || c->space == GRAPH_NONE ||
        to == c->space || to == 0 || to == GRAPH_NONE || !has_row(c)) {
        return;
    }
    const struct graph_cap *end = receiving_cap(m, to, c->view.object);
    /* Calls go from left to right; signals mostly the other way. */
    fprintf(out, "space%zu:%s", c->space, signal ? "l" : "");
    graph_port(out, c);
    fprintf(out, ":%c -> space%zu:", signal ? 'w' : 'e', to);
    if (end != NULL) {
        fputs(signal ? "" : "l", out);
        graph_port(out, end);
    } else {
        fputs("head", out);
    }
    fprintf(out, ":%c [color=\"%s\"%s];\n", signal ? 'e' : 'w', signal ? "#c05a00" : "#1f5fa8",
            signal ? ", style=dashed, constraint=false" : "");
}

void graph_spaces(FILE *out, const struct graph_model *m)
{
    fputs(
        "subgraph cluster_spaces {\nlabel=\"Cap spaces: slot, cap, rights, where it leads. Solid: "
        "calls; dashed: signals. What goes to the first thread has no arrow.\";\n"
        "color=\"#bbbbbb\";\n",
        out);
    for (size_t i = 0; i < m->spaces; i++) {
        write_table(out, m, i);
    }
    for (size_t i = 0; i < m->caps; i++) {
        write_arrow(out, m, &m->cap[i]);
    }
    fputs("}\n", out);
}
