/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link of the kernel that this program feeds through /dev/chaos, see chaos(4).
 *
 * Packets are read and written many at a time.  Those from the kernel stay in the
 * buffer they were read into and may be changed there; those for the kernel are put
 * together in another buffer, best written right there (tap_room(), tap_commit()),
 * and go out by tap_flush().  Nothing here blocks or allocates per packet.
 *
 * A link may be deleted under us.  That is reported once; it is then tried to get it
 * back, ever less often, and what is for the kernel in the meantime is counted as lost.
 * Of a vital link, if only privileges are missing, that would be no use: the event loop
 * ends, so that the program can be started anew, with them.
 */
#ifndef TUNNEL_TAP_H
#define TUNNEL_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "frame.h"
#include "pumps.h"

#define TAP_NAME_LEN	16	/* with the NUL */
#define TAP_ERRLEN	256
#define TAP_BATCH_MAX	(65536 / (FRAME_MIN + 2))	/* most packets that one tap_read() gives */

struct tap;

/**
 * struct tap_config - what link to feed
 * @name: its name, a pattern such as "chaos%d", or empty for the kernel to choose
 * @addr: Chaosnet address for the link, 0: it keeps the one it has
 * @peer: the only other host on a point-to-point link, 0: many hosts may be there
 * @persist: the link stays when the program ends
 * @nocheck: the kernel does not look at checksums of what we write
 * @vital: without the link the program is worth nothing, and who started it, with
 *	privileges, can do so again
 */
struct tap_config {
	char name[TAP_NAME_LEN];
	uint16_t addr;
	uint16_t peer;
	bool persist;
	bool nocheck;
	bool vital;
};

/**
 * struct tap_counters - what passed a link
 * @rx_packets: read from the kernel
 * @rx_bytes: their bytes, with trailer
 * @rx_reads: calls that gave packets
 * @rx_bad: records that made no sense, skipped
 * @tx_packets: written to the kernel
 * @tx_bytes: their bytes, with trailer
 * @tx_writes: calls
 * @tx_lost: packets that could not be written: link down, deleted, or kernel busy
 */
struct tap_counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t rx_reads;
	uint64_t rx_bad;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t tx_writes;
	uint64_t tx_lost;
};

/**
 * typedef tap_batch - takes packets that were read
 * @tap: the link; get the packets from tap_next()
 * @arg: as given to tap_watch()
 *
 * The packets are valid until it returns.  Those it leaves are lost.  It must not call
 * tap_close().
 */
typedef void (*tap_batch)(struct tap *tap, void *arg);

/**
 * tap_open() - open /dev/chaos and attach to a link
 * @config: what link, copied
 * @tap: set on success; ends with tap_close()
 * @err: on failure, what went wrong, in words, with the link's name
 *
 * Loads the kernel module if need be.  Needs CAP_NET_ADMIN, or a persistent link that
 * belongs to the user and already is as @config wants it.  Brings the link up if it is
 * given an address.
 *
 * Return: 0 or -errno.
 */
int tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN]);

/**
 * tap_open_fd() - use an open file in the place of /dev/chaos
 * @config: copied; what the kernel would be asked for
 * @fd: one end of a socketpair of type SOCK_SEQPACKET; closed by tap_close()
 * @tap: set on success
 *
 * For tests: each message there is what one read() of the device gives or one write()
 * takes, in batch mode.  The end of file stands for the deletion of the link, which
 * does not come back.
 *
 * Return: 0 or -errno; then @fd stays open.
 */
int tap_open_fd(const struct tap_config *config, int fd, struct tap **tap);

/**
 * tap_close() - let go of a link
 * @tap: may be NULL
 *
 * What is not flushed is lost.
 */
void tap_close(struct tap *tap);

/**
 * tap_watch() - have packets handed over as they come
 * @tap: link
 * @event: loop
 * @batch: is called with packets; may be called several times in one turn of the loop
 * @arg: for @batch
 *
 * Also watches for the end of the link and gets it back.  If that is not permitted, logs
 * an error and ends the loop with DAEMON_FAILED.
 *
 * Return: 0 or -errno.
 */
int tap_watch(struct tap *tap, sd_event *event, tap_batch batch, void *arg);

/**
 * tap_pump() - the same in a thread
 * @tap: link
 * @event: loop
 * @pumps: has the threads.  While they are held nobody reads or writes, and only then may the
 *	event loop do so, or use tap_close()
 * @batch: is called with packets, in the link's thread
 * @arg: for @batch
 *
 * One other thread may write: tap_room(), tap_commit(), tap_put() and tap_flush().
 *
 * Return: 0 or -errno.
 */
int tap_pump(struct tap *tap, sd_event *event, struct pumps *pumps, tap_batch batch, void *arg);

/**
 * tap_read() - read packets that wait, without tap_watch()
 * @tap: link
 *
 * Those left of the last time are gone.  Does not block, but in a thread of tap_pump().
 *
 * Return: number of bytes that wait for tap_next(); 0: nothing there; -errno,
 *	-EBADFD when the link was deleted.
 */
int tap_read(struct tap *tap);

/**
 * tap_next() - take the next packet of those that were read
 * @tap: link
 * @len: its length with trailer
 *
 * Return: the packet, checked by frame_check(), in a buffer where the caller may change
 *	it; NULL if there is no more.  Stays where it is until the next tap_read(), or
 *	until the batch function returns: a whole batch can be collected.
 */
uint8_t *tap_next(struct tap *tap, size_t *len);

/**
 * tap_room() - where to write the next packet for the kernel
 * @tap: link
 *
 * Flushes if there is no room.
 *
 * Return: room for FRAME_MAX bytes, never NULL; the same until tap_commit().
 */
uint8_t *tap_room(struct tap *tap);

/**
 * tap_commit() - the packet written to tap_room() is to go out
 * @tap: link
 * @len: its length with trailer, as frame_check() told
 *
 * It goes with the next tap_flush().
 */
void tap_commit(struct tap *tap, size_t len);

/**
 * tap_put() - copy a packet for the kernel
 * @tap: link
 * @frame: the packet, checked by frame_check()
 * @len: its length with trailer
 *
 * The same as copying to tap_room() and tap_commit().
 */
void tap_put(struct tap *tap, const uint8_t *frame, size_t len);

/**
 * tap_flush() - write what was put together
 * @tap: link
 *
 * To be called when a batch from the other side has been worked off.  What cannot be
 * written is counted as lost.
 */
void tap_flush(struct tap *tap);

/**
 * tap_name() - the link's name
 * @tap: link
 *
 * Return: the name of the net_device, as the kernel told it.
 */
const char *tap_name(const struct tap *tap);

/**
 * tap_addr() - the link's Chaosnet address
 * @tap: link
 *
 * Return: as the kernel told it; 0: it has none yet.
 */
uint16_t tap_addr(const struct tap *tap);

/**
 * tap_attached() - whether there is a link at present
 * @tap: link
 */
bool tap_attached(const struct tap *tap);

/**
 * tap_counters() - what passed
 * @tap: link
 */
const struct tap_counters *tap_counters(const struct tap *tap);

#endif /* TUNNEL_TAP_H */
