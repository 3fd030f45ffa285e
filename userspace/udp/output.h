/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a link of the kernel to the socket. */
#ifndef CHAOS_UDP_OUTPUT_H
#define CHAOS_UDP_OUTPUT_H

#include <sys/socket.h>

#include "errors.h"
#include "wire.h"

#define OUTPUT_ROUND	256	/* packets that are sent together; more than a link has peers */
#define OUTPUT_SEGMENTS	64	/* datagrams that the kernel cuts from one message */
#define OUTPUT_WAIT_MS	20	/* for the socket to have room */

struct link;

/**
 * struct output_message - what one message to the kernel is about
 * @peer: to whom, by its address: it may be forgotten before this is sent
 * @to: where that is
 * @segment: length of each datagram but the last, which may be shorter
 * @n: number of datagrams
 * @closed: the last one is shorter: none can follow
 * @control: tells the kernel @segment
 */
struct output_message {
	uint16_t peer;
	union udpaddr_sockaddr to;
	uint16_t segment;
	uint16_t n;
	bool closed;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))];
};

/**
 * struct output - packets on their way out
 * @errors: who takes errors, and knows the socket
 * @table: all peers
 * @packet: packets of this round, by peer: @next chains them, numbered from 1
 * @n_packets: number of those
 * @active: peers that have some
 * @n_active: number of those
 * @bytes: the datagrams
 * @used: bytes of those
 * @header: messages to the kernel
 * @vector: where their datagrams are
 * @message: more about them
 * @n_messages: number of those
 * @patient: the socket may be waited for
 * @calls: system calls that sent
 * @waits: times the socket had no room
 */
struct output {
	struct errors *errors;
	struct peer_table *table;
	struct {
		const uint8_t *bytes;
		uint16_t len, next;
	} packet[OUTPUT_ROUND];
	unsigned int n_packets;
	struct peer *active[OUTPUT_ROUND];
	unsigned int n_active;
	uint8_t bytes[OUTPUT_ROUND * WIRE_MAX];
	size_t used;
	struct mmsghdr header[OUTPUT_ROUND];
	struct iovec vector[OUTPUT_ROUND];
	struct output_message message[OUTPUT_ROUND];
	unsigned int n_messages;
	bool patient;
	uint64_t calls, waits;
};

void output_init(struct output *o, struct errors *errors);
void output_batch(struct output *o, struct link *link);

#endif /* CHAOS_UDP_OUTPUT_H */
