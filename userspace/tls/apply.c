// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First all is opened that the new configuration has and the old one has not, and keys
 * and certificates are read; if that fails nothing has happened.  Links that both have
 * stay, and so do the connections that would be accepted, or made, with the new one.
 */
#include <string.h>

#include "apply.h"
#include "client.h"
#include "context.h"
#include "identity.h"
#include "log.h"
#include "peer.h"
#include "server.h"

/**
 * struct plan - what is new
 * @context: keys and certificates
 * @links: links
 * @listeners: listening sockets
 */
struct plan {
	struct context *context;
	struct link_list links;
	struct listener_list listeners;
};

/* --------------------------------------------------------------------- preparing */

static bool same_link(const struct config_link *a, const struct config_link *b)
{
	return a->addr == b->addr && a->persist == b->persist && !strcmp(a->name, b->name);
}

static struct link *find_link(const struct tls *tls, const struct config_link *wanted)
{
	struct link *link;

	TAILQ_FOREACH(link, &tls->links, next)
		if (same_link(link->config, wanted))
			return link;
	return NULL;
}

/* Two descriptors cannot feed one link, not even for the time of a change. */
static bool is_fed(const struct tls *tls, const struct config_link *wanted)
{
	const struct link *link;

	TAILQ_FOREACH(link, &tls->links, next)
		if (!strcmp(tap_name(link->tap), wanted->name))
			return true;
	return false;
}

static int plan_link(struct tls *tls, const struct config_link *wanted, struct plan *plan)
{
	struct link *link = find_link(tls, wanted);
	int err;

	if (link) {
		link->wanted = wanted;
		return 0;
	}
	if (is_fed(tls, wanted)) {
		log_error("link %s: its address and 'persist' cannot change while it is fed: restart",
			  wanted->name);
		return -1;
	}
	link = link_open(tls, wanted);
	if (!link)
		return -1;
	TAILQ_INSERT_TAIL(&plan->links, link, next);
	err = link_begin(link);
	if (err)
		log_error("link %s: %s", wanted->name, strerror(-err));
	return err;
}

static void close_links(struct link_list *links)
{
	struct link *link;

	while ((link = TAILQ_FIRST(links))) {
		TAILQ_REMOVE(links, link, next);
		link_close(link);
	}
}

static void plan_undo(struct tls *tls, struct plan *plan)
{
	struct link *link;

	context_free(plan->context);
	close_links(&plan->links);
	server_close_listeners(&plan->listeners);
	TAILQ_FOREACH(link, &tls->links, next)
		link->wanted = NULL;
}

/* Returns 0, or -1 after an error was logged. */
static int plan_make(struct tls *tls, const struct config *next, struct plan *plan)
{
	const struct config_link *wanted;
	char err[CONTEXT_ERRLEN];

	if (context_new(&next->files, &plan->context, err)) {
		log_error("%s", err);
		return -1;
	}
	TAILQ_FOREACH(wanted, &next->links, next)
		if (plan_link(tls, wanted, plan))
			return -1;
	return server_open(tls->server, next, &plan->listeners);
}

/* -------------------------------------------------------------------- committing */

static void remove_link(struct tls *tls, struct link *link)
{
	server_forget_link(tls->server, link);
	client_free(link->client);
	TAILQ_REMOVE(&tls->links, link, next);
	link_close(link);
}

static void change_links(struct tls *tls, struct plan *plan)
{
	struct link *link, *next;

	for (link = TAILQ_FIRST(&tls->links); link; link = next) {
		next = TAILQ_NEXT(link, next);
		if (!link->wanted) {
			log_notice("link %s is fed no more", tap_name(link->tap));
			remove_link(tls, link);
			continue;
		}
		link->config = link->wanted;
		link->wanted = NULL;
	}
	while ((link = TAILQ_FIRST(&plan->links))) {
		TAILQ_REMOVE(&plan->links, link, next);
		TAILQ_INSERT_TAIL(&tls->links, link, next);
		log_notice("feeding link %s, where we are %o", tap_name(link->tap),
			   link->config->addr);
	}
}

static void change_client(struct link *link)
{
	bool wanted = !TAILQ_EMPTY(&link->config->servers);

	if (!wanted) {
		client_free(link->client);
		link->client = NULL;
	} else if (link->client) {
		client_configure(link->client);
	} else {
		link->client = client_new(link);
	}
}

static void commit(struct tls *tls, const struct config *next, struct plan *plan)
{
	struct link *link;

	tls->config = next;
	context_free(tls->context);
	tls->context = plan->context;
	identity_configure(tls->identity, &next->names);
	change_links(tls, plan);
	server_configure(tls->server, &plan->listeners);
	TAILQ_FOREACH(link, &tls->links, next)
		change_client(link);
	context_expiry(tls->context);
	peer_judge_all(tls);
	tls_tell_status(tls);
}

/**
 * apply() - go over to a configuration
 * @tls: the daemon
 * @next: checked, and in use from now on
 *
 * Return: 0, or -1 after an error was logged; all is as before then.
 */
int apply(struct tls *tls, const struct config *next)
{
	struct plan plan = {
		.links = TAILQ_HEAD_INITIALIZER(plan.links),
		.listeners = TAILQ_HEAD_INITIALIZER(plan.listeners),
	};

	if (plan_make(tls, next, &plan)) {
		plan_undo(tls, &plan);
		return -1;
	}
	commit(tls, next, &plan);
	return 0;
}

/**
 * apply_nothing() - close everything
 * @tls: the daemon
 */
void apply_nothing(struct tls *tls)
{
	while (!TAILQ_EMPTY(&tls->links))
		remove_link(tls, TAILQ_FIRST(&tls->links));
	context_free(tls->context);
	tls->context = NULL;
}
