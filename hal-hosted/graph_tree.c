/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The derivation tree: on the left the roots (what the kernel made at boot), to the right the
 * objects made of them, in each the caps derived from the first one. Untypeds that are only split
 * on the way are left out and counted; memory is counted by whose it is.
 */
#include <inttypes.h>
#include <stdio.h>

#include "graph.h"

static size_t root_of(const struct graph_model *m, size_t cap)
{
    while (m->cap[cap].parent != GRAPH_NONE) {
        cap = m->cap[cap].parent;
    }
    return cap;
}

static bool is_memory(const struct graph_cap *c)
{
    return graph_is(c, "Frame") || graph_is(c, "PageTable");
}

static bool has_children(const struct graph_model *m, size_t cap)
{
    return cap + 1 < m->caps && m->cap[cap + 1].view.depth > m->cap[cap].view.depth;
}

/* Other objects are made of it. */
static bool is_source(const struct graph_cap *c)
{
    return graph_is(c, "Untyped") || graph_is(c, "IRQControl") || graph_is(c, "ASIDControl");
}

/* An object of its own box: made of a source or by the kernel, not memory. */
static bool is_object(const struct graph_model *m, size_t cap)
{
    const struct graph_cap *c = &m->cap[cap];
    if (is_memory(c) || is_source(c)) {
        return false;
    }
    return c->parent == GRAPH_NONE ? has_children(m, cap) : is_source(&m->cap[c->parent]);
}

/* ---- an object ---- */

static void write_place(FILE *out, const struct graph_model *m, const struct graph_cap *c)
{
    static const char *const own[] = {"its CSpace", "its VSpace", "its reply", "its caller",
                                      "its IPC buffer"};
    if (c->view.holder.kind == HOLDER_IRQ) {
        fprintf(out, "interrupt %" PRIu64, c->view.holder.object);
        return;
    }
    graph_text(out, graph_name(m, c->space));
    if (c->view.holder.kind == HOLDER_THREAD) {
        fprintf(out, ", %s", own[c->view.slot % 5]);
    } else {
        fprintf(out, " %" PRIu64, c->view.slot);
    }
}

/* A cap derived from the object's first one. */
static void write_copy(FILE *out, const struct graph_model *m, const struct graph_cap *c,
                       unsigned below)
{
    fputs("<tr><td align=\"left\" border=\"0\">", out);
    for (unsigned i = 0; i < below; i++) {
        fputs("&nbsp;&nbsp;&nbsp;", out);
    }
    write_place(out, m, c);
    if (graph_is(c, "Endpoint") || graph_is(c, "Notification")) {
        fprintf(out, ": %s", graph_rights(c));
    }
    if (c->view.badge != 0) {
        fprintf(out, ", badge 0x%" PRIx64, c->view.badge);
    }
    fputs("</td></tr>", out);
}

static void write_object(FILE *out, const struct graph_model *m, size_t first)
{
    const struct graph_cap *c = &m->cap[first];
    fprintf(out,
            "cap%zu [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" "
            "cellpadding=\"2\" color=\"#888888\" bgcolor=\"white\"><tr><td bgcolor=\"#d9f2d9\" "
            "align=\"left\">%s",
            first, c->view.type);
    if (graph_is(c, "IRQHandler")) {
        fprintf(out, " of interrupt %" PRIu64, c->view.address);
    } else {
        fputs(" of ", out);
        graph_text(out, graph_name(m, graph_owner(m, c)));
        fprintf(out, ", 0x%" PRIx64, c->view.object);
    }
    fputs(", in ", out);
    write_place(out, m, c);
    fputs("</td></tr>", out);
    for (size_t i = first + 1; i < m->caps && m->cap[i].view.depth > c->view.depth; i++) {
        write_copy(out, m, &m->cap[i], m->cap[i].view.depth - c->view.depth);
    }
    fputs("</table>>];\n", out);
    if (root_of(m, first) != first) {
        fprintf(out, "cap%zu -> cap%zu;\n", root_of(m, first), first);
    }
}

/* ---- memory below one root, by whose address space it is in ---- */

struct memory {
    unsigned frames, tables;
};

static struct memory memory_of(const struct graph_model *m, size_t root, size_t owner)
{
    struct memory sum = {0};
    for (size_t i = root + 1; i < m->caps && m->cap[i].view.depth > m->cap[root].view.depth; i++) {
        const struct graph_cap *c = &m->cap[i];
        if (is_memory(c) && graph_owner(m, c) == owner) {
            sum.frames += graph_is(c, "Frame");
            sum.tables += graph_is(c, "PageTable");
        }
    }
    return sum;
}

