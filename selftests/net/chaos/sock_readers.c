// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several readers wait for one socket: what comes wakes one of them, and nobody is left
 * asleep who was woken for what another one took.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>

#include "msg.h"
#include "pair.h"

enum { READERS = 3, PACKETS = 300 };

static struct pair ends;
static atomic_int arrived;

/* After each packet a reader is away for a while, so that the others are asked as well. */
static void *reader(void *arg)
{
	char buf[8];

	(void)arg;
	while (recv(ends.b, buf, sizeof(buf), 0) > 0) {
		arrived++;
		netns_sleep(3);
	}
	return NULL;
}

/* Until @packets have been read, or one is not for too long. */
static bool wait_for(int packets)
{
	long long end = netns_now() + PAIR_PATIENCE;

	while (arrived < packets && netns_now() < end)
		usleep(500);
	return arrived >= packets;
}

int main(void)
{
	pthread_t threads[READERS];
	int i;

	pair_setup();
	ends = pair_open(SOCK_SEQPACKET, SOCK_SEQPACKET);
	for (i = 0; i < READERS; i++)
		if (pthread_create(&threads[i], NULL, reader, NULL))
			tap_bail("pthread_create: %s", strerror(errno));
	for (i = 0; i < PACKETS; i++) {
		if (send(ends.a, "x", 1, 0) != 1)
			tap_bail("send: %s", strerror(errno));
		usleep(i % 7 * 400);
		if (!wait_for(i + 1))
			break;
	}
	tap_eq(i, PACKETS, "each packet finds a reader");
	shutdown(ends.b, SHUT_RDWR);
	for (i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	tap_ok(true, "and all readers learn of the end");
	pair_close(&ends);
	return tap_done();
}
