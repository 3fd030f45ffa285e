// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What daemons do besides carrying packets: privileges, what they tell systemd, reading
 * their configuration anew, well or badly, under load.
 *
 *	A 401 chaos0 --- chaos-udp --- lo of both --- chaos-udp --- chaos0 402 B
 *	A 1001 chaos1 -- chaosd ------ Unix socket -- chaosd ------ chaos1 1002 B
 */
#define _GNU_SOURCE
#include <pwd.h>

#include "daemon.h"
#include "load.h"
#include "topo.h"

#define ETHER		"/tmp/daemon_reload_ether"
#define OTHER_ETHER	"/tmp/daemon_reload_other"

static struct topo_host a, b;

/**
 * struct row - a daemon
 * @at_a: that of A
 * @at_b: that of B
 * @b_addr: where B is reached through it
 * @config_b: of B
 * @good: configurations of A; the first is where it begins and ends
 * @bad: those that it must refuse, and what it says then
 */
static struct row {
	struct daemon at_a, at_b;
	unsigned int b_addr;
	const char *config_b;
	const char *good[4];
	const char *bad[5][2];
} rows[] = {
	{
		.at_a = { .program = "udp/chaos-udp" }, .at_b = { .program = "udp/chaos-udp" },
		.b_addr = 0402,
		.config_b = "link chaos0 402\npeer 401 192.0.2.1\n",
		.good = {
			"link chaos0 401\npeer 402 192.0.2.2\n",
			"link chaos0 401\npeer 402 192.0.2.2:42042 roam\n"
			"link chaos7 7001 dynamic on\npeer 403 192.0.2.3\n",
			"listen 192.0.2.1\nlink chaos0 401\npeer 402 192.0.2.2\nlog info\n",
		},
		.bad = {
			{ "link chaos0 401\npear 402 192.0.2.2\n", "config:3: 'pear'" },
			{ "link chaos0 401\n\npeer 402 192.0.2.2:0\n", "config:4: " },
			{ "link chaos0 403\npeer 402 192.0.2.2\n", "link chaos0: " },
			{ "listen 203.0.113.1\nlink chaos0 401\n", "203.0.113.1" },
			{ "link chaos0 401\nlink chaos6 6001\n", "chaos6" },
		},
	}, {
		.at_a = { .program = "chaosd/chaosd" }, .at_b = { .program = "chaosd/chaosd" },
		.b_addr = 01002,
		.config_b = "connect unix " ETHER "\nlink chaos1 address 1002\n",
		.good = {
			"listen unix " ETHER " mode 0666\nlink chaos1 address 1001\n",
			"listen unix " ETHER " mode 0666\nlink chaos1 address 1001\nqueue 2000\n"
			"ether 7\nlisten unix " OTHER_ETHER "\n",
			"ether 2\nlisten unix " ETHER " mode 0666\nlink chaos1 address 1001\n"
			"listen tcp 127.0.0.1:42049\nlog info\n",
		},
		.bad = {
			{ "lisen unix " ETHER "\n", "config:2: 'lisen'" },
			{ "listen unix " ETHER "\nlink chaos1 address 1081\n",
			  "config:3: '1081'" },
			{ "listen unix " ETHER "\nlisten unix /nowhere/at/all\n"
			  "link chaos1 address 1001\n", "/nowhere/at/all" },
			{ "listen unix " ETHER "\nlisten tcp 203.0.113.1:42049 exposed\n"
			  "link chaos1 address 1001\n", "203.0.113.1" },
		},
	},
};

