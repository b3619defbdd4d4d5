/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Restart hand-over of a server: a client calls through an endpoint; the server dies at any step; its
 * supervisor hears of it (fault message), takes the dead life's reply right away so that the client
 * runs on with an error, and starts a new life with a higher generation. A client that got an error
 * tries again; a request is carried out under the generation that took it.
 *
 * Bounds: CLIENTS clients, CALLS calls each, DEATHS deaths.
 * Checked: each call ends with exactly one outcome; no reply of an old life reaches a client after
 * the hand-over; nobody waits for ever (invalid end state).
 * Seeded errors: KEEP_REPLY (the dead life's reply right stays), LATE_FENCE (the new life starts
 * before the old one is stopped).
 */
#ifndef CLIENTS
#define CLIENTS 2
#endif
#ifndef CALLS
#define CALLS 2
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
mtype = { answer_ok, answer_error };

chan call = [0] of { byte };             /* the endpoint: rendezvous */
chan reply[CLIENTS] = [1] of { mtype };  /* what a blocked caller is woken with */
chan death = [1] of { byte };            /* the fault message to the supervisor, with the generation */
byte owed = 255;                         /* the client whose reply right the living server holds */
byte generation = 1;
byte alive, deaths = DEATHS, finished;
bool waits[CLIENTS];

#define MAY_DIE if :: deaths > 0 -> deaths--; goto dies :: skip fi

proctype server(byte life)
{
    byte who = 255;
#ifndef LATE_FENCE
    assert(alive == 0);
#endif
    alive++;
    assert(alive == 1);
    do
    :: d_step { call?who -> owed = who; assert(!waits[who]); waits[who] = true }
        MAY_DIE;
        assert(life == generation);
        d_step { assert(waits[who]); waits[who] = false; owed = 255; reply[who]!answer_ok }
        MAY_DIE
    :: finished == CLIENTS -> goto ends
    od;
dies:
#ifndef LATE_FENCE
    alive--;
#endif
    death!life;
#ifdef LATE_FENCE
    alive--;
#endif
ends:
    skip
}

proctype client(byte me)
{
    mtype result;
    byte calls;
    do
    :: calls == CALLS -> break
    :: else ->
        call!me;
        reply[me]?result;
        assert(!waits[me]);
        if :: result == answer_ok -> calls++ :: else fi
    od;
    finished++
}

active proctype supervisor()
{
    byte life;
end:
    do
    :: death?life ->
        assert(life == generation);
#ifndef KEEP_REPLY
        if :: owed != 255 ->
            d_step { waits[owed] = false; reply[owed]!answer_error; owed = 255 }
        :: else fi;
#endif
        generation++;
        run server(generation)
    od
}

init {
    byte i;
    atomic {
        run server(1);
        do :: i == CLIENTS -> break :: else -> run client(i); i++ od
    }
}
