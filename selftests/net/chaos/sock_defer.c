// SPDX-License-Identifier: GPL-2.0-or-later
/* CHAOS_DEFER: the server looks at an RFC, then opens, answers, refuses or forwards. */
#define _GNU_SOURCE
#include "msg.h"
#include "pair.h"

static char buf[600];

/* A caller, and a server that has accepted it and decided nothing. */
static struct pair undecided(int type)
{
	int server = pair_listen(PAIR_B, type, 4);
	struct pair p;

	if (pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 1))
		tap_bail("CHAOS_DEFER: %s", strerror(errno));
	p.a = pair_socket(PAIR_A, type);
	setsockopt(p.a, SOL_CHAOS, CHAOS_RFC_DATA, "with arguments", 14);
	pair_call(p.a, server);
	p.b = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	if (p.b < 0)
		tap_bail("accept: %s", strerror(errno));
	close(server);
	return p;
}

static void test_look(void)
{
	struct pair p = undecided(SOCK_STREAM);
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(buf);

	tap_eq(pair_poll(p.a, POLLIN | POLLOUT, 300), 0, "the caller waits");
	tap_eq(pair_poll(p.b, POLLIN | POLLOUT | POLLHUP, 0), 0, "nothing to do but to decide");
	tap_errno(recv(p.b, buf, 1, 0), ENOTCONN, "no reading before the decision");
	tap_errno(send(p.b, "x", 1, 0), ENOTCONN, "no writing either");
	tap_errno(shutdown(p.b, SHUT_WR), ENOTCONN, "nor shutdown");
	tap_ok(!getsockopt(p.b, SOL_CHAOS, CHAOS_RFC_DATA, buf, &len) && len > 15 &&
	       !memcmp(buf + len - 15, " with arguments", 15), "the RFC can be read");
	len = sizeof(sa);
	tap_ok(!getpeername(p.b, (struct sockaddr *)&sa, &len) && sa.sch_addr == PAIR_A,
	       "who asks");
	pair_close(&p);
}

static void test_open(void)
{
	struct pair p = undecided(SOCK_STREAM);

	tap_eq(setsockopt(p.b, SOL_CHAOS, CHAOS_OPEN, NULL, 0), 0, "decide to open");
	tap_ok(pair_poll(p.a, POLLOUT, PAIR_PATIENCE) & POLLOUT, "the caller is connected");
	send(p.a, "data", 4, 0);
	tap_eq(recv(p.b, buf, sizeof(buf), 0), 4, "data flows");
	tap_errno(setsockopt(p.b, SOL_CHAOS, CHAOS_OPEN, NULL, 0), EINVAL, "it is decided");
	tap_errno(setsockopt(p.b, SOL_CHAOS, CHAOS_REJECT, "no", 2), EINVAL, "whatever it was");
	pair_close(&p);
}

static void test_reject(void)
{
	struct pair p = undecided(SOCK_STREAM);

	memset(buf, 'x', sizeof(buf));
	tap_errno(setsockopt(p.b, SOL_CHAOS, CHAOS_REJECT, buf, 489), EMSGSIZE, "too much to say");
	tap_eq(setsockopt(p.b, SOL_CHAOS, CHAOS_REJECT, "Out to lunch", 12), 0, "refuse");
	pair_poll(p.a, POLLHUP, PAIR_PATIENCE);
	tap_eq(pair_error(p.a), ECONNREFUSED, "the caller is refused");
	tap_ok(!strcmp(pair_reason(p.a), "Out to lunch"), "and told why: %s", pair_reason(p.a));
	tap_errno(recv(p.b, buf, 1, 0), ENOTCONN, "the server's socket never was connected");
	pair_close(&p);

	p = undecided(SOCK_STREAM);
	close(p.b);
	pair_poll(p.a, POLLHUP, PAIR_PATIENCE);
	tap_eq(pair_error(p.a), ECONNREFUSED, "closing without a decision refuses");
	close(p.a);
}

static void test_answer(void)
{
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);
	int server = pair_listen(PAIR_B, SOCK_STREAM, 4);
	int client, fd;

	pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 1);
	getsockname(server, (struct sockaddr *)&sa, &len);
	sa.sch_addr = PAIR_B;
	client = pair_socket(PAIR_A, SOCK_DGRAM);
	sendto(client, "question", 8, 0, (struct sockaddr *)&sa, sizeof(sa));
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	tap_errno(setsockopt(fd, SOL_CHAOS, CHAOS_ANSWER, buf, 489), EMSGSIZE, "answer too long");
	tap_eq(setsockopt(fd, SOL_CHAOS, CHAOS_ANSWER, "answer", 6), 0, "answer with ANS");
	tap_ok(recv(client, buf, sizeof(buf), 0) == 6 && !memcmp(buf, "answer", 6), "it arrives");
	close(fd);
	close(client);
	close(server);
}

static void test_forward(void)
{
	struct pair p = undecided(SOCK_STREAM);
	struct sockaddr_chaos to = pair_name(0403, "ELSEWHERE");

	tap_errno(setsockopt(p.b, SOL_CHAOS, CHAOS_FORWARD, &to, 7), EINVAL, "no address");
	to.sch_flags = 1;
	tap_errno(setsockopt(p.b, SOL_CHAOS, CHAOS_FORWARD, &to, sizeof(to)), EINVAL,
		  "reserved flags");
	to.sch_flags = 0;
	tap_eq(setsockopt(p.b, SOL_CHAOS, CHAOS_FORWARD, &to, sizeof(to)), 0, "forward");
	pair_poll(p.a, POLLHUP, PAIR_PATIENCE);
	tap_eq(pair_error(p.a), EREMCHG, "the caller is sent elsewhere");
	tap_ok(!strcmp(pair_reason(p.a), "ELSEWHERE"), "to this contact: %s", pair_reason(p.a));
	pair_close(&p);
}

static void test_gone(void)
{
	struct pair p = undecided(SOCK_STREAM);
	struct pair q = pair_open(SOCK_STREAM, SOCK_STREAM);

	tap_errno(setsockopt(q.b, SOL_CHAOS, CHAOS_REJECT, "no", 2), EINVAL,
		  "nothing to decide without CHAOS_DEFER");
	tap_errno(setsockopt(q.a, SOL_CHAOS, CHAOS_OPEN, NULL, 0), EINVAL, "nor for the caller");
	pair_close(&q);
	/* The caller has left without a word; the OPN comes back as LOS. */
	close(p.a);
	tap_eq(setsockopt(p.b, SOL_CHAOS, CHAOS_OPEN, NULL, 0), 0, "open to who is gone");
	tap_ok(pair_poll(p.b, POLLHUP, PAIR_PATIENCE) & POLLHUP, "that is noticed");
	tap_errno(recv(p.b, buf, 1, 0), ECONNRESET, "as a reset");
	close(p.b);
}

int main(void)
{
	pair_setup();
	test_look();
	test_open();
	test_reject();
	test_answer();
	test_forward();
	test_gone();
	return tap_done();
}
