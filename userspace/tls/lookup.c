// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lookup.h"

#define SECONDS		12	/* for everything */

/* In a thread from the beginning to the end but for @done and @arg. */
struct lookup {
	struct work work;
	lookup_done done;
	void *arg;
	struct chaos_dns dns;
	char name[CHAOS_DNS_NAME_LEN];
	struct lookup_answer answer;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

/* Servers that were silent for so long are asked last from now on. */
static void avoid_silent(struct chaos_dns *dns, uint64_t ms)
{
	size_t silent = ms / (dns->timeout * 1000);

	for (; silent && dns->n_servers > 1; silent--) {
		struct sockaddr_storage first = dns->servers[0];

		memmove(dns->servers, dns->servers + 1,
			(dns->n_servers - 1) * sizeof(dns->servers[0]));
		dns->servers[dns->n_servers - 1] = first;
	}
}

static void look_back(struct lookup *lookup, struct lookup_host *host)
{
	char name[CHAOS_DNS_NAME_LEN];
	int status = chaos_dns_name(&lookup->dns, host->addr, lookup->name, name, host->text);

	host->named = !status;
	if (!status)
		snprintf(host->text, sizeof(host->text), "%s", name);
	else if (status != -ENOENT)
		lookup->answer.doubtful = true;
}

static void run(struct work *work)
{
	struct lookup *lookup = (struct lookup *)work;
	struct lookup_answer *answer = &lookup->answer;
	struct chaos_dns_answer found;
	uint64_t began = now_ms();

	answer->status = chaos_dns_addrs(&lookup->dns, lookup->name, &found, answer->error);
	if (answer->status)
		return;
	avoid_silent(&lookup->dns, now_ms() - began);
	answer->ttl = found.ttl;
	/* A server that is gone is not asked again and again. */
	for (; answer->n < found.n && !answer->doubtful; answer->n++) {
		answer->hosts[answer->n].addr = found.addrs[answer->n];
		look_back(lookup, &answer->hosts[answer->n]);
	}
}

static void deliver(struct work *work, bool timed_out)
{
	struct lookup *lookup = (struct lookup *)work;
	struct lookup_answer late = { .status = -ETIMEDOUT };

	snprintf(late.error, sizeof(late.error), "DNS takes too long to tell the address of %s",
		 lookup->name);
	lookup->done(lookup->arg, timed_out ? &late : &lookup->answer);
}

int lookup_begin(struct workers *workers, const struct chaos_dns *dns, const char *name,
		 lookup_done done, void *arg, struct work **work)
{
	static const struct work_ops ops = { .run = run, .done = deliver };
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	int status;

	if (!lookup)
		return -ENOMEM;
	lookup->done = done;
	lookup->arg = arg;
	lookup->dns = *dns;
	snprintf(lookup->name, sizeof(lookup->name), "%s", name);
	status = work_begin(workers, &lookup->work, &ops, SECONDS);
	if (status) {
		free(lookup);
		return status;
	}
	*work = &lookup->work;
	return 0;
}
