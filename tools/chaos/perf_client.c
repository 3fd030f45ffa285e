// SPDX-License-Identifier: GPL-2.0-or-later
/* The client of "chaos perf" for streams and packets; see perf_message.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "chaos_transact.h"
#include "perf_client.h"
#include "perf_clock.h"
#include "perf_conn.h"
#include "perf_line.h"
#include "perf_pace.h"
#include "perf_print.h"
#include "report.h"
#include "stream.h"

/**
 * struct client - a test
 * @control: the control connection
 * @o: options
 * @loop: what waits for all
 * @line: what comes from the server
 * @token: of the test
 * @conns: connections that are loaded
 * @seen: what the server saw of each
 * @told: bit set: it has told
 * @n_told: how many
 * @done: it has told all
 * @stopping: the user wants no more
 * @status: exit status; not 0: it is over
 * @start: when it started
 * @end: when to stop sending, 0: never
 * @progress: sum of perf_conn_progress()
 * @progress_at: when that changed
 * @print: what is told to the user
 */
struct client {
	struct perf_watch control;
	const struct perf_options *o;
	struct perf_loop loop;
	struct perf_line line;
	uint64_t token;
	struct perf_conn conns[PERF_CONNS_MAX];
	struct perf_result seen[PERF_CONNS_MAX];
	bool told[PERF_CONNS_MAX];
	unsigned int n_told;
	bool done, stopping;
	int status;
	uint64_t start, end, progress, progress_at;
	struct perf_print print;
};

static unsigned int n_conns(const struct client *c)
{
	return c->o->request.conns;
}

/* Say how a connection failed, if nothing was said yet. */
static void lost(struct client *c, int fd, const char *contact, int err)
{
	char reason[CHAOS_DATA_MAX + 1];

	if (c->status)
		return;
	chaos_socket_reason(fd, reason);
	if (err && err != EPIPE) {
		c->status = peer_error(c->o->host, contact, err, reason);
		return;
	}
	say("%s: %s: the server has closed the connection%s%s", c->o->host, contact,
	    *reason ? ": " : "", reason);
	c->status = CHAOS_EXIT_PEER;
}

static void nonsense(struct client *c, const char *what)
{
	say("%s: %s: the server says %s", c->o->host, c->o->contact, what);
	c->status = CHAOS_EXIT_PEER;
}

static void failed_here(struct client *c, const char *what)
{
	say("%s: %m", what);
	c->status = CHAOS_EXIT_LOCAL;
}

static void order(struct client *c, const char *word)
{
	char line[16];
	int n = snprintf(line, sizeof(line), "%s\n", word);

	if (send(c->control.fd, line, n, MSG_NOSIGNAL | MSG_EOR) != n)
		lost(c, c->control.fd, c->o->contact, errno);
}

static void take_result(struct client *c, char *line)
{
	struct perf_result result;
	uint64_t index;
	const char *wrong = perf_result_parse(line, &index, &result);

	if (wrong) {
		nonsense(c, wrong);
	} else if (index >= n_conns(c) || c->told[index]) {
		nonsense(c, "something about a connection that it has not");
	} else {
		c->seen[index] = result;
		c->told[index] = true;
		c->n_told++;
	}
}

static void take_line(struct client *c, char *line)
{
	if (strcmp(line, PERF_DONE))
		take_result(c, line);
	else if (c->n_told < n_conns(c))
		nonsense(c, "not what it saw of each connection");
	else
		c->done = true;
}

static void control_ready(struct perf_watch *watch)
{
	struct client *c = (struct client *)watch;
	ssize_t n = perf_line_read(&c->line, watch->fd);
	char *line;

	if (n < 0 && perf_try_again(errno))
		return;
	if (n < 0 && errno == EMSGSIZE)
		nonsense(c, "what makes no sense");
	else if (n <= 0)
		lost(c, watch->fd, c->o->contact, n ? errno : 0);
	while (!c->status && !c->done && (line = perf_line_next(&c->line)))
		take_line(c, line);
	/* It has no more to say, and closes when we do. */
	if (c->done)
		perf_loop_watch(&c->loop, watch, 0);
}

