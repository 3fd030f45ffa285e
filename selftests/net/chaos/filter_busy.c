// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two processes change the rules of a host, as fast as they can, while others use it:
 *
 *	client 401 eth0 ------- eth0 402 server
 *
 * In the end the namespace goes, with rules in it.
 */
#define _GNU_SOURCE
#include "load.h"
#include "nlreq.h"

enum { CLIENT = 0401, SERVER = 0402, SECONDS = 8, NUMBERS = 40 };

/* What the two have done. */
struct work {
	unsigned long added, deleted, replaced, flushed, dumped, odd;
	int error;
};

static void put_side(struct nlreq *r, int attr, unsigned int choice)
{
	static const uint16_t hosts[] = { 0403, CLIENT, SERVER, 01001 };
	static const uint8_t subnets[] = { 7, 1 };
	struct nlattr *nest = nlreq_nest(r, attr);
	uint8_t kind = choice % CHAOS_RULE_MATCH_BROADCAST;

	nlreq_u8(r, CHAOS_RULE_MATCH_A_KIND, kind);
	if (kind == CHAOS_RULE_MATCH_HOSTS)
		nlreq_put(r, CHAOS_RULE_MATCH_A_HOSTS, hosts, 2 + choice % 4 * 2);
	if (kind == CHAOS_RULE_MATCH_SUBNETS)
		nlreq_put(r, CHAOS_RULE_MATCH_A_SUBNETS, subnets, 1 + choice % 2);
	nlreq_nest_end(r, nest);
}

/* A rule of any kind; most of them let most requests pass. */
static void put_rule(struct nlreq *r, uint32_t number)
{
	unsigned int choice = random();
	uint8_t action = choice % 4;

	nlreq_u32(r, CHAOS_RULE_A_NUMBER, number);
	if (choice & 0x30)
		nlreq_str(r, CHAOS_RULE_A_CONTACT, choice & 0x10 ? "NOBODY" : "ANSWER");
	if (choice & 0x40)
		put_side(r, CHAOS_RULE_A_FROM, choice >> 8);
	if (choice & 0x80)
		put_side(r, CHAOS_RULE_A_TO, choice >> 12);
	nlreq_u8(r, CHAOS_RULE_A_ACTION, action);
	if (action == CHAOS_RULE_REJECT && choice & 0x10000)
		nlreq_str(r, CHAOS_RULE_A_REASON, "Not now.");
	if (action == CHAOS_RULE_FORWARD)
		nlreq_u16(r, CHAOS_RULE_A_FWD_HOST, choice & 0x10000 ? SERVER : CLIENT);
}

static int change(const struct genl *g, uint8_t cmd, uint32_t number, bool replace)
{
	struct nlreq r;

	nlreq_genl(&r, g, cmd);
	if (cmd == CHAOS_CMD_RULE_NEW)
		put_rule(&r, number);
	else if (number)
		nlreq_u32(&r, CHAOS_RULE_A_NUMBER, number);
	if (replace)
		nlreq_flag(&r, CHAOS_RULE_A_REPLACE);
	return nlreq_do(g->fd, &r);
}

static void see(struct nlmsghdr *nlh, void *data)
{
	struct work *work = data;

	work->dumped++;
	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN + 2 * NLA_HDRLEN)
		work->odd++;
}

static void work_once(const struct genl *g, struct work *work)
{
	uint32_t number = 1 + random() % NUMBERS;
	unsigned int choice = random() % 64;
	struct nlreq r;
	int error = 0;

	if (choice == 0) {
		error = change(g, CHAOS_CMD_RULE_DEL, 0, false);
		work->flushed++;
	} else if (choice < 4) {
		nlreq_genl(&r, g, CHAOS_CMD_RULE_GET);
		nlreq_dump(g->fd, &r, see, work);
	} else if (choice < 24) {
		error = change(g, CHAOS_CMD_RULE_DEL, number, false);
		work->deleted += !error;
	} else if (choice < 44) {
		error = change(g, CHAOS_CMD_RULE_NEW, number, true);
		work->replaced += !error;
	} else {
		error = change(g, CHAOS_CMD_RULE_NEW, number, false);
		work->added += !error;
	}
	if (error && error != -ENOENT && error != -EEXIST)
		work->error = error;
}

/* The host is left to what it does for as long as the process lives. */
static pid_t start_work(int ns, struct work *work, unsigned int seed)
{
	pid_t pid = fork();
	struct genl g;

	if (pid)
		return pid;
	netns_enter(ns);
	genl_open(&g);
	srandom(seed);
	for (;;) {
		work_once(&g, work);
		/* Now and then requests have a chance. */
		if (!(random() % 50)) {
			change(&g, CHAOS_CMD_RULE_DEL, 0, false);
			netns_sleep(20);
		}
	}
}

/* Things happen, and go on happening, for a while. */
static bool wait_for_work(const volatile struct work *work)
{
	long long begin = netns_now(), end = begin + NETNS_PATIENCE;

	while (netns_now() < end) {
		netns_sleep(100);
		if (netns_now() > begin + SECONDS * 1000 && work->added > 20 &&
		    work->deleted > 20 && work->replaced > 20 && work->flushed && work->dumped)
			return true;
	}
	return false;
}

int main(void)
{
	int a = netns_new(), b = netns_new(), i;
	struct work *work = mmap(NULL, 2 * sizeof(*work), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct load *load;
	struct genl g;
	pid_t pids[2];

	netns_veth(a, "eth0", b, "eth0");
	netns_host(b, "eth0", SERVER, "SERVER");
	netns_host(a, "eth0", CLIENT, "CLIENT");
	load = load_start(a, b, SERVER);
	tap_ok(load_runs(load), "traffic runs");
	for (i = 0; i < 2; i++)
		pids[i] = start_work(b, &work[i], i + 1);
	for (i = 0; i < 2; i++) {
		if (!tap_ok(wait_for_work(&work[i]), "process %d changes rules", i + 1))
			tap_diag("%lu added, %lu deleted, %lu replaced", work[i].added,
				 work[i].deleted, work[i].replaced);
		tap_ok(!work[i].error && !work[i].odd, "and nothing strange happens");
		if (work[i].error)
			tap_diag("error %d: %s", -work[i].error, strerror(-work[i].error));
		load_kill(&pids[i]);
	}
	netns_enter(b);
	genl_open(&g);
	change(&g, CHAOS_CMD_RULE_DEL, 0, false);
	tap_ok(load_runs(load), "without rules traffic runs as before");
	if (!tap_eq(load->wrong, 0, "all that arrived was right"))
		tap_diag("%s", load->error);

	for (i = 0; i < NUMBERS; i++)
		change(&g, CHAOS_CMD_RULE_NEW, i + 1, false);
	close(g.fd);
	netns_enter(a);
	close(b);
	load_stop(load);
	tap_ok(true, "a host goes with its rules");
	return tap_done();
}
