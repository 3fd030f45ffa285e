// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two hosts joined by chaos-udp, over IPv4, and point to point over IPv6:
 *
 *	A 401 chaos0 --- chaos-udp --- eth0 ------- eth0 --- chaos-udp --- chaos0 402 B
 *
 * Under load the daemons are killed and started again, and B moves to other addresses:
 * no connection breaks, and no byte is wrong.  A knows B by a name, in a file
 * that only this test sees as /etc/hosts.
 */
#define _GNU_SOURCE
#include <sys/mount.h>

#include "daemon.h"
#include "load.h"
#include "topo.h"

#define BULK	(256 * 1024)	/* bytes each way */

static const struct row {
	const char *what, *a, *b, *later;
	unsigned int prefix;
	const char *link_a, *link_b;
} rows[] = {
	{
		"IPv4", "192.0.2.1", "192.0.2.2", "192.0.2.3", 24,
		"link chaos0 address 401", "link chaos0 address 402",
	}, {
		"IPv6, point to point", "2001:db8::1", "2001:db8::2", "2001:db8::3", 64,
		"link chaos0 address 401 to 402", "link chaos0 address 402 to 401",
	},
};

static char hosts_file[] = "/tmp/hosts.XXXXXX";

/* Where B is from now on, for those who ask for its name. */
static void name_beta(const char *ip)
{
	int fd = open("/etc/hosts", O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%s beta\n", ip) < 0 || close(fd))
		tap_bail("/etc/hosts: %s", strerror(errno));
}

static void own_hosts_file(void)
{
	int fd = mkostemp(hosts_file, O_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0644) || close(fd) || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(hosts_file, "/etc/hosts", NULL, MS_BIND, NULL))
		tap_bail("/etc/hosts: %s", strerror(errno));
	unlink(hosts_file);
}

static void add_ip(const struct topo_host *h, const struct row *row, const char *ip)
{
	topo_enter(h);
	netns_must("ip addr add %s/%u dev eth0%s", ip, row->prefix,
		   strchr(ip, ':') ? " nodad" : "");
}

static void move(const struct topo_host *h, const struct row *row, const char *from,
		 const char *to)
{
	topo_enter(h);
	netns_must("ip addr del %s/%u dev eth0", from, row->prefix);
	add_ip(h, row, to);
}

static void make_hosts(struct topo_host *a, struct topo_host *b, const struct row *row)
{
	topo_host(a, "ALPHA");
	netns_write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0");
	topo_host(b, "BETA");
	netns_write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0");
	topo_cable(a, "eth0", b, "eth0");
	topo_enter(a);
	netns_write("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "0");
	topo_enter(b);
	netns_write("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "0");
	add_ip(a, row, row->a);
	add_ip(b, row, row->b);
}

/* The streams that were there before are all there still, and go on. */
static void check_load(struct load *load, unsigned long opened, const char *what, const char *after)
{
	tap_ok(load_runs(load), "%s: %s: traffic runs again", what, after);
	tap_eq(load->opened, opened, "%s: %s: no connection was made anew", what, after);
}

static void test_row(const struct row *row)
{
	static struct daemon udp_a[ARRAY_SIZE(rows)], udp_b[ARRAY_SIZE(rows)];
	struct daemon *at_a = &udp_a[row - rows], *at_b = &udp_b[row - rows];
	struct topo_host a, b;
	struct load *load;
	char config[128];
	unsigned long opened;

	make_hosts(&a, &b, row);
	name_beta(row->b);
	*at_a = (struct daemon) { .program = "udp/chaos-udp", .ns = a.ns };
	*at_b = (struct daemon) { .program = "udp/chaos-udp", .ns = b.ns };
	snprintf(config, sizeof(config), "%s\npeer 402 beta\n", row->link_a);
	daemon_start(at_a, config);
	snprintf(config, sizeof(config), "%s\npeer 401 %s\n", row->link_b, row->a);
	daemon_start(at_b, config);

	tap_ok(topo_wait_answer(&a, 0402, NETNS_PATIENCE) >= 0, "%s: B answers STATUS", row->what);
	tap_ok(topo_ask(&b, 0401, NETNS_PATIENCE), "%s: and A", row->what);
	tap_ok(topo_stream(&a, &b, 0402, BULK), "%s: streams are intact both ways", row->what);

	load = load_start(a.ns, b.ns, 0402);
	tap_ok(load_runs(load), "%s: traffic runs", row->what);
	opened = load->opened;
	daemon_kill(at_b, SIGKILL);
	daemon_restart(at_b);
	check_load(load, opened, row->what, "B's daemon killed");
	daemon_kill(at_a, SIGKILL);
	daemon_kill(at_b, SIGKILL);
	daemon_restart(at_a);
	daemon_restart(at_b);
	check_load(load, opened, row->what, "both killed");

	daemon_kill(at_b, SIGTERM);
	move(&b, row, row->b, row->later);
	name_beta(row->later);
	daemon_restart(at_b);
	check_load(load, opened, row->what, "B's name leads to another address");

	snprintf(config, sizeof(config), "%s\npeer 402 beta roam\n", row->link_a);
	tap_ok(daemon_reload(at_a, config), "%s: B may roam", row->what);
	/* That A has not heard B where it was saves the time for which B would keep its place. */
	daemon_kill(at_a, SIGTERM);
	move(&b, row, row->later, row->b);
	daemon_restart(at_a);
	check_load(load, opened, row->what, "B roams without a word");

	if (!tap_eq(load->wrong, 0, "%s: all that arrived was right", row->what))
		tap_diag("%s", load->error);
	tap_diag("%lu bytes up, %lu down, %lu answers", load->up, load->down, load->answers);
	load_stop(load);
	tap_ok(transfer_all_gone(a.ns) && transfer_all_gone(b.ns), "%s: no connection is left",
	       row->what);
	daemon_show_log(at_a);
	daemon_kill(at_a, SIGTERM);
	daemon_kill(at_b, SIGTERM);
}

int main(void)
{
	unsigned int i;

	netns_check();
	pair_limit_time();
	own_hosts_file();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	return tap_done();
}
