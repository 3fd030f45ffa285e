// SPDX-License-Identifier: GPL-2.0-or-later
/* Small writes to a stream join in packets: which, for how long, and in order. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <linux/userfaultfd.h>

#include "msg.h"
#include "watch.h"

/* A packet waits to be filled for a round trip, but no longer than so many milliseconds;
 * slow machines are late.
 */
enum { HOLD = 200, HOLD_LEAST = HOLD - 5, AT_ONCE = 120 };
enum { TRIP = HOLD + 10 };

/* Where other things take longer (ms) the test says nothing, and is tried again. */
enum { SLOW = AT_ONCE / 4, TRIES = 10 };

#define MANY	100000			/* bytes of the longer streams */
#define BAD	((void *)8)

static char out[MANY + 1000], in[MANY + 1000];
static unsigned int trip = TRIP;	/* to the mute peer and back */
static int cable;

/* One thing done with a socket, perhaps several times. */
struct step {
	enum { DONE, WRITE, MARK, NODELAY, SHUT, CLOSE } what;
	int len, flags, times;
};

#define W(len)		{ WRITE, len, 0, 1 }
#define WS(times, len)	{ WRITE, len, 0, times }
#define MORE(len)	{ WRITE, len, MSG_MORE, 1 }
#define EOR(len)	{ WRITE, len, MSG_EOR, 1 }
#define DO(what)	{ what, 0, 0, 1 }

/*
 * The peer is mute: no receipts arrive.  @packets are the lengths of those with data,
 * EOF for marks; one with "~" has waited to be filled, the others went at once.
 */
static const struct row {
	const char *what;
	int type;
	struct step steps[8];
	const char *packets;
} rows[] = {
	{ "one small write", SOCK_STREAM, { W(1) }, "1" },
	{ "small writes", SOCK_STREAM, { WS(10, 1) }, "1 9~" },
	{ "full packets", SOCK_STREAM, { W(488), W(488), W(976) }, "488 488 488 488" },
	{ "a full packet behind a small one", SOCK_STREAM, { W(1), W(488) }, "1 488" },
	{ "a large write", SOCK_STREAM, { W(1000) }, "488 488 24" },
	{ "a large write behind a small one", SOCK_STREAM, { W(1), W(600) }, "1 488 112~" },
	{ "a large write fills a packet", SOCK_STREAM, { W(1), W(100), W(500) }, "1 488 112~" },
	{ "small writes fill a packet", SOCK_STREAM, { W(1), WS(488, 1), W(3) }, "1 488 3~" },
	{ "small writes of odd lengths", SOCK_STREAM, { W(1), WS(30, 33) }, "1 488 488 14~" },
	{ "an empty write", SOCK_STREAM, { W(1), W(2), W(0) }, "1 2~" },
	{ "MSG_MORE", SOCK_STREAM, { MORE(5) }, "5~" },
	{ "MSG_MORE many times", SOCK_STREAM, { MORE(5), MORE(6), MORE(7) }, "18~" },
	{ "MSG_MORE, then no more", SOCK_STREAM, { MORE(5), MORE(6), W(7) }, "18" },
	{ "MSG_MORE fills a packet", SOCK_STREAM, { MORE(400), MORE(88) }, "488" },
	{ "MSG_MORE fills more than one", SOCK_STREAM, { MORE(400), MORE(600) }, "488 488 24~" },
	{ "MSG_EOR", SOCK_STREAM, { EOR(3), EOR(4), EOR(5) }, "3 4 5" },
	{ "MSG_EOR sends what waits", SOCK_STREAM, { W(1), W(2), EOR(3) }, "1 5" },
	{ "MSG_EOR with a large write", SOCK_STREAM, { W(1), W(2), EOR(500) }, "1 488 14" },
	{ "MSG_EOR ends a packet", SOCK_STREAM, { W(1), EOR(2), W(3), W(4) }, "1 2 7~" },
	{ "MSG_EOR after MSG_MORE", SOCK_STREAM, { MORE(1), EOR(2) }, "3" },
	{ "MSG_MORE and MSG_EOR", SOCK_STREAM,
	  { { WRITE, 2, MSG_MORE | MSG_EOR, 1 } }, "2" },
	{ "NODELAY", SOCK_STREAM, { DO(NODELAY), WS(4, 2) }, "2 2 2 2" },
	{ "NODELAY sends what waits", SOCK_STREAM, { W(1), W(2), W(3), DO(NODELAY) }, "1 5" },
	{ "NODELAY sends what MSG_MORE holds", SOCK_STREAM, { MORE(2), DO(NODELAY) }, "2" },
	{ "NODELAY and MSG_MORE", SOCK_STREAM, { DO(NODELAY), MORE(2), MORE(3) }, "5~" },
	{ "NODELAY after MSG_MORE", SOCK_STREAM, { DO(NODELAY), MORE(2), W(3), W(4) }, "5 4" },
	{ "a mark sends what waits", SOCK_STREAM, { W(1), W(2), DO(MARK) }, "1 2 EOF" },
	{ "a mark sends what MSG_MORE holds", SOCK_STREAM, { MORE(2), DO(MARK) }, "2 EOF" },
	{ "nothing joins across a mark", SOCK_STREAM,
	  { W(1), W(2), DO(MARK), W(3), W(4), DO(MARK) }, "1 2 EOF 7 EOF" },
	{ "shutdown sends what waits", SOCK_STREAM, { W(1), W(2), DO(SHUT) }, "1 2 EOF" },
	{ "close sends what waits", SOCK_STREAM, { W(1), W(2), DO(CLOSE) }, "1 2 EOF" },
	{ "close sends what MSG_MORE holds", SOCK_STREAM, { MORE(2), DO(CLOSE) }, "2 EOF" },
	{ "packets stay as they are", SOCK_SEQPACKET, { WS(4, 3) }, "3 3 3 3" },
	{ "packets, empty too", SOCK_SEQPACKET, { W(1), W(0), W(1) }, "1 0 1" },
	{ "packets and MSG_MORE", SOCK_SEQPACKET, { MORE(1), MORE(2) }, "1 2" },
};

