/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Failed checks as values, and the one sentence each of them is printed as. */
#include "image.h"

enum image_code image_fail(struct image_error *err, enum image_code code, const char *where,
                           int index, const char *field, const char *rule)
{
    err->code = code;
    err->index = index;
    err->has_expected = false;
    err->has_found = false;
    err->where = where;
    err->field = field;
    err->rule = rule;
    err->hint = NULL;
    err->expected = 0;
    err->found = 0;
    return code;
}

enum image_code image_fail_numbers(struct image_error *err, enum image_code code, const char *where,
                                   int index, const char *field, const char *rule,
                                   uint64_t expected, uint64_t found)
{
    image_fail(err, code, where, index, field, rule);
    err->has_expected = true;
    err->has_found = true;
    err->expected = expected;
    err->found = found;
    return code;
}

void image_error_text(const struct image_error *err, char *buf, size_t cap)
{
    struct image_text t;

    text_start(&t, buf, cap);
    text_str(&t, err->where);
    if (err->index >= 0) {
        text_char(&t, ' ');
        text_dec(&t, (uint64_t)err->index);
    }
    text_str(&t, ": ");
    text_str(&t, err->field);
    text_str(&t, ": expected");
    if (err->rule != NULL) {
        text_char(&t, ' ');
        text_str(&t, err->rule);
    }
    if (err->has_expected) {
        text_char(&t, ' ');
        text_hex(&t, err->expected);
    }
    if (err->has_found) {
        text_str(&t, ", found ");
        text_hex(&t, err->found);
    }
    if (err->hint != NULL) {
        text_str(&t, "; ");
        text_str(&t, err->hint);
    }
}

int image_exit_status(enum image_code code)
{
    switch (code) {
    case IMAGE_OK: return 0;
    case IMAGE_NO_PAYLOAD: return LOADER_EXIT_NO_PAYLOAD;
    case IMAGE_BAD_DTB: return LOADER_EXIT_BAD_DTB;
    case IMAGE_NO_ROOM: return LOADER_EXIT_MEMORY;
    case IMAGE_TRUNCATED:
    case IMAGE_BAD_MAGIC:
    case IMAGE_BAD_VERSION:
    case IMAGE_BAD_HEADER:
    case IMAGE_BAD_REGION:
    case IMAGE_BAD_DIGEST:
    case IMAGE_BAD_SIGNATURE:
    case IMAGE_BAD_DATA:
    case IMAGE_BAD_ELF: break;
    }
    return LOADER_EXIT_BAD_PAYLOAD;
}
