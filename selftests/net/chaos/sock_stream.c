// SPDX-License-Identifier: GPL-2.0-or-later
/* SOCK_STREAM: names, arguments, data of all sizes both ways, ways to read. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "msg.h"
#include "pair.h"

static char out[16384], in[16384];

static bool zero(const void *p, size_t len)
{
	const char *c = p;

	while (len && !*c++)
		len--;
	return !len;
}

/* A name as it should be: contact, zeros behind it, length 128. */
static bool name_is(const struct sockaddr_chaos *sa, socklen_t len, unsigned int addr,
		    unsigned int index, const char *contact)
{
	size_t n = strlen(contact);

	return len == sizeof(*sa) && sa->sch_family == AF_CHAOS && sa->sch_addr == addr &&
	       sa->sch_index == index && !sa->sch_flags && !memcmp(sa->sch_contact, contact, n) &&
	       zero(sa->sch_contact + n, sizeof(sa->sch_contact) - n);
}

typedef int name_fn(int fd, struct sockaddr *sa, socklen_t *len);

static void check_name(const char *what, name_fn *get, int fd, unsigned int addr,
		       unsigned int index, const char *contact)
{
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);

	memset(&sa, 0x5a, sizeof(sa));
	if (!tap_ok(!get(fd, (struct sockaddr *)&sa, &len) &&
		    name_is(&sa, len, addr, index, contact), "%s", what))
		tap_diag("got %o:%x %.120s, length %u", sa.sch_addr, sa.sch_index,
			 sa.sch_contact, len);
}

static void test_names(void)
{
	int server = pair_socket(PAIR_B, SOCK_STREAM), client = pair_socket(PAIR_A, SOCK_STREAM);
	struct sockaddr_chaos sa;
	socklen_t len = sizeof(sa);
	unsigned int a, b;
	int fd;

	check_name("getsockname: fresh socket", getsockname, client, 0, 0, "");
	pair_bind(client, PAIR_A, "");
	check_name("getsockname: bound to an address", getsockname, client, PAIR_A, 0, "");
	pair_bind(server, PAIR_B, "NAMES");
	listen(server, 1);
	check_name("getsockname: bound", getsockname, server, PAIR_B, 0, "NAMES");

	pair_nonblock(client, true);
	pair_connect(client, PAIR_B, "NAMES of all");
	a = pair_info(client).ci_local_index;
	tap_ok(a, "connecting: we have an index");
	check_name("getsockname: connecting", getsockname, client, PAIR_A, a, "");
	fd = accept(server, (struct sockaddr *)&sa, &len);
	tap_ok(name_is(&sa, len, PAIR_A, a, "NAMES"), "accept: the caller's name");
	pair_poll(client, POLLOUT, PAIR_PATIENCE);
	b = pair_info(fd).ci_local_index;
	tap_ok(b, "accepted: we have an index");
	check_name("getsockname: connected", getsockname, client, PAIR_A, a, "");
	check_name("getpeername: connected", getpeername, client, PAIR_B, b, "NAMES");
	check_name("getsockname: accepted", getsockname, fd, PAIR_B, b, "");
	check_name("getpeername: accepted", getpeername, fd, PAIR_A, a, "NAMES");

	len = 4;
	memset(&sa, 0x5a, sizeof(sa));
	tap_ok(!getpeername(client, (struct sockaddr *)&sa, &len) && len == sizeof(sa) &&
	       sa.sch_family == AF_CHAOS && sa.sch_index == 0x5a5a, "getpeername: little room");
	tap_eq(pair_get_int(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM, "SO_TYPE");
	tap_eq(pair_get_int(fd, SOL_SOCKET, SO_DOMAIN), AF_CHAOS, "SO_DOMAIN");
	tap_eq(pair_get_int(server, SOL_SOCKET, SO_ACCEPTCONN), 1, "SO_ACCEPTCONN");
	close(fd);
	close(client);
	close(server);
}

static const char longest[] = "LONGEST-----------------------------------------------------"
			      "----------------------------------------------------CONTACT!";

/* What connect() is given, and what the server gets. */
static const struct rfc_row {
	const char *what, *contact, *data, *rfc;
} rfc_rows[] = {
	{ "contact alone", "ARGS", NULL, "ARGS" },
	{ "arguments in the address", "ARGS a  b ", NULL, "ARGS a  b " },
	{ "arguments by CHAOS_RFC_DATA", "ARGS", "c\1\377", "ARGS c\1\377" },
	{ "arguments by both", "ARGS a", "c", "ARGS a c" },
	{ "nothing after the space", "ARGS ", NULL, "ARGS " },
	{ "lower case", "args", NULL, "args" },
	{ "the longest contact", longest, "x", NULL },
};

static void test_rfc_data(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rfc_rows); i++) {
		const struct rfc_row *row = &rfc_rows[i];
		int server = pair_socket(PAIR_B, SOCK_STREAM), fd;
		int client = pair_socket(PAIR_A, SOCK_STREAM);
		const char *rfc = row->rfc;
		socklen_t len = sizeof(in);

		if (!rfc) {
			snprintf(out, sizeof(out), "%s %s", longest, row->data);
			rfc = out;
		}
		pair_bind(server, 0, row->contact == longest ? longest : "ARGS");
		listen(server, 1);
		if (row->data)
			setsockopt(client, SOL_CHAOS, CHAOS_RFC_DATA, row->data,
				   strlen(row->data));
		pair_nonblock(client, true);
		pair_connect(client, PAIR_B, row->contact);
		pair_poll(server, POLLIN, PAIR_PATIENCE);
		fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
		tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, in, &len) &&
		       len == strlen(rfc) && !memcmp(in, rfc, len), "RFC: %s", row->what);
		close(client);
		close(fd);
		close(server);
	}
}

