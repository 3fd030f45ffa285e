// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/err.h>

#include "ends.h"
#include "frame.h"

#define HOSTS	SERVER " " CLIENT " only-server=server only-client=client code=code " \
		"expired=expired future=future revoked=revoked other=other"

sd_event *ends_event;
static char dir[] = "/tmp/ends.XXXXXX";

int ends_setup(void **state)
{
	char command[400];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir) || sd_event_new(&ends_event) < 0)
		return -1;
	snprintf(command, sizeof(command), "test/make-ca %s " HOSTS, dir);
	return system(command);
}

int ends_teardown(void **state)
{
	char command[100];

	(void)state;
	sd_event_unref(ends_event);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

const char *ends_file(const char *name)
{
	static char paths[8][200];
	static unsigned int turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

void ends_files(struct config_files *files, const char *host)
{
	*files = (struct config_files) {};
	snprintf(files->key, sizeof(files->key), "%s/%s.key", dir, host);
	snprintf(files->certificate, sizeof(files->certificate), "%s/%s.pem", dir, host);
	snprintf(files->chain, sizeof(files->chain), "%s/chain.pem", dir);
	snprintf(files->ca, sizeof(files->ca), "%s/ca.pem", dir);
}

struct context *ends_context(const char *host)
{
	char err[CONTEXT_ERRLEN] = "";
	struct context *context;
	struct config_files files;

	ends_files(&files, host);
	if (context_new(&files, &context, err))
		fail_msg("%s", err);
	return context;
}

void ends_sockets(int fds[2])
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(in);
	int i, on = 1;

	assert_int_equal(bind(listener, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &len), 0);
	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fds[0], (struct sockaddr *)&in, len), 0);
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(fds[1] >= 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	close(listener);
}

/* ------------------------------------------------------------ our sessions */

static void on_secured(struct session *session, void *arg)
{
	struct end *end = arg;

	assert_ptr_equal(session, end->session);
	assert_false(end->secured);
	end->secured = true;
	if (end->on_secured)
		end->on_secured(end);
}

static void on_packet(struct session *session, uint8_t *packet, size_t len, void *arg)
{
	struct end *end = arg;

	assert_ptr_equal(session, end->session);
	assert_true(end->secured);
	assert_string_equal(end->ended, "");
	assert_true(end->len + len <= sizeof(end->bytes));
	memcpy(end->bytes + end->len, packet, len);
	end->len += len;
	end->packets++;
	if (end->on_packet)
		end->on_packet(end);
}

static void on_batch(struct session *session, void *arg)
{
	struct end *end = arg;

	assert_ptr_equal(session, end->session);
	end->batches++;
	if (end->on_batch)
		end->on_batch(end);
}

static void on_ended(struct session *session, const char *why, void *arg)
{
	struct end *end = arg;

	assert_ptr_equal(session, end->session);
	assert_string_equal(end->ended, "");
	snprintf(end->ended, sizeof(end->ended), "%s", why);
	if (end->on_ended)
		end->on_ended(end);
}

static const struct session_ops ops = {
	.secured = on_secured,
	.packet = on_packet,
	.batch = on_batch,
	.ended = on_ended,
};

void end_begin(struct end *end, const char *host, enum context_role role, const char *name,
	       int fd, unsigned int queue)
{
	struct context *context = ends_context(host);
	SSL *ssl = context_ssl(context, role, name);

	assert_non_null(ssl);
	memset(end, 0, sizeof(*end));
	assert_int_equal(session_new(ends_event, ssl, role, fd, queue, &ops, end, &end->session),
			 0);
	context_free(context);
}

void end_finish(struct end *end)
{
	session_free(end->session);
	end->session = NULL;
}

/* ----------------------------------------------------------- plain OpenSSL */

void raw_begin(struct raw *raw, const char *host, enum context_role role, int fd)
{
	struct config_files files;

	raw->fd = fd;
	raw->ctx = SSL_CTX_new(TLS_method());
	SSL_CTX_set_security_level(raw->ctx, 0);
	if (host) {
		ends_files(&files, host);
		assert_int_equal(SSL_CTX_use_certificate_file(raw->ctx, files.certificate,
							      SSL_FILETYPE_PEM), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(raw->ctx, files.key,
							     SSL_FILETYPE_PEM), 1);
		assert_int_equal(SSL_CTX_load_verify_locations(raw->ctx, files.chain, NULL), 1);
	}
	raw->ssl = SSL_new(raw->ctx);
	if (role == CONTEXT_SERVER) {
		SSL_set_verify(raw->ssl, SSL_VERIFY_PEER, NULL);
		SSL_set_accept_state(raw->ssl);
	} else {
		SSL_set_connect_state(raw->ssl);
	}
	assert_int_equal(SSL_set_fd(raw->ssl, fd), 1);
}

void raw_finish(struct raw *raw)
{
	SSL_free(raw->ssl);
	SSL_CTX_free(raw->ctx);
	if (raw->fd >= 0)
		close(raw->fd);
}

/* Whether it is worth trying again. */
static bool again(struct raw *raw, int result)
{
	int kind = SSL_get_error(raw->ssl, result);

	ends_turn();
	return kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE;
}

bool raw_shake_hands(struct raw *raw)
{
	int result, tries = 0;

	do {
		assert_true(++tries < 30000);
		ERR_clear_error();
		result = SSL_do_handshake(raw->ssl);
	} while (result != 1 && again(raw, result));
	return result == 1;
}

bool raw_write(struct raw *raw, const void *bytes, size_t len)
{
	int result, tries = 0;
	size_t n;

	do {
		assert_true(++tries < 30000);
		ERR_clear_error();
		result = SSL_write_ex(raw->ssl, bytes, len, &n);
	} while (result != 1 && again(raw, result));
	ends_turn();
	return result == 1;
}

bool raw_read(struct raw *raw, void *bytes, size_t len)
{
	size_t have = 0, n;
	int result, tries = 0;

	while (have < len) {
		assert_true(++tries < 60000);
		ERR_clear_error();
		result = SSL_read_ex(raw->ssl, (char *)bytes + have, len - have, &n);
		if (result == 1)
			have += n;
		else if (!again(raw, result))
			return false;
	}
	return true;
}

size_t raw_read_record(struct raw *raw, void *bytes, size_t len)
{
	size_t n = 0;
	int tries;

	for (tries = 0; tries < 3 && !n; tries++) {
		ERR_clear_error();
		if (!SSL_read_ex(raw->ssl, bytes, len, &n))
			n = 0;
		if (!n)
			ends_turn();
	}
	return n;
}

void ends_turn(void)
{
	sd_event_run(ends_event, 1000);
}

size_t ends_packet(uint8_t *packet, size_t data, unsigned int seed)
{
	size_t i;

	memset(packet, 0, FRAME_HEADER_LEN);
	packet[1] = 0200;
	frame_put_word(packet + 2, data);
	frame_put_word(packet + 12, seed);
	for (i = 0; i < ((data + 1) & ~(size_t)1); i++)
		packet[FRAME_HEADER_LEN + i] = seed * 31 + i;
	return frame_set_trailer(packet, 0401, 0402);
}
