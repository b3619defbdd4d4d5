/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * --graph: the cap spaces and the derivation tree of the stopped system as a picture.
 */
#pragma once
#include <stdbool.h>
#include <stdio.h>

#include "graph_model.h"

struct cpu;

/* Draws to the file, by its ending: .txt (every cap on a line, indented by derivation), .dot (the
 * language of Graphviz), or what Graphviz's program `dot` makes of that. False: a sentence was
 * printed. */
bool graph_draw(const char *path, const struct cpu *cpu);

/* The two parts of the picture in Graphviz's language. */
void graph_spaces(FILE *out, const struct graph_model *model);
void graph_tree(FILE *out, const struct graph_model *model);

/* ---- shared by the parts ---- */

/* Text inside a label of marks. */
void graph_text(FILE *out, const char *text);
/* "send, grant", …: the rights of an endpoint or notification cap. */
const char *graph_rights(const struct graph_cap *cap);
/* "4 KiB", … of 2^bits bytes. */
const char *graph_size(char text[GRAPH_NAME], unsigned bits);
/* "s5p8": the row of a cap in the table of its space. */
void graph_port(FILE *out, const struct graph_cap *cap);
