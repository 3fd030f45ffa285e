// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does one operation cost, in Chaosnet and in what Linux has for the same purpose?
 *
 * Made for a machine whose time counts instructions, where a nanosecond is one; elsewhere
 * only ratios mean something.  Rounds of all operations alternate, after one that warms
 * up.  Where packets are compared the loops are not those of tools/perf: UDP sends to an
 * address, and waits for credit, which others do without.
 *
 * stream: 64 KiB with each call, to a process that reads as much; for each 488 bytes of
 *	8 MiB, or, "short", of 1 MiB.
 * blocking: packets one with each call, to a process that sleeps until the next comes.
 * burst: one process sends 64 and then reads them, so nobody ever sleeps.
 * ask: a question and its answer, one at a time.
 * connect: connect at one end, accept at the other, close both.
 * forward: a packet on the way through a router, beyond one on the direct way.
 * tunnel: a packet in a tunnel, beyond one on the bare cable.
 *
 * usage: bench_ops [-q] [-r ROUNDS] [NAME...]
 *
 * -q: a few operations, to see whether it works.  Names may be beginnings of names.
 */
#define _GNU_SOURCE
#include <stddef.h>

#include "burst.h"
#include "figure.h"
#include "memory.h"
#include "perf_ask.h"
#include "stream.h"

#define CREDIT		128		/* packets under way, where the protocol has no limit */
#define STEP		(CREDIT / 2)	/* packets that one credit is for */
#define QUESTION	32		/* bytes of a question, and of its answer */
#define LONG		8		/* times the data of other operations */
#define COUNT		2048		/* operations in a round */
#define COUNT_QUICK	256
#define COUNT_CONNECT	8		/* packets cost as much as one connection */

/**
 * struct op - an operation
 * @name: "KIND.PROTOCOL"
 * @measure: do it @count times; nanoseconds for each
 * @open: for operations that begin with two ends
 * @subnet: by which way
 * @times: of the data of other operations, for streams
 * @minus: name of what does not count
 * @credit: the sender must be held back
 */
struct op {
	const char *name;
	double (*measure)(const struct op *op, unsigned int count);
	struct ends (*open)(unsigned int subnet);
	unsigned int subnet, times;
	const char *minus;
	bool credit;
};

static char arrived[2 * CHAOS_DATA_MAX];
static unsigned int rounds = 3, per_round = COUNT;

/* Bursts. */

static double burst(const struct op *op, unsigned int count)
{
	struct ends e = op->open(op->subnet);

	return burst_ns(&e, CHAOS_DATA_MAX, count);
}

/* Two processes. */

/* Each packet is read before the next is sent: how often a reader that is as fast as the
 * sender would sleep is for the scheduler to choose else.
 */
static void wake_at_once(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		tap_bail("sched_setscheduler: %s", strerror(errno));
}

/* Reads packets, gives credit, and at last tells the time. */
__noreturn static void take_packets(const struct op *op, int fd, unsigned int count,
				    const struct peer *p)
{
	unsigned int i;

	wake_at_once();
	for (i = 1; i <= count; i++) {
		if (recv(fd, arrived, sizeof(arrived), 0) != CHAOS_DATA_MAX)
			tap_bail("%s: packet %u: %s", op->name, i, strerror(errno));
		if (op->credit && i % STEP == 0)
			peer_tell(p, "", 1);
	}
	stream_tell_time(p);
}

static void give_packets(const struct op *op, const struct ends *e, unsigned int count,
			 const struct peer *p)
{
	unsigned int i;
	char credit;

	for (i = 0; i < count; i++) {
		if (op->credit && i >= CREDIT && i % STEP == 0)
			peer_hear(p, &credit, 1);
		if (!ends_send(e, burst_packet, CHAOS_DATA_MAX))
			tap_bail("%s: packet %u: %s", op->name, i, strerror(errno));
	}
	for (i = 0; op->credit && i < CREDIT; i += STEP)
		peer_hear(p, &credit, 1);
}

static double blocking(const struct op *op, unsigned int count)
{
	struct ends e = op->open(op->subnet);
	struct peer p = peer_fork();
	uint64_t start, end;

	if (!p.pid)
		take_packets(op, e.fd[FAR], count, &p);
	start = clock_align();
	give_packets(op, &e, count, &p);
	peer_hear(&p, &end, sizeof(end));
	peer_wait(&p);
	ends_close(&e);
	return (double)(end - start) / count;
}

static double stream(const struct op *op, unsigned int count)
{
	struct ends e = op->open(op->subnet);

	return stream_ns(&e, ((uint64_t)count * op->times * CHAOS_DATA_MAX / STREAM_CALL + 1) *
			     STREAM_CALL, STREAM_CALL);
}

