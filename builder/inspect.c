/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `inspect` and `verify`: what an image holds, and whether a loading machine would take it. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "image_bytes.h"
#include "sha256.h"

static const char *kind_name(uint32_t kind)
{
    return kind == IMAGE_KERNEL ? "kernel" : "root task";
}

static bool has_good_digest(const struct image_region *r)
{
    uint8_t digest[SHA256_SIZE];

    sha256(r->data, r->stored, digest);
    return memcmp(digest, r->digest, sizeof digest) == 0;
}

static bool has_good_dtb(const struct image *img)
{
    struct image_error err;

    return image_check_dtb_digest(img, &err) == IMAGE_OK;
}

static const char *level_name(const struct image_file *f)
{
    static const char *const names[] = {"quiet", "normal", "debug"};
    uint32_t level = f->slot == NULL ? LOADER_NORMAL : get_u32(f->slot + LOADER_SLOT_OFF_LEVEL);

    return level <= LOADER_DEBUG ? names[level] : "unknown";
}

static const uint8_t *loader_key(const struct image_file *f)
{
    return f->slot == NULL ? NULL : image_slot_key(f->slot);
}

/* ---- JSON ---- */

static void json_region(const struct image_region *r)
{
    json_open(NULL, '{');
    json_string("kind", kind_name(r->kind));
    json_hex("physical", r->paddr);
    json_hex("virtual", r->vaddr);
    json_number("file_size", r->filesz);
    json_number("memory_size", r->memsz);
    json_number("stored_size", r->stored);
    json_string("compression", image_compression_name(r->compression));
    json_number("flags", r->flags);
    json_bytes("sha256", r->digest, SHA256_SIZE);
    json_bool("digest_good", has_good_digest(r));
    json_close('}');
}

static void json_note(const struct kernel_note *n)
{
    json_open("kernel_note", '{');
    json_string("name", n->name);
    json_string("version", n->version_text);
    json_string("flavour", n->flavour);
    json_bool("movable", (n->flags & KERNEL_NOTE_MOVABLE) != 0);
    json_bool("all_cpus", (n->flags & KERNEL_NOTE_ALL_CPUS) != 0);
    json_bytes("build_id", n->build_id, sizeof n->build_id);
    json_close('}');
}

static void print_json(const struct image_file *f)
{
    const struct image *img = &f->image;

    json_to(stdout);
    json_open(NULL, '{');
    json_string("format", f->format);
    json_number("version", IMAGE_VERSION);
    json_number("file_size", f->in.size);
    json_number("payload_size", f->payload_size);
    json_hex("loader", f->loader_start);
    json_string("level", level_name(f));
    json_bool("loader_has_key", loader_key(f) != NULL);
    json_string("signature", image_file_signature(f));
    if (img->is_signed) {
        json_bytes("key", img->base + IMAGE_OFF_KEY, IMAGE_KEY_SIZE);
    }
    json_hex("kernel_entry", img->kernel_entry);
    json_hex("kernel_start", img->kernel_start);
    json_hex("kernel_end", img->kernel_end);
    json_hex("root_task_entry", img->user_entry);
    json_hex("root_task_start", img->user_start);
    json_hex("root_task_end", img->user_end);
    json_string("bootargs", img->bootargs);
    if (img->has_note) {
        json_note(&img->note);
    }
    if (img->dtb != NULL) {
        json_open("device_tree", '{');
        json_number("size", img->dtb_size);
        json_bytes("sha256", img->base + IMAGE_OFF_DTB_DIGEST, SHA256_SIZE);
        json_bool("digest_good", has_good_dtb(img));
        json_close('}');
    }
    json_open("regions", '[');
    for (unsigned i = 0; i < img->region_count; i++) {
        json_region(&img->regions[i]);
    }
    json_close(']');
    json_close('}');
}

/* ---- text ---- */

static void print_hex(const uint8_t *bytes, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        printf("%02x", bytes[i]);
    }
}

/* Text of an image, which nobody may have checked: no control characters go to the terminal. */
static void print_safe(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7f || c == 0x9b) {
            printf("\\x%02x", c);
        } else {
            putchar(c);
        }
    }
}

static void print_region(unsigned i, const struct image_region *r)
{
    printf("region %u: %s, %c%c%c, 0x%llx (virtual 0x%llx), %llu bytes and %llu zeroed\n", i,
           kind_name(r->kind), (r->flags & IMAGE_READ) != 0 ? 'r' : '-',
           (r->flags & IMAGE_WRITE) != 0 ? 'w' : '-', (r->flags & IMAGE_EXEC) != 0 ? 'x' : '-',
           (ull)r->paddr, (ull)r->vaddr, (ull)r->filesz, (ull)(r->memsz - r->filesz));
    printf("  stored: %llu bytes, compression %s, SHA-256 ", (ull)r->stored,
           image_compression_name(r->compression));
    print_hex(r->digest, SHA256_SIZE);
    printf(" %s\n", has_good_digest(r) ? "good" : "BAD");
}

