// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits that protect a host: sysctls, gauges, indices, and queues of devices.
 *
 *	A 401 eth0 ------- limits 402 B
 *
 * Only the first network namespace can set limits: there B is.  All is as before at
 * the end.
 */
#define _GNU_SOURCE
#include "counters.h"
#include "msg.h"
#include "watch.h"

enum { BACKLOG = 20, REST = 30000 /* ms */ };

static char big[400000], buf[1 << 16];
static struct genl netlink;

/* Files of /proc/sys/net/chaos that only B may write, and what was in them. */
static struct limit {
	const char *file;
	char was[24];
} limits[] = {
	{ "max_halfopen", "" }, { "max_orphans", "" }, { "max_mem", "" },
};

static int limit_open(const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/net/chaos/%s", name);
	return open(path, flags | O_CLOEXEC);
}

/* Return: what write() does to the file of the host where we are. */
static int limit_write(const char *name, const char *value)
{
	int fd = limit_open(name, O_WRONLY), result, error;

	if (fd < 0)
		return -1;
	result = write(fd, value, strlen(value)) < 0 ? -1 : 0;
	error = errno;
	close(fd);
	errno = error;
	return result;
}

static void limit_set(const char *name, const char *value)
{
	pair_enter(PAIR_B);
	if (limit_write(name, value))
		tap_bail("%s: %s", name, strerror(errno));
}

static struct limit *limit_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(limits); i++)
		if (!strcmp(limits[i].file, name))
			return &limits[i];
	tap_bail("there is no limit %s", name);
}

static void limit_restore(const char *name)
{
	limit_set(name, limit_find(name)->was);
}

static void restore_all(void)
{
	size_t i;

	if (setns(pair_ns_b, CLONE_NEWNET))
		return;
	for (i = 0; i < ARRAY_SIZE(limits); i++)
		limit_write(limits[i].file, limits[i].was);
}

static void remember(struct limit *l)
{
	int fd = limit_open(l->file, O_RDONLY);
	ssize_t n = read(fd, l->was, sizeof(l->was) - 1);

	if (n <= 0)
		tap_bail("%s: %s", l->file, strerror(errno));
	close(fd);
}

static void setup(void)
{
	char output[NETNS_OUTPUT];
	size_t i;

	pair_limit_time();
	netns_check();
	pair_ns_b = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (access("/proc/sys/net/chaos/max_mem", W_OK))
		tap_skip_all("limits cannot be set here");
	if (netns_run(output, "chaosctl addr") || *output)
		tap_skip_all("this machine itself has Chaosnet addresses");
	for (i = 0; i < ARRAY_SIZE(limits); i++)
		remember(&limits[i]);
	atexit(restore_all);
	genl_open(&netlink);
	pair_ns_a = netns_new();
	netns_veth(pair_ns_a, "eth0", pair_ns_b, "limits");
	netns_host(pair_ns_a, "eth0", PAIR_A, "ALPHA");
	netns_host(pair_ns_b, "limits", PAIR_B, NULL);
}

/* What there is now on B. */
struct gauges {
	unsigned int halfopen, orphans;
	unsigned long long mem;
};

static struct gauges gauges(void)
{
	struct genl_answer answer;
	struct gauges g = {};
	struct nlattr *attr;

	genl_ask(&netlink, netlink.family, CHAOS_CMD_NET_GET, 0, NULL, &answer);
	genl_for_each(attr, &answer) {
		if (genl_type(attr) == CHAOS_NET_A_HALFOPEN)
			g.halfopen = genl_u32(attr);
		if (genl_type(attr) == CHAOS_NET_A_ORPHANS)
			g.orphans = genl_u32(attr);
		if (genl_type(attr) == CHAOS_NET_A_MEM)
			g.mem = genl_u64(attr);
	}
	return g;
}

/* Wait until a condition on gauges @g holds. */
#define wait_gauges(condition) ({					\
	long long end_ = netns_now() + PAIR_PATIENCE;			\
	struct gauges g;						\
	bool done_;							\
									\
	while (g = gauges(), done_ = (condition), !done_ && netns_now() < end_)	\
		netns_sleep(5);						\
	if (!done_)							\
		tap_diag("halfopen %u, orphans %u, mem %llu", g.halfopen, g.orphans, g.mem); \
	done_; })

/* A counter of B. */
static long long counted(const char *name)
{
	struct counters now;

	pair_enter(PAIR_B);
	counters_read(&now);
	return *counters_of(&now, name);
}

