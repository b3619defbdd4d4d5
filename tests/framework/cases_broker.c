/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The broker: objects, slots, quotas, devices, give-back.
 */
#include "broker/device.h"
#include "harness.h"
#include "kaal/print.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"

enum {
    ROUNDS = 10000,
    MANY_SLOTS = 10000,
};

static bool explains(const char *part)
{
    char text[240];
    broker_explain(&broker, text, sizeof(text));
    size_t n = strlen(part);
    for (const char *p = text; *p != '\0'; p++) {
        if (strnlen(p, n) == n && memcmp(p, part, n) == 0) {
            return true;
        }
    }
    kaal_printf("# the sentence is \"%s\", expected \"%s\" in it\n", text, part);
    return false;
}

static void objects(void)
{
    static const struct {
        enum object_type type;
        uint64_t bits;
        uint64_t identity; /* abi/syscalls.md §8 */
        uint64_t bytes;    /* abi/objects.md §1 */
    } rows[] = {
        {OBJECT_UNTYPED, 16, CAP_UNTYPED, 65536},
        {OBJECT_TCB, 0, CAP_TCB, 2048},
        {OBJECT_ENDPOINT, 0, CAP_ENDPOINT, 16},
        {OBJECT_NOTIFICATION, 0, CAP_NOTIFICATION, 32},
        {OBJECT_CNODE, 4, CAP_CNODE, 512},
        {OBJECT_VSPACE, 0, CAP_VSPACE, 4096},
        {OBJECT_SMALL_PAGE, 0, CAP_FRAME, 4096},
        {OBJECT_LARGE_PAGE, 0, CAP_FRAME, 2 << 20},
        {OBJECT_PAGE_TABLE, 0, CAP_PAGE_TABLE, 4096},
    };
    struct broker_status before = books();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t block = 0;
        must(broker_object(&broker, CLIENT, rows[i].type, rows[i].bits, &block));
        uint32_t cptr = broker_cptr(&broker, block);
        check_eq(kaal_debug_cap_identify(cptr), rows[i].identity);
        check_eq(broker.client[CLIENT].used, rows[i].bytes);
        check_eq(broker.buddy.free_bytes, before.free_bytes - rows[i].bytes);
        broker_give_back(&broker, block);
        check_eq(kaal_debug_cap_identify(cptr), CAP_NULL);
    }
    check_same_books(before);
    case_line("each object takes exactly its size and gives it back");
}

static void rounds(void)
{
    struct broker_status before = books();
    uint32_t held[16] = {0};
    uint64_t state = 1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        static const enum object_type types[] = {OBJECT_ENDPOINT, OBJECT_NOTIFICATION, OBJECT_TCB,
                                                 OBJECT_SMALL_PAGE, OBJECT_CNODE};
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        uint32_t *at = &held[state >> 60];
        if (*at != 0) {
            broker_give_back(&broker, *at);
            *at = 0;
        } else {
            must(broker_object(&broker, CLIENT, types[(state >> 40) % 5], 3 + (state >> 50) % 4,
                               at));
        }
    }
    for (unsigned i = 0; i < 16; i++) {
        if (held[i] != 0) {
            broker_give_back(&broker, held[i]);
        }
    }
    check_same_books(before);
    case_line("10000 rounds of taking and giving back leave the books equal to the byte");
}

static void many_slots(void)
{
    struct broker_status before = books();
    uint32_t first[MANY_SLOTS / 100] = {0};
    for (unsigned i = 0; i < MANY_SLOTS / 100; i++) {
        must(broker_slots(&broker, CLIENT, 100, &first[i]));
    }
    check(broker.slots.total > before.slots_total);
    uint32_t far = first[MANY_SLOTS / 100 - 1] + 99, endpoint = 0, copy = 0;
    must(broker_object(&broker, CLIENT, OBJECT_ENDPOINT, 0, &endpoint));
    check_eq(kaal_cnode_mint(broker_at(&broker, far),
                             broker_at(&broker, broker_cptr(&broker, endpoint)), RIGHTS_ALL, 7),
             ERROR_NONE);
    check_eq(kaal_debug_cap_identify(far), CAP_ENDPOINT);
    must(broker_copy(&broker, CLIENT, broker_cptr(&broker, endpoint), RIGHT_WRITE, 9, &copy));
    check_eq(kaal_debug_cap_identify(copy), CAP_ENDPOINT);
    broker_slots_free(&broker, copy, 1);
    broker_give_back(&broker, endpoint);
    check_eq(kaal_debug_cap_identify(far), CAP_NULL);
    for (unsigned i = 0; i < MANY_SLOTS / 100; i++) {
        broker_slots_free(&broker, first[i], 100);
    }
    check_same_books(before);
    check_is(broker_slots(&broker, CLIENT, 5000, &copy), BROKER_BAD_ARGUMENT);
    case_line("the CSpace grows by CNodes and shrinks again; giving back reaches every copy");
}

