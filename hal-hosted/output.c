/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The end of an output file: what was not written is told, never passed over.
 */
#include "output.h"

bool output_close(FILE *file, const char *name, const char *what)
{
    bool bad = ferror(file) != 0;
    bad = fclose(file) != 0 || bad;
    if (bad) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: %s: expected room for the %s, found none\n", name, what);
    }
    return !bad;
}
