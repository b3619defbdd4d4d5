/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A component that makes random system calls with whatever cptrs, labels, words and caps, and now
 * and then touches a wild address. Its page of shared memory holds the seed, the calls that it
 * still has to make and the calls that it made in all its lives.
 */
#include "abi/labels.h"
#include "abi/syscalls.h"
#include "comp/layout.h"
#include "kaal/syscalls.h"
#include "orders.h"

void _start(void);

static uint64_t next(volatile struct hostile_page *page)
{
    page->seed = page->seed * 6364136223846793005ull + 1442695040888963407ull;
    return page->seed >> 16;
}

/* A cptr: mostly a slot of its own, sometimes the whole of a random word. */
static uint64_t any_cptr(volatile struct hostile_page *page)
{
    uint64_t r = next(page);
    return r % 8 == 0   ? r * 0x9e3779b97f4a7c15ull
           : r % 7 == 0 ? r >> 8 & 0xffffff
                        : r >> 8 & (r % 3 == 0 ? 63 : 15);
}

/* A word of a message: a small number, an address, the depth of its own CSpace, or anything. */
static uint64_t any_word(volatile struct hostile_page *page)
{
    static const uint64_t places[] = {LAYOUT_IMAGE,  LAYOUT_ENV, LAYOUT_IPC_BUFFER,
                                      LAYOUT_SHARED, 0x40000000, 0xffffff8040000000,
                                      1ull << 39,    ~0ull};
    uint64_t r = next(page);
    switch (r & 7) {
    case 0: return places[r >> 8 & 7];
    case 1: return r * 0x9e3779b97f4a7c15ull;
    case 2:
    case 3: return 64;
    case 4:
    case 5: return r >> 8 & 7;
    default: return r >> 8 & 63;
    }
}

/* A label: every number, those of CNodes more often. */
static uint64_t any_label(volatile struct hostile_page *page)
{
    uint64_t r = next(page);
    return r % 64 == 0  ? r
           : r % 2 == 0 ? LABEL_CNODE_REVOKE + (r >> 8) % 9
                        : (r >> 8) % (LABEL_COUNT + 4);
}

static void any_call(volatile struct hostile_page *page)
{
    /* Mostly those that do not wait. */
    static const int8_t numbers[] = {SYS_CALL,    SYS_CALL,    SYS_CALL,  SYS_NB_SEND,
                                     SYS_NB_SEND, SYS_SEND,    SYS_REPLY, SYS_YIELD,
                                     SYS_NB_RECV, SYS_NB_RECV, SYS_CALL,  SYS_CALL,
                                     SYS_CALL,    SYS_CALL,    SYS_CALL,  SYS_RECV};
    struct ipc_buffer *buffer = (struct ipc_buffer *)LAYOUT_IPC_BUFFER;
    uint64_t r = next(page), length = r >> 8 & 127;
    length = r % 4 == 0 ? length : length & 7;
    struct kaal_message m = {.info = msginfo_new(any_label(page), r >> 40, r >> 44, length)};
    for (unsigned i = 0; i < MSG_REGISTERS; i++) {
        m.mr[i] = any_word(page);
        buffer->msg[4 + i] = any_word(page);
    }
    for (unsigned i = 0; i < MSG_MAX_EXTRA_CAPS; i++) {
        buffer->caps_or_badges[i] = any_cptr(page);
    }
    buffer->receive_cnode = any_cptr(page);
    buffer->receive_index = any_word(page);
    buffer->receive_depth = any_word(page);
    enum syscall number = (enum syscall)numbers[r >> 24 & 15];
    if (number == SYS_RECV && r >> 32 & 31) {
        number = SYS_NB_RECV;
    }
    kaal_transfer(number, any_cptr(page), &m);
}

__attribute__((section(".text.start"))) void _start(void)
{
    volatile struct hostile_page *page = (volatile struct hostile_page *)LAYOUT_SHARED;
    while (page->left > 0) {
        uint64_t r = next(page);
        page->left--;
        page->made++;
        if (r % 1000 == 0) {
            *(volatile uint64_t *)any_word(page) = r; /* mostly the end of this life */
        } else {
            any_call(page);
        }
    }
    struct kaal_message m = {.info = msginfo_new(HOSTILE_DONE, 0, 0, 0)};
    kaal_call(SLOT_SYSTEM, &m);
    *(volatile uint64_t *)0 = 0; /* its own caps may be gone: ends by a fault then */
}