/* Wait until it is no less than this. */
static bool wait_counted(const char *name, long long count)
{
	long long end = netns_now() + PAIR_PATIENCE;

	while (counted(name) < count) {
		if (netns_now() > end)
			return false;
		netns_sleep(10);
	}
	return true;
}

static int serve(unsigned int host, int type, const char *contact)
{
	int fd = pair_socket(host, type);

	if (pair_bind(fd, 0, contact) || (type != SOCK_DGRAM && listen(fd, BACKLOG)))
		tap_bail("server for %s: %s", contact, strerror(errno));
	return fd;
}

static void test_files(void)
{
	static const struct {
		const char *file, *value;
		bool good;
	} rows[] = {
		{ "max_halfopen", "0", false }, { "max_halfopen", "1", true },
		{ "max_halfopen", "1000000", true }, { "max_halfopen", "1000001", false },
		{ "max_orphans", "-1", false }, { "max_orphans", "0", true },
		{ "max_orphans", "1000000", true }, { "max_orphans", "1000001", false },
		{ "max_mem", "0", true }, { "max_mem", "5000000000", true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int result;

		pair_enter(PAIR_B);
		result = limit_write(rows[i].file, rows[i].value);
		if (rows[i].good)
			tap_eq(result, 0, "files: %s: %s", rows[i].file, rows[i].value);
		else
			tap_errno(result, EINVAL, "files: %s: %s", rows[i].file, rows[i].value);
	}
	restore_all();
	pair_enter(PAIR_A);
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		tap_errno(limit_write(limits[i].file, "5"), EACCES,
			  "files: %s in another namespace", limits[i].file);
		tap_ok(!access("/proc/sys/net/chaos/window", W_OK),
		       "files: where others can be written");
	}
}

/* What RFCs do while as many wait as may. */
static void test_halfopen(void)
{
	enum { MAX = 3, CALLERS = 5 };
	int server = serve(PAIR_B, SOCK_STREAM, "SLOW"), simple = serve(PAIR_B, SOCK_DGRAM, "ASK");
	struct sockaddr_chaos to = pair_name(PAIR_B, "ASK");
	int client[CALLERS], fd[CALLERS], ask, i, late, open = 0;
	long long before = counted("drop_limit");
	struct msg_got got;

	limit_set("max_halfopen", "3");
	for (i = 0; i < CALLERS; i++)
		client[i] = pair_begin_call("SLOW");
	tap_ok(wait_gauges(g.halfopen == MAX), "halfopen: as many as may be");
	tap_ok(wait_counted("drop_limit", before + CALLERS - MAX), "halfopen: others are counted");
	for (late = 0, i = MAX; i < CALLERS; i++)
		late += pair_info(client[i]).ci_state == CHAOS_RFC_SENT;
	tap_eq(late, CALLERS - MAX, "halfopen: and not refused");
	ask = pair_socket(PAIR_A, SOCK_DGRAM);
	sendto(ask, "?", 1, 0, (struct sockaddr *)&to, sizeof(to));
	tap_eq(pair_poll(simple, POLLIN, 100), 0, "halfopen: transactions, too, have to wait");
	i = pair_socket(PAIR_A, SOCK_STREAM);
	tap_errno(pair_connect(i, PAIR_B, "NOBODY"), ECONNREFUSED,
		  "halfopen: what nobody serves is refused all the same");
	tap_errno(pair_connect(i, PAIR_B, "STATUS"), EPROTOTYPE, "halfopen: and STATUS answered");
	close(i);

	for (i = 0; i < CALLERS; i++)
		fd[i] = pair_take(server);
	for (i = 0; i < CALLERS; i++)
		open += pair_poll(client[i], POLLOUT, PAIR_PATIENCE) == POLLOUT;
	tap_eq(open, CALLERS, "halfopen: all are taken when there is room");
	tap_ok(pair_poll(simple, POLLIN, PAIR_PATIENCE) &&
	       msg_recv(simple, buf, 10, 0, &got) == 1, "halfopen: the transaction as well");
	tap_ok(wait_gauges(g.halfopen == 1), "halfopen: it has no answer yet");
	memset(got.from.sch_contact, 0, sizeof(got.from.sch_contact));
	sendto(simple, "!", 1, 0, (struct sockaddr *)&got.from, sizeof(got.from));
	tap_eq(recv(ask, buf, 10, 0), 1, "halfopen: now it has");
	tap_ok(wait_gauges(!g.halfopen), "halfopen: none");
	for (i = 0; i < CALLERS; i++) {
		close(client[i]);
		close(fd[i]);
	}
	close(ask);
	close(simple);
	close(server);
	limit_restore("max_halfopen");
}