static void do_step(int fd, const struct step *s)
{
	ssize_t n = s->len;

	switch (s->what) {
	case WRITE:
		n = send(fd, out, s->len, s->flags);
		break;
	case MARK:
		n = msg_send_eof(fd);
		break;
	case NODELAY:
		n = pair_set_int(fd, SOL_CHAOS, CHAOS_NODELAY, 1);
		break;
	case SHUT:
		n = shutdown(fd, SHUT_WR);
		break;
	case CLOSE:
		n = close(fd);
		break;
	case DONE:
		break;
	}
	if (n != s->len)
		tap_bail("cannot do step %d: %s", s->what, strerror(errno));
}

/* Packets as text; those sent later than AT_ONCE after @begun and before HOLD_LEAST
 * are neither one thing nor the other and get "?".
 */
static void hear(const char *want, long long begun, char *text, size_t size)
{
	long long end = netns_now() + 5000;
	struct watch_packet p;
	uint16_t next = 0;
	size_t len = 0;
	int ms;

	text[0] = 0;
	while (len + 12 < size && netns_now() < end &&
	       watch_next(cable, &p, strcmp(text, want) ? 2000 : 0)) {
		uint8_t op = p.f.bytes[WIRE_OP];

		/* Retransmissions do not count. */
		if (op < CHAOS_OP_DAT && op != CHAOS_OP_EOF)
			continue;
		if (len && (int16_t)(wire_get(&p.f, WIRE_NUM) - next) < 0)
			continue;
		next = wire_get(&p.f, WIRE_NUM) + 1;
		if (op == CHAOS_OP_EOF)
			len += snprintf(text + len, size - len, "%sEOF", len ? " " : "");
		else
			len += snprintf(text + len, size - len, "%s%u", len ? " " : "",
					wire_count(&p.f));
		ms = (p.us - begun) / 1000;
		if (ms > AT_ONCE)
			len += snprintf(text + len, size - len, "%s",
					ms < HOLD_LEAST ? "?" : "~");
	}
}

/* Return: how many milliseconds it took to do all steps. */
static long long try_row(const struct row *row, char *text, size_t size)
{
	int fd = pair_socket(PAIR_A, row->type), i;
	const struct step *s;
	long long begun, took;
	bool closed = false;

	watch_connect_mute(fd, cable, trip);
	begun = watch_now();
	for (s = row->steps; s->what; s++)
		for (i = 0; i < s->times; i++) {
			closed = s->what == CLOSE;
			do_step(fd, s);
		}
	took = (watch_now() - begun) / 1000;
	hear(row->packets, begun, text, size);
	if (!closed)
		watch_abort(fd);
	return took;
}

