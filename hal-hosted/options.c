/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Reads the command line (options.h).
 */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/kaal_version.h"
#include "internal.h"
#include "status.h"

static const char help[] =
    "usage: kaal-hosted [OPTION]... IMAGE\n"
    "Boots a KaaL image in a Linux process: the kernel runs natively, EL0 code on an emulated "
    "CPU.\n"
    "\n"
    "  --memory SIZE      RAM at 0x40000000, with K, M or G; default 512M\n"
    "  --gic 2|3          interrupt controller in the device tree; default 2\n"
    "  --dtb FILE         this device tree instead of the built-in one (like QEMU's virt)\n"
    "  --append BOOTARGS  boot arguments instead of those in the image\n"
    "  --budget N         stop after N executed instructions\n"
    "  --until REGEX      stop with status 0 when a console line matches (extended regex)\n"
    "  --timeout S        stop after S seconds of real time\n"
    "  --console-input F  what is typed at the UART, from file F; - = standard input, live when\n"
    "                     it is a terminal\n"
    "  --inject FAULT     a device fault, again for more: "
    "uart:framing|parity|break|overrun|busy@N\n"
    "                     (N-th character), uart:slow@NS, uart|rtc|gpio:spurious@NS,\n"
    "                     gpio:LINE=0|1@NS (virtual ns)\n"
    "  --crash SPACE@N    instead of its N-th system call, the SPACE-th address space (counted "
    "from\n"
    "                     1 as they make their first one) faults at address 0; at the end, how "
    "soon\n"
    "                     its next life was there\n"
    "  --calls            at the end, how many system calls each address space made\n"
    "  --trace            one line per kernel entry on standard error\n"
    "  --explain          at the end, the last refused calls and faults as sentences\n"
    "  --record FILE      write all that reaches the kernel to FILE, for kaal-replay\n"
    "  --graph FILE       at the end, draw cap spaces and derivation tree: .svg, .pdf, .png, .dot, "
    "or\n"
    "                     .txt for a list\n"
    "  --timeline FILE    write threads, IPC and interrupts to FILE, for Perfetto or\n"
    "                     chrome://tracing\n"
    "  --state-hash       print a hash of the final memory, the kernel's state included\n"
    "  --engine KIND      how EL0 code is run: fast or plain, with the same results; default "
    "fast,\n"
    "                     plain with a line that says why where fast does not work\n"
    "  --any-kernel       run an image whose kernel was built from other sources\n"
    "  --dump-dtb FILE    write the device tree to FILE and stop\n"
    "  --help, --version\n"
    "\n"
    "Virtual time is one nanosecond per instruction: equal runs are equal to the last bit.\n"
    "\n"
    "Exit status: the root task's (DebugHalt). Otherwise:\n"
    "   1..6   the image or device tree is refused, as by the boot loader (no payload 1, bad\n"
    "          payload 2, device tree 3, memory 4)\n"
    "  64      command line             65      a file cannot be read or written\n"
    "  66      kernel of other sources  67      no room for the machine's memory\n"
    "  68      the CPU engine failed    69      --budget used up\n"
    "  70      --timeout passed         71      waiting for an interrupt that cannot come\n"
    "  72      the kernel broke a rule of the machine (a sentence says which)\n"
    "  73      the run ended before --until matched\n"
    "  100     kernel bug               103     the kernel refuses to boot\n";

static _Noreturn void usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "kaal-hosted: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, " (--help explains)\n");
    va_end(args);
    exit(STATUS_USAGE);
}

/* A decimal or 0x number up to `max`; with `units` K, M, G may follow. */
static uint64_t number(const char *option, const char *text, uint64_t min, uint64_t max, bool units)
{
    char *end;
    unsigned shift = 0;
    uint64_t value = strtoull(text, &end, 0);
    bool good = end != text && text[0] >= '0' && text[0] <= '9';
    if (good && units && *end != '\0') {
        const char *unit = strchr("KMG", *end & ~0x20);
        good = unit != NULL;
        shift = good ? 10 * (unsigned)(unit - "KMG" + 1) : 0;
        end++;
    }
    good = good && *end == '\0' && value <= max >> shift && value << shift >= min;
    if (!good) {
        usage("%s: expected a number %llu..%llu, found \"%s\"", option, (unsigned long long)min,
              (unsigned long long)max, text);
    }
    return value << shift;
}

enum {
    PAGE = 4096
};

static uint64_t memory_size(const char *text)
{
    uint64_t bytes = number("--memory", text, 1 << 20, 255ull << 30, true);
    if (bytes % PAGE != 0) {
        usage("--memory: expected whole pages of %d bytes, found \"%s\"", PAGE, text);
    }
    return bytes;
}

static enum cpu_engine_kind engine_kind(const char *text)
{
    bool fast = strcmp(text, "fast") == 0;
    if (!fast && strcmp(text, "plain") != 0) {
        usage("--engine: expected fast or plain, found \"%s\"", text);
    }
    return fast ? CPU_ENGINE_FAST : CPU_ENGINE_PLAIN;
}

static void add_injection(struct options *o, const char *text)
{
    struct injection unused;
    if (!inject_read(text, &unused)) {
        usage("--inject: expected DEVICE:FAULT@NUMBER as --help lists them, found \"%s\"", text);
    }
    if (o->injections == DEVICE_INJECTIONS) {
        usage("--inject: expected at most %d of them, found one more", DEVICE_INJECTIONS);
    }
    o->inject[o->injections++] = text;
}

