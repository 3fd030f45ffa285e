/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chaos-over-UDP, version 1: a packet in a datagram.
 *
 *	1, 1, 0, 0 | packet | trailer
 *
 * The first two bytes are the version and the function, "packet"; the others are not
 * looked at.  Packet and trailer are MSB-first here and LSB-first in the kernel.
 *
 * Pure code.
 */
#ifndef CHAOS_UDP_WIRE_H
#define CHAOS_UDP_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"

#define WIRE_HEADER_LEN	4
#define WIRE_MIN	(WIRE_HEADER_LEN + FRAME_MIN)
#define WIRE_MAX	(WIRE_HEADER_LEN + FRAME_MAX)

/* Why wire_unwrap() refuses a datagram. */
enum wire_verdict {
	WIRE_OK,
	WIRE_VERSION,		/* version or function are not ours */
	WIRE_MALFORMED,		/* length, or byte count */
	WIRE_CHECKSUM,
};

size_t wire_wrap(uint8_t *datagram, const uint8_t *packet, size_t len);
enum wire_verdict wire_unwrap(uint8_t *packet, size_t *used, const uint8_t *datagram, size_t len);

#endif /* CHAOS_UDP_WIRE_H */
