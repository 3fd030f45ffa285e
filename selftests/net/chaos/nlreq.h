/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of netlink, for tests that change so much that running a program for each
 * change would take minutes.
 *
 *	struct nlreq r;
 *
 *	nlreq_genl(&r, &genl, CHAOS_CMD_LINK_NEW);
 *	nlreq_str(&r, CHAOS_LINK_A_IFNAME, "eth0");
 *	nlreq_must(genl.fd, &r, "link");
 */
#ifndef NLREQ_H
#define NLREQ_H

#include <linux/rtnetlink.h>

#include "genl.h"

#define NLREQ_ROOM	1024	/* bytes of a request */

struct nlreq {
	union {
		struct nlmsghdr nlh;
		char bytes[NLREQ_ROOM];
	};
};

/* Begin a request; @head is the fixed part of its kind. */
static inline void nlreq_begin(struct nlreq *r, uint16_t type, uint16_t flags,
			       const void *head, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->nlh.nlmsg_type = type;
	r->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	r->nlh.nlmsg_len = NLMSG_SPACE(len);
	memcpy(NLMSG_DATA(&r->nlh), head, len);
}

/* One for our family. */
static inline void nlreq_genl(struct nlreq *r, const struct genl *g, uint8_t cmd)
{
	const struct genlmsghdr head = { .cmd = cmd, .version = CHAOS_GENL_VERSION };

	nlreq_begin(r, g->family, 0, &head, sizeof(head));
}

/* One about a network device. */
static inline void nlreq_device(struct nlreq *r, uint16_t type, uint16_t flags,
				const struct ifinfomsg *head)
{
	nlreq_begin(r, type, flags, head, sizeof(*head));
}

static inline void *nlreq_reserve(struct nlreq *r, size_t len)
{
	void *tail = r->bytes + r->nlh.nlmsg_len;

	if (r->nlh.nlmsg_len + NLA_ALIGN(len) > sizeof(*r))
		tap_bail("netlink: request too long");
	r->nlh.nlmsg_len += NLA_ALIGN(len);
	return tail;
}

static inline void nlreq_put(struct nlreq *r, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = nlreq_reserve(r, NLA_HDRLEN + len);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memcpy((char *)attr + NLA_HDRLEN, data, len);
}

static inline void nlreq_flag(struct nlreq *r, uint16_t type)
{
	nlreq_put(r, type, "", 0);
}

static inline void nlreq_u8(struct nlreq *r, uint16_t type, uint8_t value)
{
	nlreq_put(r, type, &value, sizeof(value));
}

static inline void nlreq_u16(struct nlreq *r, uint16_t type, uint16_t value)
{
	nlreq_put(r, type, &value, sizeof(value));
}

static inline void nlreq_u32(struct nlreq *r, uint16_t type, uint32_t value)
{
	nlreq_put(r, type, &value, sizeof(value));
}

static inline void nlreq_str(struct nlreq *r, uint16_t type, const char *text)
{
	nlreq_put(r, type, text, strlen(text) + 1);
}

/* Attributes from here to nlreq_nest_end() are in one of this type. */
static inline struct nlattr *nlreq_nest(struct nlreq *r, uint16_t type)
{
	struct nlattr *nest = nlreq_reserve(r, NLA_HDRLEN);

	nest->nla_type = type | NLA_F_NESTED;
	return nest;
}

static inline void nlreq_nest_end(struct nlreq *r, struct nlattr *nest)
{
	nest->nla_len = r->bytes + r->nlh.nlmsg_len - (char *)nest;
}

/* Wait for an acknowledgement.  Returns what it says: 0 or a negative errno. */
static inline int nlreq_acked(int fd)
{
	union {
		struct nlmsghdr nlh;
		char bytes[GENL_SIZE];
	} answer;
	struct nlmsgerr *e = NLMSG_DATA(&answer.nlh);
	ssize_t len = recv(fd, &answer, sizeof(answer), 0);

	if (len < (ssize_t)NLMSG_SPACE(sizeof(int)) || answer.nlh.nlmsg_type != NLMSG_ERROR)
		tap_bail("netlink: %zd bytes instead of an acknowledgement: %s", len,
			 len < 0 ? strerror(errno) : "what is it?");
	return e->error;
}

/* Do as the request says.  Returns 0 or a negative errno. */
static inline int nlreq_do(int fd, struct nlreq *r)
{
	r->nlh.nlmsg_flags |= NLM_F_ACK;
	if (send(fd, r, r->nlh.nlmsg_len, 0) < 0)
		return -errno;
	return nlreq_acked(fd);
}

static inline void nlreq_must(int fd, struct nlreq *r, const char *what)
{
	int error = nlreq_do(fd, r);

	if (error)
		tap_bail("netlink: %s: %s", what, strerror(-error));
}

/* Have the kernel explain its refusals to nlreq_answer(). */
static inline void nlreq_explain(const struct genl *g)
{
	int one = 1;

	if (setsockopt(g->fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(g->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)))
		tap_bail("netlink: %s", strerror(errno));
}

/* What the kernel says besides the error. */
static inline const char *nlreq_text(const struct genl_answer *a)
{
	const struct nlattr *attr = (const void *)(a->bytes + NLMSG_HDRLEN +
						   sizeof(struct nlmsgerr));
	const char *end = a->bytes + a->nlh.nlmsg_len;

	if (!(a->nlh.nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	for (; attr; attr = genl_after((struct nlattr *)attr, end))
		if (genl_type(attr) == NLMSGERR_ATTR_MSG)
			return genl_data(attr);
	return "";
}

/* Send a request.  Returns the errno, or 0; @text is valid until the next call. */
static inline int nlreq_answer(struct genl *g, struct nlreq *r, const char **text)
{
	static struct genl_answer a;

	r->nlh.nlmsg_flags |= NLM_F_ACK;
	if (send(g->fd, r, r->nlh.nlmsg_len, 0) < 0 || !genl_recv(g, &a, NETNS_PATIENCE) ||
	    a.nlh.nlmsg_type != NLMSG_ERROR)
		tap_bail("netlink: no answer");
	*text = nlreq_text(&a);
	return -((struct nlmsgerr *)NLMSG_DATA(&a.nlh))->error;
}

static inline int nlreq_socket(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		tap_bail("netlink: %s", strerror(errno));
	return fd;
}

/* How a dump ended: something may have changed meanwhile. */
enum nlreq_dump { NLREQ_DONE, NLREQ_INTERRUPTED };

/* Call @each for the messages of a dump.  The buffer is for many of them. */
static inline enum nlreq_dump nlreq_dump(int fd, struct nlreq *r,
					 void (*each)(struct nlmsghdr *nlh, void *data), void *data)
{
	static char bytes[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
	enum nlreq_dump end = NLREQ_DONE;

	r->nlh.nlmsg_flags |= NLM_F_DUMP;
	if (send(fd, r, r->nlh.nlmsg_len, 0) < 0)
		tap_bail("netlink: %s", strerror(errno));
	for (;;) {
		ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
		struct nlmsghdr *nlh = (struct nlmsghdr *)bytes;

		if (len <= 0)
			tap_bail("netlink: %s", strerror(errno));
		for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
				end = NLREQ_INTERRUPTED;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				tap_bail("netlink: a dump is refused");
			if (nlh->nlmsg_type == NLMSG_DONE)
				return end;
			each(nlh, data);
		}
	}
}

#endif /* NLREQ_H */
