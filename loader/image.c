/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The image header's parser. Order of checks: size of the header, magic, version, header size,
 * total size, header digest, fields, regions one by one, then what regions must be together.
 * Every sum is written as a comparison that cannot wrap.
 */
#include "image.h"

#include "image_bytes.h"
#include "sha256.h"

#define HEADER "image header"

static enum image_code bad_header(struct image_error *err, const char *field, const char *rule,
                                  uint64_t expected, uint64_t found)
{
    return image_fail_numbers(err, IMAGE_BAD_HEADER, HEADER, -1, field, rule, expected, found);
}

static enum image_code bad_region(struct image_error *err, unsigned i, const char *field,
                                  const char *rule, uint64_t expected, uint64_t found)
{
    return image_fail_numbers(err, IMAGE_BAD_REGION, "image region", (int)i, field, rule, expected,
                              found);
}

/* Magic, version, sizes and the digest over them: after this the header is what was written. */
static enum image_code check_envelope(const uint8_t *h, uint64_t size, struct image_error *err)
{
    static const uint8_t magic[8] = IMAGE_MAGIC;
    uint8_t digest[SHA256_SIZE];

    if (size < IMAGE_HEADER_SIZE) {
        return image_fail_numbers(err, IMAGE_TRUNCATED, HEADER, -1, "size", "at least",
                                  IMAGE_HEADER_SIZE, size);
    }
    if (!bytes_equal(h + IMAGE_OFF_MAGIC, magic, sizeof magic)) {
        return image_fail_numbers(err, IMAGE_BAD_MAGIC, HEADER, -1, "magic", NULL, get_u64(magic),
                                  get_u64(h));
    }
    if (get_u32(h + IMAGE_OFF_VERSION) != IMAGE_VERSION) {
        return image_fail_numbers(err, IMAGE_BAD_VERSION, HEADER, -1, "version", NULL,
                                  IMAGE_VERSION, get_u32(h + IMAGE_OFF_VERSION));
    }
    if (get_u32(h + IMAGE_OFF_HEADER_SIZE) != IMAGE_HEADER_SIZE) {
        return bad_header(err, "header size", NULL, IMAGE_HEADER_SIZE,
                          get_u32(h + IMAGE_OFF_HEADER_SIZE));
    }
    if (get_u64(h + IMAGE_OFF_TOTAL_SIZE) > size) {
        return image_fail_numbers(err, IMAGE_TRUNCATED, "image", -1, "size", "at least",
                                  get_u64(h + IMAGE_OFF_TOTAL_SIZE), size);
    }
    if (get_u64(h + IMAGE_OFF_TOTAL_SIZE) < IMAGE_HEADER_SIZE) {
        return bad_header(err, "total size", "at least", IMAGE_HEADER_SIZE,
                          get_u64(h + IMAGE_OFF_TOTAL_SIZE));
    }
    sha256(h, IMAGE_OFF_DIGEST, digest);
    if (!bytes_equal(digest, h + IMAGE_OFF_DIGEST, SHA256_SIZE)) {
        return image_fail_numbers(err, IMAGE_BAD_DIGEST, HEADER, -1, "SHA-256 (first 8 bytes)",
                                  NULL, get_u64(h + IMAGE_OFF_DIGEST), get_u64(digest));
    }
    return IMAGE_OK;
}

