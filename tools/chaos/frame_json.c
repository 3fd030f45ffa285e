// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/chaos.h>

#include "content.h"
#include "frame_json.h"
#include "json.h"
#include "text.h"

static void put_text(const struct frame_json *j, const char *key, const char *text)
{
	fprintf(j->out, ",\"%s\":", key);
	json_string(j->out, text);
}

static void put_span(const struct frame_json *j, const char *key, const struct span *span)
{
	fprintf(j->out, ",\"%s\":", key);
	json_bytes(j->out, span->bytes, span->len);
}

static void put_host(const struct frame_json *j, const char *key, uint16_t addr)
{
	const char *name = addr && j->name ? j->name(addr) : NULL;

	fprintf(j->out, ",\"%s\":\"%o\"", key, addr);
	if (!name)
		return;
	fprintf(j->out, ",\"%s_name\":", key);
	json_string(j->out, name);
}

static void put_mac(const struct frame_json *j, const char *key, const uint8_t mac[FRAME_MAC])
{
	fprintf(j->out, ",\"%s\":\"%02x:%02x:%02x:%02x:%02x:%02x\"", key, mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
}

static void put_routes(const struct frame_json *j, const struct span *data)
{
	fputs(",\"routes\":[", j->out);
	for (size_t i = 0; i + 1 < data->len / 2; i += 2)
		fprintf(j->out, "%s{\"subnet\":\"%o\",\"cost\":%u}", i ? "," : "",
			content_word(data, i), content_word(data, i + 1));
	putc(']', j->out);
}

static void put_subnets(const struct frame_json *j, const struct span *map)
{
	const char *before = "";

	fputs(",\"subnets\":[", j->out);
	for (size_t n = 0; n < map->len * 8; n++) {
		if (!(map->bytes[n / 8] & 1 << n % 8))
			continue;
		fprintf(j->out, "%s\"%zo\"", before, n);
		before = ",";
	}
	putc(']', j->out);
}

static void put_words(const struct frame_json *j, const struct span *data)
{
	fputs(",\"words\":[", j->out);
	for (size_t i = 0; i < data->len / 2; i++)
		fprintf(j->out, "%s%u", i ? "," : "", content_word(data, i));
	putc(']', j->out);
}

static void put_runs(const struct frame_json *j, const struct span *runs)
{
	fputs(",\"runs\":[", j->out);
	for (size_t i = 0; i < runs->len / 2; i += 2)
		fprintf(j->out, "%s[\"%04x\",\"%04x\"]", i ? "," : "", content_word(runs, i),
			content_word(runs, i + 1));
	putc(']', j->out);
}

static void put_contact(const struct frame_json *j, const struct packet *p,
			const struct content *c)
{
	if (p->opcode == CHAOS_OP_FWD)
		put_host(j, "to", p->ack);
	if (c->subnets.len)
		put_subnets(j, &c->subnets);
	put_span(j, "contact", &c->contact);
	if (c->args.len)
		put_span(j, "args", &c->args);
}

static void put_content(const struct frame_json *j, const struct packet *p,
			const struct content *c)
{
	switch (c->kind) {
	case CONTENT_NONE:
		break;
	case CONTENT_CONTACT:
		put_contact(j, p, c);
		break;
	case CONTENT_WINDOW:
		fprintf(j->out, ",\"receipt\":\"%04x\",\"window\":%u", c->receipt, c->window);
		if (c->runs.len)
			put_runs(j, &c->runs);
		break;
	case CONTENT_REASON:
		put_span(j, "reason", &c->data);
		break;
	case CONTENT_ROUTES:
		put_routes(j, &c->data);
		break;
	case CONTENT_DATA:
		put_span(j, "data", &c->data);
		break;
	case CONTENT_WORDS:
		put_words(j, &c->data);
		break;
	}
}

static void put_trailer(const struct frame_json *j, const struct packet *p)
{
	put_host(j, "trailer_dst", p->hop_dst);
	put_host(j, "trailer_src", p->hop_src);
	fprintf(j->out, ",\"checksum\":\"%04x\",\"checksum_good\":%s", p->checksum,
		p->checksum_good ? "true" : "false");
}

static void put_packet(const struct frame_json *j, const struct packet *p)
{
	const char *name = packet_opname(p->opcode);
	struct content c;

	content_decode(&c, p);
	if (name)
		put_text(j, "op", name);
	fprintf(j->out, ",\"opcode\":\"%o\"", p->opcode);
	put_host(j, "src", p->src);
	fprintf(j->out, ",\"src_index\":\"%04x\"", p->src_index);
	put_host(j, "dst", p->dst);
	fprintf(j->out, ",\"dst_index\":\"%04x\"", p->dst_index);
	fprintf(j->out, ",\"number\":\"%04x\",\"ack\":\"%04x\",\"forwarded\":%u,\"count\":%u",
		p->number, p->ack, p->forwarded, p->count);
	put_content(j, p, &c);
	if (j->link && p->has_trailer)
		put_trailer(j, p);
	if (p->fault || c.fault)
		put_text(j, "fault", p->fault ? p->fault : c.fault);
}

static void put_arp(const struct frame_json *j, const struct frame *f)
{
	const struct frame_arp *arp = &f->arp;

	fprintf(j->out, ",\"op\":\"ARP\",\"operation\":%u", arp->op);
	put_host(j, "sender", arp->sender);
	put_mac(j, "sender_mac", arp->sender_mac);
	put_host(j, "target", arp->target);
	put_mac(j, "target_mac", arp->target_mac);
	if (f->fault)
		put_text(j, "fault", f->fault);
}

static void put_link(const struct frame_json *j, const struct frame *f)
{
	uint16_t dst, src;

	if (f->has_mac) {
		put_mac(j, "mac_src", f->mac_src);
		put_mac(j, "mac_dst", f->mac_dst);
		if (text_virtual_mac(f->mac_src, &src) && src &&
		    text_virtual_mac(f->mac_dst, &dst)) {
			put_host(j, "link_src", src);
			put_host(j, "link_dst", dst);
		}
	}
	if (f->carrier != FRAME_LINK) {
		put_text(j, "outer_src", f->outer_src);
		put_text(j, "outer_dst", f->outer_dst);
	}
}

/**
 * frame_json() - write what is in a frame, as further members of an open object
 * @j: how
 * @f: the frame, not FRAME_OTHER
 */
void frame_json(const struct frame_json *j, const struct frame *f)
{
	if (j->link)
		put_link(j, f);
	if (f->broken)
		put_text(j, "fault", f->fault);
	else if (f->kind == FRAME_ARP)
		put_arp(j, f);
	else
		put_packet(j, &f->packet);
}