/* Questions. */

static struct ends open_server(unsigned int subnet)
{
	struct sockaddr_chaos sa = ends_contact(subnet);
	struct ends e = {};

	e.fd[FAR] = ends_socket(FAR, AF_CHAOS, SOCK_DGRAM, 0);
	ends_name(e.fd[FAR], bind, &sa, sizeof(sa));
	e.fd[NEAR] = ends_socket(NEAR, AF_CHAOS, SOCK_DGRAM, 0);
	ends_name(e.fd[NEAR], connect, &sa, sizeof(sa));
	return e;
}

/* There is no socket at the other end. */
static struct ends open_status(unsigned int subnet)
{
	struct sockaddr_chaos sa = pair_name(lab_addr(subnet, LAB_FAR), "STATUS");
	struct ends e = { .fd = { [FAR] = -1 } };

	e.fd[NEAR] = ends_socket(NEAR, AF_CHAOS, SOCK_DGRAM, 0);
	ends_name(e.fd[NEAR], connect, &sa, sizeof(sa));
	return e;
}

/* Sends everything back. */
__noreturn static void answer(const struct op *op, int fd)
{
	const bool chaos = pair_get_int(fd, SOL_SOCKET, SO_DOMAIN) == AF_CHAOS;
	/* The address of who has asked is one without the contact. */
	const socklen_t len = chaos ? offsetof(struct sockaddr_chaos, sch_contact) : 0;
	struct perf_count count = {};

	while (perf_echo(fd, len, &count) == PERF_MOVED)
		;
	tap_bail("%s: server: %s", op->name, strerror(errno));
}

static double ask(const struct op *op, unsigned int count)
{
	struct ends e = op->open(op->subnet);
	struct perf_ask a = {
		.fd = e.fd[NEAR], .request = e.fd[FAR] < 0 ? 0 : QUESTION,
		.answer = sizeof(arrived), .amount = count,
	};
	struct peer p = peer_fork();
	uint64_t start;

	if (!p.pid && e.fd[FAR] >= 0)
		answer(op, e.fd[FAR]);
	if (!p.pid)
		exit(0);
	start = clock_align();
	if (perf_ask_all(&a) != PERF_ENDED)
		tap_bail("%s: %s", op->name, strerror(errno));
	start = perf_now() - start;
	if (a.count.bytes < (uint64_t)count * QUESTION)
		tap_bail("%s: %llu bytes of answers", op->name,
			 (unsigned long long)a.count.bytes);
	peer_kill(&p);
	ends_close(&e);
	return (double)start / count;
}

/* Connections. */

__noreturn static void take_calls(const struct op *op, int listener)
{
	int fd;

	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			tap_bail("%s: accept: %s", op->name, strerror(errno));
		close(fd);
	}
}

static double connections(const struct op *op, int listener, const void *sa, socklen_t len,
			  unsigned int count)
{
	const int family = ((const struct sockaddr *)sa)->sa_family;
	struct peer p = peer_fork();
	uint64_t start;
	unsigned int i;
	int fd;

	if (!p.pid)
		take_calls(op, listener);
	close(listener);
	lab_enter(NEAR);
	start = clock_align();
	for (i = 0; i < count; i++) {
		fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, sa, len))
			tap_bail("%s: connect: %s", op->name, strerror(errno));
		close(fd);
	}
	start = perf_now() - start;
	peer_kill(&p);
	return (double)start / count;
}

static double connect_tcp(const struct op *op, unsigned int count)
{
	const struct sockaddr_in sa = lab_ip(LAB_DIRECT, LAB_FAR, ENDS_PORT);

	return connections(op, ends_listen_tcp(LAB_DIRECT), &sa, sizeof(sa),
			   count / COUNT_CONNECT);
}

static double connect_chaos(const struct op *op, unsigned int count)
{
	const struct sockaddr_chaos sa = ends_contact(LAB_DIRECT);

	return connections(op, ends_listen_chaos(LAB_DIRECT, SOCK_STREAM), &sa, sizeof(sa),
			   count / COUNT_CONNECT);
}

