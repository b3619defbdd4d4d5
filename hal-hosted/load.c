/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Loading as in loader/main.c, in the same order of checks (load.h).
 */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/kaal_version.h"
#include "build_id.h"
#include "device.h"
#include "hosted_dtb.h"
#include "image_dtb.h"
#include "image_text.h"
#include "internal.h"

enum {
    STATUS_BOOT_REFUSED = 103, /* as the kernel on the other machine */
    TIMER_HZ = 62500000,       /* CNTFRQ_EL0 of QEMU's cortex-a53 */
    DEVICE_TOP_BITS = 40,      /* a Cortex-A53's physical addresses (abi/boot.md §2) */
    GIC_V2_HIGHEST = 287,      /* GICD_TYPER of QEMU's virt: nine groups of 32 */
    GIC_V3_HIGHEST = 255,      /* eight: QEMU 7.2 leaves the private ones out of its count */
    DTB_ROOM = 1 << 16,
    FILE_MAX = 1 << 30,
    LOADING_NS = 1000000, /* virtual time that loading takes, so that no counter starts at zero */
};

struct file {
    uint8_t *bytes;
    size_t size;
};

/* All that lives while an image is being loaded. */
struct loading {
    const struct options *options;
    struct file image_file;
    struct file dtb_file; /* as given or made, unpacked */
    uint8_t *dtb;         /* prepared */
    uint64_t dtb_size;
    struct image image;
    struct image_dtb_memory memory;
    struct platform platform;
};

static int complain(const char *file, const char *sentence, int status)
{
    fflush(stdout);
    fprintf(stderr, "kaal-hosted: %s: %s\n", file, sentence);
    return status;
}

static int complain_image(const struct loading *l, const struct image_error *err)
{
    char sentence[400];
    bool dtb = err->code == IMAGE_BAD_DTB;
    image_error_text(err, sentence, sizeof sentence);
    return complain(dtb && l->options->dtb != NULL ? l->options->dtb : l->options->image, sentence,
                    image_exit_status(err->code));
}

/* ---- files ---- */

/* The whole file, which may be a pipe; FILE_MAX keeps an endless one from taking all memory. */
static int read_file(const char *name, struct file *out)
{
    FILE *f = fopen(name, "rb");
    size_t got, room = 1 << 20;
    *out = (struct file){NULL, 0};
    if (f == NULL) {
        return complain(name, strerror(errno), STATUS_FILE);
    }
    do {
        room *= 2;
        uint8_t *larger = room > FILE_MAX ? NULL : realloc(out->bytes, room);
        if (larger == NULL) {
            fclose(f);
            return complain(name,
                            room > FILE_MAX ? "size: expected at most 1 GiB, found more"
                                            : "size: expected one that memory holds, found more",
                            STATUS_FILE);
        }
        out->bytes = larger;
        got = fread(out->bytes + out->size, 1, room - out->size, f);
        out->size += got;
    } while (got != 0 && out->size == room);
    bool bad = ferror(f) != 0;
    fclose(f);
    return bad ? complain(name, "cannot be read as a file", STATUS_FILE) : 0;
}

static int get_dtb(const struct options *o, struct file *out)
{
    if (o->dtb != NULL) {
        return read_file(o->dtb, out);
    }
    out->bytes = malloc(DTB_ROOM);
    if (out->bytes == NULL) {
        return complain("device tree", "size: expected one that memory holds, found more",
                        STATUS_MEMORY);
    }
    out->size = hosted_dtb_make(out->bytes, DTB_ROOM, o->memory, o->gic);
    return 0;
}

int load_dump_dtb(const struct options *options)
{
    struct file dtb;
    int status = get_dtb(options, &dtb);
    FILE *f = status == 0 ? fopen(options->dump_dtb, "wb") : NULL;
    if (status == 0) {
        bool good = f != NULL && fwrite(dtb.bytes, 1, dtb.size, f) == dtb.size;
        good = (f == NULL || fclose(f) == 0) && good;
        status = good ? 0 : complain(options->dump_dtb, strerror(errno), STATUS_FILE);
    }
    free(dtb.bytes);
    return status;
}

/* ---- the report ---- */

