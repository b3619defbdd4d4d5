/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Files that a run writes beside its console.
 */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* Closes the file. False, and a sentence that names it and `what` it holds, when not all of it
 * could be written. */
bool output_close(FILE *file, const char *name, const char *what);
