// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each name has one entry, however many ask for it; once DNS has answered it does not
 * change until it is dropped.  A query holds the entries of its names until its answer is
 * delivered, an entry that is dropped meanwhile stays for those who hold it.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chaos_hosts.h"
#include "identity.h"
#include "log.h"
#include "lookup.h"

#define DNS_PORT	53
#define DNS_TIMEOUT	2	/* s, see struct chaos_dns */
#define DNS_TRIES	2
#define THREADS		4
#define ENTRIES_MAX	512	/* but for those that are in use */

/* Seconds for which an answer holds. */
#define LONGEST		3600
#define SHORTEST	30
#define NO_ADDRESS	30
#define NO_ANSWER	5

/**
 * struct entry - a name
 * @identity: whose it is
 * @name: in lower case, without a dot at its end
 * @work: asks DNS; NULL: it has answered
 * @answer: what it said
 * @expires: when that does not hold any more, on the loop's clock, in microseconds
 * @holders: queries
 * @kept: it is in the list
 * @next: in the list
 */
struct entry {
	struct identity *identity;
	char name[CHAOS_DNS_NAME_LEN];
	struct work *work;
	struct lookup_answer answer;
	uint64_t expires;
	unsigned int holders;
	bool kept;
	TAILQ_ENTRY(entry) next;
};

TAILQ_HEAD(entry_list, entry);
TAILQ_HEAD(query_list, identity_query);

/**
 * struct identity - all names
 * @event: loop
 * @workers: wait for DNS
 * @dns: whom they ask
 * @hosts: file, empty: none
 * @entries: names, what was not asked for longest first
 * @n_entries: their number
 * @queries: those whose answers were not delivered
 */
struct identity {
	sd_event *event;
	struct workers *workers;
	struct chaos_dns dns;
	char hosts[PATH_MAX];
	struct entry_list entries;
	unsigned int n_entries;
	struct query_list queries;
};

/* A name of a query; it has an entry unless the hosts file told the addresses. */
struct asked {
	char name[CHAOS_DNS_NAME_LEN];
	struct entry *entry;
};

/**
 * struct identity_query - a host
 * @identity: who is asked
 * @ready: the answer can be delivered
 * @done: takes it
 * @arg: for @done
 * @next: in the list
 * @addrs: the answer
 * @n_addrs: number of addresses
 * @n: number of names
 * @asked: its names
 */
struct identity_query {
	struct identity *identity;
	sd_event_source *ready;
	identity_done done;
	void *arg;
	TAILQ_ENTRY(identity_query) next;
	uint16_t addrs[IDENTITY_ADDRS_MAX];
	size_t n_addrs;
	size_t n;
	struct asked asked[];
};

