/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the hosted machine's system calls are compared with: a process that stops at each of its
 * system calls for another one, which reads its registers, changes one and lets it go on (ptrace),
 * and a loop of arithmetic as a measure of the computer. Prints "ptrace RATE" and "loop RATE", each
 * per second of processor time: of both processes for ptrace, so that other work on the computer
 * does not count.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ROUND_TRIPS = 50000,
    LOOPS = 200000000
};

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static _Noreturn void traced(void)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0)
        fail("ptrace: PTRACE_TRACEME");
    for (;;)
        syscall(SYS_getppid);
}

/* One system call of the other process: stopped before it is carried out, answered, continued. */
static void round_trip(pid_t pid)
{
    struct user_regs_struct regs;
    int status;
    if (ptrace(PTRACE_SYSEMU, pid, NULL, NULL) != 0 || waitpid(pid, &status, 0) != pid ||
        !WIFSTOPPED(status) || ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0)
        fail("ptrace: a stop at a system call");
    regs.rax = 1;
    if (ptrace(PTRACE_SETREGS, pid, NULL, &regs) != 0)
        fail("ptrace: PTRACE_SETREGS");
}

static double ptrace_rate(void)
{
    pid_t pid = fork();
    int status;
    if (pid < 0)
        fail("fork");
    if (pid == 0)
        traced();
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        fail("waitpid");
    clockid_t other;
    if (clock_getcpuclockid(pid, &other) != 0)
        fail("clock_getcpuclockid");
    double began = now(CLOCK_PROCESS_CPUTIME_ID) + now(other);
    for (int i = 0; i < ROUND_TRIPS; i++)
        round_trip(pid);
    double seconds = now(CLOCK_PROCESS_CPUTIME_ID) + now(other) - began;
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return ROUND_TRIPS / seconds;
}

static double loop_rate(void)
{
    uint64_t value = 1;
    double began = now(CLOCK_PROCESS_CPUTIME_ID);
    for (uint64_t i = LOOPS; i > 0; i--) {
        value ^= i << 7;
        value += 3;
        __asm__ volatile("" : "+r"(value));
    }
    return LOOPS / (now(CLOCK_PROCESS_CPUTIME_ID) - began);
}

int main(void)
{
    printf("ptrace %.0f\nloop %.0f\n", ptrace_rate(), loop_rate());
    return 0;
}
