// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
#include <stddef.h>
#include <string.h>

#include "chaos_sockaddr.h"

/**
 * chaos_contact_check() - may this be the name of a service?
 * @contact: contact name, without arguments
 *
 * Return: NULL, or what is wrong with @contact, to follow "@contact: ".
 */
const char *chaos_contact_check(const char *contact)
{
	const char *c;

	if (!*contact)
		return "the contact name is empty";
	for (c = contact; *c; c++) {
		if (*c == ' ')
			return "a contact name has no space in it";
		if (*c < ' ' || *c > '~')
			return "a contact name is of printing ASCII characters only";
	}
	if (c - contact > CHAOS_CONTACT_MAX)
		return "a contact name has at most 120 characters";
	return NULL;
}

static char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/**
 * chaos_sockaddr() - build an address structure
 * @sa: filled in; what @contact leaves is zero
 * @addr: host, 0 in bind() for any of ours
 * @contact: contact name, or NULL for none
 *
 * Contact names go out in upper case: hosts compare them in different ways,
 * and all of them understand that.
 *
 * Return: the address length to pass with @sa, 0 when @contact is longer than
 * the structure holds.
 */
socklen_t chaos_sockaddr(struct sockaddr_chaos *sa, uint16_t addr, const char *contact)
{
	size_t len = contact ? strlen(contact) : 0;
	size_t i;

	if (len > sizeof(sa->sch_contact))
		return 0;
	memset(sa, 0, sizeof(*sa));
	sa->sch_family = AF_CHAOS;
	sa->sch_addr = addr;
	for (i = 0; i < len; i++)
		sa->sch_contact[i] = ascii_upper(contact[i]);
	return offsetof(struct sockaddr_chaos, sch_contact) + len;
}
