// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests to the kernel and its answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "complain.h"
#include "nlmsg.h"

#define DUMP_TRIES	5	/* for a consistent dump */
#define EXTACK_LEN	256

/**
 * struct outcome - how an exchange ended
 * @done: the final message was there
 * @interrupted: what was dumped changed meanwhile
 * @error: positive errno, or 0
 * @text: the kernel's own words about it, or empty
 */
struct outcome {
	bool done;
	bool interrupted;
	int error;
	char text[EXTACK_LEN];
};

/**
 * request_begin() - begin a request, opening the transport for the first one
 * @req: to initialise; every further call may follow even if this one failed
 * @tr: transport
 * @cmd: CHAOS_CMD_*
 * @flags: NLM_F_DUMP, or 0
 *
 * Return: 0, or -1 after a complaint; then there is nothing to undo.
 */
int request_begin(struct request *req, struct transport *tr, uint8_t cmd, int flags)
{
	memset(req, 0, sizeof(*req));
	req->tr = tr;
	if (!tr->family && tr->open(tr))
		return -1;
	req->msg = nlmsg_alloc();
	if (!req->msg) {
		complain("no memory");
		return -1;
	}
	if (!genlmsg_put(req->msg, NL_AUTO_PORT, NL_AUTO_SEQ, tr->family, 0,
			 NLM_F_REQUEST | flags, cmd, CHAOS_GENL_VERSION))
		req->broken = true;
	return 0;
}

/**
 * request_u8() - add an attribute to a request
 * @req: request
 * @attr: CHAOS_*_A_*
 * @value: its value
 */
void request_u8(struct request *req, int attr, uint8_t value)
{
	req->broken |= !!nla_put_u8(req->msg, attr, value);
}

/**
 * request_u16() - add an attribute to a request
 * @req: request
 * @attr: CHAOS_*_A_*
 * @value: its value
 */
void request_u16(struct request *req, int attr, uint16_t value)
{
	req->broken |= !!nla_put_u16(req->msg, attr, value);
}

/**
 * request_u32() - add an attribute to a request
 * @req: request
 * @attr: CHAOS_*_A_*
 * @value: its value
 */
void request_u32(struct request *req, int attr, uint32_t value)
{
	req->broken |= !!nla_put_u32(req->msg, attr, value);
}

/**
 * request_flag() - add an attribute that says something by being there
 * @req: request
 * @attr: CHAOS_*_A_*
 */
void request_flag(struct request *req, int attr)
{
	req->broken |= !!nla_put_flag(req->msg, attr);
}

/**
 * request_str() - add an attribute to a request
 * @req: request
 * @attr: CHAOS_*_A_*
 * @value: its value
 */
void request_str(struct request *req, int attr, const char *value)
{
	req->broken |= !!nla_put_string(req->msg, attr, value);
}

/**
 * request_bytes() - add an attribute to a request
 * @req: request
 * @attr: CHAOS_*_A_*
 * @value: its value
 * @len: length of the value
 */
void request_bytes(struct request *req, int attr, const void *value, size_t len)
{
	req->broken |= !!nla_put(req->msg, attr, len, value);
}

/**
 * request_drop() - free a request that will not be sent
 * @req: request
 */
void request_drop(struct request *req)
{
	nlmsg_free(req->msg);
	req->msg = NULL;
}

/* Keeps a copy of a message of the answer. */
static int answer_add(struct answer *answer, const struct nlmsghdr *msg)
{
	struct nlmsghdr *copy;

	if (answer->n == answer->room) {
		size_t room = answer->room ? 2 * answer->room : 16;
		struct nlmsghdr **msgs = reallocarray(answer->msgs, room, sizeof(*msgs));

		if (!msgs)
			goto no_memory;
		answer->msgs = msgs;
		answer->room = room;
	}
	copy = malloc(msg->nlmsg_len);
	if (!copy)
		goto no_memory;
	answer->msgs[answer->n++] = memcpy(copy, msg, msg->nlmsg_len);
	return 0;

no_memory:
	complain("no memory");
	return -1;
}

/**
 * answer_free() - forget an answer
 * @answer: to empty; may be used again
 */
void answer_free(struct answer *answer)
{
	for (size_t i = 0; i < answer->n; i++)
		free(answer->msgs[i]);
	free(answer->msgs);
	memset(answer, 0, sizeof(*answer));
}

/* Copies the kernel's text out of the attributes that begin @offset bytes into a message. */
static void take_extack(const struct nlmsghdr *msg, size_t offset, struct outcome *out)
{
	struct nlattr *text;
	size_t len;

	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS) || offset >= msg->nlmsg_len)
		return;
	text = nla_find((struct nlattr *)((char *)msg + offset), msg->nlmsg_len - offset,
			NLMSGERR_ATTR_MSG);
	if (!text)
		return;
	len = nla_len(text);
	if (len >= sizeof(out->text))
		len = sizeof(out->text) - 1;
	memcpy(out->text, nla_data(text), len);
	out->text[len] = '\0';
}

/* NLMSG_ERROR: an acknowledgment when the error is 0. */
static int take_error(const struct nlmsghdr *msg, struct outcome *out)
{
	const struct nlmsgerr *err = nlmsg_data(msg);
	size_t offset = NLMSG_HDRLEN + sizeof(*err);

	if (msg->nlmsg_len < offset) {
		complain("the kernel's answer is too short");
		return -1;
	}
	/* Unless capped, our request comes back in front of the attributes. */
	if (!(msg->nlmsg_flags & NLM_F_CAPPED) && err->msg.nlmsg_len > NLMSG_HDRLEN)
		offset += NLMSG_ALIGN(err->msg.nlmsg_len - NLMSG_HDRLEN);
	out->done = true;
	out->error = -err->error;
	take_extack(msg, offset, out);
	return 0;
}

