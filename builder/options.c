/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The command line by which an image is built. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "abi/kaal_version.h"

static const char usage[] =
    "Usage: kaal-builder --loader L --kernel K --app A --out O [options]\n"
    "       kaal-builder inspect [--json] IMAGE     header, regions, digests, signature, sizes\n"
    "       kaal-builder verify [--pubkey F] IMAGE  every check that loading makes\n"
    "       kaal-builder map [--svg] IMAGE          physical memory, drawn\n"
    "       kaal-builder extract IMAGE DIR          the segments of its programs, as files\n"
    "       kaal-builder diff A B                   what differs; status 1 when something does\n"
    "       kaal-builder keygen NAME                NAME.key and NAME.pub, a new pair of keys\n"
    "       kaal-builder lock LOADER KEY.pub OUT    a loader that takes only images of that key\n"
    "Makes one bootable image of the boot loader, a kernel and a root task.\n"
    "  --loader FILE        the KaaL boot loader (ELF)\n"
    "  --kernel FILE        kernel: AArch64 ELF linked in the upper half\n"
    "  --app FILE           root task: static AArch64 ELF\n"
    "  --out FILE           the image to write; FILE.debug.json names the symbol files\n"
    "  --format F           elf (default), image (Linux arm64), uimage (U-Boot), efi\n"
    "  --compress C         none, lz4 (default) or zstd, for each region that gets smaller\n"
    "  --kernel-paddr P     physical address of the kernel, a multiple of 2 MiB\n"
    "  --app-offset N       root task begins N bytes after the kernel's end (default 2M)\n"
    "  --bootargs STRING    /chosen/bootargs for the kernel, at most 1023 bytes\n"
    "  --dtb FILE           device tree for machines whose firmware gives none\n"
    "  --dtb-overlay FILE   overlay applied to the tree of --dtb (a firmware's is not known here)\n"
    "  --memory START:SIZE  every part must lie in this RAM (may be given again)\n"
    "  --check-dtb FILE     every part must lie in this tree's RAM, outside reserved memory\n"
    "  --sign FILE          sign with this Ed25519 key; the loader takes only its images then\n"
    "  --pubkey FILE        with --sign: check that this is the partner of the key\n"
    "  --level L            what the loader prints: quiet, normal (default) or debug\n"
    "  --patch SYMBOL=VALUE set a 4- or 8-byte variable of the root task\n"
    "  --map, --json        print the finished image's map, or its description\n"
    "  --verbose, -q        print more, or nothing but errors\n"
    "  --help, --version\n"
    "Numbers are decimal or 0x hexadecimal, with K, M or G for 2^10, 2^20, 2^30.\n"
    "Keys are PEM files (openssl genpkey -algorithm ed25519) or 64 hexadecimal digits.\n"
    "Exit status: 0 written, 1 usage, 2 bad input, 3 does not fit or overlaps, 4 input/output.\n";

uint64_t options_number(const char *option, const char *text)
{
    char *end;
    unsigned shift = 0;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
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
    p->value = options_number("--patch", equals + 1);
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

static void parse_memory(struct options *o, const char *text)
{
    const char *colon = strchr(text, ':');
    char start[32];
    struct image_range *r = &o->memory[o->memory_count];

    if (colon == NULL || (size_t)(colon - text) >= sizeof start) {
        fail(BUILDER_USAGE, "--memory: expected START:SIZE, found \"%s\"", text);
    }
    if (o->memory_count == IMAGE_MAX_RAM) {
        fail(BUILDER_USAGE, "--memory: expected at most %u of them, found more", IMAGE_MAX_RAM);
    }
    memcpy(start, text, (size_t)(colon - text));
    start[colon - text] = '\0';
    r->base = options_number("--memory", start);
    r->size = options_number("--memory", colon + 1);
    if (r->size == 0 || r->size > UINT64_MAX - r->base) {
        fail(BUILDER_USAGE, "--memory: expected a range below 2^64, found \"%s\"", text);
    }
    o->memory_count++;
}

/* The place of the word `text` in a list of them that ends with NULL. */
static unsigned parse_word(const char *option, const char *text, const char *const *words)
{
    char all[80] = "";

    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
        strcat(strcat(all, i == 0 ? "" : ", "), words[i]);
    }
    fail(BUILDER_USAGE, "%s: expected one of %s, found \"%s\"", option, all, text);
}

