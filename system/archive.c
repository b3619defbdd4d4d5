/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The archive that the root task embeds: cpio in the "newc" form, which every cpio tool lists.
 * bin/NAME = programs, sym/NAME = their symbols, then the manifest's files. The contents of every
 * file start at a multiple of 8 (zero bytes behind the name). Equal inputs give equal bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

enum {
    HEADER = 110,
    MODE = 0100644,
    MOST_FILE = 256 << 20,
};

static void add_file(struct bytes *out, const char *name, const struct bytes *content)
{
    static unsigned number;
    char header[HEADER + 1];
    size_t name_bytes = strlen(name) + 1;
    while ((out->size + HEADER + name_bytes) % 8 != 0) {
        name_bytes++;
    }
    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x",
             ++number, content != NULL ? MODE : 0, 0, 0, 1, 0, content != NULL ? content->size : 0,
             0, 0, 0, 0, name_bytes, 0);
    bytes_add(out, header, HEADER);
    bytes_add(out, name, strlen(name) + 1);
    bytes_add(out, NULL, name_bytes - strlen(name) - 1);
    if (content != NULL) {
        bytes_add(out, content->data, content->size);
    }
    bytes_align(out, 4);
}

static bool is_added(const struct manifest *m, unsigned index)
{
    for (unsigned i = 0; i < index; i++) {
        if (strcmp(m->component[i].binary.text, m->component[index].binary.text) == 0) {
            return true;
        }
    }
    return false;
}

static void add_program(struct bytes *out, const char *binaries, const char *binary)
{
    char *path = NULL;
    char name[MANIFEST_NAME + 8];
    struct program program;
    if (asprintf(&path, "%s/%s.elf", binaries, binary) < 0) {
        fail(EXIT_IO, "out of memory");
    }
    const char *wrong = program_read(path, &program);
    if (wrong != NULL) {
        fail(EXIT_INPUT, "%s: %s", path, wrong);
    }
    snprintf(name, sizeof(name), "bin/%s", binary);
    add_file(out, name, &program.stripped);
    snprintf(name, sizeof(name), "sym/%s", binary);
    add_file(out, name, &program.symbols);
    free(program.stripped.data);
    free(program.symbols.data);
    free(path);
}

/* Path of a file that the manifest names, from the manifest's folder. */
static char *beside(const struct manifest *m, const char *from)
{
    const char *slash = strrchr(m->path, '/');
    char *path = NULL;
    int folder = slash == NULL || from[0] == '/' ? 0 : (int)(slash - m->path) + 1;
    if (asprintf(&path, "%.*s%s", folder, m->path, from) < 0) {
        fail(EXIT_IO, "out of memory");
    }
    return path;
}

struct bytes manifest_archive(const struct manifest *m, const char *binaries)
{
    struct bytes out = {0};
    for (unsigned i = 0; i < m->components; i++) {
        if (!is_added(m, i)) {
            add_program(&out, binaries, m->component[i].binary.text);
        }
    }
    for (unsigned i = 0; i < m->files; i++) {
        char *path = beside(m, m->file[i].from.text);
        struct bytes content = file_read(path, MOST_FILE);
        add_file(&out, m->file[i].name.text, &content);
        free(content.data);
        free(path);
    }
    add_file(&out, "TRAILER!!!", NULL);
    return out;
}
