/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of DNS, written by hand. */
#ifndef LIBCHAOS_TEST_DNS_MESSAGES_H
#define LIBCHAOS_TEST_DNS_MESSAGES_H

#include <arpa/nameser.h>
#include <stdint.h>
#include <string.h>

#define ASKED		"\xc0\x0c"	/* as a name: the one that was asked for */
#define DOMAIN		"\7CH-ADDR\3NET"
#define RR(data)	(data), sizeof(data) - 1

struct message {
	size_t len;
	uint8_t bytes[NS_MAXMSG];
};

static inline void put(struct message *message, const void *bytes, size_t len)
{
	memcpy(message->bytes + message->len, bytes, len);
	message->len += len;
}

static inline void put_number(struct message *message, unsigned int bytes, uint32_t number)
{
	while (bytes--)
		message->bytes[message->len++] = number >> 8 * bytes;
}

/* @name in labels, without dots at its end; a byte 0, or a pointer, is the caller's. */
static inline void put_labels(struct message *message, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, ".");

		put_number(message, 1, len);
		put(message, name, len);
		name += len + (name[len] == '.');
	}
}

/* Header and question; the answers are still to be put. */
static inline void put_question(struct message *message, uint16_t id, unsigned int flags,
				const char *name, ns_type type)
{
	message->len = 0;
	put_number(message, 2, id);
	put_number(message, 2, flags);
	put_number(message, 2, 1);
	put(message, "\0\0\0\0\0\0", 6);
	put_labels(message, name);
	put_number(message, 1, 0);
	put_number(message, 2, type);
	put_number(message, 2, ns_c_chaos);
}

/* Another answer; its owner is in the form of the wire. */
static inline void put_record(struct message *message, const char *owner, size_t owner_len,
			      ns_type type, ns_class class, uint32_t ttl, const char *data,
			      size_t len)
{
	put(message, owner, owner_len);
	put_number(message, 2, type);
	put_number(message, 2, class);
	put_number(message, 4, ttl);
	put_number(message, 2, len);
	put(message, data, len);
	message->bytes[7]++;
}

#endif /* LIBCHAOS_TEST_DNS_MESSAGES_H */
