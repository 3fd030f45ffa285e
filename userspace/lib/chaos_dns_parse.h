/* SPDX-License-Identifier: MIT OR GPL-2.0-or-later */
/* What an answer from DNS says.  Pure: see chaos_dns.h for asking. */
#ifndef LIBCHAOS_DNS_PARSE_H
#define LIBCHAOS_DNS_PARSE_H

#include "chaos_dns.h"

#define CHAOS_DNS_DOMAIN	"CH-ADDR.NET"	/* of addresses */

int chaos_dns_parse_addrs(const uint8_t *message, size_t len, const char *name,
			  struct chaos_dns_answer *answer);
int chaos_dns_parse_name(const uint8_t *message, size_t len, const char *owner,
			 const char *wanted, char name[CHAOS_DNS_NAME_LEN]);

#endif /* LIBCHAOS_DNS_PARSE_H */
