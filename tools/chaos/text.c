// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>
#include <linux/chaos.h>

#include "content.h"
#include "text.h"

#define QUOTE_MAX	64	/* bytes of text shown of a packet's data */
#define BYTES_MAX	24	/* of other data */
#define ROW		16	/* bytes in a row of a hexadecimal dump */

/* Their letters stand for what is in the Lisp Machine's character set. */
static const char effectors[] = {
	['\210' - '\210'] = 'b',
	['\211' - '\210'] = 't',
	['\212' - '\210'] = 'r',	/* Line, which changes places with our newline */
	['\214' - '\210'] = 'f',
	['\215' - '\210'] = 'n',	/* Return */
};

static char effector(uint8_t c)
{
	return c >= 0210 && c - 0210u < sizeof(effectors) ? effectors[c - 0210] : 0;
}

static void quote(const struct text *t, const struct span *span)
{
	size_t len = t->whole || span->len <= QUOTE_MAX ? span->len : QUOTE_MAX;

	putc('"', t->out);
	for (size_t i = 0; i < len; i++) {
		uint8_t c = span->bytes[i];

		if (c == '"' || c == '\\')
			fprintf(t->out, "\\%c", c);
		else if (c >= ' ' && c <= '~')
			putc(c, t->out);
		else if (effector(c))
			fprintf(t->out, "\\%c", effector(c));
		else
			fprintf(t->out, "\\%03o", c);
	}
	fputs(len < span->len ? "\"..." : "\"", t->out);
}

/* Text if three of four characters are of some character set. */
static bool is_text(const struct span *span)
{
	size_t good = 0;

	for (size_t i = 0; i < span->len; i++) {
		uint8_t c = span->bytes[i];

		good += (c >= ' ' && c <= '~') || effector(c) || (c >= '\b' && c <= '\r');
	}
	return good * 4 >= span->len * 3;
}

static void print_data(const struct text *t, const struct span *span)
{
	size_t len = t->whole || span->len <= BYTES_MAX ? span->len : BYTES_MAX;

	fprintf(t->out, " len %zu ", span->len);
	if (is_text(span)) {
		quote(t, span);
		return;
	}
	for (size_t i = 0; i < len; i++)
		fprintf(t->out, "%02x", span->bytes[i]);
	if (len < span->len)
		fputs("...", t->out);
}

static void print_words(const struct text *t, const struct span *span)
{
	size_t len = t->whole || span->len <= BYTES_MAX ? span->len : BYTES_MAX;

	fprintf(t->out, " len %zu", span->len);
	for (size_t i = 0; i < len / 2; i++)
		fprintf(t->out, " %06o", content_word(span, i));
	if (len / 2 * 2 < span->len)
		fputs("...", t->out);
}

static void print_host(const struct text *t, const char *before, uint16_t addr)
{
	const char *name = addr && t->name ? t->name(addr) : NULL;

	fprintf(t->out, "%s%o", before, addr);
	if (name)
		fprintf(t->out, "(%s)", name);
}

static void print_routes(const struct text *t, const struct span *data)
{
	for (size_t i = 0; i + 1 < data->len / 2; i += 2)
		fprintf(t->out, "%s %o cost %u", i ? "," : " subnet", content_word(data, i),
			content_word(data, i + 1));
}

static void print_subnets(const struct text *t, const struct span *map)
{
	const char *before = " subnets ";

	for (size_t n = 0; n < map->len * 8; n++) {
		if (!(map->bytes[n / 8] & 1 << n % 8))
			continue;
		fprintf(t->out, "%s%zo", before, n);
		before = ",";
	}
	if (*before == ' ')
		fputs(" no subnets", t->out);
}

static void print_window(const struct text *t, const struct content *c)
{
	fprintf(t->out, " receipt %04x window %u", c->receipt, c->window);
	for (size_t i = 0; i < c->runs.len / 2; i += 2) {
		uint16_t first = content_word(&c->runs, i), last = content_word(&c->runs, i + 1);

		fprintf(t->out, "%s%04x", i ? "," : " have ", first);
		if (last != first)
			fprintf(t->out, "-%04x", last);
	}
}

static void print_contact(const struct text *t, const struct packet *p, const struct content *c)
{
	if (p->opcode == CHAOS_OP_FWD)
		print_host(t, " to ", p->ack);
	if (c->subnets.len)
		print_subnets(t, &c->subnets);
	putc(' ', t->out);
	quote(t, &c->contact);
	if (c->args.len) {
		fputs(" args ", t->out);
		quote(t, &c->args);
	}
}

