// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chaosctl ping: is a host there, and how long does it take to get an answer?
 *
 * Each question is a STATUS transaction that the kernel sends once only, so that
 * times are those of one packet there and one back, and what is lost is seen.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/errqueue.h>
#include <sys/socket.h>

#include "chaos_charset.h"
#include "chaos_sockaddr.h"
#include "complain.h"
#include "peer.h"

#define INTERVAL_MS	1000
#define INTERVAL_MIN_MS	10
#define INTERVAL_MAX_MS	3600000
#define TIMEOUT_MS	5000
#define TIMEOUT_MIN_MS	100
#define TIMEOUT_MAX_MS	30000
#define COUNT_MAX	1000000000ul
#define SLOTS		(TIMEOUT_MAX_MS / INTERVAL_MIN_MS + 2)	/* questions under way */

#define NEVER_RESENT_MS	60000	/* longer than any timeout */
#define KERNEL_MIN_MS	1000	/* least CHAOS_TIMEOUT */

/**
 * struct question - one that was asked
 * @seq: its number, from 1, and CHAOS_TID
 * @sent: when, in microseconds
 * @open: neither answered nor given up
 */
struct question {
	uint32_t seq;
	uint64_t sent;
	bool open;
};

/**
 * struct ping - one run of the command
 * @ctl: context
 * @host: whom to ask
 * @fd: datagram socket
 * @count: how often, 0 without end
 * @interval_ms: between questions
 * @timeout_ms: how long to wait for an answer
 * @quiet: tell about all together only
 * @sent: questions so far
 * @oldest: number of the first that may be open
 * @next: when to ask the next
 * @answered: answers so far
 * @least: shortest round trip, in microseconds
 * @most: longest
 * @sum: of all
 * @questions: by their number modulo SLOTS
 */
struct ping {
	struct ctl *ctl;
	uint16_t host;
	int fd;
	unsigned long count;
	unsigned int interval_ms;
	unsigned int timeout_ms;
	bool quiet;
	uint32_t sent;
	uint32_t oldest;
	uint64_t next;
	uint32_t answered;
	uint64_t least;
	uint64_t most;
	uint64_t sum;
	struct question questions[SLOTS];
};

