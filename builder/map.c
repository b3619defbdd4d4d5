/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `map`: the image's physical memory as text and as a drawing. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "image_bytes.h"

#define MAX_BLOCKS (IMAGE_MAX_REGIONS + 8u)

/* One line of the map; blocks may lie in one another (a region in its program's span). */
struct block {
    uint64_t start;
    uint64_t end;
    char text[80];
    const char *colour;
    bool part; /* of the span before it */
};

struct map {
    unsigned count;
    struct block blocks[MAX_BLOCKS];
};

static struct block *add(struct map *m, uint64_t start, uint64_t end, const char *colour)
{
    struct block *b = &m->blocks[m->count++];

    b->start = start;
    b->end = end;
    b->colour = colour;
    b->part = false;
    return b;
}

static void add_regions(struct map *m, const struct image *img, uint32_t kind, const char *colour)
{
    for (unsigned i = 0; i < img->region_count; i++) {
        const struct image_region *r = &img->regions[i];
        struct block *b;

        if (r->kind != kind) {
            continue;
        }
        b = add(m, r->paddr, r->paddr + r->memsz, colour);
        b->part = true;
        snprintf(b->text, sizeof b->text, "region %u, %llu bytes, %llu zeroed", i, (ull)r->filesz,
                 (ull)(r->memsz - r->filesz));
    }
}

/* Ascending; what contains comes before what is inside. */
static int by_place(const void *a, const void *b)
{
    const struct block *x = a;
    const struct block *y = b;

    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->end == y->end ? 0 : x->end > y->end ? -1 : 1;
}

static void make_map(struct map *m, const struct image_file *f)
{
    const struct image *img = &f->image;

    m->count = 0;
    strcpy(add(m, img->kernel_start, img->kernel_end, "#7aa6da")->text, "kernel");
    add_regions(m, img, IMAGE_KERNEL, "#a9c7ee");
    strcpy(add(m, img->kernel_end, img->user_start, "#eee8aa")->text, "room for the device tree");
    strcpy(add(m, img->user_start, img->user_end, "#8fbc8f")->text, "root task");
    add_regions(m, img, IMAGE_USER, "#bfe0bf");
    if (f->loader_start != 0) {
        uint64_t memory = get_u64(f->slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);

        strcpy(add(m, f->loader_start, f->loader_start + memory, "#d8a48f")->text,
               "loader, until the kernel is entered");
        strcpy(
            add(m, f->loader_start + memory, f->loader_start + memory + f->payload_size, "#ecc9bb")
                ->text,
            "payload, until the kernel is entered");
    }
    qsort(m->blocks, m->count, sizeof m->blocks[0], by_place);
}

static void size_text(uint64_t bytes, char *text, size_t cap)
{
    struct image_text t;

    text_start(&t, text, cap);
    text_size(&t, bytes);
}

void map_print(const struct image_file *f)
{
    struct map m;
    uint64_t end = 0;

    make_map(&m, f);
    for (unsigned i = 0; i < m.count; i++) {
        const struct block *b = &m.blocks[i];
        char size[40];

        if (end != 0 && b->start > end) {
            size_text(b->start - end, size, sizeof size);
            printf("%-16s  %-16s   (%s free)\n", "", "", size);
        }
        size_text(b->end - b->start, size, sizeof size);
        printf("0x%014llx  0x%014llx  %s%s, %s\n", (ull)b->start, (ull)b->end,
               b->part ? "  | " : "", b->text, size);
        end = b->end > end ? b->end : end;
    }
}

/* A block's height in the drawing grows with the logarithm of its size; a row has room for text. */
#define SVG_ROW 28u

static unsigned height(const struct block *b)
{
    unsigned more = 0;

    for (uint64_t size = b->end - b->start; size > 2 * IMAGE_PAGE; size /= 2) {
        more += 3;
    }
    return SVG_ROW + more;
}

