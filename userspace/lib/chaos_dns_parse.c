// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
/*
 * Messages are those of RFC 1035 section 4.1.  The data of A in class CH are a domain name
 * and 16 bits, high byte first.
 */
#include <arpa/nameser.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "chaos_dns_parse.h"

#define ALIASES_MAX	8	/* one after the other */

/* An answer, and what is looked for in it. */
struct search {
	ns_msg message;
	char owner[NS_MAXDNAME];
	uint32_t ttl;			/* the least that was met */
};

static int begin(struct search *search, const uint8_t *message, size_t len, const char *owner)
{
	if (len > NS_MAXMSG || ns_initparse(message, len, &search->message))
		return -EBADMSG;
	strncpy(search->owner, owner, sizeof(search->owner) - 1);
	search->owner[sizeof(search->owner) - 1] = 0;
	search->ttl = UINT32_MAX;
	return 0;
}

/*
 * The next record of the owner, of this type.  Returns 0, -ENOENT if there is none from
 * record @at on, or -EBADMSG; @at moves behind it.
 */
static int next_record(struct search *search, ns_type type, int *at, ns_rr *rr)
{
	while (*at < ns_msg_count(search->message, ns_s_an)) {
		if (ns_parserr(&search->message, ns_s_an, (*at)++, rr))
			return -EBADMSG;
		if (ns_rr_class(*rr) != ns_c_chaos || ns_rr_type(*rr) != type ||
		    strcasecmp(ns_rr_name(*rr), search->owner))
			continue;
		if (ns_rr_ttl(*rr) < search->ttl)
			search->ttl = ns_rr_ttl(*rr);
		return 0;
	}
	return -ENOENT;
}

/* The name that a record's data begin with; returns how many of them it takes, or -1. */
static int name_in(const struct search *search, const ns_rr *rr, char name[NS_MAXDNAME])
{
	int used = ns_name_uncompress(ns_msg_base(search->message), ns_msg_end(search->message),
				      ns_rr_rdata(*rr), name, NS_MAXDNAME);

	return used > ns_rr_rdlen(*rr) ? -1 : used;
}

/* Goes over from a name to what it is an alias of. */
static int follow_aliases(struct search *search)
{
	ns_rr rr;

	for (int i = 0; i < ALIASES_MAX; i++) {
		int at = 0, status = next_record(search, ns_t_cname, &at, &rr);

		if (status == -ENOENT)
			return 0;
		if (status || name_in(search, &rr, search->owner) != ns_rr_rdlen(rr))
			return -EBADMSG;
	}
	return -EBADMSG;
}

static int add(struct chaos_dns_answer *answer, uint16_t addr)
{
	/* Neither is a host's (AIM 628 section 2.3). */
	if (!(addr >> 8) || !(addr & 0377))
		return -EBADMSG;
	for (size_t i = 0; i < answer->n; i++)
		if (answer->addrs[i] == addr)
			return 0;
	if (answer->n < CHAOS_DNS_ADDRS)
		answer->addrs[answer->n++] = addr;
	return 0;
}

/* An address of another domain is none in this network. */
static int take_address(struct search *search, const ns_rr *rr, struct chaos_dns_answer *answer)
{
	char domain[NS_MAXDNAME];
	int used = name_in(search, rr, domain);

	if (used < 0 || used + NS_INT16SZ != ns_rr_rdlen(*rr))
		return -EBADMSG;
	if (strcasecmp(domain, CHAOS_DNS_DOMAIN))
		return 0;
	return add(answer, ns_get16(ns_rr_rdata(*rr) + used));
}

/**
 * chaos_dns_parse_addrs() - the addresses in an answer
 * @message: the answer
 * @len: its length
 * @name: whose addresses, without a dot at its end; it may be an alias
 * @answer: on success; the first CHAOS_DNS_ADDRS addresses
 *
 * Return: 0; -ENOENT: there is none; -EBADMSG: the answer makes no sense.
 */
int chaos_dns_parse_addrs(const uint8_t *message, size_t len, const char *name,
			  struct chaos_dns_answer *answer)
{
	struct search search;
	int at = 0, status;
	ns_rr rr;

	answer->n = 0;
	if (begin(&search, message, len, name) || follow_aliases(&search))
		return -EBADMSG;
	while (!(status = next_record(&search, ns_t_a, &at, &rr)))
		if (take_address(&search, &rr, answer))
			return -EBADMSG;
	answer->ttl = search.ttl;
	return status == -ENOENT && answer->n ? 0 : status;
}

/**
 * chaos_dns_parse_name() - the name in an answer
 * @message: the answer
 * @len: its length
 * @owner: of the PTR record, without a dot at its end
 * @wanted: a name, in letters of any case; NULL: none
 * @name: on success, without a dot at its end: of several the wanted one, else the first
 *
 * Return: 0; -ENOENT: there is none; -EBADMSG: the answer makes no sense.
 */
int chaos_dns_parse_name(const uint8_t *message, size_t len, const char *owner,
			 const char *wanted, char name[CHAOS_DNS_NAME_LEN])
{
	char target[NS_MAXDNAME];
	struct search search;
	bool found = false;
	int at = 0, status;
	ns_rr rr;

	if (begin(&search, message, len, owner) || follow_aliases(&search))
		return -EBADMSG;
	while (!(status = next_record(&search, ns_t_ptr, &at, &rr))) {
		if (name_in(&search, &rr, target) != ns_rr_rdlen(rr) ||
		    strlen(target) >= CHAOS_DNS_NAME_LEN)
			return -EBADMSG;
		if (!found || (wanted && !strcasecmp(target, wanted)))
			strcpy(name, target);
		found = true;
	}
	return status == -ENOENT && found ? 0 : status;
}
