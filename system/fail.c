/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * How the tool says what is wrong: one sentence each.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

_Noreturn void fail(enum system_exit status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("kaal-system: error: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(status);
}

void manifest_error(struct manifest *m, struct place at, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "kaal-system: error: %s:%u:%u: ", m->path, at.line, at.column);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    m->errors++;
}

/* Edit distance of two short words (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
    enum {
        MOST = 32
    };
    size_t la = strlen(a);
    size_t lb = strlen(b);
    if (la > MOST || lb > MOST) {
        return MOST;
    }
    size_t row[MOST + 1];
    for (size_t j = 0; j <= lb; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < least ? change : least;
        }
    }
    return row[lb];
}

const char *nearest(const char *word, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, words[i]);
        if (d < best_distance) {
            best = words[i];
            best_distance = d;
        }
    }
    return best;
}

const char *word_of(const struct word *words, uint64_t value)
{
    for (; words->word != NULL; words++) {
        if (words->value == value) {
            return words->word;
        }
    }
    return "?";
}
