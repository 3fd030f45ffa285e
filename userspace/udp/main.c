// SPDX-License-Identifier: GPL-2.0-or-later
/* chaos-udp: Chaosnet in UDP datagrams, for links of the kernel. */
#include "daemon.h"
#include "udp.h"

static int start(struct daemon *daemon)
{
	daemon->state = udp_new(daemon->event, true);
	return daemon->state ? udp_apply(daemon->state, daemon->config) : -1;
}

static int reload(struct daemon *daemon, void *next)
{
	return udp_apply(daemon->state, next);
}

static void report(struct daemon *daemon)
{
	udp_report(daemon->state);
}

static void stop(struct daemon *daemon)
{
	udp_free(daemon->state);
	daemon->state = NULL;
}

static const struct daemon_program program = {
	.name = "chaos-udp",
	.summary = "Carry links of Chaosnet in UDP datagrams.",
	.words = config_words,
	.config_file = "/etc/chaosnet/chaos-udp.conf",
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
	return daemon_main(&program, NULL, argc, argv);
}
