/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The kernel's note (kernel_note.h) from the image's header, which may hold anything. */
#include "image.h"

#include "image_bytes.h"

static void get_text(char *to, const uint8_t *from, unsigned size)
{
    //@ loop invariant i <= size; loop assigns i, to[0 .. size - 1]; loop variant size - i;
    for (unsigned i = 0; i < size; i++) {
        to[i] = (char)from[i];
    }
}

static bool is_terminated(const char *s, unsigned size)
{
    return s[size - 1] == '\0';
}

void image_read_note(const uint8_t *from, struct kernel_note *n)
{
    n->version = get_u32(from + offsetof(struct kernel_note, version));
    n->flags = get_u32(from + offsetof(struct kernel_note, flags));
    n->boot_start = get_u64(from + offsetof(struct kernel_note, boot_start));
    n->boot_end = get_u64(from + offsetof(struct kernel_note, boot_end));
    n->state_start = get_u64(from + offsetof(struct kernel_note, state_start));
    n->state_size = get_u64(from + offsetof(struct kernel_note, state_size));
    get_text(n->name, from + offsetof(struct kernel_note, name), sizeof n->name);
    get_text(n->version_text, from + offsetof(struct kernel_note, version_text),
             sizeof n->version_text);
    get_text(n->flavour, from + offsetof(struct kernel_note, flavour), sizeof n->flavour);
    //@ loop invariant i <= 32; loop assigns i, n->build_id[0 .. 31]; loop variant 32 - i;
    for (unsigned i = 0; i < sizeof n->build_id; i++) {
        n->build_id[i] = from[offsetof(struct kernel_note, build_id) + i];
    }
}

bool image_note_ends(const struct kernel_note *n)
{
    return is_terminated(n->name, sizeof n->name) &&
           is_terminated(n->version_text, sizeof n->version_text) &&
           is_terminated(n->flavour, sizeof n->flavour);
}