/* What takes a connection out of those that wait. */
static void test_decisions(void)
{
	static const struct {
		const char *what;
		int option;		/* -1: close */
	} rows[] = {
		{ "opened", CHAOS_OPEN }, { "answered", CHAOS_ANSWER },
		{ "refused", CHAOS_REJECT }, { "forwarded", CHAOS_FORWARD },
		{ "closed", -1 },
	};
	const struct sockaddr_chaos to = pair_name(0403, "ELSEWHERE");
	int server = serve(PAIR_B, SOCK_STREAM, "SLOW"), client, fd;
	size_t i;

	pair_set_int(server, SOL_CHAOS, CHAOS_DEFER, 1);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		client = pair_begin_call_once("SLOW");
		fd = pair_take(server);
		tap_eq(gauges().halfopen, 1, "decided: not yet");
		if (rows[i].option == -1)
			close(fd);
		else
			setsockopt(fd, SOL_CHAOS, rows[i].option, &to,
				   rows[i].option == CHAOS_OPEN ? 0 : sizeof(to));
		tap_ok(wait_gauges(!g.halfopen), "decided: %s", rows[i].what);
		if (rows[i].option != -1)
			close(fd);
		close(client);
	}
	client = pair_begin_call_once("SLOW");
	tap_ok(wait_gauges(g.halfopen == 1), "decided: waits for accept()");
	close(server);
	tap_ok(wait_gauges(!g.halfopen), "decided: the server closes");
	close(client);
}

/* A connection on which B has written @len bytes, of which A lets 2 packets come. */
static struct pair stuck(int server, size_t len)
{
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };

	pair_set_int(p.a, SOL_CHAOS, CHAOS_WINDOW, 2);
	p.b = pair_join(p.a, server);
	if (len && (send(p.b, big, len, 0) != (ssize_t)len ||
		    !pair_wait_info(p.a, info.ci_rcv_unread == 2)))
		tap_bail("cannot write");
	return p;
}

/* Read to the end.  Return: how many bytes there were; errno at the end is left. */
static ssize_t read_all(int fd)
{
	struct msg_got got;
	ssize_t sum = 0, n;

	pair_timeout(fd, SO_RCVTIMEO, PAIR_PATIENCE);
	while ((n = msg_recv(fd, buf, sizeof(buf), 0, &got)) > 0 || (!n && got.flags & MSG_EOR)) {
		if (!pair_filled(buf, sum, n))
			return -1;
		sum += n;
	}
	errno = n < 0 ? errno : 0;
	return sum;
}

static void test_orphans(void)
{
	enum { MAX = 2, CONNS = 4, BYTES = 5000 };
	int server = serve(PAIR_B, SOCK_STREAM, "MUCH"), i, complete = 0, cut = 0, told = 0;
	long long before = counted("abort_orphan");
	struct pair p[CONNS];
	ssize_t n;

	limit_set("max_orphans", "2");
	for (i = 0; i < CONNS; i++)
		p[i] = stuck(server, BYTES);
	tap_eq(gauges().orphans, 0, "orphans: none yet");
	tap_ok(gauges().mem > CONNS * BYTES, "orphans: their data is in memory");
	for (i = 0; i < CONNS; i++)
		close(p[i].b);
	tap_ok(wait_gauges(g.orphans == MAX), "orphans: as many as may be");
	tap_eq(counted("abort_orphan") - before, CONNS - MAX, "orphans: others are counted");
	for (i = 0; i < CONNS; i++) {
		n = read_all(p[i].a);
		complete += n == BYTES && !errno;
		cut += n == 2 * CHAOS_DATA_MAX && errno == ECONNRESET;
		told += !strcmp(pair_reason(p[i].a), "Too many connections to close");
		close(p[i].a);
	}
	tap_eq(complete, MAX, "orphans: all arrives from these");
	tap_eq(cut, CONNS - MAX, "orphans: others break");
	tap_eq(told, CONNS - MAX, "orphans: and say why");
	tap_ok(wait_gauges(!g.orphans && !g.mem), "orphans: none is left");

	limit_set("max_orphans", "0");
	p[0] = stuck(server, 0);
	send(p[0].b, big, 10, 0);
	pair_wait_info(p[0].a, info.ci_rcv_unread == 1);
	close(p[0].b);
	tap_ok(read_all(p[0].a) == 10 && !errno, "orphans: none at all: data, end");
	close(p[0].a);
	tap_ok(wait_gauges(!g.orphans && !g.mem), "orphans: none at all");
	close(server);
	limit_restore("max_orphans");
}

