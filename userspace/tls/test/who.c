// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "who.h"

struct session_names who_named(const char *name)
{
	struct session_names names = { .n = 1 };

	snprintf(names.subject, sizeof(names.subject), "CN=%s", name);
	snprintf(names.name[0], sizeof(names.name[0]), "%s", name);
	return names;
}

struct member who_member(const char *name, bool is_server, const uint16_t *addrs)
{
	struct session_names names = who_named(name);
	struct member member;

	member_init(&member, &names, is_server);
	member.addr = addrs[0];
	for (; *addrs; addrs++)
		member_allow(&member, *addrs);
	return member;
}

void who_packet(uint8_t *packet, unsigned int opcode, uint16_t from, uint16_t index)
{
	memset(packet, 0, FRAME_MIN);
	packet[1] = opcode;
	frame_put_word(packet + 6, index);
	frame_put_word(packet + 8, from);
	frame_set_trailer(packet, 0, from);
}
