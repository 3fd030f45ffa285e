/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends of TLS connections, for tests: sessions of ours, and plain OpenSSL under the
 * test's control, joined by TCP on this machine.
 */
#ifndef CHAOS_TLS_TEST_ENDS_H
#define CHAOS_TLS_TEST_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session.h"

#define SERVER	"server.example.net"
#define CLIENT	"client.example.net"

/* A session, and what happened to it. */
struct end {
	struct session *session;
	bool secured;
	unsigned int batches;
	char ended[SESSION_WHY_LEN];
	uint8_t bytes[1024 * 1024];	/* of packets, one behind the other */
	size_t len;
	unsigned int packets;
	/* For tests that want to do something then. */
	void (*on_secured)(struct end *end);
	void (*on_packet)(struct end *end);
	void (*on_batch)(struct end *end);
	void (*on_ended)(struct end *end);
};

/* Plain OpenSSL. */
struct raw {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

extern sd_event *ends_event;

/* For cmocka: a CA with certificates of SERVER, CLIENT and some who are not as they should. */
int ends_setup(void **state);
int ends_teardown(void **state);

/* A file of the CA; good until the eighth next call. */
const char *ends_file(const char *name);

/* Where the files of a host are. */
void ends_files(struct config_files *files, const char *host);
struct context *ends_context(const char *host);

/* Two TCP sockets that are connected, non-blocking. */
void ends_sockets(int fds[2]);

/* Begins a session; @name is the server's, for a client. */
void end_begin(struct end *end, const char *host, enum context_role role, const char *name,
	       int fd, unsigned int queue);
void end_finish(struct end *end);

/* A certificate of ours or NULL, and which versions; presents its chain, trusts anybody. */
void raw_begin(struct raw *raw, const char *host, enum context_role role, int fd);
void raw_finish(struct raw *raw);

/* Each turns the event loop until it is through; returns whether it succeeded. */
bool raw_shake_hands(struct raw *raw);
bool raw_write(struct raw *raw, const void *bytes, size_t len);
bool raw_read(struct raw *raw, void *bytes, size_t len);

/* One record at most; 0: nothing came in a turn or two, or the end. */
size_t raw_read_record(struct raw *raw, void *bytes, size_t len);

/* Turns the event loop once, for 1 ms at most. */
void ends_turn(void);

/* Turns it until something is so; fails after 30 s. */
#define ends_until(condition) do {					\
	int turns_;							\
									\
	for (turns_ = 0; !(condition); turns_++) {			\
		if (turns_ == 30000)					\
			fail_msg("not within 30 s: %s", #condition);	\
		ends_turn();						\
	}								\
} while (0)

/* A packet of @data bytes with its trailer; @seed makes the bytes.  Returns its length. */
size_t ends_packet(uint8_t *packet, size_t data, unsigned int seed);

#endif /* CHAOS_TLS_TEST_ENDS_H */
