/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* Chaosnet addresses as people write them: octal, subnet in the high byte. */
#ifndef LIBCHAOS_ADDR_H
#define LIBCHAOS_ADDR_H

#include <stdint.h>

#define CHAOS_ADDR_STRLEN	7	/* "177777" and a NUL */

const char *chaos_addr_parse(const char *text, uint16_t *addr);
char *chaos_addr_format(uint16_t addr, char buf[CHAOS_ADDR_STRLEN]);

#endif /* LIBCHAOS_ADDR_H */
