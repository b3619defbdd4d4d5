/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The shell's parts: main.c reads lines and finds commands, files.c and system.c hold them.
 */
#pragma once
#include <stdbool.h>

#include "comp/comp.h"
#include "fs/fs.h"
#include "line.h"

enum {
    SHELL_WORDS = 16, /* of a line */
};

struct command {
    const char *name;
    const char *arguments; /* as help shows them */
    const char *what;
    int least; /* words behind the name */
    int most;
    void (*run)(int count, char **words);
    enum shell_word {
        WORD_NONE,
        WORD_FILE,
        WORD_COMPONENT,
    } word; /* what its words are, for completion */
};

/* NULL-terminated: a command without a name ends a table. */
extern const struct command file_commands[];
extern const struct command system_commands[];
extern const struct command clock_commands[];

/* The folder that names without a leading '/' start from. */
extern char shell_folder[FS_PATH_BYTES];
/* A whole path for the name; false, and a sentence, when it is too long. */
bool shell_path(const char *name, char out[FS_PATH_BYTES]);

/* Texts that start with `start`: files below its folder, or components. */
void complete_file(const char *start, struct line_choices *out);
void complete_component(const char *start, struct line_choices *out);
void add_choice(struct line_choices *out, const char *before, const char *text, const char *after);