/* NLMSG_DONE: the end of a dump, with an error if it ended early. */
static void take_done(const struct nlmsghdr *msg, struct outcome *out)
{
	out->done = true;
	if (msg->nlmsg_len < NLMSG_HDRLEN + sizeof(int))
		return;
	out->error = -*(const int *)nlmsg_data(msg);
	take_extack(msg, NLMSG_HDRLEN + sizeof(int), out);
}

/* One message of the kernel. */
static int take_message(const struct nlmsghdr *msg, struct answer *answer, struct outcome *out)
{
	if (msg->nlmsg_flags & NLM_F_DUMP_INTR)
		out->interrupted = true;
	switch (msg->nlmsg_type) {
	case NLMSG_ERROR:
		return take_error(msg, out);
	case NLMSG_DONE:
		take_done(msg, out);
		return 0;
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		complain("the kernel's answer was lost");
		return -1;
	default:
		return answer_add(answer, msg);
	}
}

/* Reads until the final message of the request numbered @seq. */
static int receive(struct transport *tr, uint32_t seq, struct answer *answer, struct outcome *out)
{
	while (!out->done) {
		unsigned char *buf = NULL;
		int len = tr->recv(tr, &buf);
		struct nlmsghdr *msg = (struct nlmsghdr *)buf;
		int err = len < 0 ? -1 : 0;

		while (!err && !out->done && nlmsg_ok(msg, len)) {
			if (msg->nlmsg_seq == seq)
				err = take_message(msg, answer, out);
			msg = nlmsg_next(msg, &len);
		}
		if (!err && !out->done && len > 0) {
			complain("the kernel's answer is cut short");
			err = -1;
		}
		free(buf);
		if (err)
			return -1;
	}
	return 0;
}

/* Whether the kernel says that something is not there. */
static bool is_gone(int error)
{
	return error == ENOENT || error == ESRCH || error == ENODEV || error == EADDRNOTAVAIL;
}

/* Sends the request and collects the answer; the request stays. */
static int exchange(struct request *req, struct answer *answer, struct outcome *out)
{
	memset(out, 0, sizeof(*out));
	if (req->tr->send(req->tr, req->msg))
		return -1;
	if (receive(req->tr, nlmsg_hdr(req->msg)->nlmsg_seq, answer, out))
		return -1;
	if (req->may_be_gone && is_gone(out->error))
		return 0;
	if (!out->error) {
		if (out->text[0])
			complain("warning: %s", out->text);
		return 0;
	}
	complain("%s", out->text[0] ? out->text : strerror(out->error));
	return -1;
}

/* Whether the request holds what it should. */
static int complete(const struct request *req)
{
	if (!req->broken)
		return 0;
	complain("the request does not fit into a message");
	return -1;
}

/**
 * request_change() - send a request that changes something, and free it
 * @req: request, begun without NLM_F_DUMP
 *
 * Return: 0, or -1 after a complaint, which is the kernel's own if it has one.
 */
int request_change(struct request *req)
{
	struct answer answer = { 0 };
	int err = request_ask(req, &answer);

	answer_free(&answer);
	return err;
}

/**
 * request_ask() - send a request, collect the answer, and free the request
 * @req: request; with NLM_F_DUMP the answer is repeated until it is consistent
 * @answer: empty; on success the messages, to be freed by answer_free()
 *
 * Return: 0, or -1 after a complaint, which is the kernel's own if it has one.
 */
int request_ask(struct request *req, struct answer *answer)
{
	struct nlmsghdr *hdr = nlmsg_hdr(req->msg);
	bool dump = (hdr->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	struct outcome out;
	int err = complete(req);

	/* A dump ends by itself; everything else with an acknowledgment. */
	if (!dump)
		hdr->nlmsg_flags |= NLM_F_ACK;
	for (int tries = 0; !err && tries < DUMP_TRIES; tries++) {
		answer_free(answer);
		err = exchange(req, answer, &out);
		if (err || !out.interrupted)
			break;
	}
	if (!err && out.interrupted)
		complain("warning: the list changes while it is read and may be incomplete");
	if (err)
		answer_free(answer);
	request_drop(req);
	return err;
}

/* What libnl thinks of attributes, in our words. */
static int check_attrs(int err)
{
	if (!err)
		return 0;
	complain("the kernel's answer makes no sense: %s", nl_geterror(err));
	return -1;
}

/**
 * answer_attrs() - take a message of the kernel apart
 * @msg: message
 * @tb: filled by attribute number, NULL for those not there
 * @max: highest number in @tb; higher ones are left out
 * @policy: types of the attributes
 *
 * Return: 0, or -1 after a complaint about attributes too short for their type.
 */
int answer_attrs(struct nlmsghdr *msg, struct nlattr **tb, int max,
		 const struct nla_policy *policy)
{
	return check_attrs(genlmsg_parse(msg, 0, tb, max, policy));
}

/**
 * answer_nested() - take a nest apart
 * @nest: attribute that holds others
 * @tb: filled by attribute number, NULL for those not there
 * @max: highest number in @tb; higher ones are left out
 * @policy: types of the attributes
 *
 * Return: 0, or -1 after a complaint about attributes too short for their type.
 */
int answer_nested(struct nlattr *nest, struct nlattr **tb, int max,
		  const struct nla_policy *policy)
{
	return check_attrs(nla_parse_nested(tb, max, nest, policy));
}