static void test_privileges(const struct daemon *d)
{
	const struct passwd *user = getpwnam(DAEMON_USER);
	unsigned int ids[4] = {}, i, others = 0;

	sscanf(daemon_proc(d, "Uid"), "%u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]);
	for (i = 0; i < 4; i++)
		others += !user || ids[i] != user->pw_uid;
	sscanf(daemon_proc(d, "Gid"), "%u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]);
	for (i = 0; i < 4; i++)
		others += !user || ids[i] != user->pw_gid;
	tap_eq(others, 0, "%s: user and group are those of " DAEMON_USER, d->program);
	tap_eq(strtoull(daemon_proc(d, "CapPrm"), NULL, 16), 0, "%s: no capability is permitted",
	       d->program);
	tap_eq(strtoull(daemon_proc(d, "CapEff"), NULL, 16), 0, "%s: none is effective",
	       d->program);
	tap_eq(strtoull(daemon_proc(d, "CapBnd"), NULL, 16), 0, "%s: none can be gained",
	       d->program);
	tap_eq(strtoull(daemon_proc(d, "NoNewPrivs"), NULL, 10), 1, "%s: NoNewPrivs is set",
	       d->program);
}

/* Between RELOADING and READY systemd waits. */
static bool reload_is_told(struct daemon *d, const char *config)
{
	daemon_configure(d, config);
	kill(d->pid, SIGHUP);
	return daemon_wait_message(d, "RELOADING=1") && daemon_wait_ready(d);
}

/* Nothing of this may change anything for those who talk. */
static void test_reload(struct row *row, struct load *load)
{
	struct daemon *d = &row->at_a;
	unsigned long opened = load->opened;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row->bad) && row->bad[i][0]; i++) {
		const char *what = row->bad[i][1];

		daemon_forget_log(d);
		tap_ok(reload_is_told(d, row->bad[i][0]), "%s: \"%s\": the reload is told",
		       d->program, what);
		if (!tap_ok(strstr(daemon_log(d), what) &&
			    strstr(daemon_log(d), "the configuration stays as it was"),
			    "%s: \"%s\": refused, and why", d->program, what))
			daemon_show_log(d);
		tap_ok(load_runs(load), "%s: \"%s\": traffic runs", d->program, what);
	}
	for (i = 1; i <= ARRAY_SIZE(row->good); i++) {
		const char *config = row->good[i % ARRAY_SIZE(row->good)];

		if (!config)
			continue;
		daemon_forget_log(d);
		if (!tap_ok(reload_is_told(d, config) &&
			    strstr(daemon_log(d), "the configuration was read anew"),
			    "%s: configuration %u is taken", d->program, i))
			daemon_show_log(d);
		tap_ok(load_runs(load), "%s: configuration %u: traffic runs", d->program, i);
	}
	tap_eq(load->opened, opened, "%s: no connection was made anew", d->program);
	if (!tap_eq(load->wrong, 0, "%s: all that arrived was right", d->program))
		tap_diag("%s", load->error);
}

static void test_feeder(const struct row *row, const char *link, const char *name)
{
	char output[NETNS_OUTPUT];

	topo_enter(&a);
	netns_must("chaosctl link show %s | grep -q %s", link, name);
	netns_run(output, "chaosctl link show %s", link);
	tap_diag("%s: %s", row->at_a.program, output);
}

static void test_end(struct daemon *d)
{
	int status;

	kill(d->pid, SIGTERM);
	tap_ok(daemon_wait_message(d, "STOPPING=1"), "%s: the end is told", d->program);
	status = daemon_kill(d, SIGTERM);
	tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "%s: SIGTERM is success", d->program);
}

static void test_row(struct row *row)
{
	struct load *load;

	row->at_a.ns = a.ns;
	row->at_b.ns = b.ns;
	/* It has waited for READY=1. */
	daemon_start(&row->at_a, row->good[0]);
	daemon_start(&row->at_b, row->config_b);
	test_privileges(&row->at_a);
	test_privileges(&row->at_b);
	tap_ok(topo_wait_answer(&a, row->b_addr, NETNS_PATIENCE) >= 0, "%s: B is there",
	       row->at_a.program);
	load = load_start(a.ns, b.ns, row->b_addr);
	tap_ok(load_runs(load), "%s: traffic runs", row->at_a.program);
	test_reload(row, load);
	load_stop(load);
	tap_ok(transfer_all_gone(a.ns) && transfer_all_gone(b.ns), "%s: no connection is left",
	       row->at_a.program);
}

int main(void)
{
	unsigned int i;

	pair_limit_time();
	topo_host(&a, "ALPHA");
	topo_host(&b, "BETA");
	topo_cable(&a, "eth0", &b, "eth0");
	topo_enter(&a);
	netns_must("ip addr add 192.0.2.1/24 dev eth0");
	/* Which a daemon without privileges may feed. */
	netns_must("chaosctl link add chaos7 type chaos user " DAEMON_USER);
	netns_must("chaosctl addr add 7001 dev chaos7");
	netns_must("ip link set chaos7 up");
	topo_enter(&b);
	netns_must("ip addr add 192.0.2.2/24 dev eth0");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	test_feeder(&rows[0], "chaos0", "chaos-udp");
	test_feeder(&rows[1], "chaos1", "chaosd");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_end(&rows[i].at_a);
		test_end(&rows[i].at_b);
	}
	return tap_done();
}