static void print_signature(const struct image_file *f)
{
    const uint8_t *key = loader_key(f);

    printf("signature: %s", image_file_signature(f));
    if (f->image.is_signed) {
        printf(", by key ");
        print_hex(f->image.base + IMAGE_OFF_KEY, IMAGE_KEY_SIZE);
    }
    printf("\nloader: takes %s", key == NULL ? "unsigned images too" : "only images by key ");
    if (key != NULL) {
        print_hex(key, IMAGE_KEY_SIZE);
    }
    putchar('\n');
}

static void print_text(const struct image_file *f)
{
    const struct image *img = &f->image;

    printf("%s: format %s, version %u, %llu bytes, payload %llu bytes, level %s\n", f->in.path,
           f->format, IMAGE_VERSION, (ull)f->in.size, (ull)f->payload_size, level_name(f));
    print_signature(f);
    if (f->loader_start != 0) {
        printf("loader: at 0x%llx\n", (ull)f->loader_start);
    }
    if (img->has_note) {
        printf("kernel: ");
        print_safe(img->note.name);
        putchar(' ');
        print_safe(img->note.version_text);
        printf(" (");
        print_safe(img->note.flavour);
        printf(")%s%s, build id ",
               (img->note.flags & KERNEL_NOTE_MOVABLE) != 0 ? ", can be moved" : "",
               (img->note.flags & KERNEL_NOTE_ALL_CPUS) != 0 ? ", wants all CPUs" : "");
        print_hex(img->note.build_id, sizeof img->note.build_id);
        putchar('\n');
    } else {
        puts("kernel: foreign (no note)");
    }
    printf("kernel: [0x%llx, 0x%llx), entry 0x%llx\n", (ull)img->kernel_start, (ull)img->kernel_end,
           (ull)img->kernel_entry);
    printf("root task: [0x%llx, 0x%llx), entry 0x%llx\n", (ull)img->user_start, (ull)img->user_end,
           (ull)img->user_entry);
    printf("boot arguments: \"");
    print_safe(img->bootargs);
    puts("\"");
    if (img->dtb != NULL) {
        printf("device tree: %llu bytes embedded, SHA-256 %s\n", (ull)img->dtb_size,
               has_good_dtb(img) ? "good" : "BAD");
    }
    for (unsigned i = 0; i < img->region_count; i++) {
        print_region(i, &img->regions[i]);
    }
}

void inspect_print(const struct image_file *f, bool json)
{
    if (json) {
        print_json(f);
    } else {
        print_text(f);
    }
}

int inspect_command(int argc, char **argv)
{
    bool json = argc == 3 && strcmp(argv[1], "--json") == 0;
    struct image_file f;

    if (argc != 2 + (json ? 1 : 0)) {
        fail(BUILDER_USAGE, "inspect: expected [--json] IMAGE, found %d words", argc - 1);
    }
    image_file_open(&f, argv[argc - 1]);
    inspect_print(&f, json);
    image_file_close(&f);
    return BUILDER_OK;
}

/* ---- verify ---- */

void image_file_unpack_all(const struct image_file *f)
{
    struct image_error err;

    for (unsigned i = 0; i < f->image.region_count; i++) {
        const struct image_region *r = &f->image.regions[i];
        uint8_t *to;

        if (r->compression == IMAGE_STORED) {
            continue;
        }
        to = malloc(r->filesz);
        if (to == NULL) {
            fail(BUILDER_IO, "%s: region %u: no memory for %llu bytes", f->in.path, i,
                 (ull)r->filesz);
        }
        if (image_unpack(&f->image, i, to, &err) != IMAGE_OK) {
            fail_error(BUILDER_BAD_INPUT, f->in.path, &err);
        }
        free(to);
    }
}

int verify_command(int argc, char **argv)
{
    bool has_key = argc == 4 && strcmp(argv[1], "--pubkey") == 0;
    uint8_t key[IMAGE_KEY_SIZE];
    const uint8_t *by = NULL;
    struct image_error err;
    struct image_file f;

    if (argc != 2 + (has_key ? 2 : 0)) {
        fail(BUILDER_USAGE, "verify: expected [--pubkey FILE] IMAGE, found %d words", argc - 1);
    }
    image_file_open(&f, argv[argc - 1]);
    if (has_key) {
        keys_read_public(argv[2], key);
        by = key;
    } else {
        by = loader_key(&f);
    }
    if (image_check_signature(&f.image, by, &err) != IMAGE_OK ||
        image_check_digests(&f.image, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, f.in.path, &err);
    }
    image_file_unpack_all(&f);
    printf("%s: %u regions good, %s\n", f.in.path, f.image.region_count,
           by != NULL           ? "signed with the key"
           : !f.image.is_signed ? "not signed"
                                : "signature good by the key in the image (whose it is, is not "
                                  "checked without --pubkey)");
    image_file_close(&f);
    return BUILDER_OK;
}
