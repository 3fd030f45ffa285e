// SPDX-License-Identifier: GPL-2.0-or-later
/* Where nothing gets lost, nothing is sent again, however long it takes. */
#define _GNU_SOURCE
#include "exact.h"
#include "netem.h"

static const struct netem_row rows[] = {
	{ NULL, 1024, 1, 1, false },
	{ NULL, 1024, 1, 1, true },
	{ NULL, 64, 1, 16, false },
	{ "delay 1ms", 1024, 1, 1, false },
	{ "delay 50ms", 1024, 1, 1, false },
	{ "delay 50ms", 1024, 1, 1, true },
	{ "delay 200ms", 1024, 1, 1, false },
	{ "rate 1mbit", 256, 1, 1, false },
};

static void judge(const struct netem_row *row, const char *who, const struct transfer_sum *sum)
{
	if (!tap_eq(sum->failed, 0, "%s: %s: every byte arrived", row->args ?: "good", who))
		tap_diag("%s", sum->error);
	tap_eq(sum->retrans, 0, "%s: nothing was sent again", who);
	tap_eq(sum->gaps, 0, "%s: no gap was reported", who);
	tap_eq(sum->dups, 0, "%s: nothing came twice", who);
	tap_diag("%s: %llu packets sent; longest wait %u ms", who, sum->pkts_sent, sum->pause);
}

int main(void)
{
	struct netem_ends ends;
	unsigned int i;

	exact_setup();
	netem_setup();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].args)
			netem_set(rows[i].args);
		netem_transfer(&rows[i], &ends);
		judge(&rows[i], "client", &ends.client);
		judge(&rows[i], "server", &ends.server);
		if (rows[i].args)
			netem_set(NULL);
	}
	return netem_done();
}
