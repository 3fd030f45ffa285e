/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer to STATUS (AIM 628 section 5.1). */
#ifndef CHAOS_STATUS_H
#define CHAOS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATUS_NAME_LEN		32
#define STATUS_COUNTERS		8
#define STATUS_BLOCKS_MAX	((488 - STATUS_NAME_LEN) / 4)

/**
 * struct status_block - what a host counts on one subnet
 * @subnet: its number
 * @n: how many of the counters the host sent and we know
 * @count: received, transmitted, aborted, lost, CRC errors, RAM errors, bad
 *	length, rejected
 */
struct status_block {
	uint8_t subnet;
	uint8_t n;
	uint32_t count[STATUS_COUNTERS];
};

/**
 * struct status - an answer to STATUS
 * @name: host name as sent
 * @cut_short: the last block is incomplete, or bytes are left that make none
 * @unknown: blocks whose kind we do not know
 * @n: entries of @block
 * @block: one per subnet
 */
struct status {
	char name[STATUS_NAME_LEN + 1];
	bool cut_short;
	unsigned int unknown;
	unsigned int n;
	struct status_block block[STATUS_BLOCKS_MAX];
};

extern const char *const status_counter_names[STATUS_COUNTERS];

int status_parse(struct status *status, const void *answer, size_t len);

#endif /* CHAOS_STATUS_H */
