// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that do anything at all with the same sockets, at the same time.  No call
 * has a right result here: the kernel must survive, and have nothing left.
 * CHAOS_THREADS_MS (2500) is how long, CHAOS_THREADS_SEED what they do.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>

#include "errqueue.h"
#include "inject.h"

enum { THREADS = 6, SOCKETS = 12, CONTACTS = 6 };

static int sockets[SOCKETS];
static atomic_bool stop;
static unsigned int seed;

struct worker {
	pthread_t thread;
	unsigned int state;
	char buf[3000];
	unsigned long deeds, accepted, received, answered, decided, errors;
};

static unsigned int draw(struct worker *w, unsigned int n)
{
	w->state = w->state * 1103515245 + 12345;
	return (w->state >> 8) % n;
}

static int any_socket(struct worker *w)
{
	return sockets[draw(w, SOCKETS)];
}

static struct sockaddr_chaos any_name(struct worker *w)
{
	static const char *const contacts[CONTACTS] = { "ONE", "TWO", "ONE", "TWO", "TIME", "" };
	unsigned int addr = draw(w, 4) ? PAIR_A + draw(w, 2) : 0;

	return pair_name(addr, contacts[draw(w, CONTACTS)]);
}

/* Put a new socket, of any type and on any host, in the place of another. */
static void do_replace(struct worker *w, int fd)
{
	static const int types[] = { SOCK_STREAM, SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	int new;

	if (draw(w, 8))
		return;
	new = pair_socket(PAIR_A + draw(w, 2), types[draw(w, 4)] | SOCK_NONBLOCK);
	dup2(new, fd);
	close(new);
}

static void do_bind(struct worker *w, int fd)
{
	struct sockaddr_chaos sa = any_name(w);

	bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	listen(fd, draw(w, 4));
}

static void do_connect(struct worker *w, int fd)
{
	struct sockaddr_chaos sa = any_name(w);

	connect(fd, (struct sockaddr *)&sa, sizeof(sa));
}

/* An accepted socket takes the place of any. */
static void do_accept(struct worker *w, int fd)
{
	int new = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (new < 0)
		return;
	w->accepted++;
	dup2(new, any_socket(w));
	close(new);
}

static void do_send(struct worker *w, int fd)
{
	if (draw(w, 4))
		send(fd, w->buf, draw(w, sizeof(w->buf)), MSG_NOSIGNAL);
	else
		msg_send_op(fd, draw(w, 2) ? CHAOS_OP_EOF : 0200 + draw(w, 128), w->buf,
			    draw(w, 2) * draw(w, 500));
}

static void do_ask(struct worker *w, int fd)
{
	struct sockaddr_chaos sa = any_name(w);

	sendto(fd, w->buf, draw(w, 490), MSG_NOSIGNAL, (struct sockaddr *)&sa, sizeof(sa));
}

/* Receive; if it was a request, answer it. */
static void do_receive(struct worker *w, int fd)
{
	static const int flags[] = { 0, 0, 0, MSG_PEEK, MSG_TRUNC, MSG_WAITALL };
	struct msg_got got;
	ssize_t n;

	n = msg_recv(fd, w->buf, draw(w, sizeof(w->buf)), flags[draw(w, 6)], &got);
	w->received += n > 0;
	if (n < 0 || (got.opcode != CHAOS_OP_RFC && got.opcode != CHAOS_OP_BRD) || !draw(w, 4))
		return;
	memset(got.from.sch_contact, 0, sizeof(got.from.sch_contact));
	n = sendto(fd, w->buf, draw(w, 490), 0, (struct sockaddr *)&got.from, sizeof(got.from));
	w->answered += n >= 0;
}

static void do_errors(struct worker *w, int fd)
{
	struct errqueue_got got;

	w->errors += errqueue_recv(fd, draw(w, 50), draw(w, 2) * MSG_PEEK, &got) >= 0;
}

/* What to do with an accepted socket that is not decided about. */
static void do_decide(struct worker *w, int fd)
{
	static const int decisions[] = {
		CHAOS_OPEN, CHAOS_ANSWER, CHAOS_REJECT, CHAOS_FORWARD, CHAOS_FORWARD,
	};
	struct sockaddr_chaos sa = any_name(w);

	w->decided += !setsockopt(fd, SOL_CHAOS, decisions[draw(w, ARRAY_SIZE(decisions))], &sa,
				  sizeof(sa));
}

static void do_options(struct worker *w, int fd)
{
	static const int ints[] = {
		CHAOS_WINDOW, CHAOS_NODELAY, CHAOS_DEFER, CHAOS_FOLLOW, CHAOS_RECVERR,
	};
	const uint8_t subnets[32] = { draw(w, 8) };
	socklen_t len = draw(w, sizeof(w->buf));
	int value = draw(w, 20);

	pair_set_int(fd, SOL_CHAOS, ints[draw(w, ARRAY_SIZE(ints))], value);
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, w->buf, draw(w, 490));
	setsockopt(fd, SOL_CHAOS, CHAOS_SUBNETS, subnets, draw(w, 4) ? 32 : 0);
	pair_set_int(fd, SOL_SOCKET, SO_BROADCAST, draw(w, 4));
	getsockopt(fd, SOL_CHAOS, 1 + draw(w, 18), w->buf, &len);
	len = sizeof(value);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &len);
	ioctl(fd, draw(w, 2) ? SIOCINQ : SIOCOUTQ, &value);
}

