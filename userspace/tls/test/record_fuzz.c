// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target for what comes out of TLS: however it is broken into reads and held up, the
 * packets are those that a plain reading of all bytes at once gives, and so is the end.
 * TLS itself is left out: the bytes stand for what it has decrypted.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is to be read, how far it was read, and how far packets were taken out of it. */
static struct {
	const uint8_t *data;
	size_t size, at, taken;
	unsigned int seed, turn;
} input;

static struct {
	struct session *session;
	unsigned int packets, malformed;
	bool held;
	const char *why;
	char text[SESSION_WHY_LEN];
} seen;

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* ------------------------------------------------------------ TLS's part */

int __wrap_SSL_do_handshake(SSL *ssl);
X509 *__wrap_SSL_get0_peer_certificate(const SSL *ssl);
int __wrap_SSL_read_ex(SSL *ssl, void *to, size_t room, size_t *n);
int __wrap_SSL_get_error(const SSL *ssl, int result);

int __wrap_SSL_do_handshake(SSL *ssl)
{
	(void)ssl;
	return 1;
}

X509 *__wrap_SSL_get0_peer_certificate(const SSL *ssl)
{
	static X509 *certificate;

	(void)ssl;
	if (!certificate) {
		certificate = X509_new();
		X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
					   (const unsigned char *)"a.b", -1, -1, 0);
	}
	return certificate;
}

/* Lengths of reads: 1 to 32 bytes in turns that the first byte chooses, or much. */
static size_t step(void)
{
	return input.seed & 0x80 ? 16384 : (input.seed * (++input.turn) * 7 & 31) + 1;
}

int __wrap_SSL_read_ex(SSL *ssl, void *to, size_t room, size_t *n)
{
	(void)ssl;
	must(room);
	*n = step();
	*n = *n < room ? *n : room;
	*n = *n < input.size - input.at ? *n : input.size - input.at;
	memcpy(to, input.data + input.at, *n);
	input.at += *n;
	return *n > 0;
}

int __wrap_SSL_get_error(const SSL *ssl, int result)
{
	(void)ssl;
	(void)result;
	return SSL_ERROR_ZERO_RETURN;
}

/* ------------------------------------------------------- the plain reading */

/* The next one; NULL: the end, and @why is it. */
static const uint8_t *plain_next(size_t *len, const char **why)
{
	const uint8_t *at = input.data + input.taken;
	size_t left = input.size - input.taken;

	*why = left ? "the peer closed in the middle of a packet" : "the peer closed";
	if (left < 2)
		return NULL;
	*len = at[0] * 256 + at[1];
	if (*len < 22 || *len > 510 || *len % 2) {
		*why = "the peer announced a packet of ";
		return NULL;
	}
	if (left < 2 + *len)
		return NULL;
	input.taken += 2 + *len;
	return at + 2;
}

static const uint8_t *plain_packet(size_t *used, const char **why)
{
	const uint8_t *packet;
	size_t len;

	while ((packet = plain_next(&len, why)) && frame_check(packet, len, used) != FRAME_OK)
		seen.malformed++;
	return packet;
}

/* ------------------------------------------------------- the session's owner */

static void secured(struct session *session, void *arg)
{
	(void)session;
	(void)arg;
}

static void packet(struct session *session, uint8_t *packet, size_t len, void *arg)
{
	const uint8_t *wanted;
	const char *why;
	size_t used;

	(void)arg;
	must(!seen.why && !seen.held);
	wanted = plain_packet(&used, &why);
	must(wanted && len == used && !memcmp(packet, wanted, len));
	seen.packets++;
	seen.held = input.seed & 0x40 && !(seen.packets % 3);
	if (seen.held)
		session_hold(session, true);
}

static void ended(struct session *session, const char *why, void *arg)
{
	(void)session;
	(void)arg;
	must(!seen.why);
	strcpy(seen.text, why);
	seen.why = seen.text;
}

static const struct session_ops ops = { .secured = secured, .packet = packet, .ended = ended };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sd_event *event;
	static SSL_CTX *ctx;
	const char *why;
	size_t used;
	int fds[2];

	if (!event) {
		must(sd_event_new(&event) >= 0);
		ctx = SSL_CTX_new(TLS_method());
	}
	if (!size)
		return 0;
	memset(&input, 0, sizeof(input));
	memset(&seen, 0, sizeof(seen));
	input.data = data + 1;
	input.size = size - 1;
	input.seed = data[0];
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
	must(!session_new(event, SSL_new(ctx), CONTEXT_CLIENT, fds[0], 4, &ops, NULL,
			  &seen.session));
	while (!seen.why) {
		must(sd_event_run(event, 0) >= 0);
		if (seen.held)
			session_hold(seen.session, seen.held = false);
	}
	must(!plain_packet(&used, &why) && !strncmp(seen.why, why, strlen(why)));
	must(session_counters(seen.session)->rx_packets == seen.packets);
	must(session_counters(seen.session)->rx_malformed == seen.malformed);
	session_free(seen.session);
	close(fds[1]);
	return 0;
}
