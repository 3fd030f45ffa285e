// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos-tls: Chaosnet in TLS, to be part of the network that is everywhere. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "apply.h"
#include "check.h"
#include "client.h"
#include "context.h"
#include "csr.h"
#include "identity.h"
#include "link.h"
#include "log.h"
#include "peer.h"
#include "report.h"
#include "server.h"
#include "watch.h"

#define DAY_USEC	(24 * 60 * 60 * 1000000ull)
#define MINUTE_USEC	(60 * 1000000ull)

static void on_network_changed(void *arg)
{
	const struct tls *tls = arg;
	struct link *link;

	log_info("addresses or routes of this host have changed");
	TAILQ_FOREACH(link, &tls->links, next)
		if (link->client)
			client_network_changed(link->client);
}

static int again(sd_event_source *source, uint64_t usec)
{
	int err = sd_event_source_set_time_relative(source, usec);

	return err < 0 ? err : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_day(sd_event_source *source, uint64_t usec, void *arg)
{
	struct tls *tls = arg;

	(void)usec;
	context_expiry(tls->context);
	return again(source, DAY_USEC);
}

/* A certificate may have been revoked, or have expired. */
static int on_minute(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)usec;
	peer_judge_all(arg);
	return again(source, MINUTE_USEC);
}

static int add_timers(struct tls *tls)
{
	sd_event *event = tls->daemon->event;
	int err;

	err = sd_event_add_time_relative(event, &tls->daily, CLOCK_MONOTONIC, DAY_USEC, 0, on_day,
					 tls);
	if (err >= 0)
		err = sd_event_add_time_relative(event, &tls->minutely, CLOCK_MONOTONIC,
						 MINUTE_USEC, 0, on_minute, tls);
	return err < 0 ? err : 0;
}

static int open_parts(struct tls *tls)
{
	const struct config *config = tls->daemon->config;
	sd_event *event = tls->daemon->event;
	int err = resolver_new(event, &tls->resolver);

	if (!err)
		err = identity_new(event, &config->names, &tls->identity);
	if (err)
		return err;
	tls->server = server_new(tls);
	return tls->server ? add_timers(tls) : -ENOMEM;
}

static int start(struct daemon *daemon)
{
	struct tls *tls = daemon->state;
	int err;

	tls->daemon = daemon;
	tls->config = daemon->config;
	err = open_parts(tls);
	if (err) {
		log_error("cannot begin: %s", strerror(-err));
		return -1;
	}
	err = watch_new(daemon->event, on_network_changed, tls, &tls->watch);
	if (err)
		log_warning("changes of the network will not be noticed: %s", strerror(-err));
	return apply(tls, daemon->config);
}

static int reload(struct daemon *daemon, void *next)
{
	return apply(daemon->state, next);
}

static void tell(struct daemon *daemon)
{
	report(daemon->state);
}

static void stop(struct daemon *daemon)
{
	struct tls *tls = daemon->state;

	watch_free(tls->watch);
	sd_event_source_disable_unref(tls->daily);
	sd_event_source_disable_unref(tls->minutely);
	apply_nothing(tls);
	server_free(tls->server);
	identity_free(tls->identity);
	resolver_free(tls->resolver);
}

static int make_csr(const void *config, const char *name)
{
	(void)config;
	return csr_make(name);
}

static int check_all(const void *config, const char *argument)
{
	(void)argument;
	return check(config);
}

static const struct daemon_action actions[] = {
	{ "make-csr", "NAME", "make a key and a certificate request for host NAME", false,
	  make_csr },
	{ "check", NULL, "look whether files, names and servers are as they should be", true,
	  check_all },
	{ 0 }
};

static const struct daemon_program program = {
	.name = "chaos-tls",
	.summary = "Carry links of Chaosnet in TLS connections.",
	.words = config_words,
	.config_file = "/etc/chaosnet/chaos-tls.conf",
	.keywords = config_keywords,
	.actions = actions,
	.config_new = config_new,
	.config_free = config_free,
	.config_check = config_check,
	.start = start,
	.reload = reload,
	.report = tell,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct tls tls;

	TAILQ_INIT(&tls.links);
	return daemon_main(&program, &tls, argc, argv);
}
