/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Fuzz target of everything that reads untrusted files: image parser, decompression, ELF reader,
 * device tree.
 *
 * Each case is read as it is; and once more as an image whose digests are put right, so that the
 * checks behind them are reached. The case lies just before a page without access, so that a read
 * beyond it is a crash in any build. An accepted image must keep what image.h promises.
 *
 *   fuzz-image FILE...   replays cases; under afl-fuzz without arguments it takes AFL++'s.
 *
 * KAAL_FUZZ_READER=image, elf, dtb or packed: that reader alone, as in campaigns of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf.h"
#include "image_bytes.h"
#include "image_dtb.h"
#include "seal.h"

#define CASE_MAX     0x10000u
#define UNPACKED_MAX 0x20000u

static uint8_t *end_of_room; /* the inaccessible page begins here */
static uint8_t *unpacked;    /* between two such pages */
static uint8_t dtb_buffer[IMAGE_DTB_MAX] __attribute__((aligned(8)));

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz-image: broken promise: %s\n", what);
        abort();
    }
}

/* That many bytes, a page without access before and behind them. */
static uint8_t *guarded(size_t bytes)
{
    uint8_t *p = mmap(NULL, bytes + 2 * IMAGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || mprotect(p + IMAGE_PAGE, bytes, PROT_READ | PROT_WRITE) != 0) {
        perror("fuzz-image");
        exit(2);
    }
    return p + IMAGE_PAGE;
}

static void make_room(void)
{
    end_of_room = guarded(CASE_MAX) + CASE_MAX;
    unpacked = guarded(UNPACKED_MAX);
}

/* What the loading machine would write: inside the two spans, ascending, no byte twice. */
struct span {
    const struct image *img;
    uint64_t at;
    uint64_t written;
};

static void take(struct span *s, uint64_t paddr, uint64_t size)
{
    bool kernel = paddr < s->img->kernel_end;
    uint64_t start = kernel ? s->img->kernel_start : s->img->user_start;
    uint64_t end = kernel ? s->img->kernel_end : s->img->user_end;

    require(size > 0 && paddr >= start && range_within(paddr - start, size, end - start),
            "a write lies in the kernel's or the root task's span");
    require(paddr >= s->at, "writes ascend");
    s->at = paddr + size;
    s->written += size;
}

static void on_copy(void *ctx, uint64_t paddr, const void *src, uint64_t size)
{
    struct span *s = ctx;
    const uint8_t *from = src;

    take(s, paddr, size);
    require(from >= s->img->base &&
                range_within((uint64_t)(from - s->img->base), size, s->img->total_size),
            "copied bytes lie in the image");
}

static void on_zero(void *ctx, uint64_t paddr, uint64_t size)
{
    take(ctx, paddr, size);
}

/* Decompression goes to a buffer of its own, which is not as large as what an image may ask for. */
static void *on_window(void *ctx, uint64_t paddr, uint64_t size)
{
    take(ctx, paddr, size);
    require(size <= UNPACKED_MAX, "only images that unpack to little are loaded here");
    return unpacked;
}

static void on_line(void *ctx, const char *text)
{
    (void)ctx;
    require(strlen(text) > 0, "a report line says something");
}

static void check_sentence(const struct image_error *err)
{
    char text[256];

    image_error_text(err, text, sizeof text);
    require(strlen(text) > 10 && strlen(text) < 255, "an error is one whole sentence");
    require(image_exit_status(err->code) > 0, "an error has a status");
}

static bool unpacks_to_little(const struct image *img)
{
    for (unsigned i = 0; i < img->region_count; i++) {
        if (img->regions[i].compression != IMAGE_STORED && img->regions[i].filesz > UNPACKED_MAX) {
            return false;
        }
    }
    return true;
}

/* The case as compressed bytes themselves; the room behind what is asked for stays as it was. */
static void read_compressed(const uint8_t *data, uint64_t size)
{
    uint64_t room = size < 2 ? 16 : get_u16(data);

    unpacked[room] = 0xa5;
    if (size > 2) {
        (void)!image_unpack_lz4(unpacked, room, data + 2, size - 2);
        require(unpacked[room] == 0xa5, "LZ4 writes no byte behind its room");
        (void)!image_unpack_zstd(unpacked, room, data + 2, size - 2);
        require(unpacked[room] == 0xa5, "Zstandard writes no byte behind its room");
    }
}

static void read_image(const uint8_t *data, uint64_t size)
{
    struct image img;
    struct image_error err;
    struct span span = {&img, 0, 0};
    struct image_machine machine = {&span, on_copy, on_zero, on_window, on_line};
    struct image_range ram = {0, IMAGE_PADDR_END};
    struct image_memory memory = {&ram, 1, NULL, 0};

    if (image_parse(data, size, &img, &err) != IMAGE_OK) {
        check_sentence(&err);
        return;
    }
    if (image_check_digests(&img, &err) != IMAGE_OK) {
        check_sentence(&err);
    }
    if (image_check_signature(&img, NULL, &err) != IMAGE_OK) {
        check_sentence(&err);
    }
    if (image_check_place(&img, 1, &memory, &err) != IMAGE_OK) {
        check_sentence(&err);
    }
    image_report(&img, &machine);
    if (unpacks_to_little(&img)) {
        if (image_load(&img, &machine, &err) != IMAGE_OK) {
            check_sentence(&err);
        } else {
            require(span.written ==
                        img.kernel_end - img.kernel_start + (img.user_end - img.user_start),
                    "loading writes every byte of both spans");
        }
    }
    require(img.bootargs[img.bootargs_len] == '\0', "boot arguments end");
}

