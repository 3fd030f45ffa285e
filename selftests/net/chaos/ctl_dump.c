// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists too long for one netlink message are shown completely, each thing once:
 *
 *	alpha 401 eth0 ------- eth0
 *
 * Neighbours are configured, since those that do not answer would soon be given up;
 * requests to them make a connection each.
 */
#define _GNU_SOURCE
#include "netns.h"

#define HOSTS		200
#define LISTENERS	150

static int dgram_socket(const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS };
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	if (fd < 0 || (*contact && bind(fd, (struct sockaddr *)&sa, sizeof(sa))))
		tap_bail("%s: %s", contact, strerror(errno));
	return fd;
}

static void ask_everybody(int fd)
{
	unsigned int i;

	for (i = 1; i <= HOSTS; i++) {
		struct sockaddr_chaos sa = {
			.sch_family = AF_CHAOS, .sch_addr = 01000 + i, .sch_contact = "LUNCH",
		};

		if (sendto(fd, "", 0, 0, (struct sockaddr *)&sa, sizeof(sa)))
			tap_bail("%o: %s", 01000 + i, strerror(errno));
	}
}

/* Those do not answer, but where they are is known. */
static void configure_everybody(void)
{
	netns_must("for i in $(seq %d); do printf '%s' $((512 + i)) $i; done | chaosctl -b -",
		   HOSTS, "neigh add %o lladdr 02:00:00:00:02:%02x dev eth0\\n");
}

static void listen_to_everything(void)
{
	char contact[16];
	unsigned int i;

	for (i = 0; i < LISTENERS; i++) {
		snprintf(contact, sizeof(contact), "CONTACT-%u", i);
		dgram_socket(contact);
	}
}

/* @filter is a shell command that leaves what shall be counted, once each. */
static long lines(const char *object, const char *filter)
{
	char output[NETNS_OUTPUT];

	netns_run(output, "chaosctl %s | %s | sort | uniq -c | awk '$1 == 1' | wc -l",
		  object, filter);
	return strtol(output, NULL, 10);
}

int main(void)
{
	char output[NETNS_OUTPUT];
	int host = netns_new();

	netns_veth(host, "eth0", host, "eth1");
	netns_host(host, "eth0", 01377, "ALPHA");
	configure_everybody();
	ask_everybody(dgram_socket(""));
	listen_to_everything();

	tap_eq(lines("neigh", "grep permanent"), HOSTS, "%d neighbours", HOSTS);
	tap_eq(lines("conn", "grep -o '^rfc-sent.* 1377:.* 1[0-7]*:\\*'"), HOSTS,
	       "%d connections", HOSTS);
	tap_eq(lines("conn", "grep '^listening.* CONTACT-[0-9]* '"), LISTENERS,
	       "%d listeners", LISTENERS);
	tap_eq(netns_run(output, "chaosctl -j -i conn >/dev/null"), 0, "also as JSON");
	return tap_done();
}
