/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A shell: reads lines from its console, runs the commands of its tables. The argument -c LINE runs
 * one line and ends.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "comp/system.h"
#include "shell.h"

static bool ended;

static void run_help(int count, char **words);

static void run_exit(int count, char **words)
{
    int status = 0;
    if (count > 1 && sscanf(words[1], "%d", &status) != 1) {
        printf("exit: expected a number, found '%s'\n", words[1]);
        return;
    }
    fflush(stdout);
    enum system_error error = system_halt(status);
    printf("exit: %s\n", comp_error_sentence(error));
    ended = true;
}

static const struct command shell_commands[] = {
    {"help", "", "this list", 0, 0, run_help, WORD_NONE},
    {"exit", "[STATUS]", "ends the system", 0, 1, run_exit, WORD_NONE},
    {0},
};

static const struct command *const tables[] = {file_commands, system_commands, clock_commands,
                                               shell_commands};

enum {
    TABLES = sizeof(tables) / sizeof(tables[0])
};

static void run_help(int count, char **words)
{
    (void)count;
    (void)words;
    for (unsigned t = 0; t < TABLES; t++) {
        for (const struct command *c = tables[t]; c->name != NULL; c++) {
            char call[40];
            snprintf(call, sizeof(call), "%s %s", c->name, c->arguments);
            printf("  %-24s %s\n", call, c->what);
        }
    }
}

static const struct command *find_command(const char *name)
{
    for (unsigned t = 0; t < TABLES; t++) {
        for (const struct command *c = tables[t]; c->name != NULL; c++) {
            if (strcmp(c->name, name) == 0) {
                return c;
            }
        }
    }
    return NULL;
}

/* Cuts the line into words at blanks; "…" keeps blanks. The number of words, -1 when there are too
 * many or a quotation does not end. */
static int split(char *text, char *words[SHELL_WORDS])
{
    int count = 0;
    for (;;) {
        while (*text == ' ') {
            text++;
        }
        if (*text == 0) {
            return count;
        }
        if (count == SHELL_WORDS) {
            printf("expected at most %d words\n", SHELL_WORDS);
            return -1;
        }
        char end = *text == '"' ? '"' : ' ';
        text += end == '"';
        words[count++] = text;
        while (*text != 0 && *text != end) {
            text++;
        }
        if (*text == 0) {
            if (end == '"') {
                printf("expected a closing \"\n");
                return -1;
            }
            return count;
        }
        *text++ = 0;
    }
}

static void run_line(char *text)
{
    char *words[SHELL_WORDS + 1];
    int count = split(text, words);
    if (count <= 0) {
        return;
    }
    const struct command *c = find_command(words[0]);
    if (c == NULL) {
        printf("%s: no such command; 'help' lists them\n", words[0]);
    } else if (count - 1 < c->least || count - 1 > c->most) {
        printf("usage: %s %s\n", c->name, c->arguments);
    } else {
        c->run(count, words);
    }
}

void add_choice(struct line_choices *out, const char *before, const char *text, const char *after)
{
    if (out->count < LINE_CHOICES) {
        snprintf(out->text[out->count++], LINE_BYTES, "%s%s%s", before, text, after);
    }
}

/* Commands for the first word, what the command takes for the others. */
static void complete(const char *text, size_t word, struct line_choices *out)
{
    char start[LINE_BYTES];
    char first[LINE_BYTES];
    snprintf(start, sizeof(start), "%s", text + word);
    snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, " "), text);
    if (word == 0) {
        for (unsigned t = 0; t < TABLES; t++) {
            for (const struct command *c = tables[t]; c->name != NULL; c++) {
                if (strncmp(c->name, start, strlen(start)) == 0) {
                    add_choice(out, "", c->name, " ");
                }
            }
        }
        return;
    }
    const struct command *c = find_command(first);
    if (c != NULL && c->word == WORD_FILE) {
        complete_file(start, out);
    } else if (c != NULL && c->word == WORD_COMPONENT) {
        complete_component(start, out);
    }
}

static void write_out(const char *text, size_t bytes)
{
    fwrite(text, 1, bytes, stdout);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct line line = {.write = write_out, .complete = complete, .prompt = "kaal> "};
    if (argc == 3 && strcmp(argv[1], "-c") == 0) {
        run_line(argv[2]);
        return 0;
    }
    printf("KaaL shell; 'help' lists the commands\n");
    while (!ended) {
        enum line_end end = LINE_MORE;
        line_begin(&line);
        while (end == LINE_MORE) {
            int c = getchar();
            end = c == EOF ? LINE_CLOSED : line_put(&line, (char)c);
        }
        if (end == LINE_DONE) {
            run_line(line.text);
        }
        if (end == LINE_CLOSED) {
            return 0;
        }
    }
    return 0;
}