static void read_fields(const uint8_t *h, struct image *img)
{
    img->base = h;
    img->total_size = get_u64(h + IMAGE_OFF_TOTAL_SIZE);
    img->region_count = get_u32(h + IMAGE_OFF_REGION_COUNT);
    img->has_note = (get_u32(h + IMAGE_OFF_FLAGS) & IMAGE_FLAG_NOTE) != 0;
    img->is_signed = (get_u32(h + IMAGE_OFF_FLAGS) & IMAGE_FLAG_SIGNED) != 0;
    img->dtb_size = get_u64(h + IMAGE_OFF_DTB_SIZE);
    img->dtb = img->dtb_size == 0 ? NULL : h; /* its place is known after the regions' */
    img->kernel_entry = get_u64(h + IMAGE_OFF_KERNEL_ENTRY);
    img->kernel_start = get_u64(h + IMAGE_OFF_KERNEL_START);
    img->kernel_end = get_u64(h + IMAGE_OFF_KERNEL_END);
    img->kernel_pv = get_u64(h + IMAGE_OFF_KERNEL_PV);
    img->user_entry = get_u64(h + IMAGE_OFF_USER_ENTRY);
    img->user_start = get_u64(h + IMAGE_OFF_USER_START);
    img->user_end = get_u64(h + IMAGE_OFF_USER_END);
    img->user_pv = get_u64(h + IMAGE_OFF_USER_PV);
    img->bootargs = (const char *)h + IMAGE_OFF_BOOTARGS;
    img->bootargs_len = get_u32(h + IMAGE_OFF_BOOTARGS_LEN);
}

/* One of the two physical spans: page aligned, not empty, below the end of physical addresses. */
static enum image_code check_span(const char *start_field, const char *end_field, uint64_t start,
                                  uint64_t end, struct image_error *err)
{
    if (start % IMAGE_PAGE != 0) {
        return bad_header(err, start_field, "a multiple of", IMAGE_PAGE, start);
    }
    if (end % IMAGE_PAGE != 0) {
        return bad_header(err, end_field, "a multiple of", IMAGE_PAGE, end);
    }
    if (end <= start) {
        return bad_header(err, end_field, "more than", start, end);
    }
    if (end > IMAGE_PADDR_END) {
        return bad_header(err, end_field, "at most", IMAGE_PADDR_END, end);
    }
    return IMAGE_OK;
}

/*
 * The kernel window is one run of 2 MiB blocks in one 1 GiB region of the upper half, so virtual
 * and physical addresses must agree modulo 2 MiB (abi/boot.md §1).
 */
static enum image_code check_window(const struct image *img, struct image_error *err)
{
    uint64_t first = img->kernel_start - img->kernel_pv;
    uint64_t last = img->kernel_end - 1 - img->kernel_pv;

    if (img->kernel_pv % IMAGE_BLOCK != 0) {
        return bad_header(err, "kernel physical-virtual offset", "a multiple of", IMAGE_BLOCK,
                          img->kernel_pv);
    }
    if (first >> 48 != 0xffff) {
        return bad_header(err, "kernel virtual start", "at least", UINT64_C(0xffff) << 48, first);
    }
    if (first >> 30 != last >> 30) {
        return bad_header(err, "kernel virtual end", "in the 1 GiB region of the kernel's start,",
                          first, last);
    }
    return IMAGE_OK;
}

/* The place of the first byte in [from, to) that is not zero, `to` when all are. */
static uint64_t skip_zero(const uint8_t *bytes, uint64_t from, uint64_t to)
{
    /*@ loop invariant \at(from, Pre) <= from <= to && zero(bytes, \at(from, Pre), from);
        loop assigns from; loop variant to - from; */
    while (to - from >= 8 && get_u64(bytes + from) == 0) {
        from += 8;
    }
    /*@ loop invariant \at(from, Pre) <= from <= to && zero(bytes, \at(from, Pre), from);
        loop assigns from; loop variant to - from; */
    while (from < to && bytes[from] == 0) {
        from++;
    }
    return from;
}

static enum image_code check_bootargs(const uint8_t *args, const struct image *img,
                                      struct image_error *err)
{
    uint64_t end = 0;

    if (img->bootargs_len >= IMAGE_BOOTARGS_SIZE) {
        return bad_header(err, "bootargs length", "less than", IMAGE_BOOTARGS_SIZE,
                          img->bootargs_len);
    }
    //@ loop invariant end <= img->bootargs_len; loop assigns end; loop variant 1024 - end;
    while (end < img->bootargs_len && args[end] != '\0') {
        end++;
    }
    if (end == img->bootargs_len) {
        end = skip_zero(args, end, IMAGE_BOOTARGS_SIZE);
    }
    if (end != IMAGE_BOOTARGS_SIZE) {
        return bad_header(err, "bootargs", "to end at the length", img->bootargs_len, end);
    }
    return IMAGE_OK;
}

