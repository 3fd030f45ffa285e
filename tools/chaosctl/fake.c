// SPDX-License-Identifier: GPL-2.0-or-later
/* For tests: a transport without a kernel, and a complain() that remembers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "complain.h"
#include "fake.h"

#define MAX_MSGS	100
#define MAX_WORDS	16

struct datagram {
	unsigned char *data;
	size_t len;
};

static struct {
	bool unavailable;
	bool foreign;
	struct datagram sent[MAX_MSGS];
	size_t n_sent;
	struct datagram queue[MAX_MSGS];
	size_t queued;
	size_t taken;
	uint32_t seq;
	char complaints[2000];
	const char *about_file;
	unsigned int about_line;
	char *output;
} state;

static struct datagram copy(const void *data, size_t len)
{
	struct datagram d = { malloc(len ? len : 1), len };

	assert_non_null(d.data);
	memcpy(d.data, data, len);
	return d;
}

/* The answer to a request carries its number. */
static void number(struct datagram *d)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)d->data;
	int len = d->len;

	for (; nlmsg_ok(msg, len); msg = nlmsg_next(msg, &len))
		msg->nlmsg_seq = state.foreign ? state.seq + 1 : state.seq;
}

static int fake_open(struct transport *tr)
{
	if (state.unavailable) {
		complain("Chaosnet is not available");
		return -1;
	}
	tr->family = FAKE_FAMILY;
	return 0;
}

static int fake_send(struct transport *tr, struct nl_msg *msg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);

	assert_int_equal(tr->family, FAKE_FAMILY);
	assert_true(state.n_sent < MAX_MSGS);
	hdr->nlmsg_seq = ++state.seq;
	state.sent[state.n_sent++] = copy(hdr, hdr->nlmsg_len);
	return 0;
}

static int fake_recv(struct transport *tr, unsigned char **buf)
{
	struct datagram *d = &state.queue[state.taken];

	(void)tr;
	if (state.taken == state.queued) {
		complain("nothing to receive");
		return -1;
	}
	state.taken++;
	number(d);
	*buf = d->data;
	d->data = NULL;
	return d->len;
}

static void fake_close(struct transport *tr)
{
	tr->family = 0;
}

struct transport fake = {
	.open = fake_open,
	.send = fake_send,
	.recv = fake_recv,
	.close = fake_close,
};

int fake_setup(void **test)
{
	(void)test;
	memset(&state, 0, sizeof(state));
	fake.family = 0;
	return 0;
}

/* Fails if something prepared was not asked for. */
int fake_teardown(void **test)
{
	bool left = state.taken != state.queued;

	(void)test;
	for (size_t i = 0; i < MAX_MSGS; i++) {
		free(state.sent[i].data);
		free(state.queue[i].data);
	}
	free(state.output);
	return left ? -1 : 0;
}

void fake_unavailable(void)
{
	state.unavailable = true;
}

/* From now on answers carry the number of another request. */
void fake_foreign_answers(void)
{
	state.foreign = true;
}

void fake_raw(const void *data, size_t len)
{
	assert_true(state.queued < MAX_MSGS);
	state.queue[state.queued++] = copy(data, len);
}

struct nl_msg *fake_msg(uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 0, FAKE_FAMILY, 0, flags, cmd, CHAOS_GENL_VERSION));
	return msg;
}

void fake_put_str(struct nl_msg *msg, int attr, const char *value)
{
	assert_int_equal(nla_put_string(msg, attr, value), 0);
}

void fake_put_u8(struct nl_msg *msg, int attr, uint8_t value)
{
	assert_int_equal(nla_put_u8(msg, attr, value), 0);
}

void fake_put_u16(struct nl_msg *msg, int attr, uint16_t value)
{
	assert_int_equal(nla_put_u16(msg, attr, value), 0);
}

void fake_put_u32(struct nl_msg *msg, int attr, uint32_t value)
{
	assert_int_equal(nla_put_u32(msg, attr, value), 0);
}

void fake_answer(struct nl_msg *msg)
{
	fake_raw(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
}

/* @body, then @text as an extended acknowledgment. */
static void final(int type, int flags, const void *body, size_t len, const char *text)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsghdr *hdr;

	assert_non_null(msg);
	if (text)
		flags |= NLM_F_ACK_TLVS;
	hdr = nlmsg_put(msg, 0, 0, type, len, flags);
	assert_non_null(hdr);
	memcpy(nlmsg_data(hdr), body, len);
	if (text)
		assert_int_equal(nla_put_string(msg, NLMSGERR_ATTR_MSG, text), 0);
	fake_answer(msg);
}

void fake_error(int err, const char *text)
{
	struct nlmsgerr body = { .error = -err, .msg.nlmsg_len = 100 };

	final(NLMSG_ERROR, NLM_F_CAPPED, &body, sizeof(body), text);
}

void fake_error_uncapped(int err, const char *text, size_t request_len)
{
	unsigned char body[sizeof(struct nlmsgerr) + 100] = { 0 };
	struct nlmsgerr *error = (struct nlmsgerr *)body;

	error->error = -err;
	error->msg.nlmsg_len = request_len;
	final(NLMSG_ERROR, 0, body, sizeof(*error) + NLMSG_ALIGN(request_len) - NLMSG_HDRLEN, text);
}

void fake_done(int err, const char *text)
{
	int body = -err;

	final(NLMSG_DONE, NLM_F_MULTI, &body, sizeof(body), text);
}

size_t fake_n_sent(void)
{
	return state.n_sent;
}

struct nlmsghdr *fake_sent(size_t i)
{
	assert_true(i < state.n_sent);
	return (struct nlmsghdr *)state.sent[i].data;
}

void complain_at(const char *file, unsigned int line)
{
	state.about_file = file;
	state.about_line = line;
}

/* Without the name of the program. */
void complain(const char *fmt, ...)
{
	size_t size = sizeof(state.complaints);
	size_t used = strlen(state.complaints);
	va_list ap;

	if (state.about_file)
		used += snprintf(state.complaints + used, size - used, "%s:%u: ",
				 state.about_file, state.about_line);
	assert_true(used < size);
	va_start(ap, fmt);
	used += vsnprintf(state.complaints + used, size - used, fmt, ap);
	va_end(ap);
	assert_true(used < size);
	snprintf(state.complaints + used, size - used, "\n");
}

const char *fake_complaints(void)
{
	return state.complaints;
}

int fake_run_ctl(struct ctl *ctl, const struct object *object, const char *words, bool json)
{
	char *argv[MAX_WORDS + 1] = { NULL };
	char *line = strdup(words);
	size_t size;
	size_t n = 0;
	FILE *f;
	int status;

	assert_non_null(line);
	for (char *p = strtok(line, " "); p; p = strtok(NULL, " ")) {
		assert_true(n < MAX_WORDS);
		argv[n++] = p;
	}
	free(state.output);
	state.output = NULL;
	f = open_memstream(&state.output, &size);
	assert_non_null(f);
	ctl->tr = &fake;
	show_init(&ctl->out, f, json, false);
	status = object_run(ctl, object, argv);
	fclose(f);
	free(line);
	return status;
}

int fake_run(const struct object *object, const char *words)
{
	struct ctl ctl = { 0 };

	return fake_run_ctl(&ctl, object, words, false);
}

const char *fake_output(void)
{
	return state.output;
}