/* Write in one piece, read as it comes, and compare. */
static void move(int from, int to, size_t size, const char *way)
{
	size_t got = 0;
	ssize_t n;

	pair_fill(out, 0, size);
	memset(in, 0, sizeof(in));
	if (!tap_eq(write(from, out, size), size, "%zu bytes %s: written", size, way))
		return;
	while (got < size && pair_poll(to, POLLIN, PAIR_PATIENCE)) {
		n = read(to, in + got, sizeof(in) - got);
		if (n <= 0)
			break;
		got += n;
	}
	tap_ok(got == size && pair_filled(in, 0, size), "%zu bytes %s: read", size, way);
}

static void test_sizes(void)
{
	static const size_t sizes[] = { 1, 2, 487, 488, 489, 975, 976, 977, 1463, 1464, 1465,
					4880, 16384 };
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		move(p.a, p.b, sizes[i], "there");
		move(p.b, p.a, sizes[i], "back");
	}
	tap_eq(write(p.a, out, 0), 0, "no bytes: written");
	tap_eq(pair_poll(p.b, POLLIN, 100), 0, "no bytes: are nothing");
	pair_close(&p);
}

static void test_vectors(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct iovec from[] = { { out, 3 }, { out + 3, 0 }, { out + 3, 700 }, { out + 703, 5 } };
	struct iovec to[] = { { in, 500 }, { in + 500, 1 }, { in + 501, 207 }, { in + 708, 9 } };

	pair_fill(out, 0, 708);
	tap_eq(writev(p.a, from, ARRAY_SIZE(from)), 708, "writev");
	if (!tap_ok(pair_wait_info(p.b, info.ci_rcv_unread == 2), "arrived in two packets"))
		tap_diag("%u packets", pair_info(p.b).ci_rcv_unread);
	tap_ok(readv(p.b, to, ARRAY_SIZE(to)) == 708 && pair_filled(in, 0, 708), "readv");
	pair_close(&p);
}

/* From a file into a stream, and from a stream into a pipe. */
static void test_sendfile(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int file = memfd_create("test", MFD_CLOEXEC), pipefd[2];
	off_t offset = 0;

	pair_fill(out, 0, 6000);
	if (write(file, out, 6000) != 6000 || pipe(pipefd))
		tap_bail("file and pipe: %s", strerror(errno));
	tap_eq(sendfile(p.a, file, &offset, 6000), 6000, "sendfile");
	tap_ok(recv(p.b, in, 5000, MSG_WAITALL) == 5000 && pair_filled(in, 0, 5000),
	       "what was sent by it");
	pair_wait_info(p.a, !info.ci_snd_unreceipted && !info.ci_snd_queued);
	tap_eq(splice(p.b, NULL, pipefd[1], NULL, 5000, 0), 1000, "splice");
	tap_ok(read(pipefd[0], in, 1000) == 1000 && pair_filled(in, 5000, 1000),
	       "what was received by it");
	close(file);
	close(pipefd[0]);
	close(pipefd[1]);
	pair_close(&p);
}

