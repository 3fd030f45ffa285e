// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/errqueue.h>

#include "errors.h"
#include "log.h"

#define AT_ONCE	64	/* errors read in a row: there are packets, too */

/* Errors that say that nobody is there, or that there is no way. */
static bool is_absence(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
	case EADDRNOTAVAIL:
		return true;
	default:
		return false;
	}
}

static void note(struct errors *e, struct peer *peer, const struct udpaddr *addr, int error)
{
	char text[UDPADDR_STRLEN];

	if (peer->error != error)
		log_limited(LOG_INFO, "peer %o at %s: %s", peer->addr,
			    udpaddr_format(addr, text), strerror(error));
	peer->error = error;
	if (!is_absence(error))
		return;
	if (udpaddr_same(addr, &peer->place[peer->current].addr))
		peer_next_place(e->table, peer);
	e->trouble(e->arg, peer);
}

/**
 * errors_send() - a message could not be sent
 * @e: errors
 * @addr: Chaosnet address of the peer that was to get it
 * @error: an errno
 * @packets: packets in it, counted as sent
 *
 * Locks the table, as all do here.
 */
void errors_send(struct errors *e, uint16_t addr, int error, unsigned int packets)
{
	struct peer *peer;
	struct udpaddr place;

	pthread_mutex_lock(&e->table->lock);
	peer = e->table->by_addr[addr];
	if (peer) {
		place = peer->place[peer->current].addr;
		peer->counters.tx_packets -= packets;
		peer->counters.tx_errors += packets;
		note(e, peer, &place, error);
	}
	pthread_mutex_unlock(&e->table->lock);
}

static const struct sock_extended_err *extended_error(struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR))
			return (const void *)CMSG_DATA(c);
	return NULL;
}

/* An error about something that was sent to @to. */
static void take(struct errors *e, const struct udpaddr *to, int error)
{
	struct peer_place *place;

	pthread_mutex_lock(&e->table->lock);
	for (place = peer_at(e->table, to); place; place = peer_also_at(place)) {
		place->peer->counters.icmp_errors++;
		note(e, place->peer, to, error);
	}
	pthread_mutex_unlock(&e->table->lock);
}

/**
 * errors_drain() - take errors that came later
 * @e: errors
 *
 * Return: how many there were; there may be more.
 */
unsigned int errors_drain(struct errors *e)
{
	_Alignas(struct cmsghdr) char control[512];
	const struct sock_extended_err *error;
	union udpaddr_sockaddr name;
	struct udpaddr to;
	unsigned int n;
	int pending;

	for (n = 0; n < AT_ONCE; n++) {
		struct msghdr msg = {
			.msg_name = &name,
			.msg_namelen = sizeof(name),
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};

		if (recvmsg(e->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
		error = extended_error(&msg);
		if (error && udpaddr_from_sockaddr(&to, &name, msg.msg_namelen))
			take(e, &to, error->ee_errno);
	}
	/* There was no memory to tell more than that there is one: nobody's, then. */
	if (!n)
		getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &pending, &(socklen_t){ sizeof(pending) });
	return n;
}
