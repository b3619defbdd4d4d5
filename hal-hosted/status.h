/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Exit statuses of kaal-hosted that are its own; the root task's status passes through hal_halt().
 * 0 also stands for "--until matched". Statuses 1..6 of a refused image are the loader's
 * (loader/image.h).
 */
#pragma once

enum status {
    STATUS_USAGE = 64,     /* command line */
    STATUS_FILE = 65,      /* a file cannot be read */
    STATUS_FOREIGN = 66,   /* the image's kernel is not this program's core */
    STATUS_MEMORY = 67,    /* the host has no room for the machine's memory */
    STATUS_ENGINE = 68,    /* the CPU engine failed its start-up check or broke later */
    STATUS_BUDGET = 69,    /* --budget used up */
    STATUS_TIMEOUT = 70,   /* --timeout passed */
    STATUS_IDLE = 71,      /* waiting for an interrupt that can never come */
    STATUS_VIOLATION = 72, /* the core broke a rule of the machine */
    STATUS_UNMATCHED = 73, /* the run ended before --until matched */
};
