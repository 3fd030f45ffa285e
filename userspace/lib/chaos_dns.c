// SPDX-License-Identifier: MIT OR GPL-2.0-or-later
/*
 * The C library asks: over UDP for a limited time, and once more over TCP if the answer
 * was too long for a datagram.
 */
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaos_dns_parse.h"

/* IPv6 addresses are where glibc has them: its structure has no room for them. */
static int set_servers(res_state res, const struct chaos_dns *dns)
{
	for (size_t i = 0; i < MAXNS; i++) {
		free(res->_u._ext.nsaddrs[i]);
		res->_u._ext.nsaddrs[i] = NULL;
		res->_u._ext.nssocks[i] = -1;
	}
	res->_u._ext.nscount = 0;
	res->nscount = 0;
	for (size_t i = 0; i < dns->n_servers && i < MAXNS; i++, res->nscount++) {
		const struct sockaddr_storage *server = &dns->servers[i];

		memset(&res->nsaddr_list[i], 0, sizeof(res->nsaddr_list[i]));
		if (server->ss_family == AF_INET) {
			memcpy(&res->nsaddr_list[i], server, sizeof(res->nsaddr_list[i]));
			continue;
		}
		res->_u._ext.nsaddrs[i] = malloc(sizeof(struct sockaddr_in6));
		if (!res->_u._ext.nsaddrs[i])
			return -ENOMEM;
		memcpy(res->_u._ext.nsaddrs[i], server, sizeof(struct sockaddr_in6));
	}
	return 0;
}

static int prepare(res_state res, const struct chaos_dns *dns)
{
	int status = 0;

	memset(res, 0, sizeof(*res));
	if (res_ninit(res))
		return -EAGAIN;
	res->retrans = dns->timeout;
	res->retry = dns->tries;
	if (dns->n_servers)
		status = set_servers(res, dns);
	if (status)
		res_nclose(res);
	return status;
}

static int failure(res_state res)
{
	switch (res->res_h_errno) {
	case HOST_NOT_FOUND:
	case NO_DATA:
		return -ENOENT;
	default:
		return -EAGAIN;
	}
}

/* Returns the length of the answer, or -errno. */
static int ask(const struct chaos_dns *dns, const char *name, ns_type type, uint8_t *message,
	       size_t size)
{
	struct __res_state res;
	int len = prepare(&res, dns);

	if (len < 0)
		return len;
	len = res_nquery(&res, name, ns_c_chaos, type, message, size);
	if (len < 0)
		len = failure(&res);
	else if ((size_t)len > size)
		len = -EBADMSG;
	res_nclose(&res);
	return len;
}

/* Whether it is made of labels of letters, digits, "-" and "_"; no more is of use. */
static bool is_name(const char *name)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len;

	for (; (len = strspn(name, good)); name += len + 1) {
		if (len >= NS_MAXLABEL + 1)
			return false;
		if (!name[len])
			return true;
		if (name[len] != '.')
			return false;
	}
	return false;
}

/* Without the dot at the end. */
static int normalize(const char *name, char normal[CHAOS_DNS_NAME_LEN])
{
	size_t len = strlen(name);

	if (len && name[len - 1] == '.')
		len--;
	if (len >= CHAOS_DNS_NAME_LEN - 2)
		return -EINVAL;
	memcpy(normal, name, len);
	normal[len] = 0;
	return is_name(normal) ? 0 : -EINVAL;
}

static int explain(int status, const char *name, const char *what, char err[CHAOS_DNS_ERRLEN])
{
	switch (status) {
	case 0:
		break;
	case -ENOENT:
		snprintf(err, CHAOS_DNS_ERRLEN, "%s has no %s in class CH of DNS", name,
			 what);
		break;
	case -EAGAIN:
		snprintf(err, CHAOS_DNS_ERRLEN,
			 "no DNS server can tell the %s of %s in class CH now", what, name);
		break;
	case -EBADMSG:
		snprintf(err, CHAOS_DNS_ERRLEN, "what DNS says of %s in class CH makes no sense",
			 name);
		break;
	case -EINVAL:
		snprintf(err, CHAOS_DNS_ERRLEN, "'%.*s' is no name of a host",
			 CHAOS_DNS_NAME_LEN, name);
		break;
	default:
		snprintf(err, CHAOS_DNS_ERRLEN, "DNS: %s", strerror(-status));
		break;
	}
	return status;
}

int chaos_dns_addrs(const struct chaos_dns *dns, const char *name,
		    struct chaos_dns_answer *answer, char err[CHAOS_DNS_ERRLEN])
{
	char normal[CHAOS_DNS_NAME_LEN];
	uint8_t *message;
	int status;

	if (normalize(name, normal))
		return explain(-EINVAL, name, "", err);
	message = malloc(NS_MAXMSG);
	if (!message)
		return explain(-ENOMEM, name, "", err);
	status = ask(dns, normal, ns_t_a, message, NS_MAXMSG);
	if (status >= 0)
		status = chaos_dns_parse_addrs(message, status, normal, answer);
	free(message);
	return explain(status, normal, "address", err);
}

int chaos_dns_name(const struct chaos_dns *dns, uint16_t addr, const char *wanted,
		   char name[CHAOS_DNS_NAME_LEN], char err[CHAOS_DNS_ERRLEN])
{
	uint8_t *message = malloc(NS_MAXMSG);
	char owner[sizeof("177777." CHAOS_DNS_DOMAIN)];
	int status;

	snprintf(owner, sizeof(owner), "%o." CHAOS_DNS_DOMAIN, addr);
	if (!message)
		return explain(-ENOMEM, owner, "", err);
	status = ask(dns, owner, ns_t_ptr, message, NS_MAXMSG);
	if (status >= 0)
		status = chaos_dns_parse_name(message, status, owner, wanted, name);
	free(message);
	return explain(status, owner, "name", err);
}