static void do_look(struct worker *w, int fd)
{
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);

	getsockname(fd, (struct sockaddr *)&sa, &len);
	getpeername(fd, (struct sockaddr *)&sa, &len);
	pair_poll(fd, POLLIN | POLLOUT | POLLRDHUP, draw(w, 3));
}

static void do_shutdown(struct worker *w, int fd)
{
	if (!draw(w, 4))
		shutdown(fd, draw(w, 3));
}

/* The connection is told that it is lost, as if by its peer. */
static void do_break(struct worker *w, int fd)
{
	const struct inject_packet lost = { .op = draw(w, 2) ? CHAOS_OP_LOS : CHAOS_OP_CLS };

	if (!draw(w, 8))
		inject_from_peer(fd, &lost);
}

static void (*const deeds[])(struct worker *w, int fd) = {
	do_replace, do_bind, do_connect, do_connect, do_accept, do_accept, do_send, do_send,
	do_send, do_ask, do_receive, do_receive, do_receive, do_options, do_look, do_shutdown,
	do_break, do_decide, do_decide, do_errors,
};

static void *work(void *arg)
{
	struct worker *w = arg;

	/* Namespaces are each thread's own. */
	while (!stop) {
		deeds[draw(w, ARRAY_SIZE(deeds))](w, any_socket(w));
		w->deeds++;
	}
	return NULL;
}

static const char *setting(const char *name, const char *value)
{
	return getenv(name) ?: value;
}

int main(void)
{
	static struct worker workers[THREADS];
	struct worker sum = {};
	int i;

	pair_setup();
	seed = atoi(setting("CHAOS_THREADS_SEED", "0")) ?: time(NULL);
	tap_diag("CHAOS_THREADS_SEED=%u", seed);
	for (i = 0; i < SOCKETS; i++)
		sockets[i] = pair_socket(PAIR_A + i % 2, SOCK_STREAM | SOCK_NONBLOCK);
	for (i = 0; i < THREADS; i++) {
		workers[i].state = seed + 7919 * i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			tap_bail("pthread_create: %s", strerror(errno));
	}
	netns_sleep(atoi(setting("CHAOS_THREADS_MS", "2500")));
	stop = true;
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		sum.deeds += workers[i].deeds;
		sum.accepted += workers[i].accepted;
		sum.received += workers[i].received;
		sum.answered += workers[i].answered;
		sum.decided += workers[i].decided;
		sum.errors += workers[i].errors;
	}
	tap_ok(sum.deeds, "%d threads with %d sockets", THREADS, SOCKETS);
	tap_diag("%lu deeds, %lu accepted, %lu decided, %lu received, %lu answered, %lu errors",
		 sum.deeds, sum.accepted, sum.decided, sum.received, sum.answered, sum.errors);
	for (i = 0; i < SOCKETS; i++)
		close(sockets[i]);
	tap_ok(pair_wait_no_conns(), "nothing is left of them");
	return tap_done();
}
