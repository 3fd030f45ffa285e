// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "daemon.h"
#include "expiry.h"
#include "names.h"
#include "probe.h"
#include "tell.h"

/* ----------------------------------------------------------------- files */

static void tell_end(void *arg, const char *file, const char *what, const ASN1_TIME *end, int days)
{
	char text[EXPIRY_TEXT_LEN];
	int left = expiry_days(end);

	(void)arg;
	if (!end)
		tell_good("%s: %s has no end", file, what);
	else if (left >= days)
		tell_good("%s: %s %s", file, what, expiry_text(end, text));
	else if (left >= 0)
		tell_note("%s: %s %s; have it renewed", file, what, expiry_text(end, text));
	else
		tell_wrong("Get a new one from the CA.", "%s: %s %s", file, what,
			   expiry_text(end, text));
}

static bool has_servers(const struct config *config)
{
	const struct config_link *link;

	TAILQ_FOREACH(link, &config->links, next)
		if (!TAILQ_EMPTY(&link->servers))
			return true;
	return false;
}

static void check_role(const struct config *config, const struct context *context,
		       enum context_role role, bool needed)
{
	if (needed && !context_is_for(context, role))
		tell_wrong("Ask the CA for one that is for both.",
			   "%s: our certificate is not for %s (extended key usage)",
			   config->files.certificate,
			   role == CONTEXT_SERVER ? "servers" : "clients");
}

static struct context *check_files(const struct config *config)
{
	const struct config_files *files = &config->files;
	struct context *context;
	char err[CONTEXT_ERRLEN];

	if (context_new(files, &context, err)) {
		tell_wrong("Nothing works without it; the rest is not looked at.", "%s", err);
		return NULL;
	}
	tell_good("%s: our key, for the certificate in %s", files->key, files->certificate);
	context_ends(context, tell_end, NULL);
	check_role(config, context, CONTEXT_SERVER, !TAILQ_EMPTY(&config->listens));
	check_role(config, context, CONTEXT_CLIENT, has_servers(config));
	if (!*files->crl)
		tell_note("there is no 'crl': peers are taken whose certificates were revoked");
	return context;
}

/* ----------------------------------------------------------------- names */

static void check_address(const struct config_link *link, const char *name,
			  const struct probe_addrs *found)
{
	char list[256];

	if (probe_has(found, link->addr))
		tell_good("link %s: %o is an address of %s", link->name, link->addr, name);
	else
		tell_wrong("Peers will not let us in: use an address of ours, or have this one "
			   "entered in DNS.", "link %s: %o is no address of %s, which has %s",
			   link->name, link->addr, name,
			   probe_list(found, list, sizeof(list)));
}

static void check_names(struct probe *probe, const struct config *config)
{
	const struct config_link *link;
	struct session_names names;
	struct probe_addrs found;
	const char *wrong = names_take(context_certificate(probe->context), &names);

	if (wrong) {
		tell_wrong("Ask the CA for one with our name on Chaosnet.",
			   "%s: our certificate %s", config->files.certificate, wrong);
		return;
	}
	tell_good("%s: we are %s", config->files.certificate, names.name[0]);
	probe_names(probe, &names, &found);
	if (*found.error) {
		tell_wrong("Look at 'dns' and 'hosts'; peers must find our name in DNS, too.",
			   "our name: %s", found.error);
		return;
	}
	TAILQ_FOREACH(link, &config->links, next)
		check_address(link, names.name[0], &found);
}

/* --------------------------------------------------------------- servers */

static void check_servers(struct probe *probe, const struct config *config)
{
	const struct config_server *server;
	const struct config_link *link;

	if (!context_is_for(probe->context, CONTEXT_CLIENT))
		return;
	TAILQ_FOREACH(link, &config->links, next)
		TAILQ_FOREACH(server, &link->servers, next)
			probe_server(probe, link, server);
}

static int begin(struct probe *probe, const struct config *config)
{
	int err = sd_event_new(&probe->event);

	if (err >= 0)
		err = resolver_new(probe->event, &probe->resolver);
	if (err >= 0)
		err = identity_new(probe->event, &config->names, &probe->identity);
	return err;
}

int check(const struct config *config)
{
	struct probe probe = { .context = check_files(config) };
	int err;

	if (!probe.context)
		return DAEMON_FAILED;
	signal(SIGPIPE, SIG_IGN);
	err = begin(&probe, config);
	if (err < 0) {
		tell_wrong("Names and servers are not looked at.", "%s", strerror(-err));
	} else {
		check_names(&probe, config);
		check_servers(&probe, config);
	}
	if (probe.identity)
		identity_free(probe.identity);
	resolver_free(probe.resolver);
	sd_event_unref(probe.event);
	context_free(probe.context);
	return tell_wrongs() ? DAEMON_FAILED : DAEMON_OK;
}
