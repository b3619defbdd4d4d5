/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Command line of kaal-hosted.
 */
#pragma once
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "crash.h"
#include "device.h"
#include "platform.h"

struct options {
    const char *image;
    uint64_t memory;      /* bytes of RAM; 512 MiB */
    uint64_t budget;      /* instructions; UINT64_MAX = no limit */
    uint64_t timeout;     /* seconds of real time; 0 = none */
    const char *until;    /* NULL = none */
    regex_t until_regex;  /* valid with until */
    const char *dtb;      /* file, NULL = made here */
    const char *dump_dtb; /* file, NULL = none */
    const char *record;   /* file, NULL = none */
    const char *graph;    /* file, NULL = none */
    const char *timeline; /* file, NULL = none */
    const char *append;   /* boot arguments, NULL = the image's */
    enum gic_kind gic;
    enum cpu_engine_kind engine;
    const char *console_input; /* file, "-" = standard input, NULL = nobody types */
    const char *inject[DEVICE_INJECTIONS];
    unsigned injections;
    struct crash_plan crash;
    bool calls;
    bool trace;
    bool explain;
    bool state_hash;
    bool any_kernel;
};

/* Fills *out. On a mistake prints one sentence and exits with STATUS_USAGE; --help and --version
 * print and exit with 0. */
void options_parse(struct options *out, int argc, char **argv);
