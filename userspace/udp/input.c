// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel joins datagrams of equal length from one place, of which the last may be
 * shorter, to one message (UDP_GRO).  Who is there is looked up once for all of them.
 */
#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "clock.h"
#include "input.h"
#include "log.h"

/**
 * input_init() - get ready
 * @in: input
 * @fd: the socket
 * @table: all peers
 * @errors: who takes errors
 */
void input_init(struct input *in, int fd, struct peer_table *table, struct errors *errors)
{
	unsigned int i;

	memset(in, 0, offsetof(struct input, bytes));
	in->fd = fd;
	in->table = table;
	in->errors = errors;
	in->n_used = INPUT_MESSAGES;
	for (i = 0; i < INPUT_MESSAGES; i++) {
		in->vector[i].iov_base = in->bytes[i];
		in->vector[i].iov_len = INPUT_SIZE;
		in->header[i].msg_hdr.msg_iov = &in->vector[i];
		in->header[i].msg_hdr.msg_iovlen = 1;
		in->header[i].msg_hdr.msg_name = &in->name[i];
		in->header[i].msg_hdr.msg_control = in->control[i];
	}
}

/* A datagram that is no good. */
static void refuse(struct input *in, struct peer_place *place, enum wire_verdict why)
{
	struct peer_counters *c = place ? &place->peer->counters : &in->strangers;

	switch (why) {
	case WIRE_VERSION:
		c->rx_version++;
		break;
	case WIRE_MALFORMED:
		c->rx_malformed++;
		break;
	case WIRE_CHECKSUM:
		c->rx_checksum++;
		break;
	case WIRE_OK:
		break;
	}
}

/* Packets that peer_admit() did not just take. */
static void tell(struct input *in, enum peer_verdict verdict, const struct udpaddr *from,
		 uint16_t sender)
{
	char text[UDPADDR_STRLEN];

	in->verdicts[verdict]++;
	switch (verdict) {
	case PEER_LEARNED:
		log_limited(LOG_INFO, "peer %o is learned: it is at %s", sender,
			    udpaddr_format(from, text));
		break;
	case PEER_MOVED:
		log_limited(LOG_NOTICE, "peer %o is at %s now", sender,
			    udpaddr_format(from, text));
		break;
	case PEER_STRANGER:
		log_limited(LOG_NOTICE, "packet from %o at %s dropped: no peer is there", sender,
			    udpaddr_format(from, text));
		break;
	case PEER_CLAIMED:
		log_limited(LOG_WARNING, "packet from %o at %s dropped: that peer is elsewhere",
			    sender, udpaddr_format(from, text));
		/* Or it is there now, and its name tells. */
		in->errors->trouble(in->errors->arg, in->table->by_addr[sender]);
		break;
	case PEER_FULL:
		log_limited(LOG_WARNING, "packet from %o at %s dropped: too many peers are learned",
			    sender, udpaddr_format(from, text));
		break;
	case PEER_KNOWN:
	case PEER_VERDICTS:
		break;
	}
}

static void mark_dirty(struct input *in, struct link *link)
{
	if (!link->dirty)
		in->dirty[in->n_dirty++] = link;
	link->dirty = true;
}

/*
 * One datagram, from @place, NULL: from where nobody is.
 *
 * Return: whether the table may have changed.
 */
