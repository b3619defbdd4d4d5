/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Replays cases from files through a fuzz target, one after the other.
 *
 *   PROGRAM FILE...
 *
 * Exit status: 0 all were executed, 2 a file cannot be read; a broken promise aborts.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_case(const char *path, uint8_t *data, size_t most)
{
    FILE *f = fopen(path, "rb");
    size_t size = 0;

    if (f == NULL) {
        perror(path);
        return most + 1;
    }
    size = fread(data, 1, most, f);
    fclose(f);
    return size;
}

/* All are read first: a target may change the current folder. */
int main(int argc, char **argv)
{
    static uint8_t data[64][0x10000];
    size_t sizes[64];
    int cases = argc - 1 < 64 ? argc - 1 : 64;

    if (argc < 2 || argc - 1 > cases) {
        fprintf(stderr, "%s: expected 1 to 64 files of cases, found %d\n", argv[0], argc - 1);
        return 2;
    }
    for (int i = 0; i < cases; i++) {
        sizes[i] = read_case(argv[i + 1], data[i], sizeof data[i]);
        if (sizes[i] > sizeof data[i]) {
            return 2;
        }
    }
    for (int i = 0; i < cases; i++) {
        LLVMFuzzerTestOneInput(data[i], sizes[i]);
    }
    return 0;
}
