/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses: as words, in requests, and what links of type ip have of them. */
#ifndef CHAOSCTL_IP_H
#define CHAOSCTL_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <netinet/in.h>
#include <netlink/attr.h>

struct request;
struct show;

#define IP_TEXT_LEN	INET6_ADDRSTRLEN

/**
 * struct ip_word - an address, or a prefix
 * @bytes: the address, high byte first
 * @len: how many of them: 4 or 16
 * @prefixlen: bits of the prefix, 0 without
 */
struct ip_word {
	uint8_t bytes[16];
	uint8_t len;
	uint8_t prefixlen;
};

bool word_is_ip(const char *word);
int word_ip(const char *word, struct ip_word *ip);
int word_local(const char *word, struct ip_word *ip);
int word_local6(const char *word, struct ip_word *ip);

void request_ip(struct request *req, int attr4, int attr6, const struct ip_word *ip);

bool ip_text(char text[IP_TEXT_LEN], struct nlattr *attr4, struct nlattr *attr6);
void ip_link_show(struct show *s, struct nlattr **tb);
void ip_link_write(FILE *f, struct nlattr **tb);

#endif /* CHAOSCTL_IP_H */
