/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A list of tasks that fills the screen and lives in the file /tasks. Keys: up and down (or k and
 * j) move, space marks, a adds, d deletes, q saves and ends.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "service/files.h"

enum {
    ITEMS = 18,
    TEXT = 60,
};

static struct {
    bool done;
    char text[TEXT];
} item[ITEMS];
static unsigned items;
static unsigned at;
static const char *message = "";

static const struct env_entry *vfs;

/* Each line of the file is a mark, a blank and a text. */
static void load(void)
{
    static char data[ITEMS * (TEXT + 4) + 1];
    uint32_t handle;
    size_t bytes = 0;
    if (files_open(vfs, "/tasks", FS_READ, &handle) != 0) {
        return;
    }
    (void)!files_read(vfs, handle, data, sizeof(data) - 1, &bytes);
    (void)!files_close(vfs, handle);
    data[bytes] = 0;
    for (char *line = strtok(data, "\n"); line != NULL && items < ITEMS;
         line = strtok(NULL, "\n")) {
        if (strlen(line) > 2) {
            item[items].done = line[0] == 'x';
            snprintf(item[items++].text, TEXT, "%s", line + 2);
        }
    }
}

static int save(void)
{
    uint32_t handle;
    int error = files_open(vfs, "/tasks", FS_WRITE | FS_CREATE | FS_TRUNCATE, &handle);
    for (unsigned i = 0; error == 0 && i < items; i++) {
        char line[TEXT + 4];
        int n = snprintf(line, sizeof(line), "%c %s\n", item[i].done ? 'x' : '-', item[i].text);
        error = files_write(vfs, handle, line, (size_t)n);
    }
    return error != 0 ? error : files_close(vfs, handle);
}

static void draw(void)
{
    printf("\x1b[H\x1b[2J\x1b[7m %-58s \x1b[0m\n\n", "Tasks");
    for (unsigned i = 0; i < items; i++) {
        printf(" %s[%c] %s\x1b[0m\n", i == at ? "\x1b[1m>" : " ", item[i].done ? 'x' : ' ',
               item[i].text);
    }
    printf("\n%s\n\x1b[2marrows move, space marks, a adds, d deletes, q ends\x1b[0m\n", message);
    message = "";
    fflush(stdout);
}

static void add(void)
{
    char text[TEXT] = "";
    size_t n = 0;
    int c;
    if (items == ITEMS) {
        message = "the list is full";
        return;
    }
    printf("new: ");
    fflush(stdout);
    while ((c = getchar()) != '\r' && c != '\n' && c != EOF) {
        if ((c == 127 || c == 8) && n > 0) {
            text[--n] = 0;
            printf("\b \b");
        } else if (c >= ' ' && c != 127 && n < TEXT - 1) {
            text[n++] = (char)c;
            putchar(c);
        }
        fflush(stdout);
    }
    if (n != 0) {
        item[items].done = false;
        memcpy(item[items].text, text, TEXT);
        at = items++;
    }
}

static void delete_item(void)
{
    if (items == 0) {
        return;
    }
    memmove(&item[at], &item[at + 1], (items - at - 1) * sizeof(item[0]));
    items--;
    at = at == items && at > 0 ? at - 1 : at;
}

/* Arrow keys come as ESC [ A and ESC [ B. */
static int key(void)
{
    int c = getchar();
    if (c == '\x1b' && getchar() == '[') {
        c = getchar();
        return c == 'A' ? 'k' : c == 'B' ? 'j' : 0;
    }
    return c;
}

int main(void)
{
    int c = 0;
    vfs = comp_find("vfs", ENV_CHANNEL);
    load();
    while (c != 'q' && c != EOF) {
        draw();
        c = key();
        if (c == 'k' && at > 0) {
            at--;
        } else if (c == 'j' && at + 1 < items) {
            at++;
        } else if (c == ' ' && items != 0) {
            item[at].done = !item[at].done;
        } else if (c == 'a') {
            add();
        } else if (c == 'd') {
            delete_item();
        }
    }
    int error = save();
    printf("\x1b[H\x1b[2J");
    if (error != 0) {
        printf("tasks: /tasks: %s\n", files_error(error));
        return 1;
    }
    return 0;
}
