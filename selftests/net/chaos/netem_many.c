// SPDX-License-Identifier: GPL-2.0-or-later
/* Sixteen streams at once, and everything that a network can do to them. */
#define _GNU_SOURCE
#include <signal.h>

#include "netem.h"

static const struct netem_row rows[] = {
	{ "loss 1%", 64, 6, 16, false },
	{ "delay 10ms 5ms loss 5% duplicate 5%", 64, 10, 16, false },
};

/* Much is under way when the programs are killed; then the device goes, with what is
 * in its queue.
 */
static void test_killed(void)
{
	const struct netem_row row = { "delay 500ms", 1024, 1, NETEM_STREAMS, false };
	struct netem_ends ends;
	pid_t client;

	netem_set(row.args);
	fflush(stdout);
	client = fork();
	if (!client) {
		setpgid(0, 0);
		netem_transfer(&row, &ends);
		exit(0);
	}
	netns_sleep(3 * NETEM_SLOW);
	kill(-client, SIGKILL);		/* and its server */
	waitpid(client, NULL, 0);
}

int main(void)
{
	unsigned int i;

	netem_setup();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		netem_test(&rows[i]);
	test_killed();
	return netem_done();
}