/* Bytes that the format does not name must be zero: nothing travels in an image unseen. */
static enum image_code check_zero(const uint8_t *h, uint64_t from, uint64_t to,
                                  struct image_error *err)
{
    uint64_t at = skip_zero(h, from, to);
    enum image_code code = IMAGE_OK;

    if (at != to) {
        code = image_fail(err, IMAGE_BAD_HEADER, "image, unused byte at", (int)at, "value", "zero");
        err->has_found = true;
        err->found = h[at];
    }
    return code;
}

static enum image_code check_note(const uint8_t *h, struct image *img, struct image_error *err)
{
    uint64_t start = img->kernel_start - img->kernel_pv;
    uint64_t size = img->kernel_end - img->kernel_start;
    struct kernel_note *n = &img->note;

    image_read_note(h + IMAGE_OFF_NOTE, n);
    if (!img->has_note) {
        return check_zero(h, IMAGE_OFF_NOTE, IMAGE_OFF_NOTE + KERNEL_NOTE_SIZE, err);
    }
    if (n->version != KERNEL_NOTE_VERSION) {
        return bad_header(err, "kernel note version", NULL, KERNEL_NOTE_VERSION, n->version);
    }
    if (!image_note_ends(n)) {
        return image_fail(err, IMAGE_BAD_HEADER, HEADER, -1, "kernel note",
                          "strings that end with a zero byte");
    }
    if (n->boot_end < n->boot_start || !range_within(n->boot_start - start, 0, size) ||
        !range_within(n->boot_end - start, 0, size)) {
        return bad_header(err, "kernel note, boot part", "inside the kernel that starts at", start,
                          n->boot_end);
    }
    if (!range_within(n->state_start - start, n->state_size, size)) {
        return bad_header(err, "kernel note, state", "inside the kernel that starts at", start,
                          n->state_start);
    }
    return IMAGE_OK;
}

static enum image_code check_unused(const uint8_t *h, const struct image *img,
                                    struct image_error *err)
{
    const struct {
        uint64_t from;
        uint64_t to;
    } gaps[] = {
        {IMAGE_OFF_BOOTARGS_LEN + 4, IMAGE_OFF_DTB_OFFSET},
        {IMAGE_OFF_DTB_SIZE + 8, IMAGE_OFF_NOTE},
        {IMAGE_OFF_NOTE + KERNEL_NOTE_SIZE, IMAGE_OFF_BOOTARGS},
        {IMAGE_OFF_REGIONS + (uint64_t)img->region_count * IMAGE_REGION_SIZE, IMAGE_OFF_KEY},
        {IMAGE_OFF_KEY, img->is_signed ? IMAGE_OFF_KEY : IMAGE_OFF_DTB_DIGEST},
        {IMAGE_OFF_DTB_DIGEST,
         img->dtb_size != 0 ? IMAGE_OFF_DTB_DIGEST : IMAGE_OFF_DTB_DIGEST + IMAGE_DIGEST_SIZE},
        {IMAGE_OFF_DTB_DIGEST + IMAGE_DIGEST_SIZE, IMAGE_OFF_DIGEST},
        {IMAGE_OFF_SIGNATURE, img->is_signed ? IMAGE_OFF_SIGNATURE : IMAGE_HEADER_SIZE},
    };
    enum image_code code = IMAGE_OK;

    //@ assert \forall integer k; 0 <= k < 8 ==> gaps[k].from <= gaps[k].to <= IMAGE_HEADER_SIZE;
    //@ loop invariant i <= 8; loop assigns i, code, *err; loop variant 8 - i;
    for (unsigned i = 0; i < sizeof gaps / sizeof gaps[0] && code == IMAGE_OK; i++) {
        code = check_zero(h, gaps[i].from, gaps[i].to, err);
    }
    //@ loop invariant i <= img->region_count; loop assigns i, code, *err; loop variant 24 - i;
    for (unsigned i = 0; i < img->region_count && code == IMAGE_OK; i++) {
        uint64_t e = IMAGE_OFF_REGIONS + i * IMAGE_REGION_SIZE;

        code = check_zero(h, e + IMAGE_REG_COMPRESSION + 4, e + IMAGE_REG_DIGEST, err);
    }
    return code;
}

