/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The builder's input files: read whole, and checked for what each must be. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "builder.h"

#include "image_bytes.h"

void input_read(struct input *in, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK); /* a pipe without a writer would block */
    FILE *f = fd < 0 ? NULL : fdopen(fd, "rb");

    if (f == NULL || fstat(fd, &st) != 0) {
        fail(BUILDER_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        fail(BUILDER_IO, "%s: cannot be read: expected a regular file", path);
    }
    in->path = path;
    in->size = (uint64_t)st.st_size;
    if (in->size > BUILDER_FILE_MAX) {
        fail(BUILDER_BAD_INPUT, "%s: size of file: expected at most %llu bytes, found %llu", path,
             (ull)BUILDER_FILE_MAX, (ull)in->size);
    }
    in->data = malloc(in->size + 1);
    if (in->data == NULL) {
        fail(BUILDER_IO, "%s: cannot be read: no memory for %llu bytes", path, (ull)in->size);
    }
    if (fread(in->data, 1, in->size, f) != in->size) {
        fail(BUILDER_IO, "%s: cannot be read: it ended early", path);
    }
    fclose(f);
}

static void check_not_archive(const struct input *in)
{
    if (in->size >= 8 && memcmp(in->data, "!<arch>\n", 8) == 0) {
        fail(BUILDER_BAD_INPUT,
             "%s: file type: expected a linked ELF program, found a static library (!<arch>); "
             "give the program that is linked from it",
             in->path);
    }
}

void input_check_program(struct input *in, bool physical)
{
    struct image_error err;

    check_not_archive(in);
    if (elf_open(in->data, in->size, &in->elf, &err) != IMAGE_OK ||
        elf_check_loads(&in->elf, physical, &err) != IMAGE_OK) {
        fail_error(BUILDER_BAD_INPUT, in->path, &err);
    }
    if (in->elf.type != ELF_ET_EXEC) {
        fail(BUILDER_BAD_INPUT,
             "%s: ELF header: type: expected a program linked at a fixed address (%u), found %u; "
             "link it with -no-pie",
             in->path, ELF_ET_EXEC, in->elf.type);
    }
}

uint8_t *input_check_loader(struct input *in, struct layout *l)
{
    uint8_t *slot;
    uint64_t offset;

    input_check_program(in, true);
    if (!elf_file_offset(&in->elf, in->elf.entry + LOADER_SLOT_OFFSET, LOADER_SLOT_SIZE, &offset) ||
        memcmp(in->data + offset, LOADER_SLOT_MAGIC, 16) != 0) {
        fail(BUILDER_BAD_INPUT,
             "%s: payload slot: expected \"%s\" %u bytes after the entry, found something else; "
             "this is not the KaaL loader",
             in->path, LOADER_SLOT_MAGIC, LOADER_SLOT_OFFSET);
    }
    slot = in->data + offset;
    if (get_u32(slot + LOADER_SLOT_OFF_VERSION) != LOADER_SLOT_VERSION) {
        fail(BUILDER_BAD_INPUT, "%s: payload slot: version: expected %u, found %u", in->path,
             LOADER_SLOT_VERSION, get_u32(slot + LOADER_SLOT_OFF_VERSION));
    }
    if (get_u64(slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET) != 0) {
        fail(BUILDER_BAD_INPUT, "%s: payload slot: expected an empty one, found a payload attached",
             in->path);
    }
    l->loader_link = get_u64(slot + LOADER_SLOT_OFF_LINK_BASE);
    l->loader_memory = get_u64(slot + LOADER_SLOT_OFF_MEMORY_SIZE);
    if (l->loader_link != in->elf.entry || l->loader_memory > BUILDER_LOADER_MAX) {
        fail(BUILDER_BAD_INPUT,
             "%s: payload slot: link address and size: expected 0x%llx and at most 16 MiB, found "
             "0x%llx and 0x%llx",
             in->path, (ull)in->elf.entry, (ull)l->loader_link, (ull)l->loader_memory);
    }
    l->efi_entry = get_u64(slot + LOADER_SLOT_OFF_EFI_ENTRY);
    if (l->efi_entry >= l->loader_memory) {
        fail(BUILDER_BAD_INPUT,
             "%s: payload slot: UEFI entry: expected inside the loader's 0x%llx bytes, found "
             "0x%llx",
             in->path, (ull)l->loader_memory, (ull)l->efi_entry);
    }
    l->loader_memory = round_up(l->loader_memory, IMAGE_PAGE);
    for (unsigned i = 0; i < in->elf.phnum; i++) {
        struct elf_segment s;

        elf_segment(&in->elf, i, &s);
        if (s.type == ELF_PT_LOAD &&
            (s.vaddr < l->loader_link ||
             !range_within(s.vaddr - l->loader_link, s.memsz, l->loader_memory))) {
            fail(BUILDER_BAD_INPUT,
                 "%s: ELF segment %u: expected inside the %llu bytes from 0x%llx", in->path, i,
                 (ull)l->loader_memory, (ull)l->loader_link);
        }
    }
    return slot;
}

static void patch_one(struct input *app, const struct patch *p)
{
    struct elf_symbol symbol;
    char name[256];
    uint64_t offset;

    if (p->symbol_len >= sizeof name) {
        fail(BUILDER_USAGE, "--patch: symbol: expected at most %zu bytes, found %zu",
             sizeof name - 1, p->symbol_len);
    }
    memcpy(name, p->symbol, p->symbol_len);
    name[p->symbol_len] = '\0';
    if (!elf_find_symbol(&app->elf, name, &symbol)) {
        fail(BUILDER_BAD_INPUT, "%s: symbol table: expected a symbol \"%s\", found none", app->path,
             name);
    }
    if (symbol.size != 4 && symbol.size != 8) {
        fail(BUILDER_BAD_INPUT, "%s: symbol \"%s\": size: expected 4 or 8 bytes, found %llu",
             app->path, name, (ull)symbol.size);
    }
    if (symbol.size == 4 && p->value > UINT32_MAX) {
        fail(BUILDER_USAGE, "--patch: value of \"%s\": expected below 2^32, found 0x%llx", name,
             (ull)p->value);
    }
    if (!elf_file_offset(&app->elf, symbol.value, symbol.size, &offset)) {
        fail(BUILDER_BAD_INPUT,
             "%s: symbol \"%s\": expected initialised data, found none at 0x%llx", app->path, name,
             (ull)symbol.value);
    }
    put_u32(app->data + offset, (uint32_t)p->value);
    if (symbol.size == 8) {
        put_u32(app->data + offset + 4, (uint32_t)(p->value >> 32));
    }
}

void input_patch(struct input *app, const struct options *o)
{
    for (unsigned i = 0; i < o->patch_count; i++) {
        patch_one(app, &o->patches[i]);
    }
}
