/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The protocol of a multi-core kernel (for the design, before the code): one ticket lock around the
 * kernel; a holder that takes a translation away asks every other CPU to forget it and waits for
 * the answers; a CPU that waits for the lock has interrupts masked, so it answers while it spins.
 *
 * Bounds: CPUS processors, ROUNDS kernel entries each, every entry may take a mapping away.
 * Checked: one CPU in the kernel at a time; when the holder goes on, nobody has the old translation;
 * tickets are served in order; no deadlock.
 * Seeded errors: DEAF_SPIN (spinning CPUs do not answer), NO_WAIT (the holder does not wait),
 * BARGE (the lock is a flag that is read and then written).
 */
#ifndef CPUS
#define CPUS 3
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
byte next_ticket, serving;
bool flag;
byte inside;
bool asked[CPUS]; /* the request, and the interrupt that tells of it */
bool stale[CPUS]; /* has the translation that was taken away in its TLB */
byte finished;

inline answer(me) { if :: asked[me] -> d_step { stale[me] = false; asked[me] = false } :: else fi }

proctype cpu(byte me)
{
    byte ticket, other, round;
    do
    :: round == ROUNDS -> break
    :: else ->
        /* user level: interrupts are taken at any time */
        if :: asked[me] -> answer(me) :: skip fi;
#ifdef BARGE
        do :: !flag -> break :: asked[me] -> answer(me) od;
        flag = true;
#else
        d_step { ticket = next_ticket; next_ticket++ }
        do
        :: serving == ticket -> break
#ifndef DEAF_SPIN
        :: asked[me] -> answer(me)
#endif
        od;
#endif
        inside++;
        assert(inside == 1);
        if
        :: /* takes a mapping away; the others may have it cached */
            other = 0;
            do
            :: other == CPUS -> break
            :: else -> if :: other != me -> d_step { stale[other] = true; asked[other] = true }
                          :: else fi;
                other++
            od;
#ifndef NO_WAIT
            other = 0;
            do
            :: other == CPUS -> break
            :: else -> (other == me || !asked[other]); other++
            od;
#endif
            other = 0;
            do
            :: other == CPUS -> break
            :: else -> assert(other == me || !stale[other]); other++
            od
        :: skip
        fi;
        inside--;
#ifdef BARGE
        flag = false;
#else
        serving++;
#endif
        round++
    od;
    finished++;
    /* waits for interrupts from now on */
end:
    do :: asked[me] -> answer(me) od
}

init { byte i; atomic { do :: i == CPUS -> break :: else -> run cpu(i); i++ od } }
