/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A line editor for a terminal of the VT100 family: cursor keys, history, completion. It knows
 * nothing of where bytes come from or go to.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum {
    LINE_BYTES = 256,  /* of a line, with the closing zero */
    LINE_HISTORY = 32, /* lines remembered */
    LINE_CHOICES = 64,
};

/* What a completion finds: texts that can stand for the word under the cursor. */
struct line_choices {
    unsigned count;
    char text[LINE_CHOICES][LINE_BYTES];
};

struct line {
    /* Output, any number of bytes; and completion of the word that starts at `word` in `text`,
     * which ends at the cursor (NULL = none). */
    void (*write)(const char *text, size_t bytes);
    void (*complete)(const char *text, size_t word, struct line_choices *out);
    const char *prompt;

    char text[LINE_BYTES];
    size_t bytes;
    size_t cursor;
    char history[LINE_HISTORY][LINE_BYTES];
    unsigned remembered;   /* lines ever added */
    unsigned shown;        /* 0 = the new line, n = the n-th last one */
    char kept[LINE_BYTES]; /* the new line while an old one is shown */
    int escape;            /* of an escape sequence: 0 none, 1 ESC, 2 ESC [, 3 with a digit */
    int digit;
};

enum line_end {
    LINE_MORE,   /* not finished */
    LINE_DONE,   /* line->text is a line, and remembered */
    LINE_EMPTY,  /* Ctrl-C: thrown away */
    LINE_CLOSED, /* Ctrl-D on an empty line */
};

/* Prints the prompt of a new line. */
void line_begin(struct line *l);
/* One byte of input. After anything but LINE_MORE call line_begin() for the next line. */
enum line_end line_put(struct line *l, char c);
