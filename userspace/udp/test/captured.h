/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams that another implementation sent, as they travelled, and what is in them
 * for the kernel.  401 and 402 talk; the last one is a routing packet of 3002.
 */
#ifndef TEST_CAPTURED_H
#define TEST_CAPTURED_H

#include <stddef.h>
#include <stdint.h>

struct captured {
	const char *what;
	const char *datagram;		/* hexadecimal */
	const char *packet;		/* the same */
	uint16_t next_hop, sender;
};

#define N_CAPTURED 8
extern const struct captured captured[N_CAPTURED];

size_t unhex(uint8_t *bytes, const char *hex);

#endif /* TEST_CAPTURED_H */
