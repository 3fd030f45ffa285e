// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "words.h"

#define LABEL_MAX	63	/* of a host name, RFC 1035 */
#define PORT_MAX	65535

/* Reads digits up to @end; the value stays at ULONG_MAX when it becomes too large. */
static unsigned long read_digits(const char *word, const char **end)
{
	unsigned long value = 0;

	for (; isdigit((unsigned char)*word); word++) {
		if (__builtin_mul_overflow(value, 10ul, &value) ||
		    __builtin_add_overflow(value, (unsigned long)(*word - '0'), &value))
			value = ~0ul;
	}
	*end = word;
	return value;
}

const char *word_number(const char *word, unsigned long *value)
{
	const char *end;
	unsigned long number = read_digits(word, &end);

	if (end == word || *end)
		return "a decimal number is needed";
	if (*word == '0' && word[1])
		return "a decimal number does not begin with 0";
	*value = number;
	return NULL;
}

const char *word_duration(const char *word, unsigned long *seconds)
{
	static const struct {
		const char *name;
		unsigned long seconds;
	} units[] = {
		{ "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
	};
	const char *end;
	unsigned long number = read_digits(word, &end);

	for (size_t i = 0; end != word && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name))
			continue;
		if (__builtin_mul_overflow(number, units[i].seconds, &number))
			number = ~0ul;
		*seconds = number;
		return NULL;
	}
	return "a time is a number of seconds, or a number with s, m, h or d";
}

const char *word_subnet(const char *word, uint8_t *subnet)
{
	unsigned int value = 0;
	const char *c;

	for (c = word; *c >= '0' && *c <= '7'; c++) {
		value = value << 3 | (*c - '0');
		if (value > 0377)
			return "a subnet has 8 bits, at most 377";
	}
	if (c == word || *c)
		return "a subnet is octal, only digits 0 to 7";
	if (!value)
		return "0 is not a subnet of hosts";
	*subnet = value;
	return NULL;
}

const char *word_switch(const char *word, bool *on)
{
	bool is_on = !strcmp(word, "on");

	if (!is_on && strcmp(word, "off"))
		return "it is either on or off";
	*on = is_on;
	return NULL;
}

/* What dev_valid_name() of the kernel wants, and at most one place for a number. */
const char *word_link(const char *word)
{
	const char *percent = strchr(word, '%');

	if (!*word)
		return "the name of the link is empty";
	if (strlen(word) >= IFNAMSIZ)
		return "the name of a link has at most 15 characters";
	if (!strcmp(word, ".") || !strcmp(word, ".."))
		return "no link can have this name";
	for (const char *c = word; *c; c++) {
		if (*c == '/' || *c == ':' || !isgraph((unsigned char)*c))
			return "the name of a link has no spaces, slashes, colons or the like";
	}
	if (percent && (percent[1] != 'd' || strchr(percent + 1, '%')))
		return "in the name of a link, % stands once and before d";
	return NULL;
}

