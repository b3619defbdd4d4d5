/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * image_parse() over every content of a buffer of three sizes: no access outside, no other run-time
 * error. SHA-256 is replaced by "any digest" (its own bounds are constant), so that what lies
 * behind the digest is reached with arbitrary fields.
 */
#include "image.h"
#include "sha256.h"

#include "__fc_builtin.h"

#ifndef SIZE
#define SIZE 16384
#endif

static uint8_t buffer[SIZE];
static struct image image;
static struct image_error error;

void sha256(const uint8_t *data, uint64_t size, uint8_t digest[SHA256_SIZE])
{
    Frama_C_show_each_reached(data[0], data[size - 1]);
    Frama_C_make_unknown((char *)digest, SHA256_SIZE);
}

int main(void)
{
    Frama_C_make_unknown((char *)buffer, SIZE);
    return (int)image_parse(buffer, SIZE, &image, &error);
}