static void write_memory_row(FILE *out, const char *name, struct memory sum)
{
    if (sum.frames + sum.tables == 0) {
        return;
    }
    fputs("<tr><td align=\"left\">", out);
    graph_text(out, name);
    fprintf(out, "</td><td align=\"right\">%u</td><td align=\"right\">%u</td></tr>", sum.frames,
            sum.tables);
}

static void write_memory(FILE *out, const struct graph_model *m, size_t root)
{
    bool any = false;
    for (size_t i = root + 1; i < m->caps && m->cap[i].view.depth > m->cap[root].view.depth; i++) {
        any = any || is_memory(&m->cap[i]);
    }
    if (!any) {
        return;
    }
    fprintf(out,
            "memory%zu [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" "
            "cellpadding=\"2\" color=\"#888888\" bgcolor=\"white\"><tr><td bgcolor=\"#eeeeee\" "
            "align=\"left\">mapped by</td><td bgcolor=\"#eeeeee\">Frames</td><td "
            "bgcolor=\"#eeeeee\">PageTables</td></tr>",
            root);
    for (size_t i = 0; i < m->spaces; i++) {
        write_memory_row(out, m->space[i].name, memory_of(m, root, i));
    }
    write_memory_row(out, "nobody", memory_of(m, root, GRAPH_NONE));
    fprintf(out, "</table>>];\ncap%zu -> memory%zu;\n", root, root);
}

/* ---- roots ---- */

static void write_root(FILE *out, const struct graph_model *m, size_t root)
{
    char size[GRAPH_NAME];
    unsigned splits = 0;
    const struct graph_cap *c = &m->cap[root];
    for (size_t i = root + 1; i < m->caps && m->cap[i].view.depth > c->view.depth; i++) {
        splits += graph_is(&m->cap[i], "Untyped");
    }
    fprintf(out,
            "cap%zu [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" "
            "cellpadding=\"2\" color=\"#888888\" bgcolor=\"%s\"><tr><td>%s",
            root, graph_is(c, "Untyped") ? "#fde2c8" : "#f3e3f7", c->view.type);
    if (c->view.object != 0) {
        fprintf(out, " 0x%" PRIx64 ", %s%s", c->view.object, graph_size(size, c->view.object_bits),
                c->view.device ? ", device" : "");
    }
    fputs("</td></tr>", out);
    if (splits != 0) {
        fprintf(out, "<tr><td>split into %u smaller ones</td></tr>", splits);
    }
    fputs("</table>>];\n", out);
}

/* Roots that nothing was made of, in one box. */
static void write_rest(FILE *out, const struct graph_model *m)
{
    unsigned devices = 0, untypeds = 0, frames = 0, others = 0;
    for (size_t i = 0; i < m->caps; i++) {
        const struct graph_cap *c = &m->cap[i];
        if (c->parent != GRAPH_NONE || has_children(m, i)) {
            continue;
        }
        if (graph_is(c, "Untyped")) {
            devices += c->view.device;
            untypeds += !c->view.device;
        } else if (is_memory(c)) {
            frames++;
        } else {
            others++;
        }
    }
    fprintf(out,
            "rest [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" "
            "cellpadding=\"2\" color=\"#888888\" bgcolor=\"#eeeeee\"><tr><td "
            "align=\"left\">Nothing derived from:</td></tr><tr><td align=\"left\">%u Untypeds of "
            "device memory, %u of RAM,</td></tr><tr><td align=\"left\">%u Frames and PageTables, "
            "%u others</td></tr></table>>];\n",
            devices, untypeds, frames, others);
}

void graph_tree(FILE *out, const struct graph_model *m)
{
    fputs("subgraph cluster_tree {\nlabel=\"Derivation: what the kernel made at boot, the objects "
          "made of it and who holds caps derived from theirs\";\ncolor=\"#bbbbbb\";\n",
          out);
    for (size_t i = 0; i < m->caps; i++) {
        if (m->cap[i].parent == GRAPH_NONE && has_children(m, i) && !is_object(m, i)) {
            write_root(out, m, i);
            write_memory(out, m, i);
        }
        if (is_object(m, i)) {
            write_object(out, m, i);
        }
    }
    write_rest(out, m);
    fputs("}\n", out);
}
