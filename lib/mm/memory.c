/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Contiguous memory: one block of the broker, made into frames whose caps follow each other.
 */
#include "mm/internal.h"

enum broker_code mm_memory_of(struct mm *mm, uint32_t block, struct mm_memory *memory)
{
    struct broker *b = mm->broker;
    uint8_t bits = b->block[block].bits;
    bool large = bits >= LARGE_PAGE_BITS;
    *memory = (struct mm_memory){.block = block,
                                 .frame_bits = large ? LARGE_PAGE_BITS : PAGE_BITS,
                                 .paddr = broker_paddr(b, block),
                                 .bytes = 1ull << bits};
    uint64_t frames = memory->bytes >> memory->frame_bits;
    if (bits < PAGE_BITS || frames > SLOTS_PER_NODE) {
        return broker_refuse(b, (struct broker_error){.code = BROKER_BAD_ARGUMENT,
                                                      .client = b->block[block].owner,
                                                      .wanted = memory->bytes,
                                                      .what = "bytes of contiguous memory"});
    }
    enum broker_code code =
        broker_slots(b, b->block[block].owner, (uint32_t)frames, &memory->slots);
    if (code != BROKER_OK) {
        return code;
    }
    code = broker_fill(b, block, large ? OBJECT_LARGE_PAGE : OBJECT_SMALL_PAGE, 0, (uint32_t)frames,
                       memory->slots);
    if (code != BROKER_OK) {
        slots_give(&b->slots, memory->slots, (uint32_t)frames);
        return code;
    }
    memory->frames = (uint32_t)frames;
    return BROKER_OK;
}

enum broker_code mm_memory_open(struct mm *mm, uint16_t client, uint64_t bytes,
                                struct mm_memory *memory)
{
    uint32_t block;
    uint8_t bits = PAGE_BITS;
    while (bits < MAX_UNTYPED_BITS && 1ull << bits < bytes) {
        bits++;
    }
    enum broker_code code = broker_block(mm->broker, client, bits, &block);
    if (code != BROKER_OK) {
        return code;
    }
    code = mm_memory_of(mm, block, memory);
    if (code != BROKER_OK) {
        struct broker_error error = mm->broker->error;
        broker_give_back(mm->broker, block);
        *memory = (struct mm_memory){0};
        return broker_refuse(mm->broker, error);
    }
    return BROKER_OK;
}

void mm_memory_close(struct mm *mm, struct mm_memory *memory)
{
    broker_give_back(mm->broker, memory->block);
    slots_give(&mm->broker->slots, memory->slots, memory->frames);
    *memory = (struct mm_memory){0};
}
