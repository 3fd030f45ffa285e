// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A test costs its client's word, and must not cost more than that: it is over when the
 * client says what makes no sense, does not say what is next, or vanishes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <linux/chaos.h>

#include "perf_clock.h"
#include "perf_session.h"

#define OPENING_NS	(30 * PERF_NS_PER_S)	/* for the client to do the next step */
#define STALL_NS	(30 * PERF_NS_PER_S)	/* without any progress */
#define GRACE_NS	(60 * PERF_NS_PER_S)	/* for what was sent to arrive */

static void give_up(struct perf_session *s, const char *why)
{
	if (s->over)
		return;
	s->over = true;
	s->why = why;
}

/* Send what there is to tell. */
static void tell(struct perf_session *s)
{
	ssize_t n = send(s->control.fd, s->text + s->told, s->text_len - s->told,
			 MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR);

	if (n > 0)
		s->told += n;
	else if (n < 0 && !perf_try_again(errno))
		give_up(s, "the client has closed the connection");
	if (perf_loop_watch(s->loop, &s->control,
			    EPOLLIN | (s->told < s->text_len ? EPOLLOUT : 0)))
		give_up(s, "no memory");
}

/* Begin to tell what print() prints. */
static void tell_new(struct perf_session *s, void (*print)(struct perf_session *s, FILE *out))
{
	FILE *out;

	free(s->text);
	s->text = NULL;
	s->text_len = 0;
	s->told = 0;
	out = open_memstream(&s->text, &s->text_len);
	if (!out) {
		give_up(s, "no memory");
		return;
	}
	print(s, out);
	if (fclose(out))
		give_up(s, "no memory");
	else
		tell(s);
}

static void print_ready(struct perf_session *s, FILE *out)
{
	perf_ready_print(out, s->token);
}

static void print_results(struct perf_session *s, FILE *out)
{
	struct perf_result result;
	unsigned int i;

	for (i = 0; i < s->request.conns; i++) {
		perf_conn_result(&s->conns[i], s->start, &result);
		perf_result_print(out, i, &result);
	}
	fputs(PERF_DONE "\n", out);
}

static void conn_changed(struct perf_conn *conn)
{
	struct perf_session *s = conn->owner;
	unsigned int i;

	if (conn->err) {
		give_up(s, "a connection broke");
		return;
	}
	for (i = 0; i < s->request.conns; i++)
		if (s->conns[i].sending || s->conns[i].receiving)
			return;
	if (s->state != PERF_RUNNING)
		return;
	s->state = PERF_TELLING;
	s->deadline = perf_now() + OPENING_NS;
	tell_new(s, print_results);
}

static void start(struct perf_session *s)
{
	uint64_t ms = s->request.ms ? s->request.ms : s->max_ms;
	unsigned int i;

	if (s->state != PERF_OPENING || s->opened < s->request.conns) {
		give_up(s, "a test was started that is not ready");
		return;
	}
	s->state = PERF_RUNNING;
	s->start = perf_now();
	s->progress_at = s->start;
	s->end = s->start + ms * PERF_NS_PER_MS;
	s->deadline = s->end + GRACE_NS;
	for (i = 0; i < s->request.conns; i++)
		perf_conn_start(&s->conns[i], s->end);
}

static void stop(struct perf_session *s)
{
	unsigned int i;

	s->end = 0;
	if (s->state != PERF_RUNNING)
		return;
	for (i = 0; i < s->request.conns; i++)
		perf_conn_stop(&s->conns[i]);
}

static void obey(struct perf_session *s, const char *line)
{
	if (!strcmp(line, PERF_START))
		start(s);
	else if (!strcmp(line, PERF_STOP))
		stop(s);
	else
		give_up(s, "the client says what makes no sense");
}

static void read_control(struct perf_session *s)
{
	ssize_t n = perf_line_read(&s->line, s->control.fd);
	char *line;

	if (n < 0 && perf_try_again(errno))
		return;
	/* So ends every test: the client knows all it wants. */
	if (!n && s->state == PERF_TELLING && s->told == s->text_len)
		s->over = true;
	else if (n <= 0)
		give_up(s, n && errno == EMSGSIZE ? "the client says what makes no sense" :
						    "the client has closed the connection");
	while (!s->over && (line = perf_line_next(&s->line)))
		obey(s, line);
}

static void control_ready(struct perf_watch *watch)
{
	struct perf_session *s = (struct perf_session *)watch;

	if (s->told < s->text_len)
		tell(s);
	if (!s->over)
		read_control(s);
}