/* Where kernel and root task go, in physical and virtual memory. */
static enum image_code check_spans(const struct image *img, struct image_error *err)
{
    enum image_code code = check_span("kernel physical start", "kernel physical end",
                                      img->kernel_start, img->kernel_end, err);

    if (code == IMAGE_OK) {
        code = check_span("root task physical start", "root task physical end", img->user_start,
                          img->user_end, err);
    }
    if (code == IMAGE_OK) {
        code = check_window(img, err);
    }
    if (code != IMAGE_OK) {
        return code;
    }
    if (img->user_start < img->kernel_end) {
        return bad_header(err, "root task physical start", "at or above the kernel's end",
                          img->kernel_end, img->user_start);
    }
    if (img->user_end - img->user_pv > IMAGE_USER_VADDR_END || img->user_pv % IMAGE_PAGE != 0) {
        return bad_header(err, "root task virtual end", "a page boundary of at most",
                          IMAGE_USER_VADDR_END, img->user_end - img->user_pv);
    }
    if (img->user_start - img->user_pv > img->user_end - img->user_pv) {
        return bad_header(err, "root task virtual start", "below its end",
                          img->user_end - img->user_pv, img->user_start - img->user_pv);
    }
    return IMAGE_OK;
}

static enum image_code check_fields(const uint8_t *h, struct image *img, struct image_error *err)
{
    uint32_t flags = get_u32(h + IMAGE_OFF_FLAGS);
    enum image_code code;

    if ((flags & ~(IMAGE_FLAG_NOTE | IMAGE_FLAG_SIGNED)) != 0) {
        return bad_header(err, "flags", "only bits of", IMAGE_FLAG_NOTE | IMAGE_FLAG_SIGNED, flags);
    }
    if (img->region_count < 2 || img->region_count > IMAGE_MAX_REGIONS) {
        return bad_header(err, "number of regions", "2 to", IMAGE_MAX_REGIONS, img->region_count);
    }
    code = check_spans(img, err);
    if (code == IMAGE_OK) {
        code = check_bootargs(h + IMAGE_OFF_BOOTARGS, img, err);
    }
    if (code == IMAGE_OK) {
        code = check_note(h, img, err);
    }
    return code == IMAGE_OK ? check_unused(h, img, err) : code;
}

/* Sizes, flags and addresses of one region that depend on no other region. */
static enum image_code check_region(const struct image *img, unsigned i, struct image_error *err)
{
    const struct image_region *r = &img->regions[i];
    bool kernel = r->kind == IMAGE_KERNEL;
    uint64_t start = kernel ? img->kernel_start : img->user_start;
    uint64_t end = kernel ? img->kernel_end : img->user_end;
    uint64_t pv = kernel ? img->kernel_pv : img->user_pv;

    if (r->kind != IMAGE_KERNEL && r->kind != IMAGE_USER) {
        return bad_region(err, i, "kind", "1 (kernel) or", IMAGE_USER, r->kind);
    }
    if ((r->flags & ~(IMAGE_READ | IMAGE_WRITE | IMAGE_EXEC)) != 0) {
        return bad_region(err, i, "flags", "at most", IMAGE_READ | IMAGE_WRITE | IMAGE_EXEC,
                          r->flags);
    }
    if (r->memsz == 0) {
        return bad_region(err, i, "memory size", "at least", 1, 0);
    }
    if (r->filesz > r->memsz) {
        return bad_region(err, i, "file size", "at most", r->memsz, r->filesz);
    }
    if (r->compression > IMAGE_ZSTD) {
        return bad_region(err, i, "compression", "at most", IMAGE_ZSTD, r->compression);
    }
    if (r->compression == IMAGE_STORED && r->stored != r->filesz) {
        return bad_region(err, i, "stored size", NULL, r->filesz, r->stored);
    }
    if (r->compression != IMAGE_STORED && (r->stored == 0 || r->stored >= r->filesz)) {
        return bad_region(err, i, "stored size", "at least 1 and less than", r->filesz, r->stored);
    }
    if (r->compression != IMAGE_STORED && r->filesz > IMAGE_UNPACKED_MAX) {
        return bad_region(err, i, "file size", "compressed, at most", IMAGE_UNPACKED_MAX,
                          r->filesz);
    }
    if (r->paddr < start || !range_within(r->paddr - start, r->memsz, end - start)) {
        return bad_region(err, i, "physical address", "with its size inside the span from", start,
                          r->paddr);
    }
    if (r->paddr - r->vaddr != pv) {
        return bad_region(err, i, "virtual address", NULL, r->paddr - pv, r->vaddr);
    }
    return IMAGE_OK;
}

