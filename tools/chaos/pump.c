// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between a connection and local input and output.
 *
 * One chunk is under way in each direction; poll() is asked only for what can
 * be used, so a slow side holds up its own direction and nothing else.  Local
 * descriptors belong to others as well and stay as blocking as they are: a
 * pipe that poll() calls writable takes PIPE_BUF bytes at once.
 *
 * An EOF of the peer is a mark in its data and not its end: the end is CLS.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "chaos_charset.h"
#include "pump.h"

#define CHUNK	65536

/* One direction. */
struct half {
	char data[CHUNK];
	size_t at, len;			/* what is not yet written */
	bool ended;			/* the source has no more */
};

struct run {
	const struct pump *pump;
	struct half up, down;		/* to and from the peer */
	bool sent_eof;			/* nothing more will go up */
	bool marked;			/* the last from the peer was an EOF */
	bool stop;
	int64_t quiet_since;		/* ms */
	int lost;			/* errno that broke the connection */
	int err;			/* errno of local input or output */
	enum pump_end end;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static bool try_again(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR;
}

static void stop(struct run *run, enum pump_end end, int err)
{
	run->stop = true;
	run->end = end;
	run->err = err;
}

static void took(struct half *half, size_t n)
{
	half->at += n;
	half->len -= n;
}

static void filled(const struct pump *pump, struct half *half, size_t n)
{
	half->at = 0;
	half->len = n;
	if (pump->translate)
		chaos_text_translate(half->data, n);
}

static void read_in(struct run *run)
{
	ssize_t n = read(run->pump->in, run->up.data, CHUNK);

	if (n > 0)
		filled(run->pump, &run->up, n);
	else if (!n)
		run->up.ended = true;
	else if (!try_again(errno))
		stop(run, PUMP_NO_INPUT, errno);
}

static void write_net(struct run *run)
{
	struct half *up = &run->up;
	ssize_t n = send(run->pump->net, up->data + up->at, up->len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0) {
		took(up, n);
	} else if (!try_again(errno)) {
		/* The peer takes no more; what it sent before may still come. */
		run->end = PUMP_CLOSED_EARLY;
		run->lost = errno == EPIPE ? 0 : errno;
		up->len = 0;
		up->ended = true;
		run->sent_eof = true;
	}
}

static void read_net(struct run *run)
{
	struct half *down = &run->down;
	struct iovec iov = { .iov_base = down->data, .iov_len = CHUNK };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n = recvmsg(run->pump->net, &msg, MSG_DONTWAIT);

	if (n < 0 && try_again(errno))
		return;
	run->quiet_since = now_ms();
	run->marked = !n && (msg.msg_flags & MSG_EOR);
	if (n > 0) {
		filled(run->pump, down, n);
	} else if (!run->marked) {
		down->ended = true;
		if (n < 0)
			run->lost = errno;
	}
}

static void write_out(struct run *run)
{
	struct half *down = &run->down;
	size_t len = down->len < PIPE_BUF ? down->len : PIPE_BUF;
	ssize_t n = write(run->pump->out, down->data + down->at, len);

	if (n >= 0)
		took(down, n);
	else if (!try_again(errno))
		stop(run, PUMP_NO_OUTPUT, errno);
}

/* Tell the peer that there is no more from us. */
static void end_up(struct run *run)
{
	run->sent_eof = true;
	if (!run->pump->keep_open)
		shutdown(run->pump->net, SHUT_WR);
}

/* Has the peer read all we sent?  If that is not to be known, yes. */
static bool all_read(int net)
{
	struct chaos_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(net, SOL_CHAOS, CHAOS_INFO, &info, &len))
		return true;
	return !info.ci_snd_unacked && !info.ci_snd_queued;
}

/*
 * Some hosts vanish after their EOF and never send CLS, and some leave that to
 * us (AIM 628 section 4.4).  Returns how long to wait for more, -1 for ever.
 */
static int quiet_left(struct run *run)
{
	const struct pump *pump = run->pump;
	int64_t left;

	if (!run->marked || !run->sent_eof || run->down.len)
		return -1;
	left = run->quiet_since + pump->quiet_ms - now_ms();
	if (left > 0)
		return left;
	if (!pump->quiet_ms || all_read(pump->net)) {
		run->stop = true;
		return 0;
	}
	run->quiet_since = now_ms();
	return pump->quiet_ms;
}

static void serve(struct run *run)
{
	const struct pump *pump = run->pump;
	bool want_in = !run->up.ended && !run->up.len;
	short want_net = (run->up.len ? POLLOUT : 0) |
			 (!run->down.ended && !run->down.len ? POLLIN : 0);
	struct pollfd in = { .fd = want_in ? pump->in : -1, .events = POLLIN };
	struct pollfd net = { .fd = want_net ? pump->net : -1, .events = want_net };
	struct pollfd out = { .fd = pump->out, .events = run->down.len ? POLLOUT : 0 };
	struct pollfd fds[] = { in, net, out };
	int timeout = quiet_left(run);

	if (run->stop || poll(fds, 3, timeout) <= 0)
		return;
	if (fds[0].revents)
		read_in(run);
	if (fds[1].revents & ~POLLIN && run->up.len)
		write_net(run);
	if (fds[1].revents & ~POLLOUT && want_net & POLLIN)
		read_net(run);
	if (fds[2].revents && run->down.len)
		write_out(run);
	else if (fds[2].revents)
		stop(run, PUMP_NO_OUTPUT, EPIPE);
}

/**
 * pump_run() - copy both ways until the connection ends
 * @pump: what to connect; the descriptors stay open
 *
 * The caller ignores SIGPIPE.  When the connection breaks, all that arrived
 * before is written.
 *
 * Return: why it ended.
 */
enum pump_end pump_run(const struct pump *pump)
{
	static struct run run;

	run = (struct run) { .pump = pump };
	while (!run.stop && !(run.down.ended && !run.down.len)) {
		if (run.up.ended && !run.up.len && !run.sent_eof)
			end_up(&run);
		serve(&run);
	}
	if (run.stop) {
		errno = run.err;
		return run.end;
	}
	errno = run.lost;
	return run.lost ? PUMP_LOST : run.end;
}