static bool datagram(struct input *in, struct peer_place *place, const struct udpaddr *from,
		     const uint8_t *bytes, size_t len, uint64_t now)
{
	struct link *expected = place ? place->peer->link : NULL;
	uint8_t *packet = expected ? tap_room(expected->tap) : in->scratch;
	enum peer_verdict verdict = PEER_KNOWN;
	enum wire_verdict sense;
	struct peer *peer;
	uint16_t sender;
	size_t used;

	sense = wire_unwrap(packet, &used, bytes, len);
	if (sense != WIRE_OK) {
		refuse(in, place, sense);
		return false;
	}
	sender = frame_link_source(packet);
	if (place && place->peer->addr == sender) {
		peer = place->peer;
		peer_heard(in->table, place, now);
	} else {
		verdict = peer_admit(in->table, from, sender, now, &peer);
		if (verdict != PEER_KNOWN)
			tell(in, verdict, from, sender);
	}
	if (peer) {
		/* A datagram is for us. */
		frame_claim(packet, peer->link->addr);
		if (peer->link == expected)
			tap_commit(expected->tap, used);
		else
			tap_put(peer->link->tap, packet, used);
		mark_dirty(in, peer->link);
	}
	return verdict != PEER_KNOWN;
}

/**
 * input_datagrams() - take datagrams from one place
 * @in: input
 * @from: the place
 * @bytes: the datagrams, one behind the other
 * @len: length of all
 * @segment: length of each but the last, which may be shorter
 * @now: time
 *
 * The table is locked.  input_flush() is to be called before the next wait.
 */
void input_datagrams(struct input *in, const struct udpaddr *from, const uint8_t *bytes,
		     size_t len, size_t segment, uint64_t now)
{
	struct peer_place *place = peer_at(in->table, from);
	size_t n;

	do {
		n = len < segment ? len : segment;
		if (datagram(in, place, from, bytes, n, now))
			place = peer_at(in->table, from);
		bytes += n;
		len -= n;
	} while (len);
}

/**
 * input_flush() - hand over what was taken
 * @in: input
 */
void input_flush(struct input *in)
{
	while (in->n_dirty) {
		struct link *link = in->dirty[--in->n_dirty];

		tap_flush(link->tap);
		link->dirty = false;
	}
}

/* Length of the datagrams in a message; all of it if they are not joined. */
static size_t segment_length(struct msghdr *h, size_t len)
{
	struct cmsghdr *c;
	int segment;

	for (c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
			continue;
		memcpy(&segment, CMSG_DATA(c), sizeof(segment));
		if (segment > 0)
			return segment;
	}
	return len;
}

static void message(struct input *in, unsigned int i, uint64_t now)
{
	struct msghdr *h = &in->header[i].msg_hdr;
	size_t len = in->header[i].msg_len;
	struct udpaddr from;

	if (!udpaddr_from_sockaddr(&from, &in->name[i], h->msg_namelen))
		return;
	input_datagrams(in, &from, in->bytes[i], len, segment_length(h, len), now);
}

/*
 * Returns the number of messages, or -1.
 *
 * Where one came alone the next ones probably do, too: to ask for another each time would
 * cost as much as half a call.
 */
static int receive(struct input *in)
{
	ssize_t n;

	for (; in->n_used; in->n_used--) {
		struct msghdr *h = &in->header[in->n_used - 1].msg_hdr;

		h->msg_namelen = sizeof(in->name[0]);
		h->msg_controllen = sizeof(in->control[0]);
	}
	in->calls++;
	if (in->alone) {
		in->alone--;
		n = recvmsg(in->fd, &in->header[0].msg_hdr, 0);
		in->header[0].msg_len = n;
		in->n_used = 1;
		return n < 0 ? -1 : 1;
	}
	n = recvmmsg(in->fd, in->header, INPUT_MESSAGES, MSG_WAITFORONE, NULL);
	in->alone = n == 1 ? INPUT_ALONE : 0;
	in->n_used = n < 0 ? 1 : n;
	return n;
}

/**
 * input_read() - wait for something, and read what came
 * @in: input
 */
void input_read(struct input *in)
{
	int n = receive(in), error = errno, i;
	uint64_t now;

	if (n < 0) {
		if (error != EINTR)
			errors_drain(in->errors);
		return;
	}
	now = clock_now();
	pthread_mutex_lock(&in->table->lock);
	for (i = 0; i < n; i++)
		message(in, i, now);
	pthread_mutex_unlock(&in->table->lock);
	input_flush(in);
}