/**
 * perf_session_new() - a test
 * @loop: what is to wait for its sockets
 * @peer: address of the client
 * @request: what it asked for; valid
 * @max_ms: longest duration
 *
 * Return: the test, not yet opened, or NULL if there is no memory.
 */
struct perf_session *perf_session_new(struct perf_loop *loop, uint16_t peer,
				      const struct perf_request *request, uint64_t max_ms)
{
	struct perf_session *s = calloc(1, sizeof(*s) + request->conns * sizeof(s->conns[0]));
	unsigned int i;

	if (!s)
		return NULL;
	if (getrandom(&s->token, sizeof(s->token), 0) != sizeof(s->token)) {
		free(s);
		return NULL;
	}
	s->control = (struct perf_watch){ .fd = -1, .ready = control_ready };
	s->loop = loop;
	s->peer = peer;
	s->request = *request;
	s->max_ms = max_ms;
	s->deadline = perf_now() + OPENING_NS;
	for (i = 0; i < request->conns; i++) {
		s->conns[i].loop = loop;
		s->conns[i].changed = conn_changed;
		s->conns[i].owner = s;
		perf_conn_init(&s->conns[i], request, request->back, request->send, i);
	}
	return s;
}

/* Decide for the caller; returns NULL or what is wrong. */
static const char *accept_caller(int fd)
{
	return setsockopt(fd, SOL_CHAOS, CHAOS_OPEN, "", 0) ? "it came too late" : NULL;
}

/**
 * perf_session_open() - open the control connection
 * @s: test
 * @fd: socket that waits for a decision; it belongs to the test if this succeeds
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_session_open(struct perf_session *s, int fd)
{
	const char *wrong = accept_caller(fd);

	if (wrong)
		return wrong;
	s->control.fd = fd;
	tell_new(s, print_ready);
	return NULL;
}

/**
 * perf_session_join() - open one of the connections to be loaded
 * @s: test
 * @fd: socket that waits for a decision; it belongs to the test if this succeeds
 * @index: which connection
 *
 * Return: NULL, or what is wrong.
 */
const char *perf_session_join(struct perf_session *s, int fd, unsigned int index)
{
	const char *wrong;

	if (s->over || s->state != PERF_OPENING || index >= s->request.conns ||
	    s->conns[index].watch.fd >= 0)
		return "no test waits for this connection";
	if (perf_conn_prepare(fd, &s->request))
		return "this window cannot be had";
	wrong = accept_caller(fd);
	if (wrong)
		return wrong;
	s->conns[index].watch.fd = fd;
	s->opened++;
	return NULL;
}

/**
 * perf_session_next() - when perf_session_check() is to be called
 * @s: test
 *
 * Return: time; 0: in its usual turn.
 */
uint64_t perf_session_next(const struct perf_session *s)
{
	return s->state == PERF_RUNNING ? s->end : 0;
}

/**
 * perf_session_check() - does it go on as it should?
 * @s: test; over if it does not
 * @now: time
 */
void perf_session_check(struct perf_session *s, uint64_t now)
{
	uint64_t progress = 0;
	unsigned int i;

	if (now >= s->deadline)
		give_up(s, s->state == PERF_OPENING ? "the client does not start" :
						      "the test takes too long");
	if (s->over || s->state != PERF_RUNNING)
		return;
	for (i = 0; i < s->request.conns; i++)
		progress += perf_conn_progress(&s->conns[i]);
	if (progress != s->progress)
		s->progress_at = now;
	else if (now - s->progress_at > STALL_NS)
		give_up(s, "the test stands still");
	s->progress = progress;
	if (s->end && now >= s->end)
		stop(s);
}

/* What is not sent yet is of no use to anybody; the client is told why. */
static void drop(struct perf_loop *loop, struct perf_watch *watch, const char *why)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (watch->fd < 0)
		return;
	if (why) {
		setsockopt(watch->fd, SOL_CHAOS, CHAOS_REASON, why, strlen(why));
		setsockopt(watch->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	}
	perf_loop_forget(loop, watch);
}

/**
 * perf_session_free() - end a test, and close its connections
 * @s: test, of no list
 */
void perf_session_free(struct perf_session *s)
{
	unsigned int i;

	/* First what the client looks at first. */
	drop(s->loop, &s->control, s->why);
	for (i = 0; i < s->request.conns; i++)
		drop(s->loop, &s->conns[i].watch, s->why);
	free(s->text);
	free(s);
}

/**
 * perf_refuse() - send a caller away
 * @fd: socket that waits for a decision; is closed
 * @why: in words
 */
void perf_refuse(int fd, const char *why)
{
	setsockopt(fd, SOL_CHAOS, CHAOS_REJECT, why, strlen(why));
	close(fd);
}
