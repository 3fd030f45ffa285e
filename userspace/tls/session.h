/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TLS connection that carries packets.  Never blocks.
 *
 * In the beginning is the handshake; when it is over and the peer's certificate good,
 * @secured is called.  Then packets can be sent, and come.  What is wrong with the
 * connection or with what comes ends it: @ended is called, once, from the event loop and
 * not from within functions called by the owner; nothing else is called after it.
 */
#ifndef CHAOS_TLS_SESSION_H
#define CHAOS_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "context.h"
#include "words.h"

#define SESSION_NAMES_MAX	8
#define SESSION_WHY_LEN		256

struct session;

/**
 * struct session_names - whom a certificate is for
 * @subject: the whole subject in one line: tells certificates of one host from others
 * @name: the common name, then the DNS names that differ from it; lower case
 * @n: their number
 */
struct session_names {
	char subject[256];
	char name[SESSION_NAMES_MAX][WORD_HOST_LEN];
	size_t n;
};

/**
 * struct session_ops - whose session it is
 * @secured: the handshake is over
 * @packet: a packet with its trailer, checked by frame_check(); may be changed where it is;
 *	good until it returns
 * @batch: no more packets for now; comes after @packet even if the session ends, unless it
 *	was freed; may be NULL
 * @ended: the session is over; @why in words, such as "the peer closed".  The session is
 *	freed by session_free(), here or later
 *
 * session_free() may be called from all of them, session_end() too.
 */
struct session_ops {
	void (*secured)(struct session *session, void *arg);
	void (*packet)(struct session *session, uint8_t *packet, size_t len, void *arg);
	void (*batch)(struct session *session, void *arg);
	void (*ended)(struct session *session, const char *why, void *arg);
};

/**
 * struct session_counters - what passed
 * @rx_packets: packets that came
 * @rx_bytes: their bytes, with trailer
 * @rx_malformed: of a good length, but no packets: dropped
 * @tx_packets: packets that TLS took
 * @tx_bytes: their bytes, with trailer
 * @tx_dropped: packets that found no room
 */
struct session_counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t rx_malformed;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t tx_dropped;
};

/**
 * session_new() - begin a TLS connection
 * @event: loop
 * @ssl: from context_ssl(); taken over, freed also on failure
 * @role: ours
 * @fd: connected TCP socket, non-blocking; taken over, closed also on failure
 * @queue: packets that may wait to be sent
 * @ops: whose it is
 * @arg: for @ops
 * @session: set on success
 *
 * Sets the socket's options: no delay, keep-alive, and a limit for what is not
 * acknowledged, so that a peer that vanished is noticed.
 *
 * Return: 0 or -errno.
 */
int session_new(sd_event *event, SSL *ssl, enum context_role role, int fd, unsigned int queue,
		const struct session_ops *ops, void *arg, struct session **session);

/**
 * session_free() - end and forget a session
 * @session: may be NULL
 *
 * The peer is told that we close, if it takes that without waiting.  @ended is not
 * called.
 */
void session_free(struct session *session);

/**
 * session_end() - have a session end soon
 * @session: session; nothing happens if it ends already
 * @fmt: why
 */
void session_end(struct session *session, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * session_judge() - have a session end if its peer is no longer to be trusted
 * @session: session
 * @context: keys, certificates and CRL by now
 *
 * To be called when the configuration was read anew, and daily.  Nothing happens before the
 * handshake is over.
 */
void session_judge(struct session *session, struct context *context);

/**
 * session_hold() - do not read, or go on with it
 * @session: session
 * @hold: no @packet until it is false again; what was read is kept
 */
void session_hold(struct session *session, bool hold);

/**
 * session_send() - send a packet
 * @session: session whose handshake is over
 * @packet: with its trailer
 * @len: FRAME_MIN to FRAME_MAX, even
 *
 * It goes with the next session_flush().  If it finds no room it is counted and dropped;
 * a peer that takes nothing for long has the session end.
 *
 * Return: whether there was room.
 */
bool session_send(struct session *session, const uint8_t *packet, size_t len);

/**
 * session_flush() - hand over to TLS what was put together
 * @session: session
 *
 * To be called when a batch from the other side has been worked off.
 */
void session_flush(struct session *session);

const struct session_names *session_names(const struct session *session);
const struct session_counters *session_counters(const struct session *session);

/* Packets that wait to be sent. */
unsigned int session_waiting(const struct session *session);

/* Protocol, cipher, and whether the kernel does it, in words. */
const char *session_cipher(const struct session *session);

/* The TCP socket. */
int session_fd(const struct session *session);

/* ADDRESS:PORT of the other end. */
const char *session_where(const struct session *session);

#endif /* CHAOS_TLS_SESSION_H */