/* What was sent, as far as it has arrived: three packets, of 488, 488 and 24 bytes. */
static struct pair three_packets(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	pair_fill(out, 0, 1000);
	send(p.a, out, 1000, 0);
	if (!pair_wait_info(p.b, info.ci_rcv_unread == 3))
		tap_bail("1000 bytes do not arrive as three packets");
	return p;
}

static void test_read_flags(void)
{
	struct pair p = three_packets();

	tap_eq(pair_ioctl(p.b, SIOCINQ), 1000, "SIOCINQ");
	tap_ok(recv(p.b, in, 600, MSG_PEEK) == 600 && pair_filled(in, 0, 600), "peek");
	tap_ok(recv(p.b, in, 1000, MSG_PEEK) == 1000 && pair_filled(in, 0, 1000), "peek again");
	tap_ok(recv(p.b, in, 2000, MSG_PEEK | MSG_WAITALL) == 1000 && pair_filled(in, 0, 1000),
	       "peek at all there is");
	tap_ok(recv(p.b, in, 100, 0) == 100 && pair_filled(in, 0, 100), "read a part");
	tap_eq(pair_ioctl(p.b, SIOCINQ), 900, "SIOCINQ of the rest");
	tap_ok(recv(p.b, in, 500, MSG_PEEK) == 500 && pair_filled(in, 100, 500), "peek at more");
	tap_ok(recv(p.b, in, 800, MSG_WAITALL) == 800 && pair_filled(in, 100, 800), "wait for all");
	memset(in, 0, 100);
	tap_eq(recv(p.b, in, 60, MSG_TRUNC), 60, "discard");
	tap_ok(zero(in, 60), "discard: the buffer is left alone");
	tap_eq(recv(p.b, NULL, 20, MSG_TRUNC), 20, "discard without a buffer");
	tap_ok(recv(p.b, in, 100, 0) == 20 && pair_filled(in, 980, 20), "read what is left");
	tap_errno(recv(p.b, in, 1, MSG_DONTWAIT), EAGAIN, "then there is nothing");
	tap_errno(recv(p.b, in, 1, MSG_DONTWAIT | MSG_PEEK), EAGAIN, "nothing to peek at");
	tap_eq(pair_ioctl(p.b, SIOCINQ), 0, "SIOCINQ of nothing");
	tap_ok(pair_wait_info(p.a, !info.ci_snd_unacked), "all is acknowledged");
	tap_eq(pair_ioctl(p.a, SIOCOUTQ), 0, "SIOCOUTQ: all has arrived");
	pair_close(&p);
}

/* MSG_WAITALL and SO_RCVLOWAT wait for what comes later. */
static void test_wait_for_more(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);

	pair_fill(out, 0, 1000);
	if (!fork()) {
		send(p.a, out, 10, 0);
		netns_sleep(100);
		send(p.a, out + 10, 990, 0);
		_exit(0);
	}
	tap_ok(recv(p.b, in, 800, MSG_WAITALL) == 800 && pair_filled(in, 0, 800),
	       "MSG_WAITALL waits for more");
	tap_ok(recv(p.b, in, 200, MSG_WAITALL) == 200 && pair_filled(in, 800, 200), "and more");
	wait(NULL);

	tap_eq(pair_set_int(p.b, SOL_SOCKET, SO_RCVLOWAT, 500), 0, "SO_RCVLOWAT");
	send(p.a, out, 499, 0);
	pair_wait_info(p.b, info.ci_rcv_unread == 2);
	tap_eq(pair_poll(p.b, POLLIN, 0), 0, "SO_RCVLOWAT: too little to be readable");
	tap_eq(recv(p.b, in, 1000, MSG_DONTWAIT), 499, "SO_RCVLOWAT: yet it can be read");
	if (!fork()) {
		send(p.a, out, 10, 0);
		netns_sleep(100);
		send(p.a, out + 10, 490, 0);
		_exit(0);
	}
	tap_eq(pair_poll(p.b, POLLIN, PAIR_PATIENCE), POLLIN, "SO_RCVLOWAT: enough to be readable");
	tap_ok(recv(p.b, in, 1000, 0) == 500 && pair_filled(in, 0, 500), "SO_RCVLOWAT: read");
	wait(NULL);
	pair_close(&p);
}

