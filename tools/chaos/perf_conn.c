// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "perf_clock.h"
#include "perf_conn.h"

#define BURST		32	/* calls in each direction before others have their turn */
#define PACKET_SPACE	2048	/* more than a packet takes of a buffer */

/* Enlarge a buffer as far as the system lets us; what is larger already stays. */
static void make_room(int fd, int option, int space)
{
	socklen_t len = sizeof(int);
	int now;

	/* The kernel tells twice of what it was asked for. */
	if (!getsockopt(fd, SOL_SOCKET, option, &now, &len) && now / 2 < space)
		setsockopt(fd, SOL_SOCKET, option, &space, sizeof(space));
}

/**
 * perf_conn_prepare() - set up a socket before it is connected, or accepted
 * @fd: socket
 * @request: test
 *
 * Return: 0, or -1 with errno set.
 */
int perf_conn_prepare(int fd, const struct perf_request *request)
{
	int window = request->window;

	if (!window)
		return 0;
	make_room(fd, SO_RCVBUF, window * PACKET_SPACE);
	make_room(fd, SO_SNDBUF, window * PACKET_SPACE);
	return setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window));
}

/* The packet that ended a connection is a message, too. */
static bool is_data(struct msghdr *msg)
{
	struct cmsghdr *c;
	int opcode;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_CHAOS || c->cmsg_type != CHAOS_OPCODE)
			continue;
		memcpy(&opcode, CMSG_DATA(c), sizeof(opcode));
		return opcode >= CHAOS_OP_DAT;
	}
	return true;
}

static void broken(struct perf_conn *conn)
{
	conn->err = errno;
	conn->sending = false;
	conn->receiving = false;
}

static void send_some(struct perf_conn *conn)
{
	enum perf_step step = PERF_MOVED;
	int i;

	for (i = 0; i < BURST && step == PERF_MOVED; i++)
		step = perf_send(&conn->out);
	if (step == PERF_ENDED) {
		conn->sending = false;
		if (shutdown(conn->watch.fd, SHUT_WR))
			broken(conn);
	} else if (step == PERF_FAILED) {
		broken(conn);
	}
}

static void receive_some(struct perf_conn *conn)
{
	enum perf_step step = PERF_MOVED;
	int i;

	for (i = 0; i < BURST && step == PERF_MOVED; i++)
		step = perf_receive(&conn->in);
	if (step == PERF_ENDED)
		conn->receiving = false;
	else if (step == PERF_FAILED)
		broken(conn);
}

static void watch(struct perf_conn *conn)
{
	uint32_t events = (conn->receiving ? EPOLLIN : 0) | (conn->sending ? EPOLLOUT : 0);

	if (perf_loop_watch(conn->loop, &conn->watch, events))
		broken(conn);
}

static void run(struct perf_conn *conn)
{
	bool sending = conn->sending, receiving = conn->receiving;

	if (conn->sending)
		send_some(conn);
	if (conn->receiving)
		receive_some(conn);
	watch(conn);
	if (sending != conn->sending || receiving != conn->receiving)
		conn->changed(conn);
}

static void ready(struct perf_watch *watch)
{
	run((struct perf_conn *)watch);
}

/**
 * perf_conn_init() - a connection that is open, or will be
 * @conn: result; loop, changed and owner are set
 * @request: test
 * @sends: this side sends
 * @receives: this side receives
 * @index: which connection of the test
 */
void perf_conn_init(struct perf_conn *conn, const struct perf_request *request, bool sends,
		    bool receives, unsigned int index)
{
	const struct perf_flow flow = {
		.size = request->size, .records = request->packets, .stamp = true,
		.flags = MSG_DONTWAIT, .is_data = request->packets ? is_data : NULL,
	};

	conn->watch = (struct perf_watch){ .fd = -1, .ready = ready };
	conn->out = flow;
	conn->in = flow;
	conn->out.amount = perf_share(request, index);
	conn->sending = sends;
	conn->receiving = receives;
}

/**
 * perf_conn_start() - begin to send and to receive
 * @conn: connection; its watch has the socket
 * @end: when to stop sending, 0: never
 */
void perf_conn_start(struct perf_conn *conn, uint64_t end)
{
	conn->out.fd = conn->watch.fd;
	conn->in.fd = conn->watch.fd;
	conn->out.end = end;
	watch(conn);
	if (conn->err)
		conn->changed(conn);
}

/**
 * perf_conn_stop() - end sending now
 * @conn: connection
 */
void perf_conn_stop(struct perf_conn *conn)
{
	if (!conn->sending)
		return;
	conn->out.end = 1;
	run(conn);
}

/* Get what the kernel knows; zeros if the connection is no more. */
static struct chaos_info conn_info(const struct perf_conn *conn)
{
	struct chaos_info info = {};
	socklen_t len = sizeof(info);

	if (conn->watch.fd >= 0 && getsockopt(conn->watch.fd, SOL_CHAOS, CHAOS_INFO, &info, &len))
		memset(&info, 0, sizeof(info));
	return info;
}

/**
 * perf_conn_progress() - does something happen?
 * @conn: connection
 *
 * Return: a number that changes when data was sent, received, or read by the peer.
 */
uint64_t perf_conn_progress(const struct perf_conn *conn)
{
	const struct chaos_info info = conn_info(conn);

	/* What is sent leads, what is read follows: no change hides another. */
	return (conn->out.count.bytes + conn->in.count.bytes) * 65536 -
	       info.ci_snd_unacked - info.ci_snd_queued;
}

static uint64_t since(uint64_t start, uint64_t when)
{
	return when > start ? when - start : 0;
}

/**
 * perf_conn_result() - what this side saw
 * @conn: connection
 * @start: of the test
 * @r: result
 */
void perf_conn_result(const struct perf_conn *conn, uint64_t start, struct perf_result *r)
{
	const struct chaos_info info = conn_info(conn);
	const struct perf_count *in = &conn->in.count, *out = &conn->out.count;

	*r = (struct perf_result) {
		.rx_bytes = in->bytes, .rx_ops = in->ops,
		.rx_calls = in->calls, .rx_again = in->again,
		.rx_ns = since(start, conn->in.last),
		.tx_bytes = out->bytes, .tx_ops = out->ops,
		.tx_calls = out->calls, .tx_again = out->again,
		.tx_ns = since(start, conn->out.last),
		.sent = info.ci_pkts_sent, .rcvd = info.ci_pkts_rcvd,
		.retrans = info.ci_retrans, .dups = info.ci_dups_rcvd,
		.ooo = info.ci_ooo_rcvd, .gaps = info.ci_gaps_rcvd,
		.rtt_us = info.ci_rtt_us, .rttvar_us = info.ci_rttvar_us,
		.window = info.ci_snd_window, .cwnd = info.ci_snd_cwnd,
	};
}
