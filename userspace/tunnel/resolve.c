// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolve.h"
#include "workers.h"

/**
 * struct resolve_query - a name to look up
 * @work: of the thread that asks
 * @done: takes the answer
 * @arg: for @done
 * @endpoint: name and port
 * @family: which addresses are wanted
 * @status: of getaddrinfo()
 * @error: errno with EAI_SYSTEM
 * @n: number of addresses
 * @addrs: the answer
 */
struct resolve_query {
	struct work work;
	resolve_done done;
	void *arg;
	struct endpoint endpoint;
	int family;
	int status;
	int error;
	size_t n;
	struct sockaddr_storage addrs[RESOLVE_MAX];
};

/* What asks. */
struct resolver {
	struct workers *workers;
};

/* Asks the C library, and waits as long as it takes. */
static void look_up(struct work *work)
{
	struct resolve_query *query = (struct resolve_query *)work;
	const struct addrinfo hints = {
		.ai_family = query->family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *found, *each;
	char service[8];

	snprintf(service, sizeof(service), "%u", query->endpoint.port);
	query->status = getaddrinfo(query->endpoint.host, service, &hints, &found);
	query->error = errno;
	if (query->status)
		return;
	for (each = found; each && query->n < RESOLVE_MAX; each = each->ai_next) {
		if (each->ai_addrlen <= sizeof(query->addrs[0]))
			memcpy(&query->addrs[query->n++], each->ai_addr, each->ai_addrlen);
	}
	freeaddrinfo(found);
}

static const char *error_text(const struct resolve_query *query)
{
	if (query->status == EAI_SYSTEM)
		return strerror(query->error);
	if (query->status)
		return gai_strerror(query->status);
	return query->n ? NULL : "the name has no address";
}

static void deliver(struct work *work, bool timed_out)
{
	struct resolve_query *query = (struct resolve_query *)work;

	if (timed_out)
		query->done(query->arg, "timed out", NULL, 0);
	else
		query->done(query->arg, error_text(query), query->addrs, query->n);
}

int resolver_new(sd_event *event, struct resolver **resolver)
{
	struct resolver *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	status = workers_new(event, RESOLVE_THREADS, &made->workers);
	if (status) {
		free(made);
		return status;
	}
	*resolver = made;
	return 0;
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	workers_free(resolver->workers);
	free(resolver);
}

int resolve(struct resolver *resolver, const struct endpoint *ep, uint16_t port, int family,
	    unsigned int seconds, resolve_done done, void *arg, struct resolve_query **query)
{
	static const struct work_ops ops = { .run = look_up, .done = deliver };
	struct resolve_query *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	made->endpoint = *ep;
	if (!made->endpoint.port)
		made->endpoint.port = port;
	made->family = family;
	made->done = done;
	made->arg = arg;
	status = work_begin(resolver->workers, &made->work, &ops, seconds);
	if (status) {
		free(made);
		return status;
	}
	if (query)
		*query = made;
	return 0;
}

void resolve_cancel(struct resolve_query *query)
{
	work_cancel(query ? &query->work : NULL);
}
