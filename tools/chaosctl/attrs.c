// SPDX-License-Identifier: GPL-2.0-or-later
/* Printing attributes of the kernel's answers. */
#include <stdio.h>
#include <string.h>

#include "attrs.h"

/**
 * attr_str() - print a string, which need not end with a NUL
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @attr: attribute or NULL
 */
void attr_str(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	if (attr)
		show_bytes(s, key, before, nla_data(attr), strnlen(nla_data(attr), nla_len(attr)));
}

/**
 * attr_u16() - print a decimal number of 16 bits
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @attr: attribute or NULL
 */
void attr_u16(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	if (attr)
		show_num(s, key, before, nla_get_u16(attr));
}

/**
 * attr_u32() - print a decimal number of 32 bits
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @attr: attribute or NULL
 */
void attr_u32(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	if (attr)
		show_num(s, key, before, nla_get_u32(attr));
}

/**
 * attr_u64() - print a decimal number of 64 bits
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @attr: attribute or NULL
 */
void attr_u64(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	if (attr)
		show_num(s, key, before, nla_get_u64(attr));
}

/**
 * attr_addr() - print a host address
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @attr: attribute or NULL
 */
void attr_addr(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	if (attr)
		show_addr(s, key, before, nla_get_u16(attr));
}

/**
 * attr_age() - print how long ago something was: seconds for people, milliseconds in JSON
 * @s: printer
 * @attr: attribute or NULL
 */
void attr_age(struct show *s, struct nlattr *attr)
{
	char text[24];
	uint32_t ms;

	if (!attr)
		return;
	ms = nla_get_u32(attr);
	snprintf(text, sizeof(text), " age %u.%us", ms / 1000, ms % 1000 / 100);
	if (s->json)
		show_num(s, "age_ms", "", ms);
	else
		show_text(s, text);
}

/**
 * attr_lladdr() - print a hardware address
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @attr: attribute or NULL
 */
void attr_lladdr(struct show *s, const char *key, const char *before, struct nlattr *attr)
{
	if (attr && nla_len(attr))
		show_lladdr(s, key, before, nla_data(attr), nla_len(attr));
}

/**
 * attr_name() - print the name of a number of 8 bits
 * @s: printer
 * @key: JSON key
 * @before: plain text before it
 * @names: names by number
 * @n: how many
 * @attr: attribute or NULL
 */
void attr_name(struct show *s, const char *key, const char *before, const char *const *names,
	       size_t n, struct nlattr *attr)
{
	if (attr)
		show_name(s, key, before, names, n, nla_get_u8(attr));
}
