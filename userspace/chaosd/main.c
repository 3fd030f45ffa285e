// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosd: virtual ethers for emulators and this host's kernel. */
#include <string.h>

#include "apply.h"
#include "log.h"
#include "report.h"

static int start(struct daemon *daemon)
{
	struct chaosd *chaosd = daemon->state;
	int err;

	chaosd->daemon = daemon;
	err = resolver_new(daemon->event, &chaosd->resolver);
	if (err) {
		log_error("no looking up of names: %s", strerror(-err));
		return -1;
	}
	return apply(chaosd, daemon->config);
}

static int reload(struct daemon *daemon, void *next)
{
	return apply(daemon->state, next);
}

static void stop(struct daemon *daemon)
{
	struct chaosd *chaosd = daemon->state;

	apply_nothing(chaosd);
	resolver_free(chaosd->resolver);
}

static const struct daemon_program program = {
	.name = "chaosd",
	.summary = "virtual Chaosnet ethers for emulators and this host",
	.words = "  ether SUBNET\n"
		 "  listen unix [PATH] [mode MODE] [group NAME]\n"
		 "  listen tcp ADDRESS:PORT [exposed]\n"
		 "  connect unix [PATH]\n"
		 "  connect tcp HOST:PORT\n"
		 "  link NAME address ADDRESS [persist]\n"
		 "  members N\n"
		 "  queue PACKETS\n"
		 "  stall SECONDS\n",
	.config_file = "/etc/chaosnet/chaosd.conf",
	.keywords = config_keywords,
	.config_new = config_new,
	.config_free = config_free,
	.config_check = config_check,
	.start = start,
	.reload = reload,
	.report = report,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct chaosd chaosd;

	TAILQ_INIT(&chaosd.ethers);
	TAILQ_INIT(&chaosd.parts);
	TAILQ_INIT(&chaosd.members);
	return daemon_main(&program, &chaosd, argc, argv);
}
