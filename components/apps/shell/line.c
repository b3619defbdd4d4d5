/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Line editing. Keeps true: bytes <= LINE_BYTES - 1, cursor <= bytes, text ends with a zero; what
 * the terminal shows is the prompt, the text and the cursor where it is.
 */
#include "line.h"

#include <stdio.h>
#include <string.h>

static void put(struct line *l, const char *text)
{
    l->write(text, strlen(text));
}

/* Shows the line anew and puts the cursor where it belongs. */
static void redraw(struct line *l)
{
    char back[16];
    put(l, "\r");
    put(l, l->prompt);
    l->write(l->text, l->bytes);
    put(l, "\x1b[K");
    if (l->cursor < l->bytes) {
        snprintf(back, sizeof(back), "\x1b[%uD", (unsigned)(l->bytes - l->cursor));
        put(l, back);
    }
}

void line_begin(struct line *l)
{
    l->bytes = l->cursor = 0;
    l->text[0] = 0;
    l->shown = 0;
    l->escape = 0;
    put(l, l->prompt);
}

static void insert(struct line *l, const char *text, size_t bytes)
{
    if (bytes > LINE_BYTES - 1 - l->bytes) {
        put(l, "\a");
        return;
    }
    memmove(l->text + l->cursor + bytes, l->text + l->cursor, l->bytes - l->cursor + 1);
    memcpy(l->text + l->cursor, text, bytes);
    l->bytes += bytes;
    l->cursor += bytes;
    if (l->cursor == l->bytes) {
        l->write(text, bytes);
    } else {
        redraw(l);
    }
}

/* Removes [from, to). */
static void erase(struct line *l, size_t from, size_t to)
{
    memmove(l->text + from, l->text + to, l->bytes - to + 1);
    l->bytes -= to - from;
    l->cursor = from;
    redraw(l);
}

static void move(struct line *l, size_t to)
{
    l->cursor = to;
    redraw(l);
}

static void show(struct line *l, const char *text)
{
    l->bytes = strlen(text);
    memmove(l->text, text, l->bytes + 1);
    move(l, l->bytes);
}

/* Goes `step` lines back (+1) or forth (-1) in the history. */
static void browse(struct line *l, int step)
{
    unsigned most = l->remembered < LINE_HISTORY ? l->remembered : LINE_HISTORY;
    unsigned next = l->shown + (unsigned)step;
    if (next > most) { /* also below 0 */
        put(l, "\a");
        return;
    }
    if (l->shown == 0) {
        memcpy(l->kept, l->text, sizeof(l->kept));
    }
    l->shown = next;
    show(l, next == 0 ? l->kept : l->history[(l->remembered - next) % LINE_HISTORY]);
}

static void remember(struct line *l)
{
    const char *last = l->history[(l->remembered + LINE_HISTORY - 1) % LINE_HISTORY];
    if (l->bytes != 0 && (l->remembered == 0 || strcmp(last, l->text) != 0)) {
        memcpy(l->history[l->remembered % LINE_HISTORY], l->text, LINE_BYTES);
        l->remembered++;
    }
}

/* How many bytes all choices have in common. */
static size_t common(const struct line_choices *c)
{
    size_t n = strlen(c->text[0]);
    for (unsigned i = 1; i < c->count; i++) {
        size_t k = 0;
        while (k < n && c->text[i][k] == c->text[0][k]) {
            k++;
        }
        n = k;
    }
    return n;
}

static void complete(struct line *l)
{
    static struct line_choices choices;
    size_t word = l->cursor;
    while (word > 0 && l->text[word - 1] != ' ') {
        word--;
    }
    choices.count = 0;
    if (l->complete != NULL) {
        l->complete(l->text, word, &choices);
    }
    size_t typed = l->cursor - word;
    size_t more = choices.count != 0 ? common(&choices) : 0;
    if (more > typed) {
        insert(l, choices.text[0] + typed, more - typed);
    } else if (choices.count > 1) {
        put(l, "\r\n");
        for (unsigned i = 0; i < choices.count; i++) {
            put(l, choices.text[i]);
            put(l, i + 1 < choices.count ? "  " : "\r\n");
        }
        redraw(l);
    } else if (choices.count == 0) {
        put(l, "\a");
    }
}

/* The last byte of an escape sequence. */
static void escape_key(struct line *l, char c)
{
    if (c == 'A' || c == 'B') {
        browse(l, c == 'A' ? 1 : -1);
    } else if (c == 'C' && l->cursor < l->bytes) {
        move(l, l->cursor + 1);
    } else if (c == 'D' && l->cursor > 0) {
        move(l, l->cursor - 1);
    } else if (c == 'H' || (c == '~' && l->digit == 1)) {
        move(l, 0);
    } else if (c == 'F' || (c == '~' && l->digit == 4)) {
        move(l, l->bytes);
    } else if (c == '~' && l->digit == 3 && l->cursor < l->bytes) {
        erase(l, l->cursor, l->cursor + 1);
    }
}

/* True while the byte belongs to an escape sequence. */
static bool take_escape(struct line *l, char c)
{
    switch (l->escape) {
    case 0: l->escape = c == '\x1b'; return c == '\x1b';
    case 1:
        l->escape = c == '[' || c == 'O' ? 2 : 0;
        l->digit = 0;
        return true;
    default:
        if (c >= '0' && c <= '9') {
            l->digit = c - '0';
            return true;
        }
        l->escape = 0;
        escape_key(l, c);
        return true;
    }
}

static size_t word_before(const struct line *l)
{
    size_t at = l->cursor;
    while (at > 0 && l->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && l->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

enum {
    CTRL_A = 1,
    CTRL_C = 3,
    CTRL_D = 4,
    CTRL_E = 5,
    BACKSPACE = 8,
    TAB = 9,
    CTRL_K = 11,
    CTRL_L = 12,
    CTRL_U = 21,
    CTRL_W = 23,
    DELETE = 127,
};

/* Keys that change the line. */
static void control_key(struct line *l, char c)
{
    switch (c) {
    case CTRL_A: move(l, 0); break;
    case CTRL_E: move(l, l->bytes); break;
    case BACKSPACE:
    case DELETE:
        if (l->cursor > 0) {
            erase(l, l->cursor - 1, l->cursor);
        }
        break;
    case CTRL_D:
        if (l->cursor < l->bytes) {
            erase(l, l->cursor, l->cursor + 1);
        }
        break;
    case TAB: complete(l); break;
    case CTRL_K: erase(l, l->cursor, l->bytes); break;
    case CTRL_L:
        put(l, "\x1b[H\x1b[2J");
        redraw(l);
        break;
    case CTRL_U: erase(l, 0, l->cursor); break;
    case CTRL_W: erase(l, word_before(l), l->cursor); break;
    default: break;
    }
}

enum line_end line_put(struct line *l, char c)
{
    if (take_escape(l, c)) {
        return LINE_MORE;
    }
    if (c == '\r' || c == '\n') {
        put(l, "\r\n");
        remember(l);
        return LINE_DONE;
    }
    if (c == CTRL_C) {
        put(l, "^C\r\n");
        return LINE_EMPTY;
    }
    if (c == CTRL_D && l->bytes == 0) {
        put(l, "\r\n");
        return LINE_CLOSED;
    }
    if ((unsigned char)c >= 0x20 && c != DELETE) {
        insert(l, &c, 1);
    } else {
        control_key(l, c);
    }
    return LINE_MORE;
}
