// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target for what people and hosts write; see "make fuzz". */
#include <stdlib.h>
#include <string.h>

#include "chaos_addr.h"
#include "chaos_charset.h"
#include "chaos_hosts.h"
#include "chaos_routes.h"
#include "chaos_sockaddr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chaos_hosts_entry entry;
	struct chaos_routes routes;
	struct sockaddr_chaos sa;
	char *text = malloc(size + 1);
	uint16_t addr;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	chaos_addr_parse(text, &addr);
	if (!chaos_contact_check(text) && !chaos_sockaddr(&sa, 0401, text))
		abort();
	if (!chaos_hosts_line(text, &entry) && entry.names && strlen(entry.names) >= size)
		abort();
	chaos_text_printable(text, data, size);
	chaos_routes_parse(&routes, data, size);
	if (routes.n > CHAOS_ROUTES_MAX)
		abort();
	free(text);
	return 0;
}
