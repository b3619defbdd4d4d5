/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The system as a picture: callers above the servers they call, devices below. Written in the
 * language of Graphviz, laid out by its program `dot`. Arrows: channels (solid, from caller to
 * server), rings (dashed, in the direction of the data), devices (dotted).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifest.h"

/* Text as Graphviz wants it in a label of marks. */
static void write_escaped(FILE *out, const char *text)
{
    for (; *text != 0; text++) {
        switch (*text) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(*text, out);
        }
    }
}

static void write_node(FILE *out, const char *kind, const char *name, const char *below,
                       const char *style)
{
    fprintf(out, "\"%s:%s\" [label=<<b>%s</b><br/><font point-size=\"10\">", kind, name, name);
    write_escaped(out, below);
    fprintf(out, "</font>>, %s];\n", style);
}

static void write_component(FILE *out, const struct component *c)
{
    static const char *const style[] = {
        [TYPE_DRIVER] = "fillcolor=\"#fde2c8\"",
        [TYPE_SERVICE] = "fillcolor=\"#d6e6fb\"",
        [TYPE_APPLICATION] = "fillcolor=\"#d9f2d9\"",
    };
    char below[64];
    snprintf(below, sizeof(below), "%s, priority %llu", word_of(type_words, c->type),
             (unsigned long long)c->priority);
    write_node(out, "component", c->name.text, below, style[c->type]);
    for (unsigned i = 0; i < c->channels; i++) {
        const struct channel *ch = &c->channel[i];
        fprintf(out, "\"component:%s\" -> \"component:%s\" [label=\"%s\"];\n", c->name.text,
                ch->server.text, ch->name.text);
    }
    for (unsigned i = 0; i < c->devices; i++) {
        const struct device *d = &c->device[i];
        char name[2 * MANIFEST_NAME + 2];
        snprintf(name, sizeof(name), "%s.%s", c->name.text, d->name.text);
        write_node(out, "device", name, d->node != NULL ? d->node : d->id.text,
                   "fillcolor=\"#eeeeee\", shape=box, style=filled");
        fprintf(out, "\"component:%s\" -> \"device:%s\" [label=\"%s\", style=dotted];\n",
                c->name.text, name, d->irq != 0 ? "registers, interrupt" : "registers");
    }
}

static void write_graph(FILE *out, const struct manifest *m)
{
    fprintf(out,
            "digraph \"%s\" {\nbgcolor=white; ranksep=0.7; nodesep=0.4;\n"
            "node [shape=box, style=\"filled,rounded\", fontname=\"sans-serif\", "
            "fontsize=14];\nedge [fontname=\"sans-serif\", fontsize=10, arrowsize=0.7];\n",
            m->name.text);
    for (unsigned i = 0; i < m->components; i++) {
        write_component(out, &m->component[i]);
    }
    for (unsigned i = 0; i < m->rings; i++) {
        const struct ring *r = &m->ring[i];
        fprintf(out,
                "\"component:%s\" -> \"component:%s\" [label=\"%s\", style=dashed, "
                "color=\"#8a2be2\", constraint=false];\n",
                r->from.text, r->to.text, r->name.text);
    }
    fprintf(out, "}\n");
}

/* Runs `dot` from one file to another. */
static void lay_out(FILE *graph, FILE *picture)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(graph), STDIN_FILENO);
        dup2(fileno(picture), STDOUT_FILENO);
        execlp("dot", "dot", "-Tsvg", (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        fail(EXIT_IO, "dot: cannot be run: %s", strerror(errno));
    }
    if (WEXITSTATUS(status) == 127) {
        fail(EXIT_IO, "dot: expected Graphviz, found no such program; name a file that ends with "
                      ".dot to get the graph itself");
    }
    if (WEXITSTATUS(status) != 0) {
        fail(EXIT_IO, "dot: ended with status %d", WEXITSTATUS(status));
    }
}

static struct bytes contents(FILE *file)
{
    char part[4096];
    size_t n;
    struct bytes all = {0};
    rewind(file);
    while ((n = fread(part, 1, sizeof(part), file)) != 0) {
        bytes_add(&all, part, n);
    }
    return all;
}

void show_graph(const struct manifest *m, const char *path)
{
    const char *end = strrchr(path, '.');
    FILE *graph = tmpfile();
    FILE *picture = tmpfile();
    if (graph == NULL || picture == NULL) {
        fail(EXIT_IO, "no temporary file: %s", strerror(errno));
    }
    write_graph(graph, m);
    fflush(graph);
    rewind(graph);
    bool drawn = end == NULL || strcmp(end, ".dot") != 0;
    if (drawn) {
        lay_out(graph, picture);
    }
    struct bytes all = contents(drawn ? picture : graph);
    file_write(path, all.data, all.size);
    free(all.data);
    fclose(graph);
    fclose(picture);
}
