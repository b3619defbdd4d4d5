/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* kaal-builder's ways through: building is read, check, patch, lay out, compress, write. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

static void report(const struct options *o)
{
    struct image_file f;

    if (o->quiet || !(o->json || o->verbose || o->map)) {
        return;
    }
    image_file_open(&f, o->out);
    if (o->json || o->verbose) {
        inspect_print(&f, o->json);
    }
    if (o->map) {
        map_print(&f);
    }
    image_file_close(&f);
}

static int build_command(int argc, char **argv)
{
    struct options options;
    struct layout layout = {0};
    struct input loader;
    struct input kernel;
    struct input app;
    struct keys keys;
    uint8_t *dtb;

    options_parse(&options, argc, argv);
    input_read(&loader, options.loader);
    input_read(&kernel, options.kernel);
    input_read(&app, options.app);
    keys_read(&keys, &options);
    keys_check_loader(&keys, input_check_loader(&loader, &layout), &options);
    input_check_program(&kernel, true);
    input_check_program(&app, false);
    input_patch(&app, &options);
    dtb = dtb_make(&options, &layout.dtb_size);
    layout.dtb = dtb;
    layout_make(&layout, &kernel, &app, &options);
    compress_parts(&layout, options.compression);
    layout_data(&layout);
    dtb_check_places(&layout, &options);
    output_write(&layout, &loader, &kernel, &app, &options, &keys);
    debug_write(&layout, &options);
    file_commit();
    report(&options);
    compress_free(&layout);
    free(dtb);
    free(loader.data);
    free(kernel.data);
    free(app.data);
    return BUILDER_OK;
}

int builder_run(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"inspect", inspect_command}, {"verify", verify_command}, {"map", map_command},
        {"extract", extract_command}, {"diff", diff_command},     {"keygen", keys_command},
        {"lock", lock_command},
    };
    int (*run)(int argc, char **argv) = build_command;
    int status;

    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            run = commands[i].run;
            argc--;
            argv++;
            break;
        }
    }
    status = run(argc, argv);
    check_output();
    return status;
}