/* Order of kinds, of addresses and of data: nothing overlaps. *data_end is the end so far. */
static enum image_code check_order(const struct image *img, unsigned i, uint64_t offset,
                                   uint64_t *data_end, struct image_error *err)
{
    const struct image_region *r = &img->regions[i];
    const struct image_region *before = i > 0 ? &img->regions[i - 1] : NULL;
    uint64_t modulo = r->compression == IMAGE_STORED ? r->paddr % 16 : 0;
    uint64_t before_end = *data_end;

    if (before == NULL ? r->kind != IMAGE_KERNEL : r->kind < before->kind) {
        return bad_region(err, i, "kind", "kernel regions first,", IMAGE_KERNEL, r->kind);
    }
    if (before != NULL && before->kind == r->kind && r->paddr < before->paddr + before->memsz) {
        return bad_region(err, i, "physical address", "at or above the end of the region before,",
                          before->paddr + before->memsz, r->paddr);
    }
    if (offset < *data_end || !range_within(offset, r->stored, img->total_size)) {
        return bad_region(err, i, "data offset", "with its size between the data before and",
                          img->total_size, offset);
    }
    if (offset - *data_end >= IMAGE_GAP) {
        return bad_region(err, i, "data offset", "less than", *data_end + IMAGE_GAP, offset);
    }
    if (offset % 16 != modulo) {
        return bad_region(err, i, "data offset modulo 16", NULL, modulo, offset % 16);
    }
    *data_end = offset + r->stored;
    return check_zero(img->base, before_end, offset, err);
}

/* The embedded device tree, and the end of the image behind it. */
static enum image_code read_tail(const uint8_t *h, struct image *img, uint64_t data_end,
                                 struct image_error *err)
{
    uint64_t offset = get_u64(h + IMAGE_OFF_DTB_OFFSET);
    enum image_code code = IMAGE_OK;

    if (img->dtb == NULL && offset != 0) {
        return bad_header(err, "device tree offset", "without a size,", 0, offset);
    }
    if (img->dtb != NULL) {
        if (img->dtb_size > IMAGE_DTB_MAX) {
            return bad_header(err, "device tree size", "at most", IMAGE_DTB_MAX, img->dtb_size);
        }
        if (offset != round_up(data_end, 16) ||
            !range_within(offset, img->dtb_size, img->total_size)) {
            return bad_header(err, "device tree offset", "with its size inside the image,",
                              round_up(data_end, 16), offset);
        }
        code = check_zero(h, data_end, offset, err);
        img->dtb = h + offset;
        data_end = offset + img->dtb_size;
    }
    if (code == IMAGE_OK && img->total_size != round_up(data_end, 16)) {
        return bad_header(err, "total size", "to end with the data,", round_up(data_end, 16),
                          img->total_size);
    }
    return code == IMAGE_OK ? check_zero(h, data_end, img->total_size, err) : code;
}