/* The number of parts that follow block i and lie in it. */
static unsigned parts_of(const struct map *m, unsigned i)
{
    unsigned n = 0;

    while (!m->blocks[i].part && i + n + 1 < m->count && m->blocks[i + n + 1].part) {
        n++;
    }
    return n;
}

static unsigned height_with_parts(const struct map *m, unsigned i)
{
    unsigned parts = parts_of(m, i);
    unsigned sum = SVG_ROW + 6;

    for (unsigned k = 1; k <= parts; k++) {
        sum += height(&m->blocks[i + k]) + 6;
    }
    return parts == 0 ? height(&m->blocks[i]) : sum;
}

static void svg_address(FILE *out, unsigned y, uint64_t address)
{
    fprintf(out, "<text x=\"20\" y=\"%u\">0x%llx</text>\n", y + 18, (ull)address);
}

static void svg_block(FILE *out, const struct block *b, unsigned y, unsigned rows)
{
    unsigned x = b->part ? 190 : 170;
    char size[40];

    size_text(b->end - b->start, size, sizeof size);
    fprintf(out,
            "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"%s\" "
            "stroke=\"#333333\"/>\n",
            x, y, b->part ? 540 : 570, rows, b->colour);
    fprintf(out, "<text x=\"%u\" y=\"%u\">%s, %s</text>\n", x + 10, y + 18, b->text, size);
    svg_address(out, y, b->start);
}

/* What is free before block i, and its height. */
static unsigned svg_gap(FILE *out, unsigned y, uint64_t from, uint64_t to)
{
    char size[40];

    if (from == 0 || to <= from) {
        return 0;
    }
    size_text(to - from, size, sizeof size);
    svg_address(out, y, from);
    fprintf(out, "<text x=\"180\" y=\"%u\" fill=\"#777777\">%s free</text>\n", y + 18, size);
    return SVG_ROW;
}

static void svg_blocks(FILE *out, const struct map *m, unsigned *y)
{
    uint64_t end = 0;

    for (unsigned i = 0; i < m->count; i++) {
        const struct block *b = &m->blocks[i];
        unsigned parts = parts_of(m, i);
        unsigned rows = height_with_parts(m, i);

        *y += b->part ? 0 : svg_gap(out, *y, end, b->start);
        svg_block(out, b, *y, rows);
        *y += parts == 0 ? rows + 6 : SVG_ROW;
        end = b->end > end ? b->end : end;
        if (b->part && (i + 1 == m->count || !m->blocks[i + 1].part)) {
            *y += 12;
        }
    }
    svg_address(out, *y, end);
}

/* From low to high addresses; what is free between blocks is named, not drawn to scale. */
static void print_svg(const struct image_file *f)
{
    char *drawing = NULL;
    size_t size;
    FILE *out = open_memstream(&drawing, &size);
    struct map m;
    unsigned y = 40;

    if (out == NULL) {
        fail(BUILDER_IO, "map: cannot be drawn: no memory");
    }
    make_map(&m, f);
    svg_blocks(out, &m, &y);
    fclose(out);
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"%u\" "
           "font-family=\"monospace\" font-size=\"13\">\n"
           "<title>Physical memory of a KaaL image</title>\n"
           "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
           "<text x=\"20\" y=\"24\">physical memory, addresses ascending downwards</text>\n"
           "%s</svg>\n",
           y + 40, drawing);
    free(drawing);
}

int map_command(int argc, char **argv)
{
    bool svg = argc == 3 && strcmp(argv[1], "--svg") == 0;
    struct image_file f;

    if (argc != 2 + (svg ? 1 : 0)) {
        fail(BUILDER_USAGE, "map: expected [--svg] IMAGE, found %d words", argc - 1);
    }
    image_file_open(&f, argv[argc - 1]);
    if (svg) {
        print_svg(&f);
    } else {
        map_print(&f);
    }
    image_file_close(&f);
    return BUILDER_OK;
}