/* Do the texts tell of the same packets, sent at other times? */
static bool same_but_times(const char *a, const char *b)
{
	static const char marks[] = "~?";

	for (;;) {
		a += strspn(a, marks);
		b += strspn(b, marks);
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

static void test_row(const struct row *row)
{
	int tries = TRIES;
	long long took;
	char text[256];
	bool good;

	do {
		took = try_row(row, text, sizeof(text));
		good = !strcmp(text, row->packets);
	} while (!good && (took > SLOW || same_but_times(text, row->packets)) && --tries);
	if (!tap_ok(good, "%s: %s", row->what, row->packets))
		tap_diag("packets: %s; written in %lld ms", text, took);
}

/* Nobody waits longer for a receipt than the line needs. */
static void test_near(void)
{
	static const struct row near = {
		"small writes to a host nearby", SOCK_STREAM, { WS(10, 1) }, "1 9"
	};

	trip = 0;
	test_row(&near);
	trip = TRIP;
}

/* With receipts, what waits goes when the packet before it has arrived. */
static void test_receipt(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct watch_packet first, second;
	int tries = TRIES, late;
	long long begun, took;

	do {
		pair_wait_info(p.a, !info.ci_snd_unreceipted && !info.ci_snd_queued);
		watch_skip(cable);
		begun = netns_now();
		send(p.a, out, 1, 0);
		send(p.a, out, 2, 0);
		send(p.a, out, 3, 0);
		took = netns_now() - begun;
		if (!watch_for(cable, CHAOS_OP_DAT, &first, PAIR_PATIENCE) ||
		    !watch_for(cable, CHAOS_OP_DAT, &second, PAIR_PATIENCE))
			tap_bail("no packets");
		late = (second.us - first.us) / 1000;
	} while ((took > SLOW || late >= HOLD_LEAST) && --tries);
	tap_eq(wire_count(&second.f), 5, "two writes wait for a receipt, together");
	tap_ok(late < HOLD_LEAST, "and go when it comes: after %d ms", late);
	pair_close(&p);
}

/* While the window is closed, small writes fill packets, NODELAY or not. */
static void test_window(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 1), i;
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };
	struct chaos_info info;

	pair_set_int(server, SOL_CHAOS, CHAOS_WINDOW, 2);
	pair_set_int(p.a, SOL_CHAOS, CHAOS_NODELAY, 1);
	p.b = pair_join(p.a, server);
	close(server);
	for (i = 0; i < 50; i++)
		send(p.a, out + 100 * i, 100, 0);
	info = pair_info(p.a);
	tap_ok(info.ci_snd_unacked == 2 && info.ci_snd_queued == 10,
	       "a closed window: 200 bytes sent, 4800 wait in %u packets", info.ci_snd_queued);
	tap_ok(recv(p.b, in, 5000, MSG_WAITALL) == 5000 && !memcmp(in, out, 5000),
	       "all of them arrive");
	pair_close(&p);
}

/* Single bytes, as programs without buffers write them. */
static void test_bytes(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct chaos_info info;
	unsigned int i;

	for (i = 0; i < 5000; i++)
		send(p.a, out + i, 1, 0);
	shutdown(p.a, SHUT_WR);
	tap_ok(recv(p.b, in, 5000, MSG_WAITALL) == 5000 && !memcmp(in, out, 5000),
	       "5000 single bytes arrive");
	info = pair_info(p.a);
	tap_ok(info.ci_bytes_sent == 5000 && info.ci_pkts_sent < 1000,
	       "in fewer than 1000 packets: %llu", (unsigned long long)info.ci_pkts_sent);
	pair_close(&p);
}

/* Write @good bytes and then some that cannot be read, behind 1 byte that is sent at
 * once and 10 that wait.
 */
