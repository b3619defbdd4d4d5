/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Commands on files, through the channel "vfs".
 */
#include <stdio.h>
#include <string.h>

#include "service/files.h"
#include "shell.h"

char shell_folder[FS_PATH_BYTES] = "/";

static const struct env_entry *vfs(void)
{
    static const struct env_entry *channel;
    if (channel == NULL) {
        channel = comp_find("vfs", ENV_CHANNEL);
    }
    return channel;
}

bool shell_path(const char *name, char out[FS_PATH_BYTES])
{
    char whole[FS_PATH_BYTES + LINE_BYTES];
    snprintf(whole, sizeof(whole), "%s%s%s", name[0] == '/' ? "" : shell_folder,
             name[0] == '/' ? "" : "/", name);
    if (fs_normalise("/", whole, out) != FS_OK) {
        printf("%s: not a usable name\n", name);
        return false;
    }
    return true;
}

/* Prints "command: name: why". */
static void complain(const char *command, const char *name, int error)
{
    printf("%s: %s: %s\n", command, name, files_error(error));
}

static void print_entry(const struct files_stat *s)
{
    if (s->kind == FS_FOLDER) {
        printf("%10s  %s/\n", "", s->name);
    } else {
        printf("%10llu  %s\n", (unsigned long long)s->bytes, s->name);
    }
}

static void run_ls(int count, char **words)
{
    char path[FS_PATH_BYTES];
    struct files_stat s;
    const char *name = count > 1 ? words[1] : shell_folder;
    if (!shell_path(name, path)) {
        return;
    }
    int error = files_stat(vfs(), path, &s);
    if (error == 0 && s.kind == FS_FILE) {
        snprintf(s.name, sizeof(s.name), "%s", strrchr(path, '/') + 1);
        print_entry(&s);
        return;
    }
    for (uint64_t i = 0; error == 0; i++) {
        error = files_entry(vfs(), path, i, &s);
        if (error == 0) {
            print_entry(&s);
        }
        if (error == FS_NOT_FOUND) {
            return;
        }
    }
    complain("ls", name, error);
}

static void run_cat(int count, char **words)
{
    static char data[8192];
    char path[FS_PATH_BYTES];
    uint32_t handle;
    size_t done = 1;
    (void)count;
    if (!shell_path(words[1], path)) {
        return;
    }
    int error = files_open(vfs(), path, FS_READ, &handle);
    if (error != 0) {
        complain("cat", words[1], error);
        return;
    }
    while (error == 0 && done != 0) {
        error = files_read(vfs(), handle, data, sizeof(data), &done);
        fwrite(data, 1, done, stdout);
    }
    if (error != 0) {
        complain("cat", words[1], error);
    }
    (void)!files_close(vfs(), handle);
}

static void print_words(int count, char **words, int from)
{
    for (int i = from; i < count; i++) {
        printf("%s%s", i != from ? " " : "", words[i]);
    }
    printf("\n");
}

static void run_echo(int count, char **words)
{
    print_words(count, words, 1);
}

/* write FILE TEXT...: the words and a newline become the file, or go behind it with -a. */
static void run_write(int count, char **words)
{
    char path[FS_PATH_BYTES];
    uint32_t handle;
    int first = strcmp(words[1], "-a") == 0 ? 2 : 1;
    unsigned flags = FS_WRITE | FS_CREATE | (first == 2 ? FS_APPEND : FS_TRUNCATE);
    if (first >= count) {
        printf("usage: write [-a] FILE TEXT...\n");
        return;
    }
    if (!shell_path(words[first], path)) {
        return;
    }
    int error = files_open(vfs(), path, flags, &handle);
    if (error != 0) {
        complain("write", words[first], error);
        return;
    }
    for (int i = first + 1; i < count && error == 0; i++) {
        error = files_write(vfs(), handle, words[i], strlen(words[i]));
        error = error == 0 ? files_write(vfs(), handle, i + 1 < count ? " " : "\n", 1) : error;
    }
    if (error != 0) {
        complain("write", words[first], error);
    }
    (void)!files_close(vfs(), handle);
}

static void run_mkdir(int count, char **words)
{
    char path[FS_PATH_BYTES];
    (void)count;
    int error = shell_path(words[1], path) ? files_mkdir(vfs(), path) : 0;
    if (error != 0) {
        complain("mkdir", words[1], error);
    }
}

static void run_rm(int count, char **words)
{
    for (int i = 1; i < count; i++) {
        char path[FS_PATH_BYTES];
        int error = shell_path(words[i], path) ? files_remove(vfs(), path) : 0;
        if (error != 0) {
            complain("rm", words[i], error);
        }
    }
}

static void run_mv(int count, char **words)
{
    char from[FS_PATH_BYTES];
    char to[FS_PATH_BYTES];
    (void)count;
    bool good = shell_path(words[1], from) && shell_path(words[2], to);
    int error = good ? files_rename(vfs(), from, to) : 0;
    if (error != 0) {
        complain("mv", words[1], error);
    }
}

static void run_cd(int count, char **words)
{
    char path[FS_PATH_BYTES];
    struct files_stat s;
    if (!shell_path(count > 1 ? words[1] : "/", path)) {
        return;
    }
    int error = files_stat(vfs(), path, &s);
    error = error == 0 && s.kind != FS_FOLDER ? FS_NOT_DIRECTORY : error;
    if (error != 0) {
        complain("cd", words[1], error);
        return;
    }
    strcpy(shell_folder, path);
}

static void run_pwd(int count, char **words)
{
    (void)count;
    (void)words;
    printf("%s\n", shell_folder);
}

void complete_file(const char *start, struct line_choices *out)
{
    char folder[LINE_BYTES];
    char path[FS_PATH_BYTES];
    struct files_stat s;
    const char *slash = strrchr(start, '/');
    const char *part = slash != NULL ? slash + 1 : start;
    snprintf(folder, sizeof(folder), "%.*s", (int)(part - start), start);
    if (!shell_path(folder[0] != 0 ? folder : ".", path)) {
        return;
    }
    for (uint64_t i = 0; files_entry(vfs(), path, i, &s) == 0; i++) {
        if (strncmp(s.name, part, strlen(part)) == 0) {
            add_choice(out, folder, s.name, s.kind == FS_FOLDER ? "/" : " ");
        }
    }
}

const struct command file_commands[] = {
    {"ls", "[FOLDER]", "files of a folder", 0, 1, run_ls, WORD_FILE},
    {"cat", "FILE", "contents of a file", 1, 1, run_cat, WORD_FILE},
    {"echo", "TEXT...", "prints its words", 0, SHELL_WORDS, run_echo, WORD_FILE},
    {"write", "[-a] FILE TEXT...", "words into a file, or behind it", 1, SHELL_WORDS, run_write,
     WORD_FILE},
    {"mkdir", "FOLDER", "makes a folder", 1, 1, run_mkdir, WORD_FILE},
    {"rm", "FILE...", "removes files and empty folders", 1, SHELL_WORDS, run_rm, WORD_FILE},
    {"mv", "FROM TO", "renames", 2, 2, run_mv, WORD_FILE},
    {"cd", "[FOLDER]", "where names start from", 0, 1, run_cd, WORD_FILE},
    {"pwd", "", "prints that folder", 0, 0, run_pwd, WORD_NONE},
    {0},
};
