/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Lists every invocation label of the interface (abi/invocations.md §2) and whether the kernel has
 * a method for it. Reads the kernel's own table, so it cannot disagree with what the kernel does.
 * Exit status: 0 all there, 1 a label is MISSING or is called differently than in the interface.
 */
#include <stdio.h>
#include <string.h>

#include "abi/labels.h"
#include "invoke.h"

struct row {
    unsigned number;
    const char *name;
};

static const struct row rows[] = {
#define X(number, constant, name) {(number), (name)},
    KAAL_LABELS(X)
#undef X
};

enum {
    ROWS = sizeof(rows) / sizeof(rows[0])
};

/* What the table says about one label; `*ok` becomes false unless it is all there. */
static const char *verdict(const struct row *row, bool *ok)
{
    const struct method *method = &methods[row->number];
    *ok = method->decode && method->name && strcmp(method->name, row->name) == 0;
    if (*ok)
        return "decoded";
    return method->decode ? "MISSING (the kernel calls it something else)" : "MISSING";
}

int main(void)
{
    unsigned missing = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        bool ok = false;
        const char *text = verdict(&rows[i], &ok);
        printf("%3u  %-36s %s\n", rows[i].number, rows[i].name, text);
        missing += ok ? 0 : 1;
    }
    printf("%u labels: %u decoded, %u MISSING\n", (unsigned)ROWS, (unsigned)ROWS - missing,
           missing);
    return missing ? 1 : 0;
}
