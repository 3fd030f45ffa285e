/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What single words of a configuration mean.
 *
 * Each function returns NULL, or what is wrong with the word, in words that can
 * follow "'WORD': "; results are unchanged then.  chaos_addr_parse() of libchaos is of
 * the same kind.
 */
#ifndef TUNNEL_WORDS_H
#define TUNNEL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define WORD_HOST_LEN		256	/* with the NUL */
#define WORD_ENDPOINT_LEN	(WORD_HOST_LEN + 8)

/**
 * struct endpoint - where to reach something on an IP network
 * @host: name or numeric address (without brackets); never empty
 * @port: 0: none was given
 * @family: AF_INET or AF_INET6 for a numeric address, AF_UNSPEC for a name
 */
struct endpoint {
	char host[WORD_HOST_LEN];
	uint16_t port;
	int family;
};

/**
 * word_number() - a decimal number
 * @word: digits
 * @value: the number
 *
 * Numbers with a leading 0 are refused: they look octal.
 */
const char *word_number(const char *word, unsigned long *value);

/**
 * word_endpoint() - HOST, HOST:PORT, V6 or [V6]:PORT
 * @word: HOST is a name or an IPv4 address; V6 may have a %SCOPE
 * @ep: the parts
 */
const char *word_endpoint(const char *word, struct endpoint *ep);

/**
 * word_duration() - a time: 90, 90s, 5m, 2h, 1d
 * @word: a number of seconds, or with a unit
 * @seconds: the time
 */
const char *word_duration(const char *word, unsigned long *seconds);

/**
 * word_subnet() - a subnet in octal, 1 to 376 or 377
 * @word: octal digits
 * @subnet: the number
 */
const char *word_subnet(const char *word, uint8_t *subnet);

/**
 * word_switch() - "on" or "off"
 * @word: one of the two
 * @on: which
 */
const char *word_switch(const char *word, bool *on);

/**
 * word_link() - the name of a link
 * @word: what the kernel takes as the name of a net_device; "%d" may be in it once
 */
const char *word_link(const char *word);

/**
 * word_socket_path() - the path of a Unix socket
 * @word: an absolute path that fits into struct sockaddr_un
 */
const char *word_socket_path(const char *word);

/**
 * word_user() - the name of a user of this machine
 * @word: a name
 */
const char *word_user(const char *word);

/**
 * endpoint_address() - the address of an endpoint that is numeric
 * @ep: endpoint
 * @port: to use if @ep has none
 * @addr: the address
 *
 * Return: its length, or 0 if @ep is a name, or its scope does not exist here.
 */
socklen_t endpoint_address(const struct endpoint *ep, uint16_t port,
			   struct sockaddr_storage *addr);

/**
 * endpoint_format() - write HOST:PORT or [V6]:PORT, without the port if it is 0
 * @ep: endpoint
 * @buf: where to write it
 *
 * Return: @buf.
 */
char *endpoint_format(const struct endpoint *ep, char buf[WORD_ENDPOINT_LEN]);

/**
 * address_format() - write the address and port of a socket address
 * @addr: of family AF_INET or AF_INET6; IPv4 mapped into IPv6 is written as IPv4
 * @buf: where to write it
 *
 * Return: @buf.
 */
char *address_format(const struct sockaddr_storage *addr, char buf[WORD_ENDPOINT_LEN]);

#endif /* TUNNEL_WORDS_H */
