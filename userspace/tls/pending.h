/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of which it is not known yet who it is, of which there cannot be too many,
 * and one who makes many of them is to keep nobody else out.  Pure.
 */
#ifndef CHAOS_TLS_PENDING_H
#define CHAOS_TLS_PENDING_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <netinet/in.h>

#define PENDING_MAX	256

/**
 * struct pending - one of them
 * @from: IP address, of IPv6 only what a network has in common
 * @next: in the order in which they came
 */
struct pending {
	struct in6_addr from;
	TAILQ_ENTRY(pending) next;
};

TAILQ_HEAD(pendings, pending);

/**
 * struct pending_list - all of them
 * @all: the longest waiting one first
 * @n: their number
 */
struct pending_list {
	struct pendings all;
	unsigned int n;
};

void pending_init(struct pending_list *list);
void pending_add(struct pending_list *list, struct pending *pending,
		 const struct sockaddr_storage *from);
void pending_remove(struct pending_list *list, struct pending *pending);
struct pending *pending_victim(const struct pending_list *list);

#endif /* CHAOS_TLS_PENDING_H */
