/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Frames: a chunk of 2 MiB is an Untyped made into 512 frames at once; it goes back to the broker
 * with its last frame. Fresh frames are zero (abi/objects.md §2), used ones are zeroed through the
 * window before their next owner sees them.
 */
#include "kaal/string.h"
#include "mm/internal.h"

enum {
    CHUNK_BITS = LARGE_PAGE_BITS
};

enum broker_code mm_refuse(struct mm *mm, uint32_t space, enum broker_code code, const char *what,
                           uint64_t wanted)
{
    return broker_refuse(mm->broker, (struct broker_error){.code = code,
                                                           .client = mm->space[space].client,
                                                           .what = what,
                                                           .wanted = wanted});
}

enum broker_code mm_refuse_kernel(struct mm *mm, uint32_t space, const char *what,
                                  enum error_code error)
{
    return broker_refuse(mm->broker, (struct broker_error){.code = BROKER_KERNEL,
                                                           .client = mm->space[space].client,
                                                           .what = what,
                                                           .kernel = error});
}

static enum broker_code chunk_open(struct mm *mm, struct mm_chunk *chunk)
{
    struct broker *b = mm->broker;
    enum broker_code code = broker_block(b, BROKER_SYSTEM, CHUNK_BITS, &chunk->block);
    if (code != BROKER_OK) {
        return code;
    }
    code = broker_slots(b, BROKER_SYSTEM, CHUNK_FRAMES, &chunk->slots);
    if (code == BROKER_OK) {
        code = broker_fill(b, chunk->block, OBJECT_SMALL_PAGE, 0, CHUNK_FRAMES, chunk->slots);
        if (code != BROKER_OK) {
            slots_give(&b->slots, chunk->slots, CHUNK_FRAMES);
        }
    }
    if (code != BROKER_OK) {
        broker_give_back(b, chunk->block);
        chunk->block = BUDDY_NONE;
        return code;
    }
    frames_open(&chunk->frames);
    return BROKER_OK;
}

static void chunk_close(struct mm *mm, struct mm_chunk *chunk)
{
    broker_give_back(mm->broker, chunk->block);
    slots_give(&mm->broker->slots, chunk->slots, CHUNK_FRAMES);
    chunk->block = BUDDY_NONE;
}

/* The chunk to take a frame from: a used one with room, else a new one. */
static enum broker_code chunk_with_room(struct mm *mm, uint32_t *found)
{
    uint32_t unused = MM_CHUNKS;
    for (uint32_t i = 0; i < MM_CHUNKS; i++) {
        if (mm->chunk[i].block == BUDDY_NONE) {
            unused = unused == MM_CHUNKS ? i : unused;
        } else if (mm->chunk[i].frames.used < CHUNK_FRAMES) {
            *found = i;
            return BROKER_OK;
        }
    }
    *found = unused;
    return unused < MM_CHUNKS
               ? chunk_open(mm, &mm->chunk[unused])
               : broker_refuse(mm->broker, (struct broker_error){.code = BROKER_NO_RECORDS,
                                                                 .what = "chunk of frames"});
}

static void drop(struct mm *mm, uint32_t chunk, uint32_t index)
{
    struct mm_chunk *c = &mm->chunk[chunk];
    if (frames_drop(&c->frames, index) && c->frames.used == 0) {
        chunk_close(mm, c);
    }
}

enum broker_code mm_frame_take(struct mm *mm, uint16_t client, struct mm_page *page)
{
    uint32_t chunk = 0;
    enum broker_code code = broker_charge(mm->broker, client, MM_PAGE);
    if (code != BROKER_OK) {
        return code;
    }
    if (broker_is_made_to_fail(mm->broker)) {
        code = broker_refuse(
            mm->broker,
            (struct broker_error){.code = BROKER_NO_MEMORY, .client = client, .wanted = MM_PAGE});
    } else {
        code = chunk_with_room(mm, &chunk);
    }
    if (code != BROKER_OK) {
        broker_refund(mm->broker, client, MM_PAGE);
        return code;
    }
    struct mm_chunk *c = &mm->chunk[chunk];
    uint32_t index = frames_take(&c->frames);
    if (frames_is_dirty(&c->frames, index)) {
        void *at;
        code = mm_window_open(mm, c->slots + index, false, &at);
        if (code != BROKER_OK) {
            drop(mm, chunk, index);
            broker_refund(mm->broker, client, MM_PAGE);
            return code;
        }
        memset(at, 0, MM_PAGE);
        mm_window_close(mm);
        frames_clean(&c->frames, index);
    }
    *page = (struct mm_page){c->slots + index, chunk * CHUNK_FRAMES + index + 1};
    return BROKER_OK;
}

void mm_frame_add(struct mm *mm, uint32_t frame)
{
    frames_add(&mm->chunk[(frame - 1) / CHUNK_FRAMES].frames, (frame - 1) % CHUNK_FRAMES);
}

void mm_frame_drop(struct mm *mm, uint16_t client, uint32_t frame)
{
    drop(mm, (frame - 1) / CHUNK_FRAMES, (frame - 1) % CHUNK_FRAMES);
    broker_refund(mm->broker, client, MM_PAGE);
}

uint32_t mm_frame_slot(const struct mm *mm, uint32_t frame)
{
    return mm->chunk[(frame - 1) / CHUNK_FRAMES].slots + (frame - 1) % CHUNK_FRAMES;
}