static void quotas(void)
{
    struct broker_status before = books();
    uint32_t block = 0, other = 0, last = 0;
    must(broker_block(&broker, CLIENT, 21, &block));
    check_is(broker_block(&broker, CLIENT, 22, &other), BROKER_QUOTA);
    check(
        explains("client five asked for 4194304 bytes and holds 2097152 of its quota of 4194304"));
    must(broker_block(&broker, CLIENT, 21, &other));
    check_is(broker_object(&broker, CLIENT, OBJECT_ENDPOINT, 0, &last), BROKER_QUOTA);
    /* The greedy client does not touch what another one may have. */
    must(broker_block(&broker, OTHER_CLIENT, 21, &last));
    broker_give_back(&broker, last);
    check_is(broker_block(&broker, BROKER_SYSTEM, 46, &last), BROKER_NO_MEMORY);
    check(explains("holds most"));
    check_eq(broker.error.available, buddy_largest(&broker.buddy));
    check_is(broker_block(&broker, CLIENT, 3, &last), BROKER_BAD_ARGUMENT);
    check_is(broker_block(&broker, CLIENT, 48, &last), BROKER_BAD_ARGUMENT);
    broker_give_back(&broker, other);
    broker_give_back(&broker, block);
    check_same_books(before);
    case_line("a quota holds, and the sentence names what is held and allowed");
}

static void exhaustion(void)
{
    struct broker_status before = books();
    uint32_t block = 0, four = 0, part[4] = {0};
    /* All memory, in the largest blocks there are. */
    for (uint8_t bits = 40; bits >= MIN_UNTYPED_BITS; bits--) {
        while (broker_block(&broker, OTHER_CLIENT, bits, &block) == BROKER_OK) {
            four = bits == 22 ? block : four;
        }
    }
    check_eq(broker.error.code, BROKER_NO_MEMORY);
    check(explains("the largest free block has 0, and client six holds most"));
    check_eq(broker.buddy.free_bytes, 0);
    check(broker.client[OTHER_CLIENT].used > before.total_bytes / 2);
    check(four != 0);
    broker_give_back(&broker, four);
    for (unsigned i = 0; i < 4; i++) {
        must(broker_block(&broker, CLIENT, 20, &part[i]));
    }
    check_is(broker_block(&broker, OTHER_CLIENT, 20, &block), BROKER_NO_MEMORY);
    broker_give_back(&broker, part[0]);
    broker_give_back(&broker, part[2]);
    check_is(broker_block(&broker, OTHER_CLIENT, 21, &block), BROKER_NO_MEMORY);
    check_eq(broker.error.available, 1 << 20);
    broker_give_back(&broker, part[1]);
    broker_give_back(&broker, part[3]);
    must(broker_block(&broker, OTHER_CLIENT, 22, &block)); /* the parts are joined for it */
    broker_give_back_all(&broker, OTHER_CLIENT);
    check_eq(broker.client[OTHER_CLIENT].used, 0);
    check_same_books(before);
    case_line("memory runs out with a sentence, free halves are joined, all of it comes back");
}

/* The client that holds `device` by `wish` asks again. */
static void asked_again(const struct device_wish *wish, const struct device *device)
{
    uint32_t records = books().records_used;
    struct device room = {0}, *found = NULL;
    struct device_wish less = *wish, more = *wish, longer = *wish, shorter = *wish;
    less.irqs = false;
    less.dma = 0;
    must(broker_device(&broker, CLIENT, wish, &room, &found));
    check(found == device);
    must(broker_device(&broker, CLIENT, &less, &room, &found));
    check(found == device);
    more.dma = 9000;
    check_is(broker_device(&broker, CLIENT, &more, &room, &found), BROKER_BUSY);
    check(
        explains("client five asked for memory at an address 0x9000000, which client five holds"));
    longer.id = "arm,pl0111";
    check_is(broker_device(&broker, CLIENT, &longer, &room, &found), BROKER_NOT_FOUND);
    shorter.id = "arm,pl01";
    check_is(broker_device(&broker, CLIENT, &shorter, &room, &found), BROKER_NOT_FOUND);
    check_eq(broker.client[CLIENT].used, 8192);
    check_eq(books().records_used, records);
}

