// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chaosctl trace and bridges that tell nonsense, and what they call themselves.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and every other host)
 *
 * A child process answers on the wire; the hosts differ in what they are told to.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>

#include "wire.h"

#define OUR_HOST	0402
#define BRIDGE		0401
#define FAR_HOST	03143	/* subnet 6 */
#define FAR_SUBNET	6
#define TABLE_MAX	488

static const uint8_t our_mac[6] = { 2, 0, 0, 0, 4, 2 };
static const uint8_t their_mac[6] = { 2, 0, 0, 0, 4, 1 };

/* How the hosts behave: all the same, but for the destination, which has no table. */
struct script {
	const char *what;
	const char *name;		/* to STATUS */
	size_t name_len;
	const char *refusal;		/* a CLS to DUMP-ROUTING-TABLE instead of a table */
	uint16_t method;		/* in the entry for FAR_SUBNET */
	bool next_is_new;		/* the method is the host two after the one asked */
	size_t len;			/* of the table */
	const char *hops;		/* addresses and names that are shown */
	const char *complaint;
};

static const struct script scripts[] = {
	{
		"a way that ends well", "GW", 2, NULL, 1, false, 488,
		"401 GW, 3143 GW, ", NULL,
	}, {
		"an empty table", "GW", 2, NULL, 1, false, 0,
		"401 GW, ", "the way ends at 401: it has no route to the subnet",
	}, {
		"a table that ends in the middle of a pair", "GW", 2, NULL, 1, false, 27,
		"401 GW, ", "the way ends at 401: it has no route to the subnet",
	}, {
		"a table that just reaches", "GW", 2, NULL, 1, false, 28,
		"401 GW, 3143 GW, ", NULL,
	}, {
		"a bridge without a host byte", "GW", 2, NULL, 01000, false, 488,
		"401 GW, ",
		"the way ends at 401: its next bridge for the subnet has no host address",
	}, {
		"a bridge that sends packets to itself", "GW", 2, NULL, BRIDGE, false, 488,
		"401 GW, ", "the way is a circle: 401 sends packets for 3143 to 401 again",
	}, {
		"a bridge that knows the host as a bridge", "GW", 2, NULL, FAR_HOST, false, 488,
		"401 GW, 3143 GW, ", NULL,
	}, {
		"bridges without end", "", 0, NULL, 0, true, 488,
		"401 -, 403 -, 405 -, 407 -, 411 -, 413 -, 415 -, 417 -, 421 -, 423 -, 425 -, "
		"427 -, 431 -, 433 -, 435 -, ",
		"there are more than 14 bridges on the way: no packet gets there",
	}, {
		"a bridge that refuses", "GW", 2, "not for you\033[2J", 0, false, 0,
		"401 GW, ", "401 does not tell its routes: not for you",
	}, {
		"a name that a terminal would obey", "A\033[2JB", 6, NULL, 1, false, 488,
		"401 A\\033[2JB, 3143 A\\033[2JB, ", NULL,
	}, {
		"a longer name than there is room for", "0123456789012345678901234567890123456789",
		40, NULL, 1, false, 488,
		"401 01234567890123456789012345678901, 3143 01234567890123456789012345678901, ",
		NULL,
	},
};

/* The table of a bridge: the entry for FAR_SUBNET is the only one. */
static size_t make_table(const struct script *s, uint16_t asked, uint8_t *table)
{
	uint16_t method = s->next_is_new ? asked + 2 : s->method;
	uint8_t *entry = table + 4 * FAR_SUBNET;

	memset(table, 0, TABLE_MAX);
	entry[0] = method;
	entry[1] = method >> 8;
	entry[2] = 20;
	return s->len;
}

/* Turn a request into its answer. */
static bool answer_rfc(const struct script *s, struct wire_frame *f)
{
	uint16_t asked = wire_get(f, WIRE_DST);
	bool status = !memcmp(f->bytes + WIRE_DATA, "STATUS", 6);
	uint8_t op = CHAOS_OP_ANS, data[TABLE_MAX];
	struct wire_frame answer = {};
	size_t len;

	if (f->bytes[WIRE_OP] != CHAOS_OP_RFC)
		return false;
	if (status) {
		len = s->name_len;
		memcpy(data, s->name, len);
	} else if (s->refusal) {
		op = CHAOS_OP_CLS;
		len = strlen(s->refusal);
		memcpy(data, s->refusal, len);
	} else {
		len = make_table(s, asked, data);
	}
	wire_ether(&answer, our_mac, their_mac, ETH_P_CHAOS);
	answer.bytes[WIRE_OP] = op;
	wire_put(&answer, WIRE_COUNT, len);
	wire_put(&answer, WIRE_DST, wire_get(f, WIRE_SRC));
	wire_put(&answer, WIRE_DIDX, wire_get(f, WIRE_SIDX));
	wire_put(&answer, WIRE_SRC, asked);
	memcpy(answer.bytes + WIRE_DATA, data, len);
	answer.len = WIRE_DATA + len + (len & 1);
	*f = answer;
	return true;
}

/* Every host but ours is here. */
static bool answer_arp(struct wire_frame *f)
{
	uint16_t wanted = wire_get(f, WIRE_ARP_TIP);

	if (wire_get_be(f, WIRE_ARP_OP) != WIRE_ARP_REQUEST || wanted == OUR_HOST)
		return false;
	wire_arp(f, our_mac, WIRE_ARP_REPLY, their_mac, wanted, our_mac, OUR_HOST);
	return true;
}

static pid_t start_hosts(const struct script *s, int wire)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct wire_frame f;

		if (!wire_recv(wire, &f, NETNS_PATIENCE))
			continue;
		if (wire_is_arp(&f) ? answer_arp(&f) : wire_is_chaos(&f) && answer_rfc(s, &f))
			wire_send(wire, &f);
	}
}

/* The lines of @output that begin with the number of a hop: "401 GW, 3143 GW, ". */
static void list_hops(char *output, char *hops, size_t size)
{
	size_t used = 0;
	char *save;

	hops[0] = 0;
	for (char *line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char addr[8], name[160];

		if (sscanf(line, "%*d %7s %159s", addr, name) == 2)
			used += snprintf(hops + used, size - used, "%s %s, ", addr, name);
		if (used >= size)
			tap_bail("too many hops");
	}
}

static void test_script(const struct script *s, int wire)
{
	char output[NETNS_OUTPUT], copy[NETNS_OUTPUT], hops[1000];
	pid_t pid = start_hosts(s, wire);
	int status;

	status = netns_run(output, "chaosctl trace -W 20 %o", FAR_HOST);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	memcpy(copy, output, sizeof(copy));
	list_hops(copy, hops, sizeof(hops));
	if (!tap_ok(status == (s->complaint ? 1 : 0) && !strcmp(hops, s->hops) &&
		    (!s->complaint || strstr(output, s->complaint)) && !strchr(output, '\033'),
		    "%s", s->what))
		tap_diag("status %d, hops %s:\n%s", status, hops, output);
}

int main(void)
{
	unsigned int i;
	int ns, wire;

	ns = netns_new();
	netns_veth(ns, "eth0", ns, "wire");
	netns_must("ip link set eth0 address 02:00:00:00:04:02");
	wire = wire_open("wire");
	netns_host(ns, "eth0", OUR_HOST, "OURS");
	if (!wire_announced(wire, OUR_HOST))
		tap_bail("the address did not become valid");
	netns_must("chaosctl route add default via %o", BRIDGE);

	for (i = 0; i < ARRAY_SIZE(scripts); i++)
		test_script(&scripts[i], wire);
	return tap_done();
}