static void read_elf(const uint8_t *data, uint64_t size)
{
    struct elf_symbol symbol;
    struct image_error err;
    const uint8_t *bytes;
    uint64_t length;
    struct elf elf;

    if (image_find(data, size, &bytes, &length, &err) == IMAGE_OK) {
        require(range_within((uint64_t)(bytes - data), length, size), "a payload is in its file");
    } else {
        check_sentence(&err);
    }
    if (elf_open(data, size, &elf, &err) != IMAGE_OK) {
        check_sentence(&err);
        return;
    }
    if (elf_check_loads(&elf, true, &err) != IMAGE_OK) {
        check_sentence(&err);
    }
    if (elf_find_note(&elf, KERNEL_NOTE_SECTION, KERNEL_NOTE_OWNER, 1, &bytes, &length)) {
        require(range_within((uint64_t)(bytes - data), length, size), "a note is in its file");
    }
    (void)elf_find_symbol(&elf, "word", &symbol);
}

/*
 * One more reserved range, in a buffer that has 0, 8, 16 or 24 bytes left and ends at the bad page.
 * A tree that was prepared stays a good one.
 */
static void reserve_more(uint64_t used)
{
    uint64_t cap = round_up(used, 8) + used / 4 % 4 * 8;
    uint8_t *tree = unpacked + UNPACKED_MAX - cap;
    struct image_error err;
    uint64_t size = 0;

    if (cap > UNPACKED_MAX) {
        return;
    }
    memcpy(tree, dtb_buffer, used);
    if (image_dtb_reserve(tree, cap, 0x1000, 0x2000, &size, &err) != IMAGE_OK) {
        require(cap - used < 16, "there is room for a range where there is room");
        check_sentence(&err);
        return;
    }
    require(size == used + 16 && size <= cap, "a range takes 16 bytes of the room");
    require(image_dtb_check(tree, size, &err) == IMAGE_OK, "a tree with one more range is good");
}

/* A device tree starts at a multiple of eight, so up to seven bytes stay before the bad page. */
static void read_dtb(const uint8_t *bytes, uint64_t size)
{
    uint8_t *data = end_of_room - round_up(size, 8);
    struct image_dtb_memory m;
    struct image_error err;
    struct image_cpu cpus[IMAGE_MAX_CPUS];
    struct image_uart uart;
    struct image_gic gic;
    uint64_t out;

    memcpy(data, bytes, size);
    if (image_dtb_prepare(data, size, dtb_buffer, sizeof dtb_buffer, "a=1", &out, &err) !=
        IMAGE_OK) {
        check_sentence(&err);
        return;
    }
    require(out <= sizeof dtb_buffer, "a packed tree fits its buffer");
    if (image_dtb_memory(dtb_buffer, &m, &err) != IMAGE_OK) {
        check_sentence(&err);
    }
    image_dtb_uart(dtb_buffer, &uart);
    image_dtb_gic(dtb_buffer, &gic);
    (void)image_dtb_psci(dtb_buffer);
    (void)image_dtb_timer_frequency(dtb_buffer);
    require(image_dtb_cpus(dtb_buffer, cpus) <= IMAGE_MAX_CPUS, "CPUs fit their array");
    require(strlen(image_dtb_model(dtb_buffer)) < 64, "a model is short");
    reserve_more(out);
}

/* As it is, and sealed. */
static void read_images(const uint8_t *data, uint64_t size)
{
    uint8_t *room = end_of_room - size;

    memcpy(room, data, size);
    read_image(room, size);
    if (size >= IMAGE_HEADER_SIZE) {
        seal_image(room, size);
        read_image(room, size);
    }
}

static void read_elf_file(const uint8_t *data, uint64_t size)
{
    memcpy(end_of_room - size, data, size);
    read_elf(end_of_room - size, size);
}

static const struct reader {
    const char *name;
    void (*read)(const uint8_t *data, uint64_t size);
} readers[] = {
    {"image", read_images},
    {"elf", read_elf_file},
    {"dtb", read_dtb},
    {"packed", read_compressed},
};

/* All of them, or the one that KAAL_FUZZ_READER names. */
static void run_case(const uint8_t *data, uint64_t size)
{
    const char *only = getenv("KAAL_FUZZ_READER");
    uint64_t used = size < CASE_MAX ? size : CASE_MAX;
    unsigned ran = 0;

    for (unsigned i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (only == NULL || strcmp(only, readers[i].name) == 0) {
            readers[i].read(data, used);
            ran++;
        }
    }
    if (ran == 0) {
        fprintf(stderr,
                "fuzz-image: KAAL_FUZZ_READER: expected image, elf, dtb or packed, found %s\n",
                only);
        exit(2);
    }
}

#ifdef KAAL_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (end_of_room == NULL) {
        make_room();
    }
    run_case(data, size);
    return 0;
}
#else
static int replay(const char *path)
{
    static uint8_t data[CASE_MAX];
    FILE *f = fopen(path, "rb");
    size_t size;

    if (f == NULL) {
        perror(path);
        return 2;
    }
    size = fread(data, 1, sizeof data, f);
    fclose(f);
    run_case(data, size);
    return 0;
}

#ifdef __AFL_COMPILER
__AFL_FUZZ_INIT();

static void fuzz(void)
{
    const unsigned char *data;

    __AFL_INIT();
    data = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(100000)) {
        run_case(data, (uint64_t)__AFL_FUZZ_TESTCASE_LEN);
    }
}
#else
static void fuzz(void)
{
    fputs("fuzz-image: give files to replay (this build is not for afl-fuzz)\n", stderr);
    exit(2);
}
#endif

int main(int argc, char **argv)
{
    make_room();
    if (argc < 2) {
        fuzz();
    }
    for (int i = 1; i < argc; i++) {
        int status = replay(argv[i]);

        if (status != 0) {
            return status;
        }
    }
    return 0;
}
#endif
