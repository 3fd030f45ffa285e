// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets are collected in rounds, sorted by peer, and each peer's are put one behind
 * the other: runs of equal length, of which the last may be shorter, become one
 * message that the kernel cuts into datagrams (UDP_SEGMENT), as late as it can.  All
 * messages of a round go in one call.
 *
 * The order of packets to one peer is kept.
 *
 * Peers are looked at, and what goes to them counted, with the table locked, but nothing
 * is sent then: others want to look at it, too.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "link.h"

#define TRIES	3	/* of one message, while errors about earlier ones come */

/* A broadcast is one round. */
_Static_assert(OUTPUT_ROUND > PEER_MAX, "each peer of a link can have a message");

/**
 * output_init() - get ready
 * @o: output, zeroed
 * @errors: who takes errors
 */
void output_init(struct output *o, struct errors *errors)
{
	unsigned int i;

	o->errors = errors;
	o->table = errors->table;
	for (i = 0; i < OUTPUT_ROUND; i++) {
		o->header[i].msg_hdr.msg_name = &o->message[i].to;
		o->header[i].msg_hdr.msg_iov = &o->vector[i];
		o->header[i].msg_hdr.msg_iovlen = 1;
	}
}

/* Begin a message to @peer with the datagram at @bytes. */
static void begin(struct output *o, struct peer *peer, uint8_t *bytes, size_t len)
{
	unsigned int i = o->n_messages++;
	struct msghdr *h = &o->header[i].msg_hdr;
	struct output_message *m = &o->message[i];

	m->peer = peer->addr;
	m->to = peer->to;
	m->segment = len;
	m->n = 1;
	m->closed = false;
	o->vector[i] = (struct iovec){ .iov_base = bytes, .iov_len = len };
	h->msg_namelen = peer->to_len;
	h->msg_control = NULL;
	h->msg_controllen = 0;
	peer->counters.tx_packets++;
}

/* Put the datagram that has just been made behind the last message, if it fits. */
static bool append(struct output *o, struct peer *peer, size_t len)
{
	struct output_message *m;

	if (!o->n_messages || !peer->segment)
		return false;
	m = &o->message[o->n_messages - 1];
	if (m->peer != peer->addr || m->closed || m->n == OUTPUT_SEGMENTS || len > m->segment)
		return false;
	m->closed = len < m->segment;
	m->n++;
	o->vector[o->n_messages - 1].iov_len += len;
	peer->counters.tx_packets++;
	return true;
}

static void set_control(struct output *o, unsigned int i)
{
	struct output_message *m = &o->message[i];
	struct msghdr *h = &o->header[i].msg_hdr;
	struct cmsghdr *c;

	if (m->n == 1)
		return;
	h->msg_control = m->control;
	h->msg_controllen = sizeof(m->control);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(m->segment));
	memcpy(CMSG_DATA(c), &m->segment, sizeof(m->segment));
}

/* Wait until the socket takes more, but only once in a batch in vain. */
static bool wait_for_room(struct output *o)
{
	struct pollfd p = { .fd = o->errors->fd, .events = POLLOUT };

	if (!o->patient)
		return false;
	o->waits++;
	/* The event loop may interrupt it. */
	o->patient = poll(&p, 1, OUTPUT_WAIT_MS) != 0;
	if (p.revents & POLLERR)
		errors_drain(o->errors);
	return o->patient;
}

/*
 * Send a message that cannot be cut by the kernel one datagram at a time.  What fails
 * is lost: whoever sends it sees to that.
 */
static void send_singly(struct output *o, unsigned int i)
{
	struct output_message *m = &o->message[i];
	struct msghdr *h = &o->header[i].msg_hdr;
	size_t left = o->vector[i].iov_len;

	h->msg_control = NULL;
	h->msg_controllen = 0;
	while (left) {
		o->vector[i].iov_len = left < m->segment ? left : m->segment;
		left -= o->vector[i].iov_len;
		o->calls++;
		if (sendmsg(o->errors->fd, h, MSG_DONTWAIT) < 0)
			errors_send(o->errors, m->peer, errno, 1);
		o->vector[i].iov_base = (uint8_t *)o->vector[i].iov_base + m->segment;
	}
}

/* Errors of a kernel or device that cannot cut datagrams, or not for this path. */
static bool is_about_segments(int error)
{
	return error == EIO || error == EINVAL || error == EOPNOTSUPP || error == EMSGSIZE;
}

/* The kernel cannot cut what goes to @addr, or not at present. */
static void stop_segments(struct output *o, uint16_t addr)
{
	struct peer *peer;

	pthread_mutex_lock(&o->table->lock);
	peer = o->table->by_addr[addr];
	if (peer)
		peer->segment = false;
	pthread_mutex_unlock(&o->table->lock);
}

/*
 * A message could not be sent.  The error may be about an earlier one: the kernel
 * reports it to whoever comes next.
 *
 * Return: whether to try it again.
 */
static bool retry(struct output *o, int error, unsigned int tries)
{
	if (error == EINTR)
		return true;
	if (error == EAGAIN)
		return tries < TRIES && wait_for_room(o);
	if (errors_drain(o->errors))
		return tries < TRIES;
	return false;
}