static void print_content(const struct text *t, const struct packet *p, const struct content *c)
{
	switch (c->kind) {
	case CONTENT_NONE:
		break;
	case CONTENT_CONTACT:
		print_contact(t, p, c);
		break;
	case CONTENT_WINDOW:
		print_window(t, c);
		break;
	case CONTENT_REASON:
		putc(' ', t->out);
		quote(t, &c->data);
		break;
	case CONTENT_ROUTES:
		print_routes(t, &c->data);
		break;
	case CONTENT_DATA:
		print_data(t, &c->data);
		break;
	case CONTENT_WORDS:
		print_words(t, &c->data);
		break;
	}
}

static void print_fault(const struct text *t, const char *fault)
{
	if (fault)
		fprintf(t->out, " [%s]", fault);
}

static void print_packet(const struct text *t, const struct packet *p)
{
	char name[PACKET_OPNAME];
	struct content c;

	content_decode(&c, p);
	print_host(t, "", p->src);
	fprintf(t->out, ":%04x", p->src_index);
	print_host(t, " > ", p->dst);
	fprintf(t->out, ":%04x %s %04x/%04x", p->dst_index, packet_format_opcode(p->opcode, name),
		p->number, p->ack);
	if (p->forwarded)
		fprintf(t->out, " fwd %u", p->forwarded);
	print_content(t, p, &c);
	if (t->link && p->has_trailer)
		fprintf(t->out, " trailer %o %o %04x", p->hop_dst, p->hop_src, p->checksum);
	print_fault(t, p->fault);
	print_fault(t, c.fault);
}

static void print_mac(const struct text *t, const char *before, const uint8_t mac[FRAME_MAC])
{
	fprintf(t->out, "%s%02x:%02x:%02x:%02x:%02x:%02x", before, mac[0], mac[1], mac[2], mac[3],
		mac[4], mac[5]);
}

static void print_arp(const struct text *t, const struct frame_arp *arp)
{
	switch (arp->op) {
	case 1:
		print_host(t, "ARP who has ", arp->target);
		if (arp->sender)
			print_host(t, ", tell ", arp->sender);
		break;
	case 2:
		print_host(t, "ARP ", arp->sender);
		print_mac(t, " is at ", arp->sender_mac);
		break;
	default:
		fprintf(t->out, "ARP operation %u", arp->op);
	}
}

/**
 * text_virtual_mac() - read the hardware address of a virtual link
 * @mac: hardware address
 * @addr: result: the Chaosnet address in it, 0 for all
 *
 * Return: true if it is such an address.
 */
bool text_virtual_mac(const uint8_t mac[FRAME_MAC], uint16_t *addr)
{
	static const uint8_t all[FRAME_MAC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t ours[] = { 0x02, 'C', 'H', 0 };

	*addr = 0;
	if (!memcmp(mac, all, FRAME_MAC))
		return true;
	*addr = mac[4] << 8 | mac[5];
	return !memcmp(mac, ours, sizeof(ours));
}

static void print_link(const struct text *t, const struct frame *f)
{
	uint16_t dst, src;

	if (f->carrier != FRAME_LINK) {
		fprintf(t->out, "%s > %s ", f->outer_src, f->outer_dst);
	} else if (f->has_mac && text_virtual_mac(f->mac_src, &src) && src &&
		   text_virtual_mac(f->mac_dst, &dst)) {
		print_host(t, "link ", src);
		print_host(t, " > ", dst);
		putc(' ', t->out);
	} else if (f->has_mac) {
		print_mac(t, "", f->mac_src);
		print_mac(t, " > ", f->mac_dst);
		putc(' ', t->out);
	}
}

/**
 * text_frame() - print what is in a frame, without the end of the line
 * @t: how
 * @f: the frame, not FRAME_OTHER
 */
void text_frame(const struct text *t, const struct frame *f)
{
	if (t->link)
		print_link(t, f);
	if (f->broken) {
		fprintf(t->out, "%s [%s]", f->kind == FRAME_ARP ? "ARP" : "packet", f->fault);
	} else if (f->kind == FRAME_ARP) {
		print_arp(t, &f->arp);
		print_fault(t, f->fault);
	} else {
		print_packet(t, &f->packet);
	}
}

/**
 * text_bytes() - print bytes in hexadecimal and as characters, in rows
 * @out: where to
 * @bytes: the bytes
 * @len: how many
 */
void text_bytes(FILE *out, const uint8_t *bytes, size_t len)
{
	for (size_t row = 0; row < len; row += ROW) {
		fprintf(out, "\t0x%04zx: ", row);
		for (size_t i = row; i < row + ROW; i++) {
			const char *gap = i % 2 ? "" : " ";

			if (i < len)
				fprintf(out, "%s%02x", gap, bytes[i]);
			else
				fprintf(out, "%s  ", gap);
		}
		fputs("  ", out);
		for (size_t i = row; i < row + ROW && i < len; i++)
			putc(isprint(bytes[i]) ? bytes[i] : '.', out);
		putc('\n', out);
	}
}