/* What is subtracted comes before that of which it is. */
static const struct op ops[] = {
	{ "stream.tcp", stream, ends_tcp, .subnet = LAB_DIRECT, .times = LONG },
	{ "stream.chaos", stream, ends_stream, .subnet = LAB_DIRECT, .times = LONG },
	{ "stream-short.tcp", stream, ends_tcp, .subnet = LAB_DIRECT, .times = 1 },
	{ "stream-short.chaos", stream, ends_stream, .subnet = LAB_DIRECT, .times = 1 },

	{ "blocking.packet", blocking, ends_packet, .subnet = LAB_DIRECT, .credit = true },
	{ "blocking.unix", blocking, ends_unix, .subnet = LAB_DIRECT },
	{ "blocking.udp", blocking, ends_udp, .subnet = LAB_DIRECT, .credit = true },
	{ "blocking.udp-connected", blocking, ends_udp_connected, .subnet = LAB_DIRECT,
	  .credit = true },
	{ "blocking.chaos", blocking, ends_seqpacket, .subnet = LAB_DIRECT },

	{ "burst.packet", burst, ends_packet, .subnet = LAB_DIRECT },
	{ "burst.unix", burst, ends_unix, .subnet = LAB_DIRECT },
	{ "burst.udp", burst, ends_udp, .subnet = LAB_DIRECT },
	{ "burst.udp-connected", burst, ends_udp_connected, .subnet = LAB_DIRECT },
	{ "burst.unc", burst, ends_unc, .subnet = LAB_DIRECT },
	{ "burst.chaos", burst, ends_seqpacket, .subnet = LAB_DIRECT },

	{ "ask.udp", ask, ends_udp_connected, .subnet = LAB_DIRECT },
	{ "ask.status", ask, open_status, .subnet = LAB_DIRECT },
	{ "ask.server", ask, open_server, .subnet = LAB_DIRECT },

	{ "connect.tcp", .measure = connect_tcp },
	{ "connect.chaos", .measure = connect_chaos },

	{ "forward.ipv4", burst, ends_udp, .subnet = LAB_OUT, .minus = "burst.udp" },
	{ "forward.chaos", burst, ends_unc, .subnet = LAB_OUT, .minus = "burst.unc" },

	{ "tunnel.ipip", burst, ends_udp_connected, .subnet = LAB_TUNNEL,
	  .minus = "burst.udp-connected" },
	{ "tunnel.chaos", burst, ends_unc, .subnet = LAB_TUNNEL, .minus = "burst.unc" },
};

#define N_OPS	ARRAY_SIZE(ops)

static double result[N_OPS][ROUNDS_MAX];
static bool wanted[N_OPS];

/* Choose an operation by a beginning of its name, and what is subtracted from it. */
static void want(const char *name)
{
	bool known = false;
	unsigned int i;

	for (i = 0; i < N_OPS; i++) {
		if (strncmp(ops[i].name, name, strlen(name)))
			continue;
		known = true;
		wanted[i] = true;
		if (ops[i].minus)
			want(ops[i].minus);
	}
	if (!known) {
		fprintf(stderr, "bench_ops: no operation is named %s\n", name);
		exit(2);
	}
}

static void tell_figures(void)
{
	double middle[N_OPS] = {}, minus;
	unsigned int i, other;

	for (i = 0; i < N_OPS; i++) {
		if (!wanted[i])
			continue;
		minus = 0;
		for (other = 0; other < i; other++)
			if (ops[i].minus && !strcmp(ops[other].name, ops[i].minus))
				minus = middle[other];
		middle[i] = figure(ops[i].name, "ns", result[i], rounds, minus);
	}
}

/* Everything sent begins as a frame does that goes to the server. */
static void make_frame(void)
{
	struct wire_frame f = {};
	uint8_t mac[6];

	topo_mac(&lab_hosts[FAR], "eth0", mac);
	wire_ether(&f, mac, wire_zero, ENDS_ETHERTYPE);
	memcpy(burst_packet, f.bytes, ETH_HLEN);
}

static void parse(int argc, char **argv)
{
	int opt, bad = 0;

	while ((opt = getopt(argc, argv, "qr:")) != -1) {
		if (opt == 'q')
			per_round = COUNT_QUICK;
		else if (opt == 'r')
			rounds = strtoul(optarg, NULL, 10);
		else
			bad = 1;
	}
	if (bad || !rounds || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_ops [-q] [-r ROUNDS] [NAME...]\n");
		exit(2);
	}
	if (optind == argc)
		want("");
	while (optind < argc)
		want(argv[optind++]);
}

int main(int argc, char **argv)
{
	unsigned int i, round;

	parse(argc, argv);
	memory_stay();
	lab_set_up();
	make_frame();
	for (round = 0; round <= rounds; round++)
		for (i = 0; i < N_OPS; i++)
			if (wanted[i])
				result[i][round ? round - 1 : 0] =
					ops[i].measure(&ops[i], per_round);
	tell_figures();
	return 0;
}
