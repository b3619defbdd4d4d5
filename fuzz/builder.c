/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Fuzz target of the builder's command line: its code in this process, in a folder of its own.
 *
 * A case is text and files: one word of the command line per line, up to an empty line; then files,
 * each a byte of flags (1: the digests of the image in it are put right), its size as a 16-bit
 * number and its bytes. Their names are those of file_names[], in this order. A word has no '/',
 * and none is "..", so that nothing outside the folder is touched.
 *
 * What must hold: a documented status (docs/statuses.md); an error is one sentence, success says
 * nothing on standard error; after a failure the folder is as it was; after success no input is
 * changed, nothing has a temporary name, and `verify` accepts the image that was built.
 *
 * KAAL_FUZZ_SAY=1: each command is printed with its answer.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder.h"
#include "builder_room.h"
#include "image_bytes.h"
#include "seal.h"

#define WORDS_MAX 100u

static const char *const file_names[] = {"a",          "b", "c", "d", "e", "f.debug.json",
                                         "header.bin", "h"};
#define FILES (sizeof file_names / sizeof file_names[0])

struct word_list {
    int count;
    char *words[WORDS_MAX + 1];
    char text[0x4000];
};

struct case_file {
    uint8_t *data; /* NULL: the case has no such file */
    size_t size;
};

/* What a run said and how it ended. */
struct answer {
    int status;
    char *errors;
    size_t errors_size;
    char *output;
    size_t output_size;
};

static struct word_list said;
static struct case_file files[FILES];
static uint8_t contents[0x10000];
static jmp_buf ended;
static pid_t self;
static bool running;
static FILE *real_stderr;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
_Noreturn void __wrap_exit(int status);
_Noreturn void __real_exit(int status);

/* What a failing run holds in the C library's own buffers is no leak: the program would end. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

/* The builder's exit(): back to the target, except in the process that applies an overlay. */
_Noreturn void __wrap_exit(int status)
{
    if (getpid() != self) {
        _exit(status);
    }
    if (!running) { /* the fuzzing engine's own */
        __real_exit(status);
    }
    longjmp(ended, status + 1);
}

static void tell(const struct answer *a)
{
    for (int i = 0; i < said.count; i++) {
        fprintf(real_stderr, "'%s' ", said.words[i]);
    }
    fprintf(real_stderr, "status %d %s\n", a->status, a->errors);
}

static _Noreturn void broken(const char *what, const struct answer *a)
{
    fprintf(real_stderr, "fuzz-builder: broken promise: %s\n", what);
    tell(a);
    abort();
}

static void require(bool holds, const char *what, const struct answer *a)
{
    if (!holds) {
        broken(what, a);
    }
}

/* ---- the case ---- */

static void add_word(char *word)
{
    if (said.count < (int)WORDS_MAX) {
        said.words[said.count++] = strcmp(word, "..") == 0 ? word + 1 : word;
    }
}

/* Takes the words; returns the bytes of the case they are. */
static size_t take_words(const uint8_t *data, size_t size)
{
    static char name[] = "kaal-builder";
    char *start = said.text;
    size_t i = 0;

    said.count = 0;
    add_word(name);
    for (; i < size && i < sizeof said.text - 1; i++) {
        bool ends = data[i] == '\n';

        said.text[i] = ends ? '\0' : data[i] == '/' ? '_' : (char)data[i];
        if (ends && start == &said.text[i]) {
            i++;
            break;
        }
        if (ends) {
            add_word(start);
            start = &said.text[i + 1];
        }
    }
    said.words[said.count] = NULL;
    return i;
}

static void take_files(const uint8_t *data, size_t size)
{
    size_t used = 0;

    memset(files, 0, sizeof files);
    for (size_t i = 0; i < FILES && size >= 3; i++) {
        struct case_file *f = &files[i];
        uint8_t flags = data[0];
        size_t length = get_u16(data + 1);

        length = length < size - 3 ? length : size - 3;
        length = length < sizeof contents - used ? length : sizeof contents - used;
        f->data = contents + used;
        f->size = length;
        memcpy(f->data, data + 3, length);
        used += length;
        if ((flags & 1) != 0) {
            seal_file(f->data, f->size);
        }
        room_write(file_names[i], f->data, f->size);
        data += 3 + length;
        size -= 3 + length;
    }
}

/* ---- running ---- */

static void run(struct answer *a, int argc, char **argv)
{
    FILE *out = stdout;
    FILE *err = stderr;
    int jumped;

    stdout = open_memstream(&a->output, &a->output_size);
    stderr = open_memstream(&a->errors, &a->errors_size);
    room_begin_run();
    running = true;
    jumped = setjmp(ended);
    if (jumped == 0) {
        jumped = builder_run(argc, argv) + 1;
    }
    running = false;
    a->status = jumped - 1;
    room_end_run();
    fclose(stdout);
    fclose(stderr);
    stdout = out;
    stderr = err;
}