static void devices(void)
{
    struct broker_status before = books();
    struct device device = {0}, second = {0}, *found = NULL;
    const struct device_wish uart = {
        .find = DEVICE_COMPATIBLE, .id = "arm,pl011", .irqs = true, .dma = 5000};
    const struct device_wish same = {.find = DEVICE_PATH, .id = "/pl011@9000000"};
    const struct device_wish none = {.find = DEVICE_ALIAS, .id = "nothing"};
    must(broker_device(&broker, CLIENT, &uart, &device, &found));
    check(found == &device);
    /* QEMU's virt board, and the hosted machine that models it: abi/boot.md §2. */
    check_eq(device.regs, 1);
    check_eq(device.reg[0].address, 0x9000000);
    check_eq(device.reg[0].bytes, 0x1000);
    check_eq(device.irqs, 1);
    check_eq(device.irq[0].number, 33);
    check(!device.irq[0].edge);
    check_eq(kaal_debug_cap_identify(device.irq_slot[0]), CAP_IRQ_HANDLER);
    check_eq(kaal_debug_cap_identify(broker_cptr(&broker, device.page[0])), CAP_FRAME);
    uint64_t paddr = 0;
    check_eq(kaal_page_get_address(broker_cptr(&broker, device.page[0]), &paddr), ERROR_NONE);
    check_eq(paddr, 0x9000000);
    check_eq(broker.client[CLIENT].used, 8192); /* of DMA memory; registers cost nothing */
    check_is(broker_device(&broker, OTHER_CLIENT, &same, &second, &found), BROKER_BUSY);
    check(explains("client six asked for memory at an address 0x9000000, which client five holds"));
    uint32_t slot;
    check_is(broker_irq(&broker, OTHER_CLIENT, 33, false, &slot), BROKER_BUSY);
    check(explains("client six asked for interrupt 0x21, which client five holds"));
    check_is(broker_irq(&broker, CLIENT, 27, false, &slot), BROKER_BUSY); /* the kernel's timer */
    check_is(broker_irq(&broker, CLIENT, 1023, false, &slot), BROKER_NOT_FOUND);
    check_is(broker_device(&broker, CLIENT, &none, &second, &found), BROKER_NOT_FOUND);
    asked_again(&uart, &device);
    broker_device_free(&broker, &device);
    must(broker_device(&broker, OTHER_CLIENT, &same, &second, &found));
    check(found == &second);
    check_eq(second.irqs, 0);
    broker_device_free(&broker, &second);
    check_same_books(before);
    case_line("a device is found by compatible and by path, has one owner, and comes back");
}

static void pairs(void)
{
    struct broker_status before = books();
    struct broker_channel channel;
    uint32_t pair[2];
    must(broker_channel(&broker, CLIENT, 5000, &channel));
    check_eq(broker.block[channel.memory].bits, 13);
    check_eq(kaal_debug_cap_identify(broker_cptr(&broker, channel.endpoint)), CAP_ENDPOINT);
    broker_channel_free(&broker, &channel);
    must(broker_notification_pair(&broker, CLIENT, pair));
    kaal_signal(broker_cptr(&broker, pair[1]));
    check_eq(kaal_poll(broker_cptr(&broker, pair[0])), 0);
    broker_give_back(&broker, pair[0]);
    broker_give_back(&broker, pair[1]);
    check_same_books(before);
    case_line("channels and pairs of notifications");
}

static enum broker_code attempt_objects(void)
{
    static const struct device_wish wish = {
        .find = DEVICE_COMPATIBLE, .id = "arm,pl031", .irqs = true, .dma = 4096};
    struct device device, *found;
    struct broker_channel channel;
    uint32_t pair[2];
    enum broker_code code = broker_device(&broker, CLIENT, &wish, &device, &found);
    if (code != BROKER_OK) {
        return code;
    }
    code = broker_channel(&broker, CLIENT, 4096, &channel);
    if (code == BROKER_OK) {
        code = broker_notification_pair(&broker, CLIENT, pair);
        if (code == BROKER_OK) {
            broker_give_back(&broker, pair[0]);
            broker_give_back(&broker, pair[1]);
        }
        broker_channel_free(&broker, &channel);
    }
    broker_device_free(&broker, &device);
    return code;
}

void cases_broker(void)
{
    broker_client_open(&broker, CLIENT, "client five", QUOTA);
    broker_client_open(&broker, OTHER_CLIENT, "client six", BROKER_NO_LIMIT);
    objects();
    rounds();
    many_slots();
    quotas();
    exhaustion();
    devices();
    pairs();
    unsigned n = every_allocation_fails(attempt_objects, books());
    check(n >= 8);
    case_line("a device, a channel and a pair: every allocation fails in turn, the books stay");
    check(every_call_is_refused(attempt_objects, books()) >= 5);
    case_line("a device, a channel and a pair: every kernel call is refused in turn");
}