const char *word_socket_path(const char *word)
{
	if (*word != '/')
		return "the path of a socket begins with /";
	if (strlen(word) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return "the path of a socket has at most 107 characters";
	return NULL;
}

const char *word_user(const char *word)
{
	if (!*word)
		return "the name of the user is empty";
	return getpwnam(word) ? NULL : "there is no such user";
}

static const char *read_port(const char *text, uint16_t *port)
{
	const char *end;
	unsigned long value = read_digits(text, &end);

	if (end == text || *end || !value || value > PORT_MAX)
		return "after the colon comes a port, 1 to 65535";
	*port = value;
	return NULL;
}

/* Letters, digits, "-" and "_" in labels of the right length, a final dot allowed. */
static bool is_host_name(const char *name)
{
	size_t label = 0;

	for (; *name; name++) {
		if (*name == '.') {
			if (!label)
				return false;
			label = 0;
		} else if (isalnum((unsigned char)*name) || *name == '_' ||
			   (*name == '-' && label)) {
			if (++label > LABEL_MAX)
				return false;
		} else {
			return false;
		}
	}
	return true;
}

/* Whether somebody wanted to write an IPv4 address: the last label is a number. */
static bool looks_numeric(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *label = dot ? dot + 1 : name;

	return *label && strspn(label, "0123456789") == strlen(label);
}

/* An IPv6 address, perhaps with the scope that the link-local ones need. */
static bool is_v6(const char *host)
{
	const char *percent = strchr(host, '%');
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	size_t len = percent ? (size_t)(percent - host) : strlen(host);

	if (len >= sizeof(address))
		return false;
	memcpy(address, host, len);
	address[len] = '\0';
	if (inet_pton(AF_INET6, address, &in6) != 1)
		return false;
	return !percent || (!strchr(percent + 1, '%') && !word_link(percent + 1));
}

static const char *read_host(struct endpoint *ep, const char *from, size_t len)
{
	struct in_addr in;

	if (!len)
		return "the host is empty";
	if (len >= sizeof(ep->host))
		return "the name of a host has at most 255 characters";
	memcpy(ep->host, from, len);
	ep->host[len] = '\0';
	ep->family = AF_UNSPEC;
	if (inet_pton(AF_INET, ep->host, &in) == 1)
		ep->family = AF_INET;
	else if (looks_numeric(ep->host))
		return "this is not an IPv4 address";
	else if (!is_host_name(ep->host))
		return "this is neither an IP address nor the name of a host";
	return NULL;
}

static const char *read_v6(struct endpoint *ep, const char *from, size_t len)
{
	if (len >= sizeof(ep->host))
		return "this is not an IPv6 address";
	memcpy(ep->host, from, len);
	ep->host[len] = '\0';
	ep->family = AF_INET6;
	return is_v6(ep->host) ? NULL : "this is not an IPv6 address";
}

const char *word_endpoint(const char *word, struct endpoint *ep)
{
	const char *colon = strchr(word, ':');
	const char *why, *close;
	struct endpoint read = { .port = 0 };

	if (*word == '[') {
		close = strchr(word, ']');
		if (!close || (close[1] && close[1] != ':'))
			return "in brackets stands an IPv6 address, behind it a colon and a port";
		why = read_v6(&read, word + 1, close - word - 1);
		colon = close[1] ? close + 1 : NULL;
	} else if (colon && strchr(colon + 1, ':')) {
		why = read_v6(&read, word, strlen(word));
		if (why)
			why = "this is not an IPv6 address (with a port it is [ADDRESS]:PORT)";
		colon = NULL;
	} else {
		why = read_host(&read, word, colon ? (size_t)(colon - word) : strlen(word));
	}
	if (!why && colon)
		why = read_port(colon + 1, &read.port);
	if (!why)
		*ep = read;
	return why;
}

socklen_t endpoint_address(const struct endpoint *ep, uint16_t port,
			   struct sockaddr_storage *addr)
{
	const struct addrinfo hints = {
		.ai_family = ep->family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	struct addrinfo *found;
	char service[8];
	socklen_t len;

	if (ep->family == AF_UNSPEC)
		return 0;
	snprintf(service, sizeof(service), "%u", ep->port ? ep->port : port);
	if (getaddrinfo(ep->host, service, &hints, &found))
		return 0;
	memset(addr, 0, sizeof(*addr));
	len = found->ai_addrlen;
	memcpy(addr, found->ai_addr, len);
	freeaddrinfo(found);
	return len;
}

static char *write_endpoint(char buf[WORD_ENDPOINT_LEN], const char *host, bool v6,
			    unsigned int port)
{
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";

	if (port)
		snprintf(buf, WORD_ENDPOINT_LEN, "%s%s%s:%u", open, host, close, port);
	else
		snprintf(buf, WORD_ENDPOINT_LEN, "%s", host);
	return buf;
}

char *endpoint_format(const struct endpoint *ep, char buf[WORD_ENDPOINT_LEN])
{
	return write_endpoint(buf, ep->host, ep->family == AF_INET6, ep->port);
}

char *address_format(const struct sockaddr_storage *addr, char buf[WORD_ENDPOINT_LEN])
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	char host[WORD_HOST_LEN] = "?";

	if (addr->ss_family == AF_INET) {
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		return write_endpoint(buf, host, false, ntohs(in->sin_port));
	}
	if (addr->ss_family != AF_INET6)
		return write_endpoint(buf, host, false, 0);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, host, sizeof(host));
		return write_endpoint(buf, host, false, ntohs(in6->sin6_port));
	}
	inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	if (in6->sin6_scope_id) {
		size_t len = strlen(host);

		snprintf(host + len, sizeof(host) - len, "%%%u", in6->sin6_scope_id);
	}
	return write_endpoint(buf, host, true, ntohs(in6->sin6_port));
}