/* The counter is exact only up to so many bytes: 64 KiB for each of 2 processors. */
#define MEM_SLACK	(2 * 65536 + 20000)

/* Is a socket that poll() calls writable so? */
static bool poll_is_right(int fd)
{
	int i;

	pair_nonblock(fd, true);
	while (send(fd, big, 1000, 0) > 0)
		;
	for (i = 0; i < 20 && pair_poll(fd, POLLOUT, 100) & POLLOUT; i++)
		if (send(fd, big, 1000, 0) < 0)
			return false;
	return true;
}

static void test_mem(void)
{
	enum { MAX = 200000, BYTES = 400000 };
	int server = serve(PAIR_B, SOCK_STREAM, "MUCH"), size = 8 << 20;
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) }, other;
	long long before = counted("drop_mem_limit");
	struct gauges most;
	ssize_t n;

	setsockopt(server, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	pair_set_int(server, SOL_CHAOS, CHAOS_WINDOW, 1024);
	setsockopt(p.a, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	p.b = pair_join(p.a, server);
	limit_set("max_mem", "200000");
	tap_eq(send(p.a, big, BYTES, 0), BYTES, "mem: written");
	tap_ok(wait_counted("drop_mem_limit", before + 1),
	       "mem: data beyond it is dropped and counted");
	netns_sleep(500);
	most = gauges();
	tap_ok(most.mem > MAX - MEM_SLACK && most.mem < MAX + MEM_SLACK, "mem: used: %llu of %d",
	       most.mem, MAX);

	/* Others have their share. */
	other.a = pair_socket(PAIR_A, SOCK_STREAM);
	other.b = pair_join(other.a, server);
	send(other.a, big, 3000, 0);
	tap_ok(pair_wait_info(other.b, info.ci_bytes_rcvd == 3000), "mem: others have their share");
	n = recv(other.b, buf, 3000, MSG_WAITALL);
	send(other.b, big, 20000, 0);
	tap_ok(n == 3000 && recv(other.a, buf, 20000, MSG_WAITALL) == 20000 &&
	       pair_filled(buf, 0, 20000), "mem: and get through, both ways");
	tap_ok(poll_is_right(other.b), "mem: poll() knows when writing would wait");
	pair_close(&other);

	close(p.a);
	tap_ok(read_all(p.b) == BYTES && !errno, "mem: the reader gets everything");
	close(p.b);
	tap_ok(wait_gauges(!g.mem), "mem: nothing is left");
	close(server);
	limit_restore("max_mem");
}

/* With no memory to share, every connection has still its own. */
static void test_no_mem(void)
{
	int server = serve(PAIR_B, SOCK_STREAM, "LITTLE");
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };

	p.b = pair_join(p.a, server);
	limit_set("max_mem", "0");
	send(p.a, big, 40000, 0);
	close(p.a);
	tap_ok(read_all(p.b) == 40000 && !errno, "no mem: a transfer completes");
	close(p.b);
	tap_ok(wait_gauges(!g.mem), "no mem: nothing is left");
	close(server);
	limit_restore("max_mem");
}

/* Is the index of A free?  A foreign-protocol socket can ask for it. */
static bool index_free(unsigned int index)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_index = index };
	bool is_free;
	int fd;

	pair_enter(PAIR_A);
	fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, CHAOSPROTO_UNC);
	is_free = !bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	if (!is_free && errno != EADDRINUSE)
		tap_bail("bind to index %u: %s", index, strerror(errno));
	close(fd);
	return is_free;
}

/* Connections never have an index that another had lately.  Return: one that rests. */
static unsigned int test_indices(void)
{
	enum { MANY = 150 };
	static long long closed[1 << 16];
	int server = serve(PAIR_B, SOCK_STREAM, "MANY"), again = 0, i;
	unsigned int index = 0;
	struct pair p;

	for (i = 0; i < MANY; i++) {
		p.a = pair_socket(PAIR_A, SOCK_STREAM);
		p.b = pair_join(p.a, server);
		index = pair_info(p.a).ci_local_index;
		again += !index || (closed[index] && netns_now() < closed[index] + REST);
		closed[index] = netns_now();
		watch_abort(p.a);
		close(p.b);
	}
	tap_eq(again, 0, "index: %d connections have different ones", MANY);
	close(server);
	tap_ok(pair_wait_no_conns(), "index: they are gone");
	tap_ok(!index_free(index), "index: that of an open connection rests");
	return index;
}