static void set_crash(struct options *o, const char *text)
{
    if (!crash_read(text, &o->crash)) {
        usage("--crash: expected SPACE@CALL, two numbers from 1, found \"%s\"", text);
    }
}

static void set_graph(struct options *o, const char *path)
{
    static const char *const endings[] = {".svg", ".pdf", ".png", ".dot", ".txt"};
    const char *end = strrchr(path, '.');
    for (unsigned i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (end != NULL && strcmp(end, endings[i]) == 0) {
            o->graph = path;
            return;
        }
    }
    usage("--graph: expected a name that ends with .svg, .pdf, .png, .dot or .txt, found \"%s\"",
          path);
}

static void set_until(struct options *o, const char *pattern)
{
    char why[200];
    int error = regcomp(&o->until_regex, pattern, REG_EXTENDED | REG_NOSUB);
    if (error != 0) {
        regerror(error, &o->until_regex, why, sizeof why);
        usage("--until: expected an extended regular expression, found \"%s\": %s", pattern, why);
    }
    o->until = pattern;
}

enum {
    OPT_MEMORY = 1000,
    OPT_GIC,
    OPT_DTB,
    OPT_APPEND,
    OPT_BUDGET,
    OPT_UNTIL,
    OPT_TIMEOUT,
    OPT_CONSOLE_INPUT,
    OPT_INJECT,
    OPT_CRASH,
    OPT_CALLS,
    OPT_TRACE,
    OPT_EXPLAIN,
    OPT_STATE_HASH,
    OPT_ENGINE,
    OPT_RECORD,
    OPT_TIMELINE,
    OPT_GRAPH,
    OPT_ANY_KERNEL,
    OPT_DUMP_DTB,
    OPT_HELP,
    OPT_VERSION,
};

static const struct option names[] = {
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"gic", required_argument, NULL, OPT_GIC},
    {"dtb", required_argument, NULL, OPT_DTB},
    {"append", required_argument, NULL, OPT_APPEND},
    {"budget", required_argument, NULL, OPT_BUDGET},
    {"until", required_argument, NULL, OPT_UNTIL},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"console-input", required_argument, NULL, OPT_CONSOLE_INPUT},
    {"inject", required_argument, NULL, OPT_INJECT},
    {"crash", required_argument, NULL, OPT_CRASH},
    {"calls", no_argument, NULL, OPT_CALLS},
    {"trace", no_argument, NULL, OPT_TRACE},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"state-hash", no_argument, NULL, OPT_STATE_HASH},
    {"engine", required_argument, NULL, OPT_ENGINE},
    {"record", required_argument, NULL, OPT_RECORD},
    {"graph", required_argument, NULL, OPT_GRAPH},
    {"timeline", required_argument, NULL, OPT_TIMELINE},
    {"any-kernel", no_argument, NULL, OPT_ANY_KERNEL},
    {"dump-dtb", required_argument, NULL, OPT_DUMP_DTB},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void print_and_leave(const char *text)
{
    fputs(text, stdout);
    exit(0);
}

static void apply(struct options *o, int option, const char *value, char **argv)
{
    switch (option) {
    case OPT_MEMORY: o->memory = memory_size(value); break;
    case OPT_GIC: o->gic = number("--gic", value, 2, 3, false) == 2 ? GIC_V2 : GIC_V3; break;
    case OPT_DTB: o->dtb = value; break;
    case OPT_APPEND: o->append = value; break;
    case OPT_BUDGET: o->budget = number("--budget", value, 1, INT64_MAX, false); break;
    case OPT_UNTIL: set_until(o, value); break;
    case OPT_TIMEOUT: o->timeout = number("--timeout", value, 1, 1000000, false); break;
    case OPT_CONSOLE_INPUT: o->console_input = value; break;
    case OPT_INJECT: add_injection(o, value); break;
    case OPT_CRASH: set_crash(o, value); break;
    case OPT_CALLS: o->calls = true; break;
    case OPT_TRACE: o->trace = true; break;
    case OPT_EXPLAIN: o->explain = true; break;
    case OPT_STATE_HASH: o->state_hash = true; break;
    case OPT_ENGINE: o->engine = engine_kind(value); break;
    case OPT_RECORD: o->record = value; break;
    case OPT_GRAPH: set_graph(o, value); break;
    case OPT_TIMELINE: o->timeline = value; break;
    case OPT_ANY_KERNEL: o->any_kernel = true; break;
    case OPT_DUMP_DTB: o->dump_dtb = value; break;
    case OPT_HELP: print_and_leave(help); break;
    case OPT_VERSION: print_and_leave("kaal-hosted " KAAL_VERSION "\n"); break;
    case ':': usage("option %s: expected a value, found none", argv[optind - 1]);
    default: usage("option \"%s\": expected a known one", argv[optind - 1]);
    }
}

void options_parse(struct options *out, int argc, char **argv)
{
    int option;
    *out = (struct options){.memory = 512ull << 20, .budget = UINT64_MAX, .gic = GIC_V2};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", names, NULL)) != -1) {
        apply(out, option, optarg, argv);
    }
    if (argc - optind > 1 || (optind == argc && out->dump_dtb == NULL)) {
        usage("expected one image, found %d", argc - optind);
    }
    out->image = argv[optind];
}
