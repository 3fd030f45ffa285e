/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three hosts, one of them on two subnets:
 *
 *	C 1002 eth0 ------- eth1 1001 A 401 eth0 ------- eth0 402 B
 *
 * A and B are those of pair.h.  A is no bridge, but C sends it what is for 401.
 */
#ifndef TRIO_H
#define TRIO_H

#include "errqueue.h"
#include "pair.h"

enum { TRIO_A = 01001, TRIO_C = 01002 };

static int trio_ns_c = -1;

static inline void trio_setup(void)
{
	pair_setup();
	trio_ns_c = netns_new();
	netns_veth(pair_ns_a, "eth1", trio_ns_c, "eth0");
	netns_host(pair_ns_a, "eth1", TRIO_A, NULL);
	netns_host(trio_ns_c, "eth0", TRIO_C, "GAMMA");
	netns_must("chaosctl route add default via %o", TRIO_A);
}

static inline int trio_socket(unsigned int host, int type)
{
	int fd;

	if (host != TRIO_C)
		return pair_socket(host, type);
	netns_enter(trio_ns_c);
	fd = socket(AF_CHAOS, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		tap_bail("socket: %s", strerror(errno));
	return fd;
}

/* A socket that answers requests for a contact. */
static inline int trio_server(unsigned int host, const char *contact)
{
	int fd = trio_socket(host, SOCK_DGRAM);

	if (pair_bind(fd, 0, contact))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

/* Wait for a request and say who has asked. */
static inline ssize_t trio_asked(int server, char *args, size_t room, struct msg_got *got)
{
	ssize_t n;

	if (!pair_poll(server, POLLIN, PAIR_PATIENCE))
		return -1;
	n = msg_recv(server, args, room - 1, 0, got);
	args[n < 0 ? 0 : n] = 0;
	return n;
}

static inline ssize_t trio_answer(int server, const struct msg_got *asked, const char *text)
{
	struct sockaddr_chaos sa = asked->from;

	memset(sa.sch_contact, 0, sizeof(sa.sch_contact));
	return sendto(server, text, strlen(text), 0, (struct sockaddr *)&sa, sizeof(sa));
}

/* Is the next answer this one? */
static inline bool trio_answered(int fd, unsigned int from, const char *text, long long tid)
{
	struct msg_got got;
	char buf[600];
	ssize_t n = -1;

	if (pair_poll(fd, POLLIN, PAIR_PATIENCE) & POLLIN)
		n = msg_recv(fd, buf, sizeof(buf), MSG_DONTWAIT, &got);
	if (n == (ssize_t)strlen(text) && !memcmp(buf, text, n) && got.from_len == 128 &&
	    got.from.sch_addr == from && !got.from.sch_index && !got.from.sch_contact[0] &&
	    got.opcode == CHAOS_OP_ANS && got.tid == tid)
		return true;
	tap_diag("%zd bytes", n);
	if (n >= 0)
		tap_diag("'%.*s' from %#o, opcode %#o, tid %lld", (int)n, buf,
			 got.from.sch_addr, got.opcode, got.tid);
	return false;
}

#endif /* TRIO_H */
