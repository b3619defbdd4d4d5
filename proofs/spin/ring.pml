/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * lib/ring: one producer and one consumer over shared memory, indices modulo 2^3, a side's cached
 * view of the other, signals on empty -> non-empty and full -> non-full only, and sides that are
 * restarted at any step (RESTARTS of them; a signal may be lost with the life that owed it).
 *
 * Bounds: SIZE entries, COUNT entries passed, RESTARTS restarts of the producer.
 * Checked: entries arrive whole, in order, once; no state in which both sleep (invalid end state).
 * Seeded errors: LOOK_FIRST, OVERWRITE, SILENT_RESTART, PUBLISH_EARLY.
 */
#ifndef SIZE
#define SIZE 2
#endif
#ifndef COUNT
#define COUNT 6
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif
#define MOD(x) ((x) & 7)

byte entry[SIZE];
byte pushed, popped;         /* the shared indices */
bool to_consumer, to_producer; /* the notifications' bits */
byte lives = RESTARTS;

/* The life ends here, or does not. */
#define MAY_DIE if :: lives > 0 -> lives--; goto open :: skip fi

active proctype producer()
{
    byte seen, index, before, look;
    byte number; /* entries published so far, by all lives */
    bool again = false;
open:
    index = pushed;
    seen = popped;
#ifndef SILENT_RESTART
    if :: again -> to_consumer = true :: else fi;
#endif
    again = true;
    do
    :: number == COUNT -> break
    :: else ->
retry:
#ifdef OVERWRITE
        if :: MOD(index - seen) > SIZE -> seen = popped :: else fi;
        if :: MOD(index - seen) > SIZE -> to_producer; to_producer = false; goto retry :: else fi;
#else
        if :: MOD(index - seen) >= SIZE -> seen = popped :: else fi;
        if :: MOD(index - seen) >= SIZE -> to_producer; to_producer = false; goto retry :: else fi;
#endif
        MAY_DIE;
#ifndef PUBLISH_EARLY
        entry[index % SIZE] = number;
#endif
        MAY_DIE;
        before = index;
#ifdef LOOK_FIRST
        look = popped;
#endif
        d_step { index = MOD(index + 1); number++; pushed = index }
        MAY_DIE;
#ifdef PUBLISH_EARLY
        entry[before % SIZE] = number - 1;
#endif
#ifndef LOOK_FIRST
        look = popped;
#endif
        MAY_DIE;
        if :: look == before -> to_consumer = true :: else fi
    od
}

active proctype consumer()
{
    byte seen, index, before, look, next, got;
    do
    :: next == COUNT -> break
    :: else ->
retry:
        if :: seen == index -> seen = pushed :: else fi;
        assert(MOD(seen - index) <= SIZE);
        if :: seen == index -> to_consumer; to_consumer = false; goto retry :: else fi;
        got = entry[index % SIZE];
        assert(got == next);
        next++;
        before = index;
        index = MOD(index + 1);
        popped = index;
        look = pushed;
        if :: MOD(look - before) == SIZE -> to_producer = true :: else fi
    od
}
