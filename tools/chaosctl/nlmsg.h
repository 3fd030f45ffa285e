/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the kernel and its answers, over a transport that tests replace.
 *
 * An answer is read as a whole before anything of it is used, so that an
 * inconsistent dump can be thrown away and asked for again.
 */
#ifndef CHAOSCTL_NLMSG_H
#define CHAOSCTL_NLMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

/**
 * struct transport - how messages travel; all calls complain before they fail
 * @open: connect and set @family; returns 0 or -1
 * @send: send a message after numbering it; returns 0 or -1
 * @recv: wait for one datagram and store a buffer, to be freed by the caller;
 *	returns its length or -1
 * @close: undo open; only after a successful @open
 * @priv: for the implementation
 * @family: number of the netlink family, 0 until opened
 */
struct transport {
	int (*open)(struct transport *tr);
	int (*send)(struct transport *tr, struct nl_msg *msg);
	int (*recv)(struct transport *tr, unsigned char **buf);
	void (*close)(struct transport *tr);
	void *priv;
	int family;
};

/**
 * struct request - a message that is being built
 * @msg: the message, freed when sent
 * @tr: where it will go
 * @broken: something did not fit; reported when sent
 * @may_be_gone: it is no failure if what it is about is not there any more
 */
struct request {
	struct nl_msg *msg;
	struct transport *tr;
	bool broken;
	bool may_be_gone;
};

/**
 * struct answer - messages of the kernel, without the final one
 * @msgs: each allocated
 * @n: number of messages
 * @room: room in @msgs
 */
struct answer {
	struct nlmsghdr **msgs;
	size_t n;
	size_t room;
};

int request_begin(struct request *req, struct transport *tr, uint8_t cmd, int flags);
void request_flag(struct request *req, int attr);
void request_u8(struct request *req, int attr, uint8_t value);
void request_u16(struct request *req, int attr, uint16_t value);
void request_u32(struct request *req, int attr, uint32_t value);
void request_str(struct request *req, int attr, const char *value);
void request_bytes(struct request *req, int attr, const void *value, size_t len);

void request_drop(struct request *req);
int request_change(struct request *req);
int request_ask(struct request *req, struct answer *answer);
void answer_free(struct answer *answer);

int answer_attrs(struct nlmsghdr *msg, struct nlattr **tb, int max,
		 const struct nla_policy *policy);
int answer_nested(struct nlattr *nest, struct nlattr **tb, int max,
		  const struct nla_policy *policy);

#endif /* CHAOSCTL_NLMSG_H */
