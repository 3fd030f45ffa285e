/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the socket to the kernel's links. */
#ifndef CHAOS_UDP_INPUT_H
#define CHAOS_UDP_INPUT_H

#include <sys/socket.h>

#include "errors.h"
#include "link.h"
#include "wire.h"

#define INPUT_MESSAGES	32	/* read in one call */
#define INPUT_ALONE	32	/* calls that ask for one message after one that got one */
#define INPUT_SIZE	65536	/* room for each: many datagrams, if the kernel joins them */

/**
 * struct input - packets on their way in
 * @fd: the socket
 * @table: all peers
 * @errors: who takes errors
 * @strangers: counters of what no known peer sent
 * @verdicts: what peer_admit() said but "known", by verdict
 * @dirty: links that have packets to be flushed
 * @n_dirty: number of those
 * @calls: system calls that received
 * @n_used: messages that must be made ready for the next
 * @alone: how many of the next are to ask for one message only
 * @header: messages from the kernel
 * @vector: where their datagrams are
 * @name: where they came from
 * @control: how they are joined
 * @bytes: the datagrams
 * @scratch: for a packet of nobody yet
 */
struct input {
	int fd;
	struct peer_table *table;
	struct errors *errors;
	struct peer_counters strangers;
	uint64_t verdicts[PEER_VERDICTS];
	struct link *dirty[256];
	unsigned int n_dirty;
	uint64_t calls;
	unsigned int n_used, alone;
	struct mmsghdr header[INPUT_MESSAGES];
	struct iovec vector[INPUT_MESSAGES];
	union udpaddr_sockaddr name[INPUT_MESSAGES];
	_Alignas(struct cmsghdr) char control[INPUT_MESSAGES][CMSG_SPACE(sizeof(int))];
	uint8_t bytes[INPUT_MESSAGES][INPUT_SIZE];
	uint8_t scratch[FRAME_MAX];
};

void input_init(struct input *in, int fd, struct peer_table *table, struct errors *errors);
void input_read(struct input *in);
void input_datagrams(struct input *in, const struct udpaddr *from, const uint8_t *bytes,
		     size_t len, size_t segment, uint64_t now);
void input_flush(struct input *in);

#endif /* CHAOS_UDP_INPUT_H */