/* When the server goes, its reason is that of the control connection. */
static void conn_changed(struct perf_conn *conn)
{
	struct client *c = conn->owner;
	struct pollfd pfd = { .fd = c->control.fd, .events = POLLIN };

	if (!conn->err || c->status || c->done)
		return;
	if (poll(&pfd, 1, 0) > 0)
		control_ready(&c->control);
	if (!c->done)
		lost(c, conn->watch.fd, c->o->contact, conn->err);
}

static const char *request_text(struct client *c, bool data, unsigned int index, char text[256])
{
	FILE *out = fmemopen(text, 256, "w");

	if (!out) {
		failed_here(c, "cannot write a request");
		return NULL;
	}
	if (data)
		perf_data_print(out, c->token, index);
	else
		perf_request_print(out, &c->o->request);
	fclose(out);
	return text;
}

static int connect_one(struct client *c, int type, const char *contact, bool data,
		       unsigned int index)
{
	int fd = socket(AF_CHAOS, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char text[256];

	if (fd < 0) {
		c->status = peer_error(c->o->host, contact, errno, "");
		return -1;
	}
	if (!request_text(c, data, index, text))
		goto fail;
	if (data && perf_conn_prepare(fd, &c->o->request)) {
		failed_here(c, "cannot set the window");
		goto fail;
	}
	if (!stream_connect(fd, c->o->addr, contact, text, c->o->timeout * 1000))
		return fd;
	lost(c, fd, contact, errno);
fail:
	close(fd);
	return -1;
}

/* The server's permission. */
static void await_ready(struct client *c)
{
	uint64_t until = perf_now() + c->o->timeout * PERF_NS_PER_S;
	struct pollfd pfd = { .fd = c->control.fd, .events = POLLIN };
	char *line = NULL;
	const char *wrong;

	while (!line && !c->status) {
		int n = poll(&pfd, 1, perf_ms_left(until));
		ssize_t len = -1;

		if (!n)
			errno = ETIMEDOUT;
		if (n > 0)
			len = perf_line_read(&c->line, c->control.fd);
		if (!len || (len < 0 && !perf_try_again(errno)))
			lost(c, c->control.fd, c->o->contact, len ? errno : 0);
		line = perf_line_next(&c->line);
	}
	if (c->status)
		return;
	wrong = perf_ready_parse(line, &c->token);
	if (wrong)
		nonsense(c, wrong);
}

static void connect_conns(struct client *c)
{
	const struct perf_request *r = &c->o->request;
	const char *contact = r->packets ? c->o->packet_contact : c->o->contact;
	unsigned int i;

	for (i = 0; i < n_conns(c) && !c->status; i++) {
		struct perf_conn *conn = &c->conns[i];

		conn->loop = &c->loop;
		conn->changed = conn_changed;
		conn->owner = c;
		perf_conn_init(conn, r, r->send, r->back, i);
		conn->watch.fd = connect_one(c, r->packets ? SOCK_SEQPACKET : SOCK_STREAM,
					     contact, true, i);
	}
}

static void start(struct client *c)
{
	unsigned int i;

	c->start = perf_now();
	c->progress_at = c->start;
	if (c->o->request.ms)
		c->end = c->start + c->o->request.ms * PERF_NS_PER_MS;
	order(c, PERF_START);
	if (!c->status && perf_loop_watch(&c->loop, &c->control, EPOLLIN))
		failed_here(c, "cannot wait");
	for (i = 0; i < n_conns(c) && !c->status; i++)
		perf_conn_start(&c->conns[i], c->end);
}

static void stop_sending(struct client *c)
{
	unsigned int i;

	c->end = 0;
	for (i = 0; i < n_conns(c); i++)
		perf_conn_stop(&c->conns[i]);
}

static bool finished(const struct client *c)
{
	unsigned int i;

	for (i = 0; i < n_conns(c); i++)
		if (c->conns[i].sending || c->conns[i].receiving)
			return false;
	return c->done;
}

static void check_progress(struct client *c, uint64_t now)
{
	uint64_t progress = 0;
	unsigned int i;

	for (i = 0; i < n_conns(c); i++)
		progress += perf_conn_progress(&c->conns[i]);
	if (progress != c->progress)
		c->progress_at = now;
	c->progress = progress;
	if (c->status || now - c->progress_at < c->o->timeout * PERF_NS_PER_S)
		return;
	say("%s: %s: no sign of life for %d s", c->o->host, c->o->contact, c->o->timeout);
	c->status = CHAOS_EXIT_PEER;
}

static struct perf_progress progress(const struct client *c)
{
	struct perf_progress made = { .ns = perf_now() - c->start };
	unsigned int i;

	for (i = 0; i < n_conns(c); i++) {
		made.sent += c->conns[i].out.count.bytes;
		made.received += c->conns[i].in.count.bytes;
	}
	return made;
}

/* What the user and the clock want. */
static void look_around(struct client *c, struct perf_pace *pace, uint64_t now)
{
	struct perf_progress made;

	if (c->end && now >= c->end)
		stop_sending(c);
	if (perf_pace_check(pace, now))
		check_progress(c, now);
	if (perf_pace_show(pace, now)) {
		made = progress(c);
		perf_print_interval(&c->print, &made);
	}
	if (!perf_loop_stopped() || c->stopping)
		return;
	c->stopping = true;
	stop_sending(c);
	if (!c->status && !c->done)
		order(c, PERF_STOP);
}

static void run(struct client *c)
{
	struct perf_progress made;
	struct perf_pace pace;

	perf_pace_start(&pace, c->start, c->o->interval_ms);
	while (!c->status && !finished(c)) {
		uint64_t until = perf_pace_next(&pace);

		if (c->end && c->end < until)
			until = c->end;
		if (perf_loop_wait(&c->loop, until))
			failed_here(c, "cannot wait");
		look_around(c, &pace, perf_now());
	}
	made = progress(c);
	perf_print_rest(&c->print, &made);
}

/* Has all that was sent arrived?  Streams lose nothing: if not, something is wrong. */
static bool complete(const struct client *c)
{
	unsigned int i;

	for (i = 0; i < n_conns(c); i++)
		if (c->conns[i].out.count.bytes != c->seen[i].rx_bytes ||
		    c->conns[i].in.count.bytes != c->seen[i].tx_bytes)
			return false;
	return true;
}

static void show_results(struct client *c)
{
	static struct perf_result ours[PERF_CONNS_MAX];
	struct perf_outcome outcome = {
		.complete = !c->status && complete(c), .interrupted = c->stopping,
	};
	unsigned int i;

	if (c->start) {
		for (i = 0; i < n_conns(c); i++)
			perf_conn_result(&c->conns[i], c->start, &ours[i]);
		outcome.client = ours;
		if (c->done)
			outcome.server = c->seen;
	}
	perf_print_end(&c->print, &outcome);
	if (c->status || outcome.complete)
		return;
	say("%s: %s: not all that was sent has arrived", c->o->host, c->o->contact);
	c->status = CHAOS_EXIT_PEER;
}

/**
 * perf_measure() - do a test with a server
 * @o: options
 *
 * Return: the exit status.
 */
int perf_measure(const struct perf_options *o)
{
	static struct client c;

	c = (struct client){ .o = o, .control = { .ready = control_ready } };
	c.control.fd = connect_one(&c, SOCK_STREAM, o->contact, false, 0);
	if (!c.status)
		await_ready(&c);
	if (!c.status && perf_loop_open(&c.loop))
		failed_here(&c, "cannot wait");
	if (c.status)
		return c.status;
	connect_conns(&c);
	if (c.status)
		return c.status;
	perf_print_begin(&c.print, o);
	start(&c);
	run(&c);
	show_results(&c);
	return c.status;
}
