/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Call, ReplyRecv and Send between two threads. One exchange gives a sample of both directions:
 * Call from the client's reading before to the server's after, ReplyRecv from the server's before
 * to the client's after.
 */
#include "bench.h"

enum {
    DELETE_WORDS = 2
};

struct exchange {
    bool reply; /* the row is about ReplyRecv, else about Call */
    uint64_t length;
    bool other_as;
    bool fp;
    bool call_cap;  /* the Call carries a cap */
    bool reply_cap; /* the reply does */
};

/* The script's step that empties the slot in which a cap arrived: CNode_Delete, by registers. */
static void delete_step(struct worker *w, uint64_t slot)
{
    struct step *s = worker_step(w, SYS_CALL, worker_cap(w, SLOT_INIT_CNODE),
                                 msginfo_new(LABEL_CNODE_DELETE, 0, 0, DELETE_WORDS));
    s->x[2] = slot;
    s->x[3] = WORD_BITS;
    s->checked = true;
}

static struct step *message_step(struct worker *w, enum syscall number, uint64_t cptr,
                                 const struct exchange *e, uint64_t info)
{
    struct step *s = worker_step(w, number, cptr, info);
    if (number == (e->reply ? SYS_REPLY_RECV : SYS_CALL))
        s->shoot = e->fp ? shot_svc_fp : shot_svc;
    else
        s->shoot = e->fp ? shot_aside_fp : shot_aside;
    s->logged = true;
    s->checked = true;
    return s;
}

static void may_receive_cap(struct worker *w, uint64_t slot)
{
    w->buffer->receive_cnode = worker_cap(w, SLOT_INIT_CNODE);
    w->buffer->receive_index = slot;
    w->buffer->receive_depth = WORD_BITS;
}

static void script_server(struct worker *w, const struct exchange *e, uint64_t ep, uint64_t cap)
{
    uint64_t cptr = worker_cap(w, pool_mint(ep, RIGHTS_ALL, 0));
    uint64_t slot = pool_slot();
    uint64_t in = msginfo_new(0, 0, e->call_cap, e->length);
    message_step(w, SYS_RECV, cptr, e, 0)->info = in;
    if (e->call_cap) {
        may_receive_cap(w, slot);
        delete_step(w, slot);
    }
    w->once = w->steps;
    message_step(w, SYS_REPLY_RECV, cptr, e, msginfo_new(0, 0, e->reply_cap, e->length))->info = in;
    if (e->call_cap)
        delete_step(w, slot);
    w->buffer->caps_or_badges[0] = worker_cap(w, cap);
}

static void script_client(struct worker *w, const struct exchange *e, uint64_t ep, uint64_t cap)
{
    uint64_t cptr = worker_cap(w, pool_mint(ep, RIGHTS_ALL, w->badge));
    uint64_t slot = pool_slot();
    message_step(w, SYS_CALL, cptr, e, msginfo_new(0, 0, e->call_cap, e->length))->info =
        msginfo_new(0, 0, e->reply_cap, e->length);
    if (e->reply_cap) {
        may_receive_cap(w, slot);
        delete_step(w, slot);
    }
    w->buffer->caps_or_badges[0] = worker_cap(w, cap);
    for (uint64_t i = MSG_REGISTERS; i < e->length; i++)
        w->buffer->msg[i] = i * 3 + 1;
}

/* Runs client and server and takes SAMPLES samples. */
static void run(const struct exchange *e, uint64_t *samples)
{
    uint64_t ep = pool_object(OBJECT_ENDPOINT, 0);
    uint64_t cap = pool_object(OBJECT_NOTIFICATION, 0);
    if (shuffled)
        shuffled_crowd();
    struct worker *server = worker_new(ANY, e->other_as);
    struct worker *client = worker_new(ANY, false);
    script_server(server, e, ep, cap);
    script_client(client, e, ep, cap);
    worker_start(server, 0);
    worker_start(client, 0);
    worker_check(client);
    worker_check(server);
    expect(client->done == 1 && client->log_count == ROUNDS, "the client has made all its Calls");
    for (uint64_t i = MSG_REGISTERS; i < e->length; i++)
        expect(server->buffer->msg[i] == i * 3 + 1, "every word of the message arrives");
    uint64_t extra = e->fp ? empty_fp_cost - empty_cost : 0;
    /* The last of the server's readings before a reply is still in its stub. */
    for (unsigned i = 0; i < SAMPLES; i++) {
        unsigned r = i + WARM_UP - 1;
        samples[i] = (e->reply ? cost(server->log[r + 1].before, client->log[r].after)
                               : cost(client->log[r].before, server->log[r].after)) -
                     extra;
    }
    pool_reset();
    workers_forget();
}

void ipc_samples(bool reply, uint64_t *samples)
{
    run(&(struct exchange){.reply = reply, .other_as = true}, samples);
}

static void exchange_row(const char *name, const struct exchange *e)
{
    static uint64_t samples[MAX_DRAWS * SAMPLES];
    row_begin(name);
    for (unsigned d = 0; d < draws(); d++)
        run(e, samples + d * SAMPLES);
    row_end(samples, draws() * SAMPLES, "instructions");
}

static void exchange_rows(const char *call_name, const char *reply_name, struct exchange e)
{
    bool cap = e.call_cap;
    exchange_row(call_name, &e);
    e.reply = true;
    e.call_cap = false;
    e.reply_cap = cap;
    exchange_row(reply_name, &e);
}

#define EXCHANGES(name, ...)                                                                       \
    exchange_rows("call_" name "_same_as", "replyrecv_" name "_same_as",                           \
                  (struct exchange){__VA_ARGS__});                                                 \
    exchange_rows("call_" name "_other_as", "replyrecv_" name "_other_as",                         \
                  (struct exchange){.other_as = true, __VA_ARGS__})

void rows_ipc(void)
{
    EXCHANGES("len0", .length = 0);
    EXCHANGES("len4", .length = 4);
    EXCHANGES("len10", .length = 10);
    EXCHANGES("len60", .length = 60);
    EXCHANGES("len120", .length = 120);
    EXCHANGES("cap", .call_cap = true);
    EXCHANGES("fpu", .fp = true);
}
