/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Included before every file of a program under fault injection: what can fail for want of memory,
 * room or rights goes through functions that make it fail at its Nth occurrence (inject.c).
 */
#pragma once
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void *inject_malloc(size_t bytes);
void *inject_calloc(size_t count, size_t bytes);
void *inject_realloc(void *old, size_t bytes);
void *inject_aligned_alloc(size_t align, size_t bytes);
void *inject_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
FILE *inject_fopen(const char *name, const char *mode);
FILE *inject_fdopen(int fd, const char *mode);
int inject_fclose(FILE *f);
size_t inject_fread(void *to, size_t bytes, size_t count, FILE *f);
size_t inject_fwrite(const void *from, size_t bytes, size_t count, FILE *f);
int inject_rename(const char *from, const char *to);

#define malloc(bytes)                       inject_malloc(bytes)
#define calloc(count, bytes)                inject_calloc(count, bytes)
#define realloc(old, bytes)                 inject_realloc(old, bytes)
#define aligned_alloc(align, bytes)         inject_aligned_alloc(align, bytes)
#define mmap(at, bytes, prot, flags, fd, o) inject_mmap(at, bytes, prot, flags, fd, o)
#define fopen(name, mode)                   inject_fopen(name, mode)
#define fdopen(fd, mode)                    inject_fdopen(fd, mode)
#define fclose(f)                           inject_fclose(f)
#define fread(to, bytes, count, f)          inject_fread(to, bytes, count, f)
#define fwrite(from, bytes, count, f)       inject_fwrite(from, bytes, count, f)
#define rename(from, to)                    inject_rename(from, to)
