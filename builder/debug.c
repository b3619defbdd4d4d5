/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * OUT.debug.json: for debuggers and reports, which file has the symbols of which addresses.
 * `offset` is what is to be added to the file's own addresses; a flat image's loader has no place,
 * since the firmware chooses it.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

static void put_file(const char *role, const char *path, uint64_t link, uint64_t offset,
                     uint64_t physical)
{
    json_open(NULL, '{');
    json_string("role", role);
    json_string("file", path);
    json_hex("link", link);
    json_hex("offset", offset);
    json_hex("physical", physical);
    json_close('}');
}

void debug_write(const struct layout *l, const struct options *o)
{
    char path[4096 + 16];
    char *text = NULL;
    size_t size;
    FILE *f;
    bool elf = o->format == FORMAT_ELF;

    snprintf(path, sizeof path, "%s.debug.json", o->out);
    output_check_target(path, o);
    f = open_memstream(&text, &size);
    if (f == NULL) {
        fail(BUILDER_IO, "%s.debug.json: cannot be written: no memory", o->out);
    }
    json_to(f);
    json_open(NULL, '{');
    json_open("files", '[');
    put_file("loader", o->loader, l->loader_link, elf ? l->loader_start - l->loader_link : 0,
             elf ? l->loader_start : 0);
    put_file("kernel", o->kernel, l->kernel_start - l->kernel_pv, 0, l->kernel_start);
    put_file("roottask", o->app, l->user_start - l->user_pv, 0, l->user_start);
    json_close(']');
    json_close('}');
    fclose(f);
    file_stage(path, text, size);
    free(text);
}