static ssize_t fault(int fd, char *data, int good)
{
	struct iovec iov[2] = { { data + 11, good }, { BAD, 500 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	send(fd, data, 1, MSG_EOR);
	send(fd, data + 1, 10, MSG_MORE);
	return sendmsg(fd, &msg, MSG_MORE);
}

static void test_fault(void)
{
	static const struct {
		int good, taken;		/* bytes; -1: EFAULT */
	} faults[] = {
		{ 0, -1 }, { 1, -1 }, { 477, -1 }, { 478, 478 }, { 479, 478 }, { 966, 966 },
	};
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	size_t i, total = 0;
	int tries, error;
	long long begun;
	ssize_t n;

	watch_queue(PAIR_B, "netem delay 100ms");
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		tries = TRIES;
		do {
			begun = netns_now();
			n = fault(p.a, out + total, faults[i].good);
			error = errno;
			total += 11 + (n > 0 ? n : 0);
		} while (netns_now() - begun > HOLD / 2 && --tries);
		errno = error;
		if (faults[i].taken < 0)
			tap_errno(n, EFAULT, "a fault after %d bytes", faults[i].good);
		else
			tap_eq(n, faults[i].taken, "a fault after %d bytes", faults[i].good);
	}
	send(p.a, out + total, 100, 0);
	total += 100;
	tap_ok(recv(p.b, in, total, MSG_WAITALL) == (ssize_t)total && !memcmp(in, out, total),
	       "with faults: exactly the bytes that were taken arrive");
	watch_queue(PAIR_B, NULL);
	pair_close(&p);
}

/*
 * A write whose data is not in memory yet: the connection goes on meanwhile, or breaks.
 * userfaultfd tells when the kernel wants the page, and gives it.
 */
struct slow {
	int fd, uffd;
	char *page;
	ssize_t result;
	int error;
	long long begun;
	pthread_t thread;
};

/* First of all 10 bytes that wait for it. */
static void *slow_write(void *arg)
{
	struct slow *s = arg;

	s->begun = netns_now();
	send(s->fd, out, 10, MSG_MORE);
	s->result = send(s->fd, s->page, 100, MSG_NOSIGNAL);
	s->error = errno;
	return NULL;
}

/* Return: false if there is no userfaultfd; else the write has begun. */
static bool slow_begin(struct slow *s)
{
	const size_t size = sysconf(_SC_PAGESIZE);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	s->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (s->uffd < 0)
		return false;
	s->page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range = (struct uffdio_range){ (unsigned long)s->page, size };
	if (ioctl(s->uffd, UFFDIO_API, &api) || ioctl(s->uffd, UFFDIO_REGISTER, &reg) ||
	    pthread_create(&s->thread, NULL, slow_write, s))
		tap_bail("userfaultfd: %s", strerror(errno));
	if (!pair_poll(s->uffd, POLLIN, PAIR_PATIENCE))
		tap_bail("the data is not wanted");
	return true;
}

/* Here is the data: bytes of @data. */
static void slow_end(struct slow *s, const char *data)
{
	const size_t size = sysconf(_SC_PAGESIZE);
	struct uffdio_copy copy = {
		.dst = (unsigned long)s->page, .src = (unsigned long)data, .len = size,
	};

	if (ioctl(s->uffd, UFFDIO_COPY, &copy))
		tap_bail("userfaultfd: %s", strerror(errno));
	pthread_join(s->thread, NULL);
	munmap(s->page, size);
	close(s->uffd);
}

static void test_slow_data(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	const struct chaos_info info = pair_info(p.a);
	const struct inject_packet los = {
		.op = CHAOS_OP_LOS, .text = "gone",
		.dst = info.ci_local_addr, .didx = info.ci_local_index,
		.src = info.ci_peer_addr, .sidx = info.ci_peer_index,
	};
	struct slow s = { .fd = p.a };
	bool early, arrived;
	int tries = TRIES;
	long long took;

	do {
		if (!slow_begin(&s)) {
			tap_skip("data that comes late", "userfaultfd: %s", strerror(errno));
			pair_close(&p);
			return;
		}
		took = netns_now() - s.begun;
		early = pair_poll(p.b, POLLIN, 2 * HOLD);
		slow_end(&s, out + 10);
		arrived = s.result == 100 && recv(p.b, in, 110, MSG_WAITALL) == 110 &&
			  !memcmp(in, out, 110);
	} while (arrived && took > HOLD / 2 && --tries);
	tap_ok(!early, "data comes late: what it joins waits");
	tap_ok(arrived, "data comes late: it joins");

	slow_begin(&s);
	inject(PAIR_B, &los);
	tap_ok(pair_poll(p.a, 0, PAIR_PATIENCE) & POLLHUP, "the connection breaks meanwhile");
	slow_end(&s, out);
	tap_ok(s.result == -1 && s.error == ECONNRESET, "the write that was late fails");
	pair_close(&p);
}

/* Threads write each its own bytes; the first two bits say which thread. */
enum { THREADS = 4, THREAD_BYTES = 4000 };

struct writer {
	int fd;
	unsigned int number;
	bool failed;
};

static void *thread_write(void *arg)
{
	static const unsigned int flags[] = { 0, MSG_MORE, MSG_EOR, 0 };
	struct writer *w = arg;
	unsigned char buf[8];
	unsigned int i, j, len;

	for (i = 0; i < THREAD_BYTES; i += len) {
		len = 1 + i % 7;
		if (len > THREAD_BYTES - i)
			len = THREAD_BYTES - i;
		for (j = 0; j < len; j++)
			buf[j] = w->number << 6 | ((i + j) & 63);
		w->failed |= send(w->fd, buf, len, flags[w->number]) != (ssize_t)len;
	}
	return NULL;
}

static void test_threads(void)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct writer w[THREADS];
	pthread_t threads[THREADS];
	unsigned int next[THREADS] = {}, i;
	bool good = true, failed = false;

	for (i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .fd = p.a, .number = i };
		if (pthread_create(&threads[i], NULL, thread_write, &w[i]))
			tap_bail("no thread");
	}
	good = recv(p.b, in, THREADS * THREAD_BYTES, MSG_WAITALL) == THREADS * THREAD_BYTES;
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		failed |= w[i].failed;
	}
	tap_ok(!failed, "threads write at once");
	for (i = 0; i < THREADS * THREAD_BYTES; i++) {
		unsigned char c = in[i], n = c >> 6;

		good &= (c & 63) == (next[n]++ & 63);
	}
	tap_ok(good, "and the bytes of each are in order");
	pair_close(&p);
}