static void forget(struct answer *a)
{
    free(a->output);
    free(a->errors);
}

/* ---- what the words mean, as far as the promises need it ---- */

static const char *const reading[] = {"--loader",      "--kernel", "--app",       "--dtb",
                                      "--dtb-overlay", "--sign",   "--check-dtb", "--pubkey"};
#define READING (sizeof reading / sizeof reading[0])

struct meaning {
    const char *input[READING];
    const char *out; /* the image, NULL = this command writes none */
};

static bool is_command(const char *name)
{
    return said.count > 1 && strcmp(said.words[1], name) == 0;
}

/* Of a build that ended well, so that every word is an option, or its value. The last one counts.
 */
static void read_options(struct meaning *m)
{
    for (int i = 1; i + 1 < said.count; i++) {
        const char *name = said.words[i];

        if (strcmp(name, "--map") == 0 || strcmp(name, "--json") == 0 ||
            strcmp(name, "--verbose") == 0 || strcmp(name, "-q") == 0) {
            continue;
        }
        i++;
        if (strcmp(name, "--out") == 0) {
            m->out = said.words[i];
        }
        for (size_t k = 0; k < READING; k++) {
            if (strcmp(name, reading[k]) == 0) {
                m->input[k] = said.words[i];
            }
        }
    }
}

static void understand(struct meaning *m)
{
    static const char *const others[] = {"inspect", "verify", "map", "diff", "keygen"};

    memset(m, 0, sizeof *m);
    if (is_command("lock")) {
        m->input[0] = said.words[2];
        m->input[1] = said.words[3];
        return;
    }
    if (is_command("extract")) {
        m->input[0] = said.words[2];
        return;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (is_command(others[i])) {
            return;
        }
    }
    for (int i = 1; i < said.count; i++) { /* ends without having built anything */
        if (strcmp(said.words[i], "--help") == 0 || strcmp(said.words[i], "--version") == 0) {
            return;
        }
    }
    read_options(m);
}

/* May the command, which ended well, have written to the case's file of that name? */
static bool may_change(const struct meaning *m, const char *name)
{
    if (m->out == NULL && !is_command("lock") && !is_command("extract")) {
        return false;
    }
    for (size_t k = 0; k < READING; k++) {
        if (m->input[k] != NULL && strcmp(m->input[k], name) == 0) {
            return false;
        }
    }
    return true;
}

/* ---- judging ---- */

static bool one_sentence(const struct answer *a)
{
    static const char start[] = "kaal-builder: error: ";
    const char *end = memchr(a->errors, '\n', a->errors_size);

    return a->errors_size > sizeof start + 10 && strncmp(a->errors, start, sizeof start - 1) == 0 &&
           end == a->errors + a->errors_size - 1 && strlen(a->errors) == a->errors_size;
}

static void judge_image(const char *path)
{
    char command[] = "verify";
    char name[] = "kaal-builder";
    char copy[4096];
    char *words[] = {name, command, copy, NULL};
    struct answer a;

    snprintf(copy, sizeof copy, "%s", path);
    run(&a, 3, words);
    require(a.status == 0, "an image that was built is one that verify accepts", &a);
    forget(&a);
}

static void judge_success(const struct answer *a)
{
    struct meaning m;

    require(a->errors_size == 0, "success says nothing on standard error", a);
    understand(&m);
    for (size_t i = 0; i < FILES; i++) {
        require(files[i].data == NULL || may_change(&m, file_names[i]) ||
                    room_holds(file_names[i], files[i].data, files[i].size),
                "no input is changed", a);
    }
    require(room_count("*.tmp.*") == 0, "no file has a temporary name", a);
    if (m.out != NULL) {
        judge_image(m.out);
    }
}

static void judge_failure(const struct answer *a)
{
    size_t expected = 0;

    require(one_sentence(a) || (a->status == BUILDER_DIFFERENT && is_command("diff") &&
                                a->errors_size == 0 && a->output_size > 0),
            "an error is one sentence", a);
    for (size_t i = 0; i < FILES; i++) {
        expected += files[i].data != NULL;
        require(files[i].data == NULL || room_holds(file_names[i], files[i].data, files[i].size),
                "after a failure every file is as it was", a);
    }
    require(room_count("*") == expected || is_command("extract"),
            "after a failure there is no new file", a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct answer a;
    size_t used;

    self = getpid(); /* AFL++ forks */
    real_stderr = stderr;
    room_clean();
    used = take_words(data, size);
    take_files(data + used, size - used);
    run(&a, said.count, said.words);
    if (getenv("KAAL_FUZZ_SAY") != NULL) {
        tell(&a);
    }
    require(a.status >= BUILDER_OK && a.status <= BUILDER_IO, "a documented status", &a);
    if (a.status == BUILDER_OK) {
        judge_success(&a);
    } else {
        judge_failure(&a);
    }
    forget(&a);
    return 0;
}
