/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Pictures and lists of all caps (graph.h).
 */
#include "graph.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/syscalls.h"

enum {
    NO_PROGRAM = 127 /* status of a child that could not be another program */
};

/* ---- texts ---- */

void graph_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        switch (c) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(c < 0x20 || c > 0x7e ? '?' : c, out);
        }
    }
}

const char *graph_rights(const struct graph_cap *cap)
{
    static const char *const words[] = {"none",  "send",        "receive",        "receive, send",
                                        "grant", "send, grant", "receive, grant", "all"};
    unsigned rights = cap->view.rights & (RIGHT_WRITE | RIGHT_READ | RIGHT_GRANT);
    bool replies = (cap->view.rights & RIGHT_GRANT_REPLY) != 0;
    if (graph_is(cap, "Notification")) {
        static const char *const signals[] = {"none", "signal", "wait", "wait, signal"};
        return signals[rights & (RIGHT_WRITE | RIGHT_READ)];
    }
    return rights == RIGHT_WRITE && replies ? "call" : words[rights];
}

const char *graph_size(char text[GRAPH_NAME], unsigned bits)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    snprintf(text, GRAPH_NAME, "%u %s", 1u << bits % 10, units[bits / 10 < 6 ? bits / 10 : 5]);
    return text;
}

void graph_port(FILE *out, const struct graph_cap *cap)
{
    fprintf(out, "p%c%" PRIu64, cap->view.holder.kind == HOLDER_THREAD ? 't' : 's', cap->view.slot);
}

/* ---- the list ---- */

static void write_holder(FILE *out, const struct graph_model *m, const struct graph_cap *cap)
{
    static const char *const thread_slot[] = {"CSpace", "VSpace", "reply", "caller", "buffer"};
    const struct cap_holder *h = &cap->view.holder;
    switch (h->kind) {
    case HOLDER_THREAD:
        fprintf(out, "%s.%s", graph_name(m, cap->space), thread_slot[cap->view.slot % 5]);
        break;
    case HOLDER_CNODE:
        fprintf(out, "%s", graph_name(m, cap->space));
        if (cap->space == GRAPH_NONE || h->object != m->space[cap->space].cspace) {
            fprintf(out, ".0x%" PRIx64, h->object);
        }
        fprintf(out, "[%" PRIu64 "]", cap->view.slot);
        break;
    case HOLDER_IRQ: fprintf(out, "interrupt %" PRIu64, h->object); break;
    default: fputs("nobody", out);
    }
}

static void write_list(FILE *out, const struct graph_model *m)
{
    char size[GRAPH_NAME];
    for (size_t i = 0; i < m->caps; i++) {
        const struct graph_cap *c = &m->cap[i];
        fprintf(out, "%*s", (int)(2 * c->view.depth), "");
        write_holder(out, m, c);
        fprintf(out, ": %s", c->view.type);
        if (c->view.object != 0) {
            fprintf(out, " 0x%" PRIx64, c->view.object);
        }
        if (c->view.object_bits != 0) {
            fprintf(out, ", %s", graph_size(size, c->view.object_bits));
        }
        if (graph_is(c, "Endpoint") || graph_is(c, "Notification")) {
            fprintf(out, ", %s, badge 0x%" PRIx64, graph_rights(c), c->view.badge);
        }
        if (graph_is(c, "IRQHandler")) {
            fprintf(out, " of interrupt %" PRIu64, c->view.address);
        }
        if (c->view.asid != 0) {
            fprintf(out, ", in ASID %u at 0x%" PRIx64, c->view.asid, c->view.address);
        }
        if (graph_is(c, "Untyped")) {
            fprintf(out, ", 0x%" PRIx64 " bytes free%s", c->view.free,
                    c->view.device ? ", device" : "");
        }
        fputc('\n', out);
    }
    for (size_t i = 0; i < m->spaces; i++) {
        const struct graph_space *s = &m->space[i];
        fprintf(out, "thread %s: %s", s->name, s->state);
        if (s->waits_on != 0) {
            fprintf(out, " on 0x%" PRIx64, s->waits_on);
        }
        fprintf(out, ", priority %u\n", s->priority);
    }
}

/* ---- the picture ---- */

static void write_graph(FILE *out, const struct graph_model *m)
{
    fputs("digraph caps {\nrankdir=LR; ranksep=1.1; nodesep=0.2; newrank=false; compound=true;\n"
          "fontname=\"sans-serif\"; fontsize=20; labeljust=l;\n"
          "node [shape=plain, fontname=\"sans-serif\", fontsize=11];\n"
          "edge [fontname=\"sans-serif\", fontsize=10, arrowsize=0.7];\n",
          out);
    graph_tree(out, m); /* dot puts what comes later above */
    graph_spaces(out, m);
    fputs("}\n", out);
}

static bool complain(const char *path, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "kaal-hosted: --graph: %s: %s\n", path, why);
    return false;
}

/* Runs `dot` on the graph; its output goes to the file. */
static bool lay_out(FILE *graph, const char *path)
{
    int status = 0;
    char format[8];
    snprintf(format, sizeof format, "-T%s", strrchr(path, '.') + 1);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(graph), STDIN_FILENO);
        execlp("dot", "dot", format, "-o", path, (char *)NULL);
        _exit(NO_PROGRAM);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return complain(path, "the program `dot` cannot be run");
    }
    if (WEXITSTATUS(status) == NO_PROGRAM) {
        return complain(path, "expected Graphviz's program `dot`, found none; a name that ends "
                              "with .dot or .txt needs none");
    }
    return WEXITSTATUS(status) == 0 ? true : complain(path, "the program `dot` failed");
}

static bool write_file(const char *path, const struct graph_model *m, const char *end)
{
    bool laid_out = strcmp(end, ".txt") != 0 && strcmp(end, ".dot") != 0;
    FILE *out = laid_out ? tmpfile() : fopen(path, "w");
    if (out == NULL) {
        return complain(path, strerror(errno));
    }
    if (strcmp(end, ".txt") == 0) {
        write_list(out, m);
    } else {
        write_graph(out, m);
    }
    rewind(out);
    bool good = ferror(out) == 0 || complain(path, "expected room, found none");
    good = good && (!laid_out || lay_out(out, path));
    if (fclose(out) != 0 && good) {
        good = complain(path, "expected room, found none");
    }
    return good;
}

bool graph_draw(const char *path, const struct cpu *cpu)
{
    struct graph_model m;
    graph_read(&m, cpu);
    bool good = write_file(path, &m, strrchr(path, '.'));
    if (!m.complete) {
        fprintf(stderr, "kaal-hosted: --graph: the system has more CNodes and threads, or deeper "
                        "derivations, than are shown\n");
    }
    graph_free(&m);
    return good;
}