/* Options whose value is kept as it is. */
static const char **text_option(struct options *o, const char *name)
{
    const struct {
        const char *name;
        const char **field;
    } texts[] = {
        {"--loader", &o->loader}, {"--kernel", &o->kernel},
        {"--app", &o->app},       {"--out", &o->out},
        {"--dtb", &o->dtb},       {"--dtb-overlay", &o->overlay},
        {"--sign", &o->sign},     {"--check-dtb", &o->check_dtb},
        {"--pubkey", &o->pubkey},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, texts[i].name) == 0) {
            return texts[i].field;
        }
    }
    return NULL;
}

/* One option with its value; false when the name is unknown. */
static bool parse_one(struct options *o, const char *name, const char *value)
{
    static const char *const formats[] = {"elf", "image", "uimage", "efi", NULL};
    static const char *const compressions[] = {"none", "lz4", "zstd", NULL};
    static const char *const levels[] = {"quiet", "normal", "debug", NULL};
    const char **text = text_option(o, name);

    if (text != NULL) {
        *text = value;
    } else if (strcmp(name, "--kernel-paddr") == 0) {
        o->has_kernel_paddr = true;
        o->kernel_paddr = options_number(name, value);
    } else if (strcmp(name, "--app-offset") == 0) {
        o->app_offset = options_number(name, value);
    } else if (strcmp(name, "--bootargs") == 0) {
        parse_bootargs(o, value);
    } else if (strcmp(name, "--patch") == 0) {
        parse_patch(o, value);
    } else if (strcmp(name, "--memory") == 0) {
        parse_memory(o, value);
    } else if (strcmp(name, "--format") == 0) {
        o->format = (enum format)parse_word(name, value, formats);
    } else if (strcmp(name, "--compress") == 0) {
        o->compression = (enum image_compression)parse_word(name, value, compressions);
    } else if (strcmp(name, "--level") == 0) {
        o->level = (enum loader_level)parse_word(name, value, levels);
    } else {
        return false;
    }
    return true;
}

/* Options without a value. */
static bool parse_flag(struct options *o, const char *name)
{
    const struct {
        const char *name;
        bool *field;
    } flags[] = {
        {"--map", &o->map}, {"--json", &o->json}, {"--verbose", &o->verbose}, {"-q", &o->quiet}};

    if (strcmp(name, "--help") == 0) {
        fputs(usage, stdout);
        finish();
    }
    if (strcmp(name, "--version") == 0) {
        puts("kaal-builder " KAAL_VERSION);
        finish();
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(name, flags[i].name) == 0) {
            *flags[i].field = true;
            return true;
        }
    }
    return false;
}

static void require(const char *value, const char *name)
{
    if (value == NULL || value[0] == '\0') {
        fail(BUILDER_USAGE, "%s FILE is missing; see kaal-builder --help", name);
    }
}

static void check_together(const struct options *o)
{
    require(o->loader, "--loader");
    require(o->kernel, "--kernel");
    require(o->app, "--app");
    require(o->out, "--out");
    if (o->has_kernel_paddr && o->kernel_paddr % IMAGE_BLOCK != 0) {
        fail(BUILDER_USAGE, "--kernel-paddr: expected a multiple of 0x%x (2 MiB), found 0x%llx",
             IMAGE_BLOCK, (ull)o->kernel_paddr);
    }
    if (o->overlay != NULL && o->dtb == NULL) {
        fail(BUILDER_USAGE,
             "--dtb-overlay: expected --dtb with it, found none; the overlay changes "
             "the embedded tree, the firmware's is not known here");
    }
    if (o->pubkey != NULL && o->sign == NULL) {
        fail(BUILDER_USAGE, "--pubkey: expected --sign with it, found none; this loader would "
                            "refuse its own image");
    }
}

void options_parse(struct options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->app_offset = BUILDER_DEFAULT_APP_OFFSET;
    o->level = LOADER_NORMAL;
    o->compression = IMAGE_LZ4; /* least product of boot time and size: docs/image-format.md */
    for (int i = 1; i < argc; i++) {
        if (parse_flag(o, argv[i])) {
            continue;
        }
        if (i + 1 >= argc) {
            fail(BUILDER_USAGE,
                 "%s: expected an option with its value, found no value; see kaal-builder --help",
                 argv[i]);
        }
        if (!parse_one(o, argv[i], argv[i + 1])) {
            fail(BUILDER_USAGE, "unknown option \"%s\"; see kaal-builder --help", argv[i]);
        }
        i++;
    }
    check_together(o);
}
