// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for answers from DNS; see "make fuzz".  They are right up to the first
 * record's owner or data, or wrong from the beginning.
 */
#include <stdlib.h>

#include "chaos_dns_parse.h"
#include "dns_messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a block of its own, so that one byte too far is noticed. */
static void parse(const uint8_t *data, size_t size)
{
	char name[CHAOS_DNS_NAME_LEN] = "";
	struct chaos_dns_answer answer;
	uint8_t *copy = malloc(size + !size);

	if (!copy)
		return;
	memcpy(copy, data, size);
	if (!chaos_dns_parse_addrs(copy, size, "up", &answer)) {
		if (!answer.n || answer.n > CHAOS_DNS_ADDRS)
			abort();
		for (size_t i = 0; i < answer.n; i++)
			if (!(answer.addrs[i] >> 8) || !(answer.addrs[i] & 0xff))
				abort();
	}
	if (!chaos_dns_parse_name(copy, size, "up", "down", name) && !*name)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message message;

	if (size < 2 || size > 4096)
		return 0;
	parse(data, size);
	put_question(&message, 1, 0x8180, "up", data[0] & 1 ? ns_t_a : ns_t_ptr);
	message.bytes[7] = data[0] >> 1;
	if (data[1] & 1) {
		put(&message, ASKED, 2);
		put_number(&message, 2, data[1] & 2 ? ns_t_cname : data[0] & 1 ? ns_t_a : ns_t_ptr);
		put_number(&message, 2, ns_c_chaos);
		put_number(&message, 4, 60);
		put_number(&message, 2, data[1] >> 2);
	}
	put(&message, data + 2, size - 2);
	parse(message.bytes, message.len);
	return 0;
}