/* CHAOS_INFO of the two ends tells the same story. */
static void test_info(void)
{
	struct pair p = three_packets();
	long long end = netns_now() + PAIR_PATIENCE;
	struct chaos_info a, b;

	recv(p.b, in, 1000, MSG_WAITALL);
	send(p.b, out, 7, 0);
	recv(p.a, in, 7, 0);
	pair_wait_info(p.a, !info.ci_snd_unacked);
	pair_wait_info(p.b, !info.ci_snd_unacked);
	do {
		/* Nothing is under way. */
		netns_sleep(100);
		a = pair_info(p.a);
		b = pair_info(p.b);
	} while (a.ci_pkts_sent - b.ci_pkts_rcvd > 1 && netns_now() < end);
	tap_ok(a.ci_state == CHAOS_OPENED && b.ci_state == CHAOS_OPENED, "info: state");
	tap_ok(a.ci_local_addr == PAIR_A && a.ci_peer_addr == PAIR_B &&
	       b.ci_local_addr == PAIR_B && b.ci_peer_addr == PAIR_A, "info: addresses");
	tap_ok(a.ci_local_index == b.ci_peer_index && b.ci_local_index == a.ci_peer_index &&
	       a.ci_local_index && b.ci_local_index, "info: indices");
	tap_ok(a.ci_rcv_window == 128 && b.ci_rcv_window == 128 && a.ci_snd_window == 128 &&
	       b.ci_snd_window == 128, "info: windows");
	tap_ok(!a.ci_snd_unreceipted && !a.ci_snd_queued && !a.ci_rcv_unread && !a.ci_rcv_ooo,
	       "info: queues");
	tap_ok(a.ci_bytes_sent == 1000 && b.ci_bytes_rcvd == 1000 && b.ci_bytes_sent == 7 &&
	       a.ci_bytes_rcvd == 7, "info: bytes");
	tap_ok(a.ci_pkts_sent == b.ci_pkts_rcvd + 1 || a.ci_pkts_sent == b.ci_pkts_rcvd,
	       "info: packets: %llu, %llu", (unsigned long long)a.ci_pkts_sent,
	       (unsigned long long)b.ci_pkts_rcvd);
	tap_ok(a.ci_pkts_sent >= 5 && a.ci_last_rx_ms < 60000 && a.ci_last_tx_ms < 60000,
	       "info: times");
	tap_ok(!a.ci_beyond_window && !b.ci_beyond_window && !a.ci_gaps_rcvd, "info: no trouble");
	tap_ok(!a.ci_reserved && zero(a.ci_reserved2, sizeof(a.ci_reserved2)) && !a.ci_reserved3,
	       "info: reserved fields");
	pair_close(&p);
}

/* A host can talk to itself, over lo. */
static void test_loopback(void)
{
	int server = pair_socket(PAIR_B, SOCK_STREAM), client = pair_socket(PAIR_B, SOCK_STREAM);
	int fd;

	pair_bind(server, PAIR_B, "SELF");
	listen(server, 1);
	fd = pair_join(client, server);
	tap_ok(fd >= 0, "own host: connected");
	check_name("own host: getsockname", getsockname, client, PAIR_B,
		   pair_info(fd).ci_peer_index, "");
	move(client, fd, 16384, "to our own host");
	move(fd, client, 16384, "and back");
	close(client);
	tap_eq(recv(fd, in, sizeof(in), 0), 0, "own host: the EOF");
	tap_eq(recv(fd, in, sizeof(in), 0), 0, "own host: the end");
	close(fd);
	close(server);
}

int main(void)
{
	pair_setup();
	test_names();
	test_rfc_data();
	test_sizes();
	test_vectors();
	test_sendfile();
	test_read_flags();
	test_wait_for_more();
	test_info();
	test_loopback();
	return tap_done();
}