/* The entry at `e` of the table of regions; where its data are is known after the check. */
static void read_entry(const uint8_t *e, struct image_region *r)
{
    r->kind = get_u32(e + IMAGE_REG_KIND);
    r->flags = get_u32(e + IMAGE_REG_FLAGS);
    r->paddr = get_u64(e + IMAGE_REG_PADDR);
    r->vaddr = get_u64(e + IMAGE_REG_VADDR);
    r->filesz = get_u64(e + IMAGE_REG_FILESZ);
    r->memsz = get_u64(e + IMAGE_REG_MEMSZ);
    r->stored = get_u64(e + IMAGE_REG_STORED);
    r->compression = get_u32(e + IMAGE_REG_COMPRESSION);
    r->data = NULL;
    r->digest = e + IMAGE_REG_DIGEST;
}

/* Region i; *data_end is the end of the data so far. */
static enum image_code read_region(const uint8_t *h, struct image *img, unsigned i,
                                   uint64_t *data_end, struct image_error *err)
{
    const uint8_t *e = h + IMAGE_OFF_REGIONS + i * IMAGE_REGION_SIZE;
    uint64_t offset = get_u64(e + IMAGE_REG_OFFSET);
    enum image_code code;

    read_entry(e, &img->regions[i]);
    code = check_region(img, i, err);
    if (code == IMAGE_OK) {
        code = check_order(img, i, offset, data_end, err);
    }
    if (code == IMAGE_OK) {
        img->regions[i].data = h + offset;
    }
    return code;
}

static enum image_code read_regions(const uint8_t *h, struct image *img, struct image_error *err)
{
    uint64_t data_end = IMAGE_HEADER_SIZE;

    /*@ loop invariant i <= img->region_count && IMAGE_HEADER_SIZE <= data_end <= img->total_size;
        loop invariant header_kept{Pre,Here}(img);
        loop invariant placed: 0 <= any < i ==> placed(img, h, any);
        loop invariant digested: 0 <= any < i ==> digested(img, h, any);
        loop invariant fits: 0 <= any < i ==> fits(img, any);
        loop invariant in_span: 0 <= any < i ==> in_span(img, any);
        loop invariant in_order: 0 <= any < i ==> in_order(img, any);
        loop invariant 0 < i ==> end_of(img, h, i - 1) == data_end && bounded(img, i - 1);
        loop assigns i, data_end, *err, img->regions[0 .. 23]; loop variant 24 - i; */
    for (unsigned i = 0; i < img->region_count; i++) {
        enum image_code code = read_region(h, img, i, &data_end, err);

        if (code != IMAGE_OK) {
            return code;
        }
    }
    if (img->regions[img->region_count - 1].kind != IMAGE_USER) {
        return bad_region(err, img->region_count - 1, "kind", "a root task region,", IMAGE_USER,
                          IMAGE_KERNEL);
    }
    return read_tail(h, img, data_end, err);
}

static bool is_entry_in(const struct image *img, uint32_t kind, uint64_t entry)
{
    //@ loop invariant i <= img->region_count; loop assigns i; loop variant img->region_count - i;
    for (unsigned i = 0; i < img->region_count; i++) {
        const struct image_region *r = &img->regions[i];

        if (r->kind == kind && entry % 4 == 0 && entry >= r->vaddr &&
            entry - r->vaddr < r->filesz) {
            return true;
        }
    }
    return false;
}

enum image_code image_parse(const uint8_t *h, uint64_t size, struct image *img,
                            struct image_error *err)
{
    enum image_code code = check_envelope(h, size, err);

    if (code != IMAGE_OK) {
        return code;
    }
    read_fields(h, img);
    code = check_fields(h, img, err);
    if (code == IMAGE_OK) {
        code = read_regions(h, img, err);
    }
    if (code != IMAGE_OK) {
        return code;
    }
    if (!is_entry_in(img, IMAGE_KERNEL, img->kernel_entry)) {
        return bad_header(err, "kernel entry", "inside a kernel region from", img->regions[0].vaddr,
                          img->kernel_entry);
    }
    if (!is_entry_in(img, IMAGE_USER, img->user_entry)) {
        return bad_header(err, "root task entry", "inside a root task region from",
                          img->user_start - img->user_pv, img->user_entry);
    }
    return IMAGE_OK;
}