/* What recvmsg() told of one question. */
struct reply {
	uint8_t data[CHAOS_DATA_MAX];
	size_t len;
	uint32_t seq;
	int error;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* From now on SIGINT and SIGTERM are taken in ppoll() only, with the mask from before. */
static void catch_signals(sigset_t *before)
{
	struct sigaction action = { .sa_handler = interrupt };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int set_option(int fd, int option, int value)
{
	return setsockopt(fd, SOL_CHAOS, option, &value, sizeof(value));
}

static int open_socket(struct ping *ping)
{
	int timeout = ping->timeout_ms < KERNEL_MIN_MS ? KERNEL_MIN_MS : (int)ping->timeout_ms;
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return peer_no_socket(errno);
	if (set_option(fd, CHAOS_RECVERR, 1) || set_option(fd, CHAOS_TIMEOUT, timeout) ||
	    set_option(fd, CHAOS_RTO_MAX, NEVER_RESENT_MS) ||
	    set_option(fd, CHAOS_RTO_MIN, NEVER_RESENT_MS)) {
		complain("cannot set up the socket: %s", strerror(errno));
		close(fd);
		return PEER_ERROR;
	}
	ping->fd = fd;
	return 0;
}

static struct question *find_question(struct ping *ping, uint32_t seq)
{
	struct question *q = &ping->questions[seq % SLOTS];

	return q->open && q->seq == seq ? q : NULL;
}

/* "402 (BETA): seq 1 time 0.412 ms" */
static void show_answer(const struct ping *ping, const struct question *q,
			const struct reply *reply, uint64_t us)
{
	char name[PEER_NAME_LEN + 1];
	struct show *s = &ping->ctl->out;

	if (ping->quiet)
		return;
	peer_name(name, reply->data, reply->len);
	show_object_open(s, NULL);
	if (!s->json)
		show_addr(s, NULL, "", ping->host);
	if (s->json || name[0])
		show_str(s, "name", " (", name);
	show_text(s, name[0] ? ")" : "");
	show_num(s, "seq", ": seq ", q->seq);
	peer_show_us(s, "time_us", " time ", us);
	show_text(s, " ms");
	show_line_end(s);
	show_object_close(s);
	fflush(s->f);
}

/* "402: seq 2: no answer" */
static void show_failure(const struct ping *ping, uint32_t seq, const char *why)
{
	struct show *s = &ping->ctl->out;

	if (ping->quiet)
		return;
	show_object_open(s, NULL);
	if (!s->json)
		show_addr(s, NULL, "", ping->host);
	show_num(s, "seq", ": seq ", seq);
	show_str(s, "error", ": ", why);
	show_line_end(s);
	show_object_close(s);
	fflush(s->f);
}

static void answered(struct ping *ping, struct question *q, const struct reply *reply)
{
	uint64_t us = peer_now_us() - q->sent;

	if (!ping->answered || us < ping->least)
		ping->least = us;
	if (us > ping->most)
		ping->most = us;
	ping->sum += us;
	ping->answered++;
	show_answer(ping, q, reply, us);
}

/* A refusal, or the kernel's word that a question got nowhere. */
static void failed(struct ping *ping, struct question *q, const struct reply *reply)
{
	char reason[CHAOS_DATA_MAX + 1];

	chaos_text_printable(reason, reply->data, reply->len);
	if (reply->error == ETIMEDOUT)
		show_failure(ping, q->seq, "no answer");
	else
		show_failure(ping, q->seq, reason[0] ? reason : strerror(reply->error));
}

static void ask(struct ping *ping)
{
	union {
		char space[CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr align;
	} control = { 0 };
	uint32_t seq = ++ping->sent;
	struct question *q = &ping->questions[seq % SLOTS];
	struct sockaddr_chaos to;
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = chaos_sockaddr(&to, ping->host, "STATUS"),
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_CHAOS;
	cmsg->cmsg_type = CHAOS_TID;
	cmsg->cmsg_len = CMSG_LEN(sizeof(seq));
	memcpy(CMSG_DATA(cmsg), &seq, sizeof(seq));
	*q = (struct question){ .seq = seq, .sent = peer_now_us(), .open = true };
	if (sendmsg(ping->fd, &msg, MSG_NOSIGNAL) >= 0)
		return;
	q->open = false;
	show_failure(ping, seq, strerror(errno));
}

/* Take one answer, or with MSG_ERRQUEUE one failure; returns false if there is none. */
static bool receive(const struct ping *ping, int flags, struct reply *reply)
{
	union {
		char space[256];
		struct cmsghdr align;
	} control;
	struct iovec iov = { reply->data, sizeof(reply->data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct sock_extended_err ee;
	ssize_t n = recvmsg(ping->fd, &msg, flags);

	if (n < 0)
		return false;
	reply->len = n;
	reply->seq = 0;
	reply->error = 0;
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_CHAOS)
			continue;
		if (cmsg->cmsg_type == CHAOS_TID)
			memcpy(&reply->seq, CMSG_DATA(cmsg), sizeof(reply->seq));
		if (cmsg->cmsg_type == CHAOS_RECVERR) {
			memcpy(&ee, CMSG_DATA(cmsg), sizeof(ee));
			reply->error = ee.ee_errno;
		}
	}
	return true;
}

/* Whatever has come; answers to questions that were given up are ignored. */
static void receive_all(struct ping *ping)
{
	struct question *q;
	struct reply reply;

	while (receive(ping, 0, &reply)) {
		q = find_question(ping, reply.seq);
		if (!q)
			continue;
		q->open = false;
		answered(ping, q, &reply);
	}
	while (receive(ping, MSG_ERRQUEUE, &reply)) {
		q = find_question(ping, reply.seq);
		if (!q)
			continue;
		q->open = false;
		failed(ping, q, &reply);
	}
}

/* Gives up what is too old; returns the first question that is open, or NULL. */
static const struct question *expire(struct ping *ping, uint64_t now)
{
	for (; ping->oldest <= ping->sent; ping->oldest++) {
		struct question *q = find_question(ping, ping->oldest);

		if (!q)
			continue;
		if (now < q->sent + ping->timeout_ms * 1000ull)
			return q;
		q->open = false;
		show_failure(ping, q->seq, "no answer");
	}
	return NULL;
}

static bool all_sent(const struct ping *ping)
{
	return ping->count && ping->sent == ping->count;
}

/* Sleeps until something comes, a signal does, or @until. */
static int wait_until(const struct ping *ping, uint64_t until, const sigset_t *mask)
{
	struct pollfd pfd = { .fd = ping->fd, .events = POLLIN };
	uint64_t now = peer_now_us();
	uint64_t us = until > now ? until - now : 0;
	struct timespec left = { us / 1000000, us % 1000000 * 1000 };

	if (ppoll(&pfd, 1, &left, mask) >= 0 || errno == EINTR)
		return 0;
	complain("cannot wait: %s", strerror(errno));
	return -1;
}

/* Until all is answered or given up, or the user has had enough. */
static int ask_all(struct ping *ping, const sigset_t *mask)
{
	ping->next = peer_now_us();
	while (!interrupted) {
		const struct question *q;
		uint64_t now, until;

		receive_all(ping);
		now = peer_now_us();
		q = expire(ping, now);
		if (all_sent(ping) && !q)
			break;
		if (!all_sent(ping) && now >= ping->next) {
			ask(ping);
			/* Not twice at once to make up for what took too long. */
			ping->next = now + ping->interval_ms * 1000ull;
			continue;
		}
		until = all_sent(ping) ? UINT64_MAX : ping->next;
		if (q && q->sent + ping->timeout_ms * 1000ull < until)
			until = q->sent + ping->timeout_ms * 1000ull;
		if (wait_until(ping, until, mask))
			return -1;
	}
	return 0;
}

/* "402: 5 sent, 4 answered, 20% lost", and the times. */
static void show_summary(const struct ping *ping)
{
	struct show *s = &ping->ctl->out;
	uint32_t lost = ping->sent - ping->answered;

	if (!s->json)
		show_addr(s, NULL, "", ping->host);
	show_num(s, "sent", ": ", ping->sent);
	show_num(s, "answered", " sent, ", ping->answered);
	if (s->json)
		show_num(s, "lost", "", lost);
	else
		show_num(s, NULL, " answered, ", ping->sent ? lost * 100ull / ping->sent : 0);
	show_text(s, "% lost");
	show_line_end(s);
	if (!ping->answered)
		return;
	if (!s->json)
		show_addr(s, NULL, "", ping->host);
	peer_show_us(s, "min_us", ": round trip min ", ping->least);
	peer_show_us(s, "avg_us", " avg ", ping->sum / ping->answered);
	peer_show_us(s, "max_us", " max ", ping->most);
	show_text(s, " ms");
	show_line_end(s);
}

static int run(struct ping *ping)
{
	struct show *s = &ping->ctl->out;
	sigset_t before;
	int err;

	catch_signals(&before);
	show_list_open(s, NULL);
	show_object_open(s, NULL);
	if (s->json)
		show_addr(s, "addr", "", ping->host);
	show_list_open(s, "probes");
	err = ask_all(ping, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	show_list_close(s);
	show_summary(ping);
	show_object_close(s);
	show_list_close(s);
	if (err)
		return PEER_ERROR;
	return ping->answered ? PEER_ANSWERED : PEER_SILENT;
}

static int take_words(struct ping *ping, char **argv, const char **host)
{
	int c;

	while ((c = peer_option(argv, ":c:i:W:qjp")) != -1) {
		int err = 0;

		switch (c) {
		case 'c':
			err = peer_count("-c", optarg, COUNT_MAX, &ping->count);
			break;
		case 'i':
			err = peer_seconds("-i", optarg, INTERVAL_MIN_MS, INTERVAL_MAX_MS,
					   &ping->interval_ms);
			break;
		case 'W':
			err = peer_seconds("-W", optarg, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS,
					   &ping->timeout_ms);
			break;
		case 'q':
			ping->quiet = true;
			break;
		default:
			err = peer_common_option(ping->ctl, c);
		}
		if (err)
			return -1;
	}
	return peer_host(argv, host);
}

static int understand(struct ping *ping, char *const *words)
{
	char **argv = peer_argv("ping", words);
	const char *host;
	int err;

	if (!argv)
		return PEER_ERROR;
	err = take_words(ping, argv, &host);
	free(argv);
	if (err)
		return peer_wrong_usage(PING_USAGE);
	return ping->ctl->check ? 0 : peer_lookup(host, &ping->host);
}

/**
 * ping_run() - obey the command
 * @ctl: context
 * @words: options and the host
 *
 * Return: PEER_*.
 */
int ping_run(struct ctl *ctl, char *const *words)
{
	struct ping *ping;
	int status;

	if (peer_wants_help(words))
		return peer_help(ctl, PING_USAGE);
	ping = calloc(1, sizeof(*ping));
	if (!ping) {
		complain("no memory");
		return PEER_ERROR;
	}
	ping->ctl = ctl;
	ping->interval_ms = INTERVAL_MS;
	ping->timeout_ms = TIMEOUT_MS;
	ping->oldest = 1;
	status = understand(ping, words);
	if (!status && !ctl->check)
		status = open_socket(ping);
	if (!status && !ctl->check) {
		status = run(ping);
		close(ping->fd);
	}
	free(ping);
	return status;
}
