/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is on a link, and which of them has which address.  Pure.
 *
 * A member has one address by which it introduced itself.  That is its own as long as it
 * is there.  Others that it may use, too, lead to it unless a member of their own has them.
 */
#ifndef CHAOS_TLS_ROSTER_H
#define CHAOS_TLS_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "identity.h"
#include "session.h"

#define ROSTER_HOSTS		256
#define MEMBER_ADDRS_MAX	(IDENTITY_ADDRS_MAX + ROSTER_HOSTS)

/**
 * struct member - who somebody is
 * @addr: its address on the link
 * @is_server: we connected to it
 * @n: number of @addrs
 * @addrs: all that it may use, on whatever subnet
 * @name: whom the certificate is for
 * @subject: the same, so that certificates of one host can be told from others
 * @next: in the order in which they came
 */
struct member {
	uint16_t addr;
	bool is_server;
	size_t n;
	uint16_t addrs[MEMBER_ADDRS_MAX];
	char name[WORD_HOST_LEN];
	char subject[sizeof(((struct session_names *)NULL)->subject)];
	TAILQ_ENTRY(member) next;
};

TAILQ_HEAD(members, member);

/**
 * struct roster - who is on a link
 * @self: our address
 * @n: number of members
 * @members: all of them
 * @server: the one that we connected to, NULL: none
 * @by_host: who has an address on the link's subnet
 */
struct roster {
	uint16_t self;
	unsigned int n;
	struct members members;
	struct member *server;
	struct member *by_host[ROSTER_HOSTS];
};

/* May somebody come in? */
enum roster_verdict {
	ROSTER_FREE,		/* nobody has the address */
	ROSTER_TAKEOVER,	/* the same host has it, and must go */
	ROSTER_TAKEN,		/* somebody else has it */
};

void member_init(struct member *member, const struct session_names *names, bool is_server);
void member_allow(struct member *member, uint16_t addr);
bool member_may_use(const struct member *member, uint16_t addr);

void roster_init(struct roster *roster, uint16_t self);
enum roster_verdict roster_judge(const struct roster *roster, const struct member *newcomer,
				 struct member **old);
void roster_add(struct roster *roster, struct member *member);
void roster_remove(struct roster *roster, struct member *member);
struct member *roster_find(const struct roster *roster, uint16_t addr);
struct member *roster_next_hop(const struct roster *roster, uint16_t destination);

#endif /* CHAOS_TLS_ROSTER_H */
