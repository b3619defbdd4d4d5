/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults and inputs of devices as text, `DEVICE:WHAT@WHEN` (machine.h, machine_inject()).
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "internal.h"

static const struct {
    const char *word; /* up to the number */
    enum inject_kind kind;
    uint32_t page;
} forms[] = {
    {"uart:framing@", INJECT_FRAMING, DEVICE_UART},
    {"uart:parity@", INJECT_PARITY, DEVICE_UART},
    {"uart:break@", INJECT_BREAK, DEVICE_UART},
    {"uart:overrun@", INJECT_OVERRUN, DEVICE_UART},
    {"uart:busy@", INJECT_BUSY, DEVICE_UART},
    {"uart:slow@", INJECT_SLOW, DEVICE_UART},
    {"uart:spurious@", INJECT_SPURIOUS, DEVICE_UART},
    {"rtc:spurious@", INJECT_SPURIOUS, DEVICE_RTC},
    {"gpio:spurious@", INJECT_SPURIOUS, DEVICE_GPIO},
};

/* gpio:LINE=LEVEL@ */
static const char *read_line(const char *spec, struct injection *out)
{
    bool is_line = strncmp(spec, "gpio:", 5) == 0 && spec[5] >= '0' && spec[5] <= '7' &&
                   spec[6] == '=' && (spec[7] == '0' || spec[7] == '1') && spec[8] == '@';
    if (!is_line) {
        return NULL;
    }
    *out = (struct injection){.kind = INJECT_LINE,
                              .page = DEVICE_GPIO,
                              .line = (uint8_t)(spec[5] - '0'),
                              .level = (uint8_t)(spec[7] - '0')};
    return spec + 9;
}

/* Fills *out but for its number; where that begins, NULL = no such form. */
static const char *read_form(const char *spec, struct injection *out)
{
    for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t length = strlen(forms[i].word);
        if (strncmp(spec, forms[i].word, length) == 0) {
            *out = (struct injection){.kind = forms[i].kind, .page = forms[i].page};
            return spec + length;
        }
    }
    return read_line(spec, out);
}

bool inject_read(const char *spec, struct injection *out)
{
    char *end;
    const char *number = read_form(spec, out);
    if (number == NULL || number[0] < '0' || number[0] > '9') {
        return false;
    }
    out->when = strtoull(number, &end, 0);
    return *end == '\0';
}

bool machine_inject(const char *spec)
{
    struct device_model *d = &machine.model.device;
    struct injection j;
    if (d->injections == DEVICE_INJECTIONS || !inject_read(spec, &j)) {
        return false;
    }
    d->injection[d->injections++] = j;
    return true;
}