/* Random writes, by a process of its own. */
static void random_writer(int fd, unsigned int seed)
{
	static const int flags[] = { 0, 0, 0, MSG_MORE, MSG_EOR };
	size_t sent = 0, len;
	ssize_t n;

	srand(seed);
	while (sent < MANY) {
		len = rand() % 8 ? rand() % 100 : rand() % 3000;
		if (len > MANY - sent)
			len = MANY - sent;
		if (rand() % 50) {
			n = send(fd, out + sent, len, flags[rand() % ARRAY_SIZE(flags)]);
		} else {
			struct iovec iov[2] = { { out + sent, len }, { BAD, 1 } };
			struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

			n = sendmsg(fd, &msg, 0);
			if (n < 0 && errno == EFAULT)
				n = 0;
		}
		if (n < 0)
			_exit(1);
		sent += n;
		if (!(rand() % 100))
			netns_sleep(rand() % 30);
		if (!(rand() % 100))
			pair_set_int(fd, SOL_CHAOS, CHAOS_NODELAY, rand() % 2);
	}
	_exit(close(fd));
}

static void test_random(const char *what, const char *qdisc, unsigned int seed)
{
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	size_t got = 0;
	int status;
	ssize_t n;

	if (qdisc)
		watch_queue(PAIR_A, qdisc);
	fflush(stdout);
	if (!fork())
		random_writer(p.a, seed);
	close(p.a);
	srand(seed + 1);
	while ((n = recv(p.b, in + got, 1 + rand() % 2000, 0)) > 0)
		got += n;
	wait(&status);
	tap_ok(got == MANY && !memcmp(in, out, MANY) && !status,
	       "random writes, %s, seed %u: %zu bytes", what, seed, got);
	close(p.b);
	if (qdisc)
		watch_queue(PAIR_A, NULL);
}

int main(void)
{
	unsigned int seed = netns_now();
	size_t i;

	pair_setup();
	pair_fill(out, 0, sizeof(out));
	cable = watch_open(PAIR_A);
	watch_introduce_mute();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	test_near();
	test_receipt();
	test_window();
	test_bytes();
	test_fault();
	test_slow_data();
	test_threads();
	test_random("a good cable", NULL, seed);
	test_random("a bad cable", "netem loss 3% duplicate 3% delay 5ms reorder 20%", seed);
	return tap_done();
}
