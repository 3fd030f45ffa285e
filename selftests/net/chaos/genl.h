/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the generic netlink family "chaos" directly: a test that asks hundreds
 * of times cannot run chaosctl each time.
 */
#ifndef GENL_H
#define GENL_H

#include <linux/chaos_netlink.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>

#include "netns.h"

#define GENL_SIZE	8192	/* of an answer, at most */

struct genl {
	int fd;
	uint16_t family;
	uint32_t events;	/* multicast group */
};

struct genl_answer {
	ssize_t len;
	union {
		struct nlmsghdr nlh;
		char bytes[GENL_SIZE];
	};
};

/* The first attribute of an answer of ours, or of the one nested in @in; then the
 * next one.  NULL at the end.
 */
static inline struct nlattr *genl_first(struct genl_answer *a)
{
	return a->nlh.nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN + NLA_HDRLEN ? NULL :
	       (struct nlattr *)(a->bytes + NLMSG_HDRLEN + GENL_HDRLEN);
}

static inline struct nlattr *genl_nested(struct nlattr *in)
{
	return in->nla_len < 2 * NLA_HDRLEN ? NULL : (struct nlattr *)((char *)in + NLA_HDRLEN);
}

static inline struct nlattr *genl_after(struct nlattr *attr, const void *end)
{
	char *next = (char *)attr + NLA_ALIGN(attr->nla_len);

	return next + NLA_HDRLEN > (const char *)end ? NULL : (struct nlattr *)next;
}

#define genl_for_each(attr, a) \
	for ((attr) = genl_first(a); (attr); \
	     (attr) = genl_after(attr, (a)->bytes + (a)->nlh.nlmsg_len))

#define genl_for_each_nested(attr, in) \
	for ((attr) = genl_nested(in); (attr); \
	     (attr) = genl_after(attr, (char *)(in) + (in)->nla_len))

static inline uint8_t genl_cmd(const struct genl_answer *a)
{
	return ((const struct genlmsghdr *)(a->bytes + NLMSG_HDRLEN))->cmd;
}

static inline unsigned int genl_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

static inline const void *genl_data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static inline uint32_t genl_u32(const struct nlattr *attr)
{
	uint32_t value;

	memcpy(&value, genl_data(attr), sizeof(value));
	return value;
}

static inline uint64_t genl_u64(const struct nlattr *attr)
{
	uint64_t value;

	memcpy(&value, genl_data(attr), sizeof(value));
	return value;
}

/* Receive one message.  False if none comes within @ms. */
static inline bool genl_recv(struct genl *g, struct genl_answer *a, int ms)
{
	struct pollfd pfd = { .fd = g->fd, .events = POLLIN };

	if (poll(&pfd, 1, ms) <= 0)
		return false;
	a->len = recv(g->fd, a->bytes, sizeof(a->bytes), 0);
	if (a->len < (ssize_t)NLMSG_HDRLEN || a->nlh.nlmsg_len > a->len)
		tap_bail("netlink: %s", strerror(errno));
	return true;
}

/* Send a command with at most one attribute, a string. */
static inline void genl_ask(struct genl *g, uint16_t family, uint8_t cmd, uint16_t type,
			    const char *string, struct genl_answer *a)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr attr;
		char string[16];
	} req = {
		.nlh = { .nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = cmd, .version = 1 },
		.attr = { .nla_type = type },
	};

	req.nlh.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	if (string) {
		snprintf(req.string, sizeof(req.string), "%s", string);
		req.attr.nla_len = NLA_HDRLEN + strlen(req.string) + 1;
		req.nlh.nlmsg_len += NLA_ALIGN(req.attr.nla_len);
	}
	if (send(g->fd, &req, req.nlh.nlmsg_len, 0) < 0 || !genl_recv(g, a, NETNS_PATIENCE) ||
	    a->nlh.nlmsg_type == NLMSG_ERROR)
		tap_bail("netlink: no answer to command %u", cmd);
}

/* Find the group "events" in one of CTRL_ATTR_MCAST_GROUPS. */
static inline uint32_t genl_group(struct nlattr *groups)
{
	struct nlattr *group, *attr;

	genl_for_each_nested(group, groups)
		genl_for_each_nested(attr, group)
			if (genl_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				return genl_u32(attr);
	return 0;
}

/* For the present namespace. */
static inline void genl_open(struct genl *g)
{
	struct genl_answer a;
	struct nlattr *attr;

	*g = (struct genl){ .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC) };
	genl_ask(g, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, CHAOS_GENL_NAME, &a);
	genl_for_each(attr, &a) {
		if (genl_type(attr) == CTRL_ATTR_FAMILY_ID)
			memcpy(&g->family, genl_data(attr), sizeof(g->family));
		if (genl_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			g->events = genl_group(attr);
	}
	if (!g->family || !g->events)
		tap_bail("netlink: no family chaos with a group of events");
}

/* From now on genl_recv() gets events, too. */
static inline void genl_listen(struct genl *g)
{
	if (setsockopt(g->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g->events, sizeof(g->events)))
		tap_bail("netlink: cannot listen to events: %s", strerror(errno));
}

#endif /* GENL_H */
