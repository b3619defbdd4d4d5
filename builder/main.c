/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* kaal-builder's way through: read, check, patch, lay out, write. */
#include <stdlib.h>

#include "builder.h"

int main(int argc, char **argv)
{
    struct options options;
    struct layout layout = {0};
    struct input loader;
    struct input kernel;
    struct input app;

    options_parse(&options, argc, argv);
    input_read(&loader, options.loader);
    input_read(&kernel, options.kernel);
    input_read(&app, options.app);
    input_check_loader(&loader, &layout);
    input_check_program(&kernel, true);
    input_check_program(&app, false);
    input_patch(&app, &options);
    layout_make(&layout, &kernel, &app, &options);
    output_write(&layout, &loader, &kernel, &app, &options);
    free(loader.data);
    free(kernel.data);
    free(app.data);
    return BUILDER_OK;
}
