/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The system's root task: takes over all resources, makes what the system description says, then
 * answers messages for ever.
 */
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "system.h"

#define WINDOW 0x8000000000ull /* free in the initial address space */

enum {
    STATUS = 111 /* of a run that cannot begin */
};

/* What kaal-system wrote, in this program (roottask/embed.S). */
extern const char system_description[];
extern const char system_description_end[];
extern const char system_archive[];
extern const char system_archive_end[];

static struct broker broker;
static struct mm mm;
struct system sys;

static void must(enum broker_code code, const char *what)
{
    char why[LINE_BYTES];
    if (code != BROKER_OK) {
        broker_explain(&broker, why, sizeof(why));
        die(STATUS, "%s: %s", what, why);
    }
}

static void open_image(void)
{
    size_t at = 0;
    const char *wrong =
        sysdesc_check(system_description, (size_t)(system_description_end - system_description));
    sys.description = (const struct sysdesc *)(const void *)system_description;
    sys.archive.data = (const uint8_t *)system_archive;
    sys.archive.bytes = (size_t)(system_archive_end - system_archive);
    if (wrong == NULL) {
        wrong = archive_check(&sys.archive, &at);
    }
    if (wrong != NULL) {
        die(STATUS, "%s (at byte %lu)", wrong, at);
    }
}

/* Drivers first, then services, then applications, each in the order of the description. They run
 * when the root task waits for the first time, so all of them find all others in place. */
static void start_all(void)
{
    for (uint32_t i = 0; i < sys.components; i++) {
        sys.component[i].again = sys.component[i].description->autostart != 0;
    }
    for (uint32_t type = TYPE_DRIVER; type <= TYPE_APPLICATION; type++) {
        for (uint32_t i = 0; i < sys.components; i++) {
            struct component *c = &sys.component[i];
            if (c->description->type == type && c->again) {
                (void)!life_start(c);
            }
        }
    }
}

/* Handles one message; true when *m is its reply. */
static bool handle(struct kaal_message *m)
{
    uint64_t id = m->badge & BADGE_ID;
    if (id == 0 || id > sys.components) {
        return false;
    }
    struct component *c = &sys.component[id - 1];
    if (c->state != STATE_RUNNING) {
        return false;
    }
    if ((m->badge & BADGE_DEAD) != 0) {
        m->info = msginfo_new(SYSTEM_BROKEN, 0, 0, 0);
        return true;
    }
    if ((m->badge & BADGE_FAULT) != 0) {
        memcpy(kaal_ipc_buffer->msg, m->mr, sizeof(m->mr));
        bool goes_on = fault_handle(c, m);
        m->info = 0;
        return goes_on;
    }
    return request_answer(c, m);
}

int main(struct bootinfo *bootinfo)
{
    uint32_t endpoint;
    struct kaal_message m = {0};
    sys.broker = &broker;
    sys.mm = &mm;
    must(broker_open(&broker, bootinfo), "broker");
    must(mm_open(&mm, &broker, WINDOW), "memory manager");
    open_image();
    must(broker_object(&broker, BROKER_SYSTEM, OBJECT_ENDPOINT, 0, &endpoint), "endpoint");
    must(broker_slots(&broker, BROKER_SYSTEM, 1, &sys.scratch), "slot");
    sys.endpoint = broker_cptr(&broker, endpoint);
    places_make();
    report("system %s: %u components", sysdesc_string(sys.description, sys.description->name),
           sys.components);
    start_all();
    for (bool reply = false;;) {
        if (reply) {
            kaal_reply_recv(sys.endpoint, &m);
        } else {
            kaal_recv(sys.endpoint, &m);
        }
        reply = handle(&m);
        if (reply) {
            /* Starting others comes after the answer is safe: their making uses the buffer. */
            uint64_t words[SYSTEM_ANSWER_WORDS + SYSTEM_ANSWER_TEXT / 8];
            memcpy(words, kaal_ipc_buffer->msg, sizeof(words));
            lives_continue();
            memcpy(kaal_ipc_buffer->msg, words, sizeof(words));
        } else {
            lives_continue();
        }
    }
}
