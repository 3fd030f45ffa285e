// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS may want to write in order to read, and the other way round; so what each direction
 * waits for is kept apart.  There may be something to read in TLS though the socket has
 * nothing: reading therefore goes on until TLS says that it waits, in several turns if there
 * is much, so that others get theirs.
 *
 * The owner is called from within, and may free the session then: it goes when we are
 * through with it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <openssl/err.h>

#include "frame.h"
#include "names.h"
#include "sendq.h"
#include "session.h"
#include "sockerr.h"
#include "socket.h"
#include "sslerror.h"
#include "stream.h"

#define READS		4		/* in one turn */
#define STALL_US	30000000	/* without taking anything, while packets are dropped */
#define CIPHER_LEN	128

struct session {
	SSL *ssl;
	int fd;
	sd_event *event;
	const struct session_ops *ops;
	void *arg;

	sd_event_source *io;
	sd_event_source *later;		/* to begin, to read on, or to end */
	uint32_t read_wants, write_wants;	/* EPOLL* to wait for; write: 0: nothing */
	bool secured;
	bool held;
	bool fatal;			/* TLS has failed: no goodbye */
	bool kernel_sends;		/* and encrypts */
	int write_error;
	unsigned int busy;		/* depth of calls from the event loop */
	bool freed;			/* when they are over */

	uint64_t moved;			/* when TLS took something last */
	struct sendq out;
	struct stream in;

	struct session_names names;
	struct session_counters counters;
	char where[WORD_ENDPOINT_LEN];
	char cipher[CIPHER_LEN];
	char why[SESSION_WHY_LEN];	/* not empty: it ends */
};

