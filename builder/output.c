/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The image file: an ELF around loader and payload, or both flat behind a firmware's header. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#include "image_bytes.h"

static void put_segment(uint8_t *p, uint32_t flags, uint64_t offset, uint64_t address,
                        uint64_t filesz, uint64_t memsz)
{
    put_u32(p, ELF_PT_LOAD);
    put_u32(p + 4, flags);
    put_u64(p + 8, offset);
    put_u64(p + 16, address);
    put_u64(p + 24, address);
    put_u64(p + 32, filesz);
    put_u64(p + 40, memsz);
    put_u64(p + 48, IMAGE_PAGE);
}

static void put_elf_header(uint8_t *d, uint64_t entry)
{
    static const uint8_t ident[8] = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0};

    memcpy(d, ident, sizeof ident);
    put_u32(d + 16, ELF_ET_EXEC | ELF_EM_AARCH64 << 16); /* e_type, e_machine */
    put_u32(d + 20, 1);
    put_u64(d + 24, entry);
    put_u64(d + 32, ELF_EHDR_SIZE);                       /* e_phoff */
    put_u32(d + 52, ELF_EHDR_SIZE | ELF_PHDR_SIZE << 16); /* e_ehsize, e_phentsize */
    put_u32(d + 56, 2u | ELF_SHDR_SIZE << 16);            /* e_phnum, e_shentsize */
}

/* The loader's memory image up to its last initialised byte, with the slot filled in. */
static uint64_t put_loader(uint8_t *to, const struct layout *l, const struct input *loader,
                           const struct options *o, const struct keys *k)
{
    uint64_t size = LOADER_FLAT_HEADERS;
    uint8_t *slot = to + LOADER_SLOT_OFFSET;

    for (unsigned i = 0; i < loader->elf.phnum; i++) {
        struct elf_segment s;

        elf_segment(&loader->elf, i, &s);
        if (s.type == ELF_PT_LOAD && s.filesz != 0) {
            uint64_t at = s.vaddr - l->loader_link;

            memcpy(to + at, loader->data + s.offset, s.filesz);
            if (at + s.filesz > size) {
                size = at + s.filesz;
            }
        }
    }
    put_u32(slot + LOADER_SLOT_OFF_LEVEL, o->level);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET, l->loader_memory);
    put_u64(slot + LOADER_SLOT_OFF_PAYLOAD_SIZE, l->payload_size);
    if (k->has_public) {
        put_u32(slot + LOADER_SLOT_OFF_HAS_KEY, 1);
        memcpy(slot + LOADER_SLOT_OFF_KEY, k->public_key, IMAGE_KEY_SIZE);
    }
    return size;
}

/* Loader and payload as they lie in memory; the caller frees it. `before` zero bytes come first. */
static uint8_t *make_flat(const struct layout *l, uint64_t before, const char *out)
{
    uint8_t *file = calloc(1, before + l->loader_memory + l->payload_size);

    if (file == NULL) {
        fail(BUILDER_IO, "%s: cannot be written: no memory", out);
    }
    return file;
}

static void write_elf(const struct layout *l, const struct input *loader,
                      const struct input *kernel, const struct input *app, const struct options *o,
                      const struct keys *k)
{
    uint8_t *file = make_flat(l, IMAGE_PAGE, o->out);
    uint64_t loader_filesz = put_loader(file + IMAGE_PAGE, l, loader, o, k);
    /* the file keeps the loader's initialised pages only */
    uint64_t payload_at = IMAGE_PAGE + round_up(loader_filesz, IMAGE_PAGE);

    payload_put(file + payload_at, l, kernel, app, o, k);
    put_elf_header(file, l->loader_start);
    put_segment(file + ELF_EHDR_SIZE, IMAGE_READ | IMAGE_WRITE | IMAGE_EXEC, IMAGE_PAGE,
                l->loader_start, loader_filesz, l->loader_memory);
    put_segment(file + ELF_EHDR_SIZE + ELF_PHDR_SIZE, IMAGE_READ, payload_at,
                l->loader_start + l->loader_memory, l->payload_size, l->payload_size);
    file_stage(o->out, file, payload_at + l->payload_size);
    free(file);
}

static void write_flat(const struct layout *l, const struct input *loader,
                       const struct input *kernel, const struct input *app, const struct options *o,
                       const struct keys *k)
{
    uint64_t before = o->format == FORMAT_UIMAGE ? IMAGE_UBOOT_HEADER : 0;
    uint64_t size = l->loader_memory + l->payload_size;
    uint8_t *file = make_flat(l, before, o->out);
    uint8_t *flat = file + before;

    if (o->format != FORMAT_IMAGE && size > UINT32_MAX / 2) {
        fail(BUILDER_NO_ROOM, "--format: expected an image below 2 GiB in this form, found 0x%llx",
             (ull)size);
    }
    put_loader(flat, l, loader, o, k);
    payload_put(flat + l->loader_memory, l, kernel, app, o, k);
    headers_linux(flat, size);
    if (o->format == FORMAT_EFI) {
        headers_efi(flat, size, l->efi_entry);
    }
    if (o->format == FORMAT_UIMAGE) {
        if (l->loader_start > UINT32_MAX) {
            fail(BUILDER_NO_ROOM,
                 "--format uimage: expected a load address below 4 GiB, found 0x%llx",
                 (ull)l->loader_start);
        }
        headers_uboot(file, flat, size, l->loader_start);
    }
    file_stage(o->out, file, before + size);
    free(file);
}

void output_check_target(const char *path, const struct options *o)
{
    const char *inputs[] = {o->loader,  o->kernel,    o->app,  o->dtb,
                            o->overlay, o->check_dtb, o->sign, o->pubkey};

    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        file_check_target(path, inputs[i]);
    }
}

void output_write(const struct layout *l, const struct input *loader, const struct input *kernel,
                  const struct input *app, const struct options *o, const struct keys *k)
{
    output_check_target(o->out, o);
    if (o->format == FORMAT_ELF) {
        write_elf(l, loader, kernel, app, o, k);
    } else {
        write_flat(l, loader, kernel, app, o, k);
    }
}