static uint64_t now(const struct identity *identity)
{
	uint64_t usec = 0;

	sd_event_now(identity->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

/* --------------------------------------------------------------------- entries */

static void free_entry(struct entry *entry)
{
	work_cancel(entry->work);
	free(entry);
}

/* Nobody will find it any more. */
static void drop(struct entry *entry)
{
	struct identity *identity = entry->identity;

	TAILQ_REMOVE(&identity->entries, entry, next);
	identity->n_entries--;
	entry->kept = false;
	if (!entry->holders)
		free_entry(entry);
}

static void let_go(struct entry *entry)
{
	if (!--entry->holders && !entry->kept)
		free_entry(entry);
}

/* Makes room; what is in use stays. */
static void drop_surplus(struct identity *identity)
{
	struct entry *entry = TAILQ_FIRST(&identity->entries), *next;

	for (; entry && identity->n_entries > ENTRIES_MAX; entry = next) {
		next = TAILQ_NEXT(entry, next);
		if (!entry->holders)
			drop(entry);
	}
}

static unsigned int lifetime(const struct lookup_answer *answer)
{
	if (answer->status == -ENOENT || answer->status == -EBADMSG || answer->status == -EINVAL)
		return NO_ADDRESS;
	if (answer->status || answer->doubtful)
		return NO_ANSWER;
	if (answer->ttl < SHORTEST)
		return SHORTEST;
	return answer->ttl < LONGEST ? answer->ttl : LONGEST;
}

static bool is_known(const struct identity_query *query)
{
	for (size_t i = 0; i < query->n; i++)
		if (query->asked[i].entry && query->asked[i].entry->work)
			return false;
	return true;
}

static void on_answer(void *arg, const struct lookup_answer *answer)
{
	struct entry *entry = arg;
	struct identity *identity = entry->identity;
	struct identity_query *query;

	entry->work = NULL;
	entry->answer = *answer;
	entry->expires = now(identity) + lifetime(answer) * 1000000ull;
	TAILQ_FOREACH(query, &identity->queries, next)
		if (is_known(query))
			sd_event_source_set_enabled(query->ready, SD_EVENT_ONESHOT);
}

static int ask(struct entry *entry)
{
	return lookup_begin(entry->identity->workers, &entry->identity->dns, entry->name,
			    on_answer, entry, &entry->work);
}

static int add_entry(struct identity *identity, const char *name, struct entry **entry)
{
	struct entry *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	made->identity = identity;
	snprintf(made->name, sizeof(made->name), "%s", name);
	status = ask(made);
	if (status) {
		free(made);
		return status;
	}
	made->kept = true;
	TAILQ_INSERT_TAIL(&identity->entries, made, next);
	identity->n_entries++;
	*entry = made;
	return 0;
}

/* What DNS said of a name, or will say.  Returns 0 or -errno. */
static int hold_entry(struct identity *identity, const char *name, struct entry **entry)
{
	struct entry *found;
	int status = 0;

	TAILQ_FOREACH(found, &identity->entries, next)
		if (!strcmp(found->name, name))
			break;
	if (found && !found->work && found->expires <= now(identity)) {
		drop(found);
		found = NULL;
	}
	if (found) {
		TAILQ_REMOVE(&identity->entries, found, next);
		TAILQ_INSERT_TAIL(&identity->entries, found, next);
	} else {
		status = add_entry(identity, name, &found);
	}
	if (status)
		return status;
	found->holders++;
	*entry = found;
	return 0;
}

/* --------------------------------------------------------------------- queries */

/* Neither @done nor anything else will happen to it. */
static void free_query(struct identity_query *query)
{
	TAILQ_REMOVE(&query->identity->queries, query, next);
	sd_event_source_disable_unref(query->ready);
	for (size_t i = 0; i < query->n; i++)
		if (query->asked[i].entry)
			let_go(query->asked[i].entry);
	drop_surplus(query->identity);
	free(query);
}

static void add_address(struct identity_query *query, uint16_t addr)
{
	for (size_t i = 0; i < query->n_addrs; i++)
		if (query->addrs[i] == addr)
			return;
	if (query->n_addrs < IDENTITY_ADDRS_MAX)
		query->addrs[query->n_addrs++] = addr;
}

static bool leads_back(const struct identity_query *query, const struct lookup_host *host)
{
	for (size_t i = 0; host->named && i < query->n; i++)
		if (!strcasecmp(host->text, query->asked[i].name))
			return true;
	return false;
}

/* Writes to @error why an address is left out, if one is. */
static void add_answer(struct identity_query *query, const struct entry *entry,
		       char error[CHAOS_DNS_ERRLEN])
{
	const struct lookup_answer *answer = &entry->answer;

	for (size_t i = 0; i < answer->n; i++) {
		const struct lookup_host *host = &answer->hosts[i];

		if (leads_back(query, host)) {
			add_address(query, host->addr);
			continue;
		}
		snprintf(error, CHAOS_DNS_ERRLEN, "%o is not taken as address of %s: %s%s",
			 host->addr, entry->name, host->named ? "it leads back to " : "",
			 host->text);
		log_limited(LOG_WARNING, "%s", error);
	}
}

/* No answer is worse than one that there is no address. */
static void explain(const struct identity_query *query, char error[CHAOS_DNS_ERRLEN])
{
	const struct lookup_answer *worst = &query->asked[0].entry->answer, *answer;

	for (size_t i = 1; i < query->n; i++) {
		answer = &query->asked[i].entry->answer;
		if (answer->status && answer->status != -ENOENT &&
		    (!worst->status || worst->status == -ENOENT))
			worst = answer;
	}
	snprintf(error, CHAOS_DNS_ERRLEN, "%s", worst->error);
}

static int on_ready(sd_event_source *source, void *arg)
{
	struct identity_query *query = arg;
	char error[CHAOS_DNS_ERRLEN] = "";
	uint16_t addrs[IDENTITY_ADDRS_MAX];
	size_t n;
	identity_done done = query->done;
	void *done_arg = query->arg;

	(void)source;
	for (size_t i = 0; i < query->n; i++)
		if (query->asked[i].entry)
			add_answer(query, query->asked[i].entry, error);
	n = query->n_addrs;
	memcpy(addrs, query->addrs, sizeof(addrs));
	if (!n && !*error)
		explain(query, error);
	free_query(query);
	done(done_arg, n ? NULL : error, addrs, n);
	return 0;
}

/* In lower case, without a dot at its end, so that it is found again. */
static int normalize(const char *name, char normal[CHAOS_DNS_NAME_LEN])
{
	size_t len = strlen(name);

	if (len && name[len - 1] == '.')
		len--;
	if (len >= CHAOS_DNS_NAME_LEN)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < len; i++)
		normal[i] = tolower((unsigned char)name[i]);
	normal[len] = 0;
	return 0;
}

/* What the hosts file says; without it DNS has to know. */
static void read_hosts(struct identity_query *query)
{
	const char *path = query->identity->hosts;
	char err[CHAOS_HOSTS_ERRLEN];
	uint16_t addrs[IDENTITY_ADDRS_MAX];
	int n = 0;

	for (size_t i = 0; *path && i < query->n && (n >= 0 || n == -EBADMSG); i++) {
		n = chaos_hosts_addrs(path, query->asked[i].name, addrs, IDENTITY_ADDRS_MAX, err);
		if (n < 0)
			log_limited(LOG_WARNING, "%s: %s", query->asked[i].name, err);
		for (int j = 0; j < n; j++)
			add_address(query, addrs[j]);
	}
}

/* Returns 0 or -errno. */
static int begin(struct identity_query *query)
{
	struct identity *identity = query->identity;
	int status = sd_event_add_defer(identity->event, &query->ready, on_ready, query);

	if (status < 0)
		return status;
	read_hosts(query);
	for (size_t i = 0; !query->n_addrs && i < query->n; i++) {
		status = hold_entry(identity, query->asked[i].name, &query->asked[i].entry);
		if (status)
			return status;
	}
	status = sd_event_source_set_enabled(query->ready,
					     is_known(query) ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
	return status < 0 ? status : 0;
}

int identity_find(struct identity *identity, const char *const *names, size_t n,
		  identity_done done, void *arg, struct identity_query **query)
{
	struct identity_query *made;
	int status = 0;

	if (!n)
		return -EINVAL;
	made = calloc(1, sizeof(*made) + n * sizeof(made->asked[0]));
	if (!made)
		return -ENOMEM;
	made->identity = identity;
	made->done = done;
	made->arg = arg;
	made->n = n;
	TAILQ_INSERT_TAIL(&identity->queries, made, next);
	for (size_t i = 0; i < n && !status; i++)
		status = normalize(names[i], made->asked[i].name);
	if (!status)
		status = begin(made);
	if (status) {
		free_query(made);
		return status;
	}
	if (query)
		*query = made;
	return 0;
}

void identity_cancel(struct identity_query *query)
{
	if (query)
		free_query(query);
}

/* ------------------------------------------------------------------------ all */

static void set_config(struct identity *identity, const struct config_names *config)
{
	struct chaos_dns *dns = &identity->dns;

	snprintf(identity->hosts, sizeof(identity->hosts), "%s", config->hosts);
	*dns = (struct chaos_dns) { .timeout = DNS_TIMEOUT, .tries = DNS_TRIES };
	for (size_t i = 0; i < config->n_dns && i < CHAOS_DNS_SERVERS; i++) {
		if (endpoint_address(&config->dns[i], DNS_PORT, &dns->servers[dns->n_servers]))
			dns->n_servers++;
		else
			log_warning("there is no way to the DNS server %s", config->dns[i].host);
	}
}

int identity_new(sd_event *event, const struct config_names *config, struct identity **identity)
{
	struct identity *made = calloc(1, sizeof(*made));
	int status;

	if (!made)
		return -ENOMEM;
	status = workers_new(event, THREADS, &made->workers);
	if (status) {
		free(made);
		return status;
	}
	made->event = sd_event_ref(event);
	TAILQ_INIT(&made->entries);
	TAILQ_INIT(&made->queries);
	set_config(made, config);
	*identity = made;
	return 0;
}

void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	while (!TAILQ_EMPTY(&identity->queries))
		free_query(TAILQ_FIRST(&identity->queries));
	while (!TAILQ_EMPTY(&identity->entries))
		drop(TAILQ_FIRST(&identity->entries));
	workers_free(identity->workers);
	sd_event_unref(identity->event);
	free(identity);
}

/* Those who wait for an answer get it from the new servers. */
static void ask_again(struct entry *entry)
{
	struct lookup_answer failed = {};

	work_cancel(entry->work);
	entry->work = NULL;
	failed.status = ask(entry);
	if (!failed.status)
		return;
	snprintf(failed.error, sizeof(failed.error), "%s: %s", entry->name,
		 strerror(-failed.status));
	on_answer(entry, &failed);
}

void identity_configure(struct identity *identity, const struct config_names *config)
{
	struct entry *entry, *next;

	set_config(identity, config);
	for (entry = TAILQ_FIRST(&identity->entries); entry; entry = next) {
		next = TAILQ_NEXT(entry, next);
		if (entry->work)
			ask_again(entry);
		else
			drop(entry);
	}
}
