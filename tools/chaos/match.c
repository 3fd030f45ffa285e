// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "content.h"
#include "match.h"

static bool same(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !strncasecmp(word, name, len);
}

/* One name, or an octal number; returns 0 or -1. */
static int add_op(struct match *m, const char *word, size_t len)
{
	bool found = same(word, len, "ARP");
	char *end;
	long n;

	if (found)
		m->arp = true;
	for (unsigned int op = 0; op < 256; op++) {
		const char *name = packet_opname(op);

		if (name && same(word, len, name)) {
			m->op[op] = true;
			found = true;
		}
	}
	if (found)
		return 0;
	if (!len || *word < '0' || *word > '7')
		return -1;
	n = strtol(word, &end, 8);
	if (end != word + len || n > 0377)
		return -1;
	m->op[n] = true;
	return 0;
}

/**
 * match_add_ops() - want some opcodes
 * @m: what is wanted
 * @list: names, "ARP" or octal numbers, separated by commas
 *
 * Return: 0, or -1 if one of them makes no sense.
 */
int match_add_ops(struct match *m, const char *list)
{
	m->ops = true;
	for (;;) {
		size_t len = strcspn(list, ",");

		if (add_op(m, list, len))
			return -1;
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

static bool has_host(const struct frame *f, uint16_t host)
{
	if (f->kind == FRAME_ARP)
		return f->arp.sender == host || f->arp.target == host;
	return f->packet.src == host || f->packet.dst == host;
}

static bool has_contact(const struct frame *f, const char *contact)
{
	struct content c;

	if (f->kind != FRAME_CHAOS)
		return false;
	content_decode(&c, &f->packet);
	return c.kind == CONTENT_CONTACT &&
	       same((const char *)c.contact.bytes, c.contact.len, contact);
}

/**
 * match_frame() - find out whether a frame is wanted
 * @m: what is wanted
 * @f: the frame
 *
 * Return: true if so; never for what is neither Chaosnet nor its ARP.
 */
bool match_frame(const struct match *m, const struct frame *f)
{
	if (f->kind == FRAME_OTHER)
		return false;
	/* What cannot be read has none of it. */
	if (f->broken)
		return !m->n_hosts && !m->ops && !m->contact;
	for (unsigned int i = 0; i < m->n_hosts; i++)
		if (!has_host(f, m->hosts[i]))
			return false;
	if (m->ops && !(f->kind == FRAME_ARP ? m->arp : m->op[f->packet.opcode]))
		return false;
	return !m->contact || has_contact(f, m->contact);
}
