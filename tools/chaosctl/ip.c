// SPDX-License-Identifier: GPL-2.0-or-later
/* IP addresses, and what links of type ip have besides a Chaosnet address. */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "complain.h"
#include "ip.h"
#include "nlmsg.h"

#define USUAL_TTL	64

/**
 * word_is_ip() - does a word look like an IP address?
 * @word: any; addresses of Chaosnet do not, nor do keywords
 *
 * Return: true if so.
 */
bool word_is_ip(const char *word)
{
	return strpbrk(word, ".:");
}

static int parse_address(const char *word, const char *text, struct ip_word *ip)
{
	ip->len = strchr(text, ':') ? 16 : 4;
	if (inet_pton(ip->len == 16 ? AF_INET6 : AF_INET, text, ip->bytes) == 1)
		return 0;
	complain("'%s' is not an IP address: it should look like 192.0.2.7 or 2001:db8::7", word);
	return -1;
}

/* A subnet's prefix leaves the last octet. */
static int parse_length(const char *word, const char *text, struct ip_word *ip)
{
	const char *want = ip->len == 16 ? "120" : "24";

	if (strcmp(text, want)) {
		complain("'%s': a subnet is mapped to a prefix of %s bits", word, want);
		return -1;
	}
	ip->prefixlen = atoi(want);
	if (!ip->bytes[ip->len - 1])
		return 0;
	complain("'%s': the last octet is the host's, it should be 0", word);
	return -1;
}

/**
 * word_ip() - an IP address, or a prefix to which a subnet is mapped
 * @word: what the user wrote
 * @ip: result
 *
 * Return: 0, or -1 after a complaint.
 */
int word_ip(const char *word, struct ip_word *ip)
{
	const char *slash = strchr(word, '/');
	char text[IP_TEXT_LEN] = "";

	*ip = (struct ip_word) { 0 };
	if (!slash)
		return parse_address(word, word, ip);
	if ((size_t)(slash - word) < sizeof(text))
		memcpy(text, word, slash - word);
	if (parse_address(word, text, ip))
		return -1;
	return parse_length(word, slash + 1, ip);
}

/**
 * word_local() - our own IP address
 * @word: what the user wrote; 0.0.0.0 and :: mean none
 * @ip: result
 *
 * Return: 0, or -1 after a complaint.
 */
int word_local(const char *word, struct ip_word *ip)
{
	if (!strchr(word, '/'))
		return word_ip(word, ip);
	complain("'%s' is not an IP address: it has a prefix length", word);
	return -1;
}

/**
 * word_local6() - our own IPv6 address, beside one of IPv4
 * @word: what the user wrote; :: means none
 * @ip: result
 *
 * Return: 0, or -1 after a complaint.
 */
int word_local6(const char *word, struct ip_word *ip)
{
	if (word_local(word, ip))
		return -1;
	if (ip->len == 16)
		return 0;
	complain("'%s' is not an IPv6 address", word);
	return -1;
}

/**
 * request_ip() - put an address into a request
 * @req: request
 * @attr4: attribute for one of IPv4
 * @attr6: attribute for one of IPv6
 * @ip: the address
 */
void request_ip(struct request *req, int attr4, int attr6, const struct ip_word *ip)
{
	request_bytes(req, ip->len == 16 ? attr6 : attr4, ip->bytes, ip->len);
}

/**
 * ip_text() - write an address
 * @text: result
 * @attr4: address of IPv4, or NULL; its length was checked
 * @attr6: address of IPv6, or NULL; likewise
 *
 * Return: false if there is none.
 */
bool ip_text(char text[IP_TEXT_LEN], struct nlattr *attr4, struct nlattr *attr6)
{
	if (attr6)
		return inet_ntop(AF_INET6, nla_data(attr6), text, IP_TEXT_LEN);
	return attr4 && inet_ntop(AF_INET, nla_data(attr4), text, IP_TEXT_LEN);
}

/* In plain form only what is not as it is in the beginning. */
static bool has_usual_ttl(struct nlattr **tb)
{
	return nla_get_u8(tb[CHAOS_LINK_A_TTL]) == USUAL_TTL;
}

/**
 * ip_link_show() - print what only links of type ip have
 * @s: printer
 * @tb: attributes of any link, lengths checked
 */
void ip_link_show(struct show *s, struct nlattr **tb)
{
	struct nlattr *learn = tb[CHAOS_LINK_A_LEARN];
	char text[IP_TEXT_LEN];

	if (!tb[CHAOS_LINK_A_TTL])
		return;
	if (ip_text(text, tb[CHAOS_LINK_A_LOCAL4], NULL))
		show_str(s, "local", " local ", text);
	if (ip_text(text, NULL, tb[CHAOS_LINK_A_LOCAL6]))
		show_str(s, "local6", " local6 ", text);
	if (s->json || !has_usual_ttl(tb))
		show_num(s, "ttl", " ttl ", nla_get_u8(tb[CHAOS_LINK_A_TTL]));
	if (!learn || (!s->json && !nla_get_u32(learn)))
		return;
	show_num(s, "learn", " learn ", nla_get_u32(learn));
	attr_u32(s, "learn_age", " age ", tb[CHAOS_LINK_A_LEARN_AGE]);
}

/**
 * ip_link_write() - write the words that make a link of type ip as it is
 * @f: where to; nothing for another link
 * @tb: attributes of any link, lengths checked
 */
void ip_link_write(FILE *f, struct nlattr **tb)
{
	char text[IP_TEXT_LEN];

	if (!tb[CHAOS_LINK_A_TTL])
		return;
	fputs(" type ip", f);
	if (ip_text(text, tb[CHAOS_LINK_A_LOCAL4], NULL))
		fprintf(f, " local %s", text);
	if (ip_text(text, NULL, tb[CHAOS_LINK_A_LOCAL6]))
		fprintf(f, " local6 %s", text);
	fprintf(f, " ttl %u", nla_get_u8(tb[CHAOS_LINK_A_TTL]));
	if (tb[CHAOS_LINK_A_LEARN])
		fprintf(f, " learn %u", nla_get_u32(tb[CHAOS_LINK_A_LEARN]));
	if (tb[CHAOS_LINK_A_LEARN_AGE])
		fprintf(f, " age %u", nla_get_u32(tb[CHAOS_LINK_A_LEARN_AGE]));
}
