// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "pending.h"

/**
 * pending_init() - nobody waits
 * @list: result
 */
void pending_init(struct pending_list *list)
{
	TAILQ_INIT(&list->all);
	list->n = 0;
}

/* Whoever has one address of IPv6 has 2^64 of them. */
static void take_address(struct in6_addr *to, const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;

	memset(to, 0, sizeof(*to));
	if (from->ss_family == AF_INET) {
		to->s6_addr[10] = 0xff;
		to->s6_addr[11] = 0xff;
		memcpy(&to->s6_addr[12], &v4->sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		memcpy(to, &v6->sin6_addr, IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? 16 : 8);
	}
}

/**
 * pending_add() - somebody comes
 * @list: who waits
 * @pending: the new one
 * @from: where it comes from
 */
void pending_add(struct pending_list *list, struct pending *pending,
		 const struct sockaddr_storage *from)
{
	take_address(&pending->from, from);
	TAILQ_INSERT_TAIL(&list->all, pending, next);
	list->n++;
}

/**
 * pending_remove() - somebody goes, or is known
 * @list: who waits
 * @pending: one of them
 */
void pending_remove(struct pending_list *list, struct pending *pending)
{
	TAILQ_REMOVE(&list->all, pending, next);
	list->n--;
}

static unsigned int count_from(const struct pending *first)
{
	const struct pending *pending;
	unsigned int n = 0;

	for (pending = first; pending; pending = TAILQ_NEXT(pending, next))
		n += IN6_ARE_ADDR_EQUAL(&pending->from, &first->from);
	return n;
}

/**
 * pending_victim() - who has to go if there are too many
 * @list: who waits
 *
 * Return: of those who come from where most come from, the longest waiting one; NULL if
 * nobody waits.
 */
struct pending *pending_victim(const struct pending_list *list)
{
	struct pending *pending, *victim = NULL;
	unsigned int n, most = 0;

	/* At the first one of an address all of them are counted. */
	TAILQ_FOREACH(pending, &list->all, next) {
		n = count_from(pending);
		if (n > most) {
			most = n;
			victim = pending;
		}
	}
	return victim;
}