static void line(void *unused, const char *text)
{
    char buf[256];
    struct image_text t;
    (void)unused;
    text_start(&t, buf, sizeof buf);
    text_str(&t, "loader: ");
    text_str(&t, text);
    machine_console_line(buf);
}

static void line_number(const char *label, uint64_t value)
{
    char buf[128];
    struct image_text t;
    text_start(&t, buf, sizeof buf);
    text_str(&t, label);
    text_hex(&t, value);
    line(NULL, buf);
}

static void report_machine(const struct loading *l)
{
    char buf[160];
    struct image_text t;
    machine_console_line("KaaL hosted machine " KAAL_VERSION);
    text_start(&t, buf, sizeof buf);
    text_str(&t, "DTB ");
    text_str(&t, l->options->dtb != NULL ? "from a file" : "built in");
    line(NULL, buf);
    text_start(&t, buf, sizeof buf);
    text_str(&t, "model ");
    text_str(&t, image_dtb_model(l->dtb));
    line(NULL, buf);
    for (unsigned i = 0; i < l->memory.memory.ram_count; i++) {
        const struct image_range *r = &l->memory.ram[i];
        text_start(&t, buf, sizeof buf);
        text_str(&t, "memory ");
        text_span(&t, r->base, r->base + r->size);
        text_str(&t, ", ");
        text_size(&t, r->size);
        line(NULL, buf);
    }
}

/* ---- steps; each returns a status ---- */

static int prepare_dtb(struct loading *l, const char *bootargs)
{
    struct image_error err;
    if (image_dtb_prepare(l->dtb_file.bytes, l->dtb_file.size, l->dtb, IMAGE_DTB_MAX, bootargs,
                          &l->dtb_size, &err) != IMAGE_OK ||
        image_dtb_memory(l->dtb, &l->memory, &err) != IMAGE_OK) {
        return complain_image(l, &err);
    }
    return 0;
}

static int read_image(struct loading *l)
{
    struct image_error err;
    const uint8_t *payload;
    uint64_t size;
    int status = read_file(l->options->image, &l->image_file);
    if (status != 0) {
        return status;
    }
    const uint8_t *slot = image_find_slot(l->image_file.bytes, l->image_file.size);
    if (image_find(l->image_file.bytes, l->image_file.size, &payload, &size, &err) != IMAGE_OK ||
        image_parse(payload, size, &l->image, &err) != IMAGE_OK ||
        image_check_signature(&l->image, slot == NULL ? NULL : image_slot_key(slot), &err) !=
            IMAGE_OK ||
        image_check_digests(&l->image, &err) != IMAGE_OK) {
        return complain_image(l, &err);
    }
    return 0;
}

static int check_kernel(const struct loading *l)
{
    static const uint8_t own[32] = KAAL_BUILD_ID;
    const struct kernel_note *note = &l->image.note;
    if (l->options->any_kernel) {
        return 0;
    }
    if (!l->image.has_note) {
        return complain(l->options->image,
                        "kernel: expected a KaaL kernel, found a foreign one without a note "
                        "(--any-kernel runs its root task on this program's kernel)",
                        STATUS_FOREIGN);
    }
    if (memcmp(note->build_id, own, sizeof own) != 0) {
        return complain(l->options->image,
                        "kernel: expected the build id of this program's own kernel, found another "
                        "(build both from the same sources, or give --any-kernel)",
                        STATUS_FOREIGN);
    }
    if (strncmp(note->flavour, machine_flavour, sizeof note->flavour) != 0) {
        return complain(l->options->image,
                        "kernel: expected the flavour of this program's own kernel, found another "
                        "(build both with the same KERNEL=, or give --any-kernel)",
                        STATUS_FOREIGN);
    }
    return 0;
}

/* What the machine's entry code knows and the device tree does not. */
static void fill_machine_facts(struct loading *l)
{
    struct platform *p = &l->platform;
    const struct image *image = &l->image;
    uint32_t limit = p->options.max_irq;
    uint32_t highest = p->gic == GIC_V3 ? GIC_V3_HIGHEST : GIC_V2_HIGHEST;
    p->timer_hz = TIMER_HZ;
    p->device_top = 1ull << DEVICE_TOP_BITS;
    p->max_irq = limit != 0 && limit < highest ? limit : highest;
    p->kernel = (struct range){image->kernel_start, image->kernel_end};
    p->kernel_boot = (struct range){image->kernel_start, image->kernel_start};
    if (image->has_note) {
        p->kernel_boot = (struct range){image->note.boot_start + image->kernel_pv,
                                        image->note.boot_end + image->kernel_pv};
    }
    p->dtb.start = image_dtb_address(image);
    p->dtb.end = p->dtb.start + l->dtb_size;
    p->user = (struct range){image->user_start, image->user_end};
    p->user_pv_offset = image->user_pv;
    p->user_entry = image->user_entry;
    if (l->options->trace) {
        p->options.log = LOG_TRACE;
    }
}

