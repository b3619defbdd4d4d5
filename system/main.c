/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * kaal-system: checks a system's manifest, shows it, and compiles it for the root task.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

static const char usage_text[] =
    "usage: kaal-system check FILE [options]      what is wrong with a manifest, or nothing\n"
    "       kaal-system json FILE [options]       the manifest with its defaults\n"
    "       kaal-system authority FILE [options]  what each component may do\n"
    "       kaal-system diff OLD NEW [options]    who gained and lost what (1 when someone "
    "gained)\n"
    "       kaal-system graph FILE OUT.svg        components, channels, rings and devices\n"
    "       kaal-system compile FILE OUT.sys OUT.cpio --binaries DIR   what the root task embeds\n"
    "options: --binaries DIR  check the programs DIR/NAME.elf too\n"
    "         --dtb FILE      check the devices against a device tree\n";

struct arguments {
    const char *file[3];
    unsigned files;
    const char *binaries;
    const char *dtb;
};

static struct manifest *load(const struct arguments *a, unsigned index)
{
    struct manifest *m = manifest_read(a->file[index]);
    manifest_check(m, a->binaries, a->dtb);
    return m;
}

static int run_check(const struct arguments *a)
{
    const struct manifest *m = load(a, 0);
    printf("%s: %u components, %u rings: good\n", m->name.text, m->components, m->rings);
    return EXIT_DONE;
}

static int run_json(const struct arguments *a)
{
    show_json(load(a, 0));
    return EXIT_DONE;
}

static int run_authority(const struct arguments *a)
{
    show_authority(load(a, 0));
    return EXIT_DONE;
}

static int run_diff(const struct arguments *a)
{
    const struct manifest *before = load(a, 0);
    return show_difference(before, load(a, 1));
}

static int run_graph(const struct arguments *a)
{
    show_graph(load(a, 0), a->file[1]);
    return EXIT_DONE;
}

static int run_compile(const struct arguments *a)
{
    if (a->binaries == NULL) {
        fail(EXIT_USAGE, "compile: expected --binaries DIR");
    }
    const struct manifest *m = load(a, 0);
    struct bytes description = manifest_compile(m);
    struct bytes archive = manifest_archive(m, a->binaries);
    const char *wrong = sysdesc_check(description.data, description.size);
    if (wrong != NULL) {
        fail(EXIT_INPUT, "%s: %s", a->file[0], wrong);
    }
    file_write(a->file[1], description.data, description.size);
    file_write(a->file[2], archive.data, archive.size);
    free(description.data);
    free(archive.data);
    return EXIT_DONE;
}

static const struct command {
    const char *name;
    unsigned files;
    int (*run)(const struct arguments *a);
} commands[] = {
    {"check", 1, run_check}, {"json", 1, run_json},   {"authority", 1, run_authority},
    {"diff", 2, run_diff},   {"graph", 2, run_graph}, {"compile", 3, run_compile},
};

static void read_arguments(struct arguments *a, const struct command *c, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        const char **value = strcmp(argv[i], "--binaries") == 0 ? &a->binaries
                             : strcmp(argv[i], "--dtb") == 0    ? &a->dtb
                                                                : NULL;
        if (value != NULL) {
            if (i + 1 == argc) {
                fail(EXIT_USAGE, "%s: expected a name behind it", argv[i]);
            }
            *value = argv[++i];
        } else if (argv[i][0] == '-') {
            fail(EXIT_USAGE, "unknown option '%s'; options are --binaries DIR and --dtb FILE",
                 argv[i]);
        } else if (a->files == c->files) {
            fail(EXIT_USAGE, "%s: expected %u files, found one more: '%s'", c->name, c->files,
                 argv[i]);
        } else {
            a->file[a->files++] = argv[i];
        }
    }
    if (a->files != c->files) {
        fail(EXIT_USAGE, "%s: expected %u files, found %u", c->name, c->files, a->files);
    }
}

int main(int argc, char **argv)
{
    struct arguments a = {0};
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(usage_text, stdout);
        return EXIT_DONE;
    }
    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            read_arguments(&a, &commands[i], argc, argv);
            int status = commands[i].run(&a);
            if (fflush(stdout) != 0) {
                fail(EXIT_IO, "standard output cannot be written");
            }
            return status;
        }
    }
    fputs(usage_text, stderr);
    return EXIT_USAGE;
}
