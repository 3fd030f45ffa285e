// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame.h"
#include "trailer.h"

static uint16_t subnet_of(uint16_t addr)
{
	return addr & 0xff00;
}

/**
 * trailer_source() - who sent a packet on this subnet
 * @packet: with its trailer
 * @len: at least CHAOS_RECORD_MIN
 *
 * Return: the link address.
 */
uint16_t trailer_source(const uint8_t *packet, size_t len)
{
	return frame_word(packet + len - FRAME_TRAILER_LEN + 2);
}

/**
 * trailer_aim() - let a trailer say what the sender may have left out
 * @packet: with its trailer
 * @len: at least CHAOS_RECORD_MIN
 * @self: address of the host that is to judge by it
 *
 * Many programs put 0, or the subnet with host 0, where the next hop should be; all on the
 * ether then look at the header.  A host that may be a bridge would forward such a packet
 * even though it is for a neighbour, who has it already.  The checksum stays as it is,
 * which is to say wrong.
 */
void trailer_aim(uint8_t *packet, size_t len, uint16_t self)
{
	uint8_t *hop = packet + len - FRAME_TRAILER_LEN;
	uint16_t to = frame_destination(packet);

	if (frame_word(hop) && frame_word(hop) != subnet_of(self))
		return;
	if (to == self || to == subnet_of(to) || subnet_of(to) != subnet_of(self))
		return;
	frame_put_word(hop, to);
}