static int describe(struct loading *l)
{
    struct image_error err;
    if (image_check_place(&l->image, l->dtb_size, &l->memory.memory, &err) != IMAGE_OK) {
        return complain_image(l, &err);
    }
    l->platform.flavour = machine_flavour;
    const char *why = platform_from_fdt(&l->platform, l->dtb, l->dtb_size);
    if (why != NULL) {
        return complain(l->options->dtb != NULL ? l->options->dtb : "device tree", why,
                        STATUS_BOOT_REFUSED);
    }
    fill_machine_facts(l);
    return 0;
}

/* ---- memory ---- */

static void *bus_memory(uint64_t pa)
{
    return arena_has(pa, 1) ? hal_window(paddr(pa)) : NULL;
}

static const struct cpu_bus bus = {
    .memory = bus_memory,
    .read = device_read,
    .write = device_write,
    .interrupted = irq_is_pending,
    .device_pages = device_pages,
};

static void copy(void *unused, uint64_t pa, const void *from, uint64_t bytes)
{
    (void)unused;
    memcpy(hal_window(paddr(pa)), from, bytes);
}

static void zero(void *unused, uint64_t pa, uint64_t bytes)
{
    (void)unused;
    memset(hal_window(paddr(pa)), 0, bytes);
}

static void *window(void *unused, uint64_t pa, uint64_t bytes)
{
    (void)unused;
    (void)bytes;
    return hal_window(paddr(pa));
}

static int create_machine(const struct loading *l)
{
    const struct cpu_engine *engine;
    const struct image *image = &l->image;
    uint64_t state = image->has_note ? image->note.state_start + image->kernel_pv : 0;
    machine_create(&l->platform, state);
    const char *why = cpu_engine_create(&l->platform, &bus, l->options->engine, &engine);
    machine.engine = engine;
    if (why != NULL) {
        machine_destroy();
        return complain(l->options->image, why, STATUS_ENGINE);
    }
    return 0;
}

static int load_all(struct loading *l)
{
    static const struct image_machine loader = {NULL, copy, zero, window, line};
    struct image_error err;
    int status = get_dtb(l->options, &l->dtb_file);
    status = status != 0 ? status : prepare_dtb(l, "");
    if (status != 0) {
        return status;
    }
    report_machine(l);
    status = read_image(l);
    if (status != 0) {
        return status;
    }
    image_report(&l->image, &loader);
    const char *bootargs = l->options->append != NULL ? l->options->append : l->image.bootargs;
    status = check_kernel(l);
    status = status != 0 ? status : prepare_dtb(l, bootargs);
    status = status != 0 ? status : describe(l);
    status = status != 0 ? status : create_machine(l);
    if (status != 0) {
        return status;
    }
    if (image_load(&l->image, &loader, &err) != IMAGE_OK) {
        return complain_image(l, &err);
    }
    machine_advance(LOADING_NS);
    copy(NULL, image_dtb_address(&l->image), l->dtb, l->dtb_size);
    line_number("DTB moved to ", image_dtb_address(&l->image));
    line_number("jumping to kernel at ", l->image.kernel_entry);
    return 0;
}

int load_image(const struct options *options)
{
    struct loading *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return complain(options->image, "loading: expected memory for it, found none",
                        STATUS_MEMORY);
    }
    l->options = options;
    l->dtb = aligned_alloc(16, IMAGE_DTB_MAX);
    int status = l->dtb == NULL
                     ? complain(options->image, "device tree: expected memory for it, found none",
                                STATUS_MEMORY)
                     : load_all(l);
    free(l->image_file.bytes);
    free(l->dtb_file.bytes);
    free(l->dtb);
    free(l);
    return status;
}