/* A transaction that went well leaves nothing behind for which its index must rest. */
static void test_index_clean(void)
{
	int server = serve(PAIR_B, SOCK_DGRAM, "ASK"), ask = pair_socket(PAIR_A, SOCK_DGRAM);
	struct sockaddr_chaos to = pair_name(PAIR_B, "ASK");
	unsigned int index, tries = 5;
	bool is_free;
	struct msg_got got;

	do {
		sendto(ask, "?", 1, 0, (struct sockaddr *)&to, sizeof(to));
		if (!pair_poll(server, POLLIN, PAIR_PATIENCE) ||
		    msg_recv(server, buf, 10, 0, &got) != 1)
			tap_bail("no question");
		index = got.from.sch_index;
		if (index_free(index))
			tap_bail("index: in use and free");
		memset(got.from.sch_contact, 0, sizeof(got.from.sch_contact));
		sendto(server, "!", 1, 0, (struct sockaddr *)&got.from, sizeof(got.from));
		recv(ask, buf, 10, 0);
		is_free = index_free(index);
		/* A slow machine may have retransmitted the request. */
	} while (!is_free && --tries);
	tap_ok(is_free, "index: that of a transaction is free at once");
	close(ask);
	close(server);
}

/* Packets in the queue of A's device; -1 in @drops if some were lost. */
static int queue_len(int *drops)
{
	char output[NETNS_OUTPUT];
	const char *s;

	if (netns_run(output, "tc -s -j qdisc show dev eth0"))
		tap_bail("tc: %s", output);
	s = strstr(output, "\"drops\":");
	*drops = s ? atoi(s + 8) : -1;
	s = strstr(output, "\"qlen\":");
	return s ? atoi(s + 7) : -1;
}

/* However much there is to send, a slow device has little of it at a time. */
static void test_queue(void)
{
	/* 40 ms for a full packet; SNS and STS are not counted. */
	enum { BELOW = 32, OTHERS = 4, BYTES = 80 * CHAOS_DATA_MAX, MS = 80 * 22 };
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	int most = 0, samples = 0, drops = 0, len, ms;
	long long start;

	watch_queue(PAIR_A, "tbf rate 200kbit burst 1600 limit 1000000");
	start = netns_now();
	send(p.a, big, BYTES, 0);
	while (pair_info(p.a).ci_snd_queued) {
		pair_enter(PAIR_A);
		len = queue_len(&drops);
		most = len > most ? len : most;
		samples++;
		if (netns_now() - start > 4 * PAIR_PATIENCE)
			break;
	}
	tap_ok(most > BELOW / 2 && most <= BELOW + OTHERS, "queue: at most %d packets, %d looks",
	       most, samples);
	tap_ok(recv(p.b, buf, BYTES, MSG_WAITALL) == BYTES && pair_filled(buf, 0, BYTES),
	       "queue: everything arrives");
	ms = netns_now() - start;
	tap_ok(ms > MS / 2 && ms < PAIR_PATIENCE, "queue: at its rate: %d ms for %d ms", ms,
	       MS);
	tap_eq(drops, 0, "queue: nothing is dropped");
	tap_ok(pair_info(p.a).ci_retrans < 40, "queue: few are sent again: %llu",
	       (unsigned long long)pair_info(p.a).ci_retrans);

	/* Closed while packets are in the queue: they arrive all the same. */
	send(p.a, big, BYTES / 2, 0);
	close(p.a);
	tap_eq(read_all(p.b), BYTES / 2, "queue: closed meanwhile: everything arrives");
	close(p.b);
	watch_queue(PAIR_A, NULL);
}

int main(void)
{
	long long rested;
	unsigned int index;

	setup();
	pair_fill(big, 0, sizeof(big));
	index = test_indices();
	rested = netns_now() + REST;
	test_index_clean();
	test_files();
	test_halfopen();
	test_decisions();
	test_orphans();
	test_mem();
	test_no_mem();
	test_queue();
	tap_ok(wait_gauges(!g.halfopen && !g.orphans && !g.mem), "gauges are 0 at the end");
	if (netns_now() < rested)
		netns_sleep(rested - netns_now() + 1000);
	tap_ok(index_free(index), "index: has rested");
	return tap_done();
}
