/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transport to the kernel: a generic netlink socket of libnl. */
#ifndef CHAOSCTL_NLSOCK_H
#define CHAOSCTL_NLSOCK_H

#include "nlmsg.h"

extern struct transport nlsock;

int nlsock_listen(struct transport *tr);
int nlsock_event(int fd, void *buf, size_t size);

#endif /* CHAOSCTL_NLSOCK_H */