static uint64_t now(const struct session *session)
{
	uint64_t usec = 0;

	sd_event_now(session->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

static bool is_over(const struct session *session)
{
	return *session->why || session->freed;
}

static void do_later(struct session *session)
{
	sd_event_source_set_enabled(session->later, SD_EVENT_ONESHOT);
}

static void watch(struct session *session)
{
	uint32_t events = session->write_wants;

	if (!session->held || !session->secured)
		events |= session->read_wants;
	sd_event_source_set_io_events(session->io, events);
}

void session_end(struct session *session, const char *fmt, ...)
{
	va_list args;

	if (*session->why)
		return;
	va_start(args, fmt);
	vsnprintf(session->why, sizeof(session->why), fmt, args);
	va_end(args);
	sd_event_source_set_enabled(session->io, SD_EVENT_OFF);
	do_later(session);
}

static const char *how_far(const struct session *session)
{
	if (!session->secured)
		return " in the middle of the handshake";
	return stream_rest(&session->in) ? " in the middle of a packet" : "";
}

/* A call of OpenSSL did not succeed; @wants is what to wait for if that is all. */
static void wait_or_end(struct session *session, int result, uint32_t *wants)
{
	int err = errno, kind = SSL_get_error(session->ssl, result);
	char why[SESSION_WHY_LEN - 40];

	if (kind == SSL_ERROR_WANT_READ) {
		*wants = EPOLLIN;
	} else if (kind == SSL_ERROR_WANT_WRITE) {
		*wants = EPOLLOUT;
	} else {
		session->fatal = kind != SSL_ERROR_ZERO_RETURN;
		sslerror_end(session->ssl, kind, err, why, sizeof(why));
		session_end(session, "%s%s", why,
			    strncmp(why, "the peer closed", 15) ? "" : how_far(session));
	}
}

/* --------------------------------------------------------------- sending */

static void cannot_write(struct session *session)
{
	int err = errno;

	if (SSL_get_error(session->ssl, 0) != SSL_ERROR_SYSCALL) {
		wait_or_end(session, 0, &session->write_wants);
		return;
	}
	/* What the peer said before it went may still be there to be read, and tell why. */
	session->write_error = err ? err : EPIPE;
	session->write_wants = 0;
	if (session->held)
		session_end(session, "%s", strerror(session->write_error));
	else
		do_later(session);
}

static void transmit(struct session *session)
{
	const uint8_t *bytes;
	size_t len, n;

	while ((bytes = sendq_first(&session->out, &len)), len) {
		ERR_clear_error();
		errno = 0;
		if (!SSL_write_ex(session->ssl, bytes,
				  len < SSL3_RT_MAX_PLAIN_LENGTH ? len : SSL3_RT_MAX_PLAIN_LENGTH,
				  &n)) {
			cannot_write(session);
			return;
		}
		session->write_wants = 0;
		session->moved = now(session);
		sendq_took(&session->out, n, &session->counters.tx_packets,
			   &session->counters.tx_bytes);
	}
}

void session_flush(struct session *session)
{
	if (!session->secured || is_over(session) || session->write_wants || session->write_error)
		return;
	transmit(session);
	if (session->write_wants)
		watch(session);
}

static void drop(struct session *session)
{
	uint64_t still = now(session) - session->moved;

	session->counters.tx_dropped++;
	if (still >= STALL_US)
		session_end(session, "the peer took nothing for %" PRIu64 " s", still / 1000000);
}

bool session_send(struct session *session, const uint8_t *packet, size_t len)
{
	if (!session->out.count)
		session->moved = now(session);
	else if (session->out.count == session->out.limit)
		session_flush(session);
	if (is_over(session) || !sendq_put(&session->out, packet, len)) {
		drop(session);
		return false;
	}
	return true;
}

/* -------------------------------------------------------------- receiving */

static void take(struct session *session, const struct stream_packet *packet)
{
	size_t used;

	if (frame_check(packet->data, packet->len, &used) != FRAME_OK) {
		session->counters.rx_malformed++;
		return;
	}
	session->counters.rx_packets++;
	session->counters.rx_bytes += used;
	session->ops->packet(session, packet->data, used, session->arg);
}

/* Returns whether to read on. */
static bool packets(struct session *session)
{
	enum stream_status status;
	struct stream_packet packet;

	do {
		if (session->held || is_over(session))
			return false;
		status = stream_next(&session->in, &packet);
		if (status == STREAM_PACKET)
			take(session, &packet);
	} while (status == STREAM_PACKET);
	if (status == STREAM_MORE)
		return true;
	session_end(session, "the peer announced a packet of %u bytes, %s",
		    stream_length(&session->in), stream_status_text(status));
	return false;
}

/*
 * A peer may ask us to use new keys.  OpenSSL does so, but the kernel would go on with the
 * old ones; another connection has new ones, too.
 */
static void mind_keys(struct session *session)
{
	if (session->kernel_sends &&
	    SSL_get_key_update_type(session->ssl) != SSL_KEY_UPDATE_NONE)
		session_end(session, "the peer asks for new keys, which the kernel cannot take");
}

static bool read_some(struct session *session)
{
	size_t room, n;
	uint8_t *to = stream_room(&session->in, &room);

	ERR_clear_error();
	errno = 0;
	if (!SSL_read_ex(session->ssl, to, room, &n)) {
		wait_or_end(session, 0, &session->read_wants);
		mind_keys(session);
		if (session->write_error)
			session_end(session, "%s", strerror(session->write_error));
		return false;
	}
	session->read_wants = EPOLLIN;
	stream_filled(&session->in, n);
	mind_keys(session);
	return packets(session);
}

static void receive(struct session *session)
{
	uint64_t before = session->counters.rx_packets;
	bool more = packets(session);
	int i;

	for (i = 0; more && i < READS; i++)
		more = read_some(session);
	if (more)
		do_later(session);
	/* Also if that was the end: what came before counts. */
	if (session->counters.rx_packets != before && !session->freed && session->ops->batch)
		session->ops->batch(session, session->arg);
}

void session_hold(struct session *session, bool hold)
{
	session->held = hold;
	if (is_over(session) || !session->secured)
		return;
	watch(session);
	if (!hold)
		do_later(session);
}

void session_judge(struct session *session, struct context *context)
{
	const char *wrong;

	if (!session->secured || is_over(session))
		return;
	wrong = context_judge(context, session->ssl);
	if (wrong)
		session_end(session, "its certificate: %s", wrong);
}

/* -------------------------------------------------------------- handshake */

static void describe_cipher(struct session *session)
{
	bool out = BIO_get_ktls_send(SSL_get_wbio(session->ssl));
	bool in = BIO_get_ktls_recv(SSL_get_rbio(session->ssl));

	session->kernel_sends = out;
	snprintf(session->cipher, sizeof(session->cipher), "%s %s%s",
		 SSL_get_version(session->ssl), SSL_get_cipher_name(session->ssl),
		 out && in ? ", by the kernel" : out ? ", sending by the kernel" :
		 in ? ", receiving by the kernel" : "");
}

static void begin(struct session *session)
{
	const char *wrong = names_take(SSL_get0_peer_certificate(session->ssl), &session->names);

	session->secured = true;
	session->read_wants = EPOLLIN;
	describe_cipher(session);
	if (wrong) {
		session_end(session, "its certificate %s", wrong);
		return;
	}
	/* With the last of the handshake packets may have come. */
	do_later(session);
	session->ops->secured(session, session->arg);
}

static void shake_hands(struct session *session)
{
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_do_handshake(session->ssl);
	if (result == 1)
		begin(session);
	else
		wait_or_end(session, result, &session->read_wants);
}

/* ---------------------------------------------------------------- events */

/* While it is held nobody reads, and so finds out about that. */
static void on_error(struct session *session)
{
	int err = socket_error(session->fd);

	session->fatal = true;
	session_end(session, "%s", err ? strerror(err) : "the peer closed the TCP connection");
}

static void work(struct session *session, uint32_t events)
{
	const uint32_t error = EPOLLERR | EPOLLHUP;

	if (!session->secured) {
		shake_hands(session);
	} else {
		if (events & session->write_wants)
			transmit(session);
		if (!session->held && events & (session->read_wants | error))
			receive(session);
		else if (session->held && events & error)
			on_error(session);
	}
	if (!is_over(session))
		watch(session);
}

static void destroy(struct session *session)
{
	sd_event_source_disable_unref(session->io);
	sd_event_source_disable_unref(session->later);
	sd_event_unref(session->event);
	ERR_clear_error();
	if (session->secured && !session->fatal && !session->write_wants && !session->write_error)
		SSL_shutdown(session->ssl);
	ERR_clear_error();
	SSL_free(session->ssl);
	close(session->fd);
	sendq_free(&session->out);
	free(session);
}

static void leave(struct session *session)
{
	if (!--session->busy && session->freed)
		destroy(session);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct session *session = arg;

	(void)source;
	(void)fd;
	session->busy++;
	if (!is_over(session))
		work(session, events);
	leave(session);
	return 0;
}

static int on_later(sd_event_source *source, void *arg)
{
	struct session *session = arg;

	(void)source;
	session->busy++;
	if (*session->why)
		session->ops->ended(session, session->why, session->arg);
	else
		work(session, session->read_wants);
	leave(session);
	return 0;
}

/* ------------------------------------------------------------------- life */

static int listen_to_events(struct session *session)
{
	int err = sd_event_add_io(session->event, &session->io, session->fd, session->read_wants,
				  on_io, session);

	if (err < 0)
		return err;
	return sd_event_add_defer(session->event, &session->later, on_later, session);
}

int session_new(sd_event *event, SSL *ssl, enum context_role role, int fd, unsigned int queue,
		const struct session_ops *ops, void *arg, struct session **session)
{
	struct session *new = calloc(1, sizeof(*new));
	int err = -ENOMEM;

	if (!new) {
		SSL_free(ssl);
		close(fd);
		return err;
	}
	new->event = sd_event_ref(event);
	new->ssl = ssl;
	new->fd = fd;
	new->ops = ops;
	new->arg = arg;
	new->read_wants = role == CONTEXT_SERVER ? EPOLLIN : EPOLLOUT;
	stream_init(&new->in, STREAM_TLS);
	if (sendq_init(&new->out, queue) && SSL_set_fd(ssl, fd))
		err = listen_to_events(new);
	if (err < 0) {
		destroy(new);
		return err;
	}
	if (role == CONTEXT_SERVER)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	socket_options(fd);
	socket_where(fd, new->where);
	*session = new;
	return 0;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	if (session->busy)
		session->freed = true;
	else
		destroy(session);
}

const struct session_names *session_names(const struct session *session)
{
	return &session->names;
}

const struct session_counters *session_counters(const struct session *session)
{
	return &session->counters;
}

unsigned int session_waiting(const struct session *session)
{
	return session->out.count;
}

const char *session_cipher(const struct session *session)
{
	return session->cipher;
}

int session_fd(const struct session *session)
{
	return session->fd;
}

const char *session_where(const struct session *session)
{
	return session->where;
}