static void give_up(struct output *o, unsigned int i, int error)
{
	struct output_message *m = &o->message[i];

	if (m->n > 1 && is_about_segments(error)) {
		stop_segments(o, m->peer);
		send_singly(o, i);
	} else {
		errors_send(o->errors, m->peer, error, m->n);
	}
}

/* Send messages from @i on, or say so in fewer words if it is only a datagram. */
static int send_some(struct output *o, unsigned int i)
{
	const struct msghdr *h = &o->header[i].msg_hdr;

	o->calls++;
	if (i + 1 < o->n_messages || o->message[i].n > 1)
		return sendmmsg(o->errors->fd, &o->header[i], o->n_messages - i, MSG_DONTWAIT);
	return sendto(o->errors->fd, o->vector[i].iov_base, o->vector[i].iov_len, MSG_DONTWAIT,
		      h->msg_name, h->msg_namelen) < 0 ? -1 : 1;
}

static void send_messages(struct output *o)
{
	unsigned int i = 0, tries = 0;
	int n, error;

	while (i < o->n_messages) {
		n = send_some(o, i);
		error = errno;
		if (n <= 0) {
			if (!retry(o, error, tries++)) {
				give_up(o, i++, error);
				tries = 0;
			}
			continue;
		}
		i += n;
		tries = 0;
	}
	o->n_messages = 0;
	o->used = 0;
}

/* Make messages of what was collected. */
static void pack(struct output *o)
{
	unsigned int i, k;
	struct peer *peer;
	uint8_t *bytes;
	size_t len;

	for (i = 0; i < o->n_active; i++) {
		peer = o->active[i];
		for (k = peer->batch.first; k; k = o->packet[k - 1].next) {
			bytes = o->bytes + o->used;
			len = wire_wrap(bytes, o->packet[k - 1].bytes, o->packet[k - 1].len);
			o->used += len;
			if (!append(o, peer, len))
				begin(o, peer, bytes, len);
		}
		peer->batch.first = 0;
	}
	o->n_active = 0;
	o->n_packets = 0;
	for (i = 0; i < o->n_messages; i++)
		set_control(o, i);
}

/* Send what was collected.  The table is locked before and after. */
static void flush(struct output *o)
{
	pack(o);
	pthread_mutex_unlock(&o->table->lock);
	send_messages(o);
	pthread_mutex_lock(&o->table->lock);
}

/* Collect a packet for @peer. */
static void collect(struct output *o, struct peer *peer, const uint8_t *bytes, size_t len)
{
	unsigned int number;

	o->packet[o->n_packets].bytes = bytes;
	o->packet[o->n_packets].len = len;
	o->packet[o->n_packets].next = 0;
	number = ++o->n_packets;
	if (peer->batch.first) {
		o->packet[peer->batch.last - 1].next = number;
	} else {
		peer->batch.first = number;
		o->active[o->n_active++] = peer;
	}
	peer->batch.last = number;
}

static void copy_to(struct output *o, struct peer_list *list, size_t len)
{
	struct peer *peer;

	TAILQ_FOREACH(peer, list, list) {
		if (peer->to_len)
			begin(o, peer, o->bytes, len);
		else
			peer->counters.tx_nowhere++;
	}
}

/* One datagram, to every peer of the link. */
static void broadcast(struct output *o, struct link *link, const uint8_t *bytes, size_t len)
{
	flush(o);
	len = wire_wrap(o->bytes, bytes, len);
	copy_to(o, &link->fixed, len);
	copy_to(o, &link->learned, len);
	flush(o);
}

/* Who is to get a packet for @hop?  If there is only one peer, then it is that. */
static struct peer *next_hop(const struct peer_table *table, const struct link *link, uint16_t hop)
{
	struct peer *peer = table->by_addr[hop];

	if (peer && peer->link == link)
		return peer;
	if (link->n_fixed + link->n_learned != 1)
		return NULL;
	return link->n_fixed ? TAILQ_FIRST(&link->fixed) : TAILQ_FIRST(&link->learned);
}

/**
 * output_batch() - send the packets that were read from a link
 * @o: the link's output
 * @link: the link, whose tap has packets
 *
 * While the socket has no room for OUTPUT_WAIT_MS, packets are lost, as on any network.
 */
void output_batch(struct output *o, struct link *link)
{
	const uint8_t *bytes;
	struct peer *peer;
	uint16_t hop;
	size_t len;

	o->patient = true;
	pthread_mutex_lock(&o->table->lock);
	while ((bytes = tap_next(link->tap, &len))) {
		hop = frame_link_destination(bytes);
		/* Peers may go then. */
		if (o->n_packets == OUTPUT_ROUND)
			flush(o);
		if (!hop) {
			broadcast(o, link, bytes, len);
			continue;
		}
		peer = next_hop(o->table, link, hop);
		if (!peer)
			link->tx_unknown++;
		else if (!peer->to_len)
			peer->counters.tx_nowhere++;
		else
			collect(o, peer, bytes, len);
	}
	pack(o);
	pthread_mutex_unlock(&o->table->lock);
	send_messages(o);
}
