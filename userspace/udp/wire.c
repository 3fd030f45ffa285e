// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "wire.h"

#define VERSION		1
#define FUNCTION	1		/* a packet; no other is known */

/**
 * wire_wrap() - make a datagram of a packet
 * @datagram: room for @len + WIRE_HEADER_LEN bytes
 * @packet: LSB-first, with trailer
 * @len: its length, even
 *
 * The checksum need not be made anew: it is right in both layouts.
 *
 * Return: the length of the datagram.
 */
size_t wire_wrap(uint8_t *datagram, const uint8_t *packet, size_t len)
{
	static const uint8_t header[WIRE_HEADER_LEN] = { VERSION, FUNCTION };

	memcpy(datagram, header, sizeof(header));
	frame_swap(datagram + WIRE_HEADER_LEN, packet, len);
	return len + WIRE_HEADER_LEN;
}

/**
 * wire_unwrap() - take the packet out of a datagram
 * @packet: room for FRAME_MAX bytes
 * @used: its length with trailer
 * @datagram: as it came
 * @len: its length, any
 *
 * Return: WIRE_OK, and @packet is LSB-first, with trailer; or why it is refused, and
 *	@packet and @used are undefined.
 */
enum wire_verdict wire_unwrap(uint8_t *packet, size_t *used, const uint8_t *datagram, size_t len)
{
	if (len < WIRE_HEADER_LEN)
		return WIRE_MALFORMED;
	if (datagram[0] != VERSION || datagram[1] != FUNCTION)
		return WIRE_VERSION;
	if (len < WIRE_MIN || len > WIRE_MAX || len % 2)
		return WIRE_MALFORMED;
	frame_swap(packet, datagram + WIRE_HEADER_LEN, len - WIRE_HEADER_LEN);
	if (frame_check(packet, len - WIRE_HEADER_LEN, used) != FRAME_OK)
		return WIRE_MALFORMED;
	return frame_sum_ok(packet, *used) ? WIRE_OK : WIRE_CHECKSUM;
}
