// SPDX-License-Identifier: GPL-2.0-or-later
/* The transport to the kernel: a generic netlink socket of libnl. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/socket.h>

#include <linux/chaos.h>
#include <linux/chaos_netlink.h>

#include "complain.h"
#include "nlsock.h"

static int fail(const char *what, int err)
{
	complain("%s: %s", what, nl_geterror(err));
	return -1;
}

/* The first socket of a family makes the kernel load its module. */
static void load_module(void)
{
	int fd = socket(AF_CHAOS, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
}

/* Sets the family's number, loading the module if need be. */
static int resolve(struct transport *tr, struct nl_sock *sk)
{
	int family = genl_ctrl_resolve(sk, CHAOS_GENL_NAME);

	if (family == -NLE_OBJ_NOTFOUND) {
		load_module();
		family = genl_ctrl_resolve(sk, CHAOS_GENL_NAME);
	}
	if (family == -NLE_OBJ_NOTFOUND) {
		complain("Chaosnet is not available: is the chaos module installed?");
		return -1;
	}
	if (family < 0)
		return fail("cannot find the netlink family", family);
	tr->family = family;
	return 0;
}

static int nlsock_open(struct transport *tr)
{
	struct nl_sock *sk = nl_socket_alloc();
	int on = 1;
	int err;

	if (!sk) {
		complain("no memory");
		return -1;
	}
	err = genl_connect(sk);
	if (err) {
		fail("cannot open a netlink socket", err);
		goto free;
	}
	/* Dumps of any size, and what we asked for only. */
	nl_socket_enable_msg_peek(sk);
	nl_socket_disable_auto_ack(sk);
	/* Without these, errors are less exact, or our request comes back with them. */
	setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(sk), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (resolve(tr, sk))
		goto free;
	tr->priv = sk;
	return 0;

free:
	nl_socket_free(sk);
	return -1;
}

static int nlsock_send(struct transport *tr, struct nl_msg *msg)
{
	int err;

	/* A repeated dump is a new request. */
	nlmsg_hdr(msg)->nlmsg_seq = NL_AUTO_SEQ;
	err = nl_send_auto(tr->priv, msg);
	return err < 0 ? fail("cannot send to the kernel", err) : 0;
}

static int nlsock_recv(struct transport *tr, unsigned char **buf)
{
	struct sockaddr_nl from = { 0 };
	int len;

	for (;;) {
		len = nl_recv(tr->priv, &from, buf, NULL);
		if (len < 0)
			return fail("cannot receive from the kernel", len);
		if (len == 0)
			return fail("cannot receive from the kernel", -NLE_AGAIN);
		if (from.nl_pid == 0)
			return len;
		/* Another process: not the answer. */
		free(*buf);
		*buf = NULL;
	}
}

static void nlsock_close(struct transport *tr)
{
	nl_socket_free(tr->priv);
	tr->priv = NULL;
	tr->family = 0;
}

/* Events that may wait for us: a burst must not overrun us at once. */
#define EVENTS_ROOM	(1024 * 1024)

/**
 * nlsock_listen() - from now on receive the kernel's events
 * @tr: the transport; opened if need be, and good for events only afterwards
 *
 * Return: the socket, which stays the transport's, or -1 after a complaint.
 */
int nlsock_listen(struct transport *tr)
{
	int group;
	int err;

	if (!tr->family && tr->open(tr))
		return -1;
	group = genl_ctrl_resolve_grp(tr->priv, CHAOS_GENL_NAME, CHAOS_GENL_MCGRP_EVENTS);
	if (group < 0)
		return fail("cannot find the group of events", group);
	/* As much as the system lets us have. */
	nl_socket_set_buffer_size(tr->priv, EVENTS_ROOM, 0);
	err = nl_socket_add_membership(tr->priv, group);
	return err ? fail("cannot receive events", err) : nl_socket_get_fd(tr->priv);
}

/**
 * nlsock_event() - receive events without waiting
 * @fd: from nlsock_listen()
 * @buf: for messages
 * @size: room in @buf
 *
 * Return: length of the messages, 0 if there is nothing from the kernel, or -1 with
 * errno set: ENOBUFS after some were lost, EMSGSIZE if one is larger than @buf.
 */
int nlsock_event(int fd, void *buf, size_t size)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { buf, size };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (msg.msg_flags & MSG_TRUNC) {
		errno = EMSGSIZE;
		return -1;
	}
	return from.nl_pid ? 0 : len;
}

struct transport nlsock = {
	.open = nlsock_open,
	.send = nlsock_send,
	.recv = nlsock_recv,
	.close = nlsock_close,
};
