// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
#include <stdio.h>

#include "chaos_addr.h"

/**
 * chaos_addr_parse() - read the address of a host
 * @text: octal digits; a leading 0 is allowed
 * @addr: the address, unchanged on failure
 *
 * A host has neither subnet 0 nor host 0 (AIM 628 section 2.3).
 *
 * Return: NULL, or what is wrong with @text, to follow "@text: ".
 */
const char *chaos_addr_parse(const char *text, uint16_t *addr)
{
	unsigned int value = 0;
	const char *c;

	if (!*text)
		return "the address is empty";
	for (c = text; *c; c++) {
		if (*c < '0' || *c > '7')
			return "an address is octal, only digits 0 to 7";
		value = value << 3 | (*c - '0');
		if (value > 0177777)
			return "an address has 16 bits, at most 177777";
	}
	if (!(value >> 8))
		return "subnet 0 (the high byte) is not a subnet of hosts";
	if (!(value & 0377))
		return "host 0 (the low byte) is not a host";
	*addr = value;
	return NULL;
}

/**
 * chaos_addr_format() - write an address in octal
 * @addr: any 16 bits
 * @buf: where to write it
 *
 * Return: @buf.
 */
char *chaos_addr_format(uint16_t addr, char buf[CHAOS_ADDR_STRLEN])
{
	snprintf(buf, CHAOS_ADDR_STRLEN, "%o", addr);
	return buf;
}
