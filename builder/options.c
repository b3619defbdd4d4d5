/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The builder's command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "abi/kaal_version.h"

static const char usage[] =
    "Usage: kaal-builder --loader L --kernel K --app A --out O [options]\n"
    "Makes one bootable ELF of the boot loader, a kernel and a root task.\n"
    "  --loader FILE        the KaaL boot loader (ELF)\n"
    "  --kernel FILE        kernel: AArch64 ELF linked in the upper half\n"
    "  --app FILE           root task: static AArch64 ELF\n"
    "  --out FILE           the image to write\n"
    "  --kernel-paddr P     physical address of the kernel, a multiple of 2 MiB\n"
    "  --app-offset N       root task begins N bytes after the kernel's end (default 2M)\n"
    "  --bootargs STRING    /chosen/bootargs for the kernel, at most 1023 bytes\n"
    "  --patch SYMBOL=VALUE set a 4- or 8-byte variable of the root task\n"
    "  --help, --version\n"
    "Numbers are decimal or 0x hexadecimal, with K, M or G for 2^10, 2^20, 2^30.\n"
    "Exit status: 0 written, 1 usage, 2 bad input, 3 does not fit or overlaps, 4 input/output.\n";

static uint64_t parse_number(const char *option, const char *text)
{
    char *end;
    unsigned shift = 0;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 0);
    if (end != text && *end != '\0' && strchr("KMG", *end) != NULL) {
        shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 30;
        end++;
    }
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
        value > UINT64_MAX >> shift) {
        fail(BUILDER_USAGE, "%s: expected a number below 2^64, found \"%s\"", option, text);
    }
    return (uint64_t)value << shift;
}

static void parse_patch(struct options *o, const char *text)
{
    const char *equals = strchr(text, '=');
    struct patch *p = &o->patches[o->patch_count];

    if (equals == NULL || equals == text) {
        fail(BUILDER_USAGE, "--patch: expected SYMBOL=VALUE, found \"%s\"", text);
    }
    if (o->patch_count == BUILDER_MAX_PATCHES) {
        fail(BUILDER_USAGE, "--patch: expected at most %u of them, found more",
             BUILDER_MAX_PATCHES);
    }
    p->symbol = text;
    p->symbol_len = (size_t)(equals - text);
    p->value = parse_number("--patch", equals + 1);
    o->patch_count++;
}

static void parse_bootargs(struct options *o, const char *text)
{
    if (strlen(text) >= IMAGE_BOOTARGS_SIZE) {
        fail(BUILDER_USAGE, "--bootargs: expected at most %u bytes, found %zu",
             IMAGE_BOOTARGS_SIZE - 1, strlen(text));
    }
    o->bootargs = text;
}

/* One option with its value; false when the name is unknown. */
static bool parse_one(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **field;
    } files[] = {
        {"--loader", &o->loader}, {"--kernel", &o->kernel}, {"--app", &o->app}, {"--out", &o->out}};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(name, files[i].name) == 0) {
            *files[i].field = value;
            return true;
        }
    }
    if (strcmp(name, "--kernel-paddr") == 0) {
        o->has_kernel_paddr = true;
        o->kernel_paddr = parse_number(name, value);
    } else if (strcmp(name, "--app-offset") == 0) {
        o->app_offset = parse_number(name, value);
    } else if (strcmp(name, "--bootargs") == 0) {
        parse_bootargs(o, value);
    } else if (strcmp(name, "--patch") == 0) {
        parse_patch(o, value);
    } else {
        return false;
    }
    return true;
}

static void require(const char *value, const char *name)
{
    if (value == NULL || value[0] == '\0') {
        fail(BUILDER_USAGE, "%s FILE is missing; see kaal-builder --help", name);
    }
}

void options_parse(struct options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->app_offset = BUILDER_DEFAULT_APP_OFFSET;
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            exit(BUILDER_OK);
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("kaal-builder " KAAL_VERSION);
            exit(BUILDER_OK);
        }
        if (i + 1 >= argc) {
            fail(BUILDER_USAGE, "%s: expected an option and its value, found no value", argv[i]);
        }
        if (!parse_one(o, argv[i], argv[i + 1])) {
            fail(BUILDER_USAGE, "unknown option \"%s\"; see kaal-builder --help", argv[i]);
        }
    }
    require(o->loader, "--loader");
    require(o->kernel, "--kernel");
    require(o->app, "--app");
    require(o->out, "--out");
    if (o->has_kernel_paddr && o->kernel_paddr % IMAGE_BLOCK != 0) {
        fail(BUILDER_USAGE, "--kernel-paddr: expected a multiple of 0x%x (2 MiB), found 0x%llx",
             IMAGE_BLOCK, (unsigned long long)o->kernel_paddr);
    }
}
