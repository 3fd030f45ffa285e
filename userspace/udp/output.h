/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the kernel's links to the socket. */
#ifndef CHAOS_UDP_OUTPUT_H
#define CHAOS_UDP_OUTPUT_H

#include <sys/socket.h>

#include "errors.h"
#include "link.h"
#include "wire.h"

#define OUTPUT_ROUND	256	/* packets that are sent together; more than a link has peers */
#define OUTPUT_SEGMENTS	64	/* datagrams that the kernel cuts from one message */
#define OUTPUT_WAIT_MS	20	/* for the socket to have room */

/**
 * struct output_message - what one message to the kernel is about
 * @peer: to whom
 * @segment: length of each datagram but the last, which may be shorter
 * @n: number of datagrams
 * @closed: the last one is shorter: none can follow
 * @control: tells the kernel @segment
 */
struct output_message {
	struct peer *peer;
	uint16_t segment;
	uint16_t n;
	bool closed;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))];
};

/**
 * struct output - packets on their way out
 * @fd: the socket
 * @errors: who takes errors that came later
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
	int fd;
	struct errors *errors;
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

void output_init(struct output *o, int fd, struct errors *errors);
void output_batch(struct output *o, struct peer_table *table, struct link *link);

#endif /* CHAOS_UDP_OUTPUT_H */
