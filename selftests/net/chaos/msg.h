/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sendmsg() and recvmsg() with the control messages of chaos(7), for tests. */
#ifndef MSG_H
#define MSG_H

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/chaos.h>

/* What recvmsg() told. */
struct msg_got {
	int flags;
	int opcode;			/* -1: no control message */
	long long tid;			/* likewise */
	struct sockaddr_chaos from;
	socklen_t from_len;
};

/* Send with one control message; @from may be NULL.  Flags get MSG_NOSIGNAL. */
static inline ssize_t msg_send_cmsg(int fd, const void *data, size_t len,
				    const struct sockaddr_chaos *to, int level, int type,
				    const void *value, size_t value_len)
{
	union {
		char space[CMSG_SPACE(16)];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = {
		.msg_name = (void *)to, .msg_namelen = to ? sizeof(*to) : 0,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = CMSG_SPACE(value_len),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(value_len);
	memcpy(CMSG_DATA(cmsg), value, value_len);
	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

/* Send a packet with an opcode. */
static inline ssize_t msg_send_op(int fd, int op, const void *data, size_t len)
{
	return msg_send_cmsg(fd, data, len, NULL, SOL_CHAOS, CHAOS_OPCODE, &op, sizeof(op));
}

/* Send an EOF mark. */
static inline ssize_t msg_send_eof(int fd)
{
	return msg_send_op(fd, CHAOS_OP_EOF, NULL, 0);
}

static inline ssize_t msg_recv(int fd, void *buf, size_t size, int flags, struct msg_got *got)
{
	union {
		char space[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = { buf, size };
	struct msghdr msg = {
		.msg_name = &got->from, .msg_namelen = sizeof(got->from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	uint32_t tid;
	ssize_t n;

	memset(got, 0, sizeof(*got));
	got->opcode = -1;
	got->tid = -1;
	n = recvmsg(fd, &msg, flags);
	if (n < 0)
		return n;
	got->flags = msg.msg_flags;
	got->from_len = msg.msg_namelen;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_CHAOS)
			continue;
		if (cmsg->cmsg_type == CHAOS_OPCODE)
			memcpy(&got->opcode, CMSG_DATA(cmsg), sizeof(int));
		if (cmsg->cmsg_type == CHAOS_TID) {
			memcpy(&tid, CMSG_DATA(cmsg), sizeof(tid));
			got->tid = tid;
		}
	}
	return n;
}

#endif /* MSG_H */
