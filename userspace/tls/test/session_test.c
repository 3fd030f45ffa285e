// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions: with each other, and with peers that do what they should not. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "ends.h"
#include "frame.h"
#include "sendq.h"
#include "stream.h"

#define QUEUE	128
#define ENOUGH	4096		/* more than a socket's buffers hold */

/* ANS of 68 bytes as an independent program sent it, but for the data, which is text. */
static const uint8_t captured[] = {
	0x00, 0x5a,
	0x00, 0x05, 0x44, 0x00, 0x02, 0x01, 0x34, 0x12,
	0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static struct end one, two;
static struct raw raw;

/* What the clock is ahead. */
static uint64_t later;

int __real_sd_event_now(sd_event *event, clockid_t clock, uint64_t *usec);
int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *usec);

int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *usec)
{
	int status = __real_sd_event_now(event, clock, usec);

	*usec += later;
	return status;
}

/* @one is the server, @two the client. */
static void begin_both(unsigned int queue)
{
	int fds[2];

	ends_sockets(fds);
	end_begin(&one, SERVER, CONTEXT_SERVER, NULL, fds[0], queue);
	end_begin(&two, CLIENT, CONTEXT_CLIENT, SERVER, fds[1], queue);
}

static void begin_secured(unsigned int queue)
{
	begin_both(queue);
	ends_until(one.secured && two.secured);
}

static void finish_both(void)
{
	end_finish(&one);
	end_finish(&two);
}

/* @one is the server, the client plain OpenSSL. */
static void begin_raw(const char *host)
{
	int fds[2];

	ends_sockets(fds);
	end_begin(&one, SERVER, CONTEXT_SERVER, NULL, fds[0], QUEUE);
	raw_begin(&raw, host, CONTEXT_CLIENT, fds[1]);
}

static void begin_raw_secured(void)
{
	begin_raw(CLIENT);
	assert_true(raw_shake_hands(&raw));
	ends_until(one.secured);
}

static void finish_raw(void)
{
	end_finish(&one);
	raw_finish(&raw);
}

static size_t framed(uint8_t *to, size_t data, unsigned int seed)
{
	size_t len = ends_packet(to + STREAM_TLS, data, seed);

	stream_header(STREAM_TLS, to, len);
	return STREAM_TLS + len;
}

static void both_ends_meet(void **state)
{
	(void)state;
	begin_secured(QUEUE);
	assert_int_equal(session_names(one.session)->n, 1);
	assert_string_equal(session_names(one.session)->name[0], CLIENT);
	assert_string_equal(session_names(one.session)->subject, "CN=" CLIENT ",O=Test");
	assert_string_equal(session_names(two.session)->name[0], SERVER);
	assert_int_equal(strncmp(session_cipher(one.session), "TLSv1.3 TLS_", 12), 0);
	assert_int_equal(strncmp(session_where(one.session), "127.0.0.1:", 10), 0);
	assert_int_equal(session_waiting(one.session), 0);
	end_finish(&two);
	ends_until(*one.ended);
	assert_string_equal(one.ended, "the peer closed");
	end_finish(&one);
}

/* The same bytes on the wire as between other programs. */
static void captured_exchange(void **state)
{
	uint8_t bytes[sizeof(captured) + 74] = {}, got[sizeof(bytes)];
	size_t i;

	(void)state;
	memcpy(bytes, captured, sizeof(captured));
	for (i = 0; i < 68; i++)
		bytes[sizeof(captured) + i] = "HOSTAB"[i % 6];
	frame_set_trailer(bytes + 2, 0402, 0401);
	begin_raw_secured();

	assert_true(raw_write(&raw, bytes, sizeof(bytes)));
	ends_until(one.packets == 1);
	assert_int_equal(one.len, 0x5a);
	assert_memory_equal(one.bytes, bytes + 2, 0x5a);
	assert_int_equal(one.batches, 1);

	assert_true(session_send(one.session, bytes + 2, 0x5a));
	session_flush(one.session);
	assert_true(raw_read(&raw, got, sizeof(got)));
	assert_memory_equal(got, bytes, sizeof(got));
	assert_int_equal(session_counters(one.session)->tx_packets, 1);
	assert_int_equal(session_counters(one.session)->tx_bytes, 0x5a);
	finish_raw();
}

static void byte_by_byte(void **state)
{
	uint8_t bytes[2 * STREAM_FRAME_MAX];
	size_t i, len = framed(bytes, 41, 1);

	(void)state;
	len += framed(bytes + len, 0, 2);
	begin_raw_secured();
	for (i = 0; i < len; i++)
		assert_true(raw_write(&raw, bytes + i, 1));
	ends_until(one.packets == 2);
	assert_int_equal(one.len, len - 2 * STREAM_TLS);
	finish_raw();
}

static void many_in_a_record(void **state)
{
	static uint8_t bytes[STREAM_BUFFER], got[sizeof(bytes)];
	uint8_t packet[FRAME_MAX];
	size_t len = 0;
	int i;

	(void)state;
	for (i = 0; i < 31; i++)
		len += framed(bytes + len, 488, i);
	begin_raw_secured();
	assert_true(raw_write(&raw, bytes, len));
	ends_until(one.packets == 31);

	for (i = 0; i < 31; i++)
		assert_true(session_send(one.session, packet, ends_packet(packet, 488, i)));
	session_flush(one.session);
	ends_until(raw_read_record(&raw, got, 1) == 1);
	assert_int_equal(raw_read_record(&raw, got + 1, sizeof(got) - 1), len - 1);
	assert_memory_equal(got, bytes, len);
	finish_raw();
}

static void absurd_lengths(void **state)
{
	static const struct {
		uint8_t bytes[2];
		const char *why;
	} rows[] = {
		{ { 0, 0 }, "the peer announced a packet of 0 bytes, which is too short" },
		{ { 0, 21 }, "the peer announced a packet of 21 bytes, which is too short" },
		{ { 0, 23 }, "the peer announced a packet of 23 bytes, which is odd" },
		{ { 2, 0 }, "the peer announced a packet of 512 bytes, which is too long" },
		{ { 255, 255 }, "the peer announced a packet of 65535 bytes, which is too long" },
		{ "GE", "the peer announced a packet of 18245 bytes, which is too long" },
	};
	uint8_t bytes[STREAM_FRAME_MAX];
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin_raw_secured();
		/* Behind one that is good. */
		len = framed(bytes, 2, i);
		memcpy(bytes + len, rows[i].bytes, 2);
		assert_true(raw_write(&raw, bytes, len + 2));
		ends_until(*one.ended);
		assert_string_equal(one.ended, rows[i].why);
		assert_int_equal(one.packets, 1);
		finish_raw();
	}
}

/* What has a good length and is no packet is dropped, the rest goes on. */
static void malformed_packets(void **state)
{
	uint8_t bytes[3 * STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1), at = len;

	(void)state;
	len += framed(bytes + len, 10, 2);
	frame_put_word(bytes + at + STREAM_TLS + 2, 200);
	len += framed(bytes + len, 10, 3);
	begin_raw_secured();
	assert_true(raw_write(&raw, bytes, len));
	ends_until(one.packets == 2);
	assert_int_equal(session_counters(one.session)->rx_malformed, 1);
	assert_int_equal(session_counters(one.session)->rx_packets, 2);
	assert_int_equal(frame_number(one.bytes + one.len / 2), 3);
	finish_raw();
}

static void renegotiation(void **state)
{
	uint8_t bytes[STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1);

	(void)state;
	begin_raw(CLIENT);
	SSL_set_max_proto_version(raw.ssl, TLS1_2_VERSION);
	assert_true(raw_shake_hands(&raw));
	ends_until(one.secured);
	assert_true(raw_write(&raw, bytes, len));
	ends_until(one.packets == 1);
	assert_int_equal(SSL_renegotiate(raw.ssl), 1);
	assert_false(raw_shake_hands(&raw));
	finish_raw();
}

/* A peer may take a new key as often as it likes. */
static void new_keys(void **state)
{
	uint8_t bytes[STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1);
	unsigned int i;

	(void)state;
	begin_raw_secured();
	for (i = 0; i < 100; i++) {
		assert_int_equal(SSL_key_update(raw.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_true(raw_write(&raw, bytes, len));
	}
	ends_until(one.packets == 100);
	finish_raw();
}

/* It may want us to do so, too, which is the end if the kernel sends. */
static void keys_wanted(void **state)
{
	uint8_t bytes[STREAM_FRAME_MAX], got[STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1);

	(void)state;
	begin_raw_secured();
	assert_int_equal(SSL_key_update(raw.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
	assert_true(raw_write(&raw, bytes, len));
	if (strstr(session_cipher(one.session), "by the kernel")) {
		ends_until(*one.ended);
		assert_string_equal(one.ended,
				    "the peer asks for new keys, which the kernel cannot take");
	} else {
		ends_until(one.packets == 1);
		assert_true(session_send(one.session, bytes + 2, len - 2));
		session_flush(one.session);
		assert_true(raw_read(&raw, got, len));
		assert_memory_equal(got, bytes, len);
	}
	finish_raw();
}

static void old_versions(void **state)
{
	(void)state;
	begin_raw(CLIENT);
	SSL_set_min_proto_version(raw.ssl, TLS1_VERSION);
	SSL_set_max_proto_version(raw.ssl, TLS1_1_VERSION);
	assert_false(raw_shake_hands(&raw));
	ends_until(*one.ended);
	assert_string_equal(one.ended, "the peer's TLS is older than 1.2");
	finish_raw();
}

static void weak_ciphers(void **state)
{
	(void)state;
	begin_raw(CLIENT);
	SSL_set_max_proto_version(raw.ssl, TLS1_2_VERSION);
	SSL_set_cipher_list(raw.ssl, "ECDHE-ECDSA-AES128-SHA256");
	assert_false(raw_shake_hands(&raw));
	ends_until(*one.ended);
	assert_string_equal(one.ended, "the peer knows no cipher that we trust");
	finish_raw();
}

/* Bytes without TLS, then the end. */
static void garbage(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *why;
	} rows[] = {
		{ "", 0, "the peer closed the TCP connection in the middle of the handshake" },
		{ "\x16\x03\x01\x02\x00\x01\x00", 7,
		  "the peer closed the TCP connection in the middle of the handshake" },
		{ "GET / HTTP/1.0\r\n\r\n", 18,
		  "the peer does not speak TLS, or none that we know" },
		{ "\0\x1a\0\1\4\0\2\1\0\0\1\1\x3f\x4e", 14,
		  "the peer does not speak TLS, or none that we know" },
		{ "SSH-2.0-x\r\n", 11, "the peer does not speak TLS, or none that we know" },
	};
	size_t i;
	int fds[2];

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ends_sockets(fds);
		end_begin(&one, SERVER, CONTEXT_SERVER, NULL, fds[0], QUEUE);
		assert_int_equal(write(fds[1], rows[i].bytes, rows[i].len), rows[i].len);
		shutdown(fds[1], SHUT_WR);
		ends_until(*one.ended);
		assert_string_equal(one.ended, rows[i].why);
		assert_false(one.secured);
		end_finish(&one);
		close(fds[1]);
	}
}

/* The peer goes after any number of bytes, with and without saying so. */
static void closes_anywhere(void **state)
{
	uint8_t bytes[STREAM_FRAME_MAX];
	size_t n, len = framed(bytes, 0, 1);
	char why[SESSION_WHY_LEN];

	(void)state;
	for (n = 0; n <= len; n++) {
		begin_raw_secured();
		if (n)
			assert_true(raw_write(&raw, bytes, n));
		if (n % 2)
			SSL_shutdown(raw.ssl);
		shutdown(raw.fd, SHUT_WR);
		ends_until(*one.ended);
		snprintf(why, sizeof(why), "the peer closed%s%s",
			 n % 2 ? "" : " the TCP connection",
			 n && n < len ? " in the middle of a packet" : "");
		assert_string_equal(one.ended, why);
		assert_int_equal(one.packets, n == len);
		finish_raw();
	}
}

static void reset_by_peer(void **state)
{
	const struct linger now = { .l_onoff = 1 };

	(void)state;
	begin_raw_secured();
	assert_int_equal(setsockopt(raw.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close(raw.fd);
	raw.fd = -1;
	ends_until(*one.ended);
	assert_string_equal(one.ended, "Connection reset by peer");
	finish_raw();
}

/* What the peer said before it went is heard although we found out by writing. */
static void last_words(void **state)
{
	uint8_t packet[FRAME_MAX], bytes[STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1);
	int held, i;

	(void)state;
	for (held = 0; held < 2; held++) {
		begin_raw_secured();
		if (held)
			session_hold(one.session, true);
		/* It goes without having read this, so that we are told. */
		session_send(one.session, packet, ends_packet(packet, 10, 2));
		session_flush(one.session);
		assert_int_equal(SSL_write(raw.ssl, bytes, len), len);
		SSL_shutdown(raw.ssl);
		close(raw.fd);
		raw.fd = -1;
		for (i = 0; i < 3; i++) {
			session_send(one.session, packet, ends_packet(packet, 10, 3));
			session_flush(one.session);
		}
		ends_until(*one.ended);
		assert_int_equal(one.packets, !held);
		if (!held)
			assert_string_equal(one.ended, "the peer closed");
		finish_raw();
	}
}

/* The queue is full, then all that was taken comes out whole. */
static void drops_when_full(void **state)
{
	uint8_t packet[FRAME_MAX], got[STREAM_FRAME_MAX], wanted[STREAM_FRAME_MAX];
	unsigned int sent = 0, dropped = 0, i;
	static bool took[ENOUGH * 4];
	size_t len;

	(void)state;
	begin_raw_secured();
	for (i = 0; i < ENOUGH * 4 && dropped < 10; i++) {
		took[i] = session_send(one.session, packet, ends_packet(packet, 488, i));
		sent += took[i];
		dropped += !took[i];
	}
	assert_int_equal(dropped, 10);
	assert_int_equal(session_counters(one.session)->tx_dropped, 10);
	assert_int_equal(session_waiting(one.session), QUEUE);
	assert_int_equal(session_counters(one.session)->tx_packets, sent - QUEUE);
	for (i = 0; sent; i++) {
		if (!took[i])
			continue;
		sent--;
		len = framed(wanted, 488, i);
		assert_true(raw_read(&raw, got, len));
		assert_memory_equal(got, wanted, len);
	}
	ends_until(!session_waiting(one.session));
	assert_string_equal(one.ended, "");
	finish_raw();
}

static void stalls(void **state)
{
	uint8_t packet[FRAME_MAX];
	size_t len = ends_packet(packet, 488, 1);

	(void)state;
	begin_raw_secured();
	while (session_send(one.session, packet, len))
		;
	later += 29 * 1000000;
	session_send(one.session, packet, len);
	ends_turn();
	assert_string_equal(one.ended, "");
	later += 2 * 1000000;
	session_send(one.session, packet, len);
	assert_string_equal(one.ended, "");
	ends_until(*one.ended);
	assert_string_equal(one.ended, "the peer took nothing for 31 s");
	finish_raw();
	later = 0;
}

/* Sends what fits of the packets from @next on; returns the next one. */
static unsigned int send_some(struct end *end, unsigned int next, unsigned int all)
{
	uint8_t packet[FRAME_MAX];

	while (next < all && session_waiting(end->session) < QUEUE) {
		assert_true(session_send(end->session, packet,
					 ends_packet(packet, next * 37 % 489, next)));
		next++;
	}
	session_flush(end->session);
	return next;
}

static void check_all(const struct end *end, unsigned int all)
{
	uint8_t packet[FRAME_MAX];
	size_t at = 0, len;
	unsigned int i;

	assert_int_equal(end->packets, all);
	for (i = 0; i < all; i++, at += len) {
		len = ends_packet(packet, i * 37 % 489, i);
		assert_memory_equal(end->bytes + at, packet, len);
	}
	assert_int_equal(at, end->len);
	assert_int_equal(session_counters(end->session)->rx_bytes, end->len);
}

static void both_ways(void **state)
{
	const unsigned int all = 1000;
	unsigned int from_one = 0, from_two = 0;

	(void)state;
	begin_secured(QUEUE);
	while (one.packets < all || two.packets < all) {
		from_one = send_some(&one, from_one, all);
		from_two = send_some(&two, from_two, all);
		ends_turn();
	}
	check_all(&one, all);
	check_all(&two, all);
	assert_int_equal(session_counters(one.session)->tx_packets, all);
	assert_int_equal(session_counters(one.session)->tx_bytes, two.len);
	finish_both();
}

static void hold_now(struct end *end)
{
	session_hold(end->session, true);
}

/* What came while it was held comes when it no longer is. */
static void holds(void **state)
{
	uint8_t bytes[4 * STREAM_FRAME_MAX];
	size_t len = 0;
	int i;

	(void)state;
	begin_raw(CLIENT);
	one.on_secured = hold_now;
	assert_true(raw_shake_hands(&raw));
	for (i = 0; i < 4; i++)
		len += framed(bytes + len, 100, i);
	assert_true(raw_write(&raw, bytes, len));
	ends_until(one.secured);
	for (i = 0; i < 10; i++)
		ends_turn();
	assert_int_equal(one.packets, 0);
	one.on_packet = hold_now;
	session_hold(one.session, false);
	ends_until(one.packets == 1);
	for (i = 0; i < 10; i++)
		ends_turn();
	assert_int_equal(one.packets, 1);
	one.on_packet = NULL;
	session_hold(one.session, false);
	ends_until(one.packets == 4);
	finish_raw();
}

/* One that is held notices when the peer is gone. */
static void lost_while_held(void **state)
{
	const struct linger now = { .l_onoff = 1 };

	(void)state;
	begin_raw(CLIENT);
	one.on_secured = hold_now;
	assert_true(raw_shake_hands(&raw));
	ends_until(one.secured);
	setsockopt(raw.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(raw.fd);
	raw.fd = -1;
	ends_until(*one.ended);
	assert_string_equal(one.ended, "Connection reset by peer");
	finish_raw();
}

static void end_now(struct end *end)
{
	session_end(end->session, "enough of %s", "that");
	session_end(end->session, "not told");
}

/* After session_end() no packet comes, and then the end. */
static void ends_itself(void **state)
{
	uint8_t bytes[2 * STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1);

	(void)state;
	len += framed(bytes + len, 10, 2);
	begin_raw_secured();
	one.on_packet = end_now;
	assert_true(raw_write(&raw, bytes, len));
	ends_until(*one.ended);
	assert_string_equal(one.ended, "enough of that");
	assert_int_equal(one.packets, 1);
	assert_int_equal(one.batches, 1);
	assert_false(session_send(one.session, bytes + 2, FRAME_MIN));
	session_flush(one.session);
	session_hold(one.session, true);
	session_hold(one.session, false);
	finish_raw();
}

/* A session may be freed wherever its owner is called. */
static void freed_anywhere(void **state)
{
	uint8_t bytes[2 * STREAM_FRAME_MAX];
	size_t len = framed(bytes, 10, 1);
	int where;

	(void)state;
	len += framed(bytes + len, 10, 2);
	for (where = 0; where < 4; where++) {
		begin_raw(CLIENT);
		*(where == 0 ? &one.on_secured : where == 1 ? &one.on_packet :
		  where == 2 ? &one.on_batch : &one.on_ended) = end_finish;
		if (raw_shake_hands(&raw) && raw_write(&raw, bytes, len))
			SSL_shutdown(raw.ssl);
		ends_until(!one.session);
		assert_int_equal(one.packets, where < 2 ? where : 2);
		raw_finish(&raw);
	}
}

static unsigned int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void nothing_is_left(void **state)
{
	unsigned int i, before = descriptors();

	(void)state;
	for (i = 0; i < 50; i++) {
		begin_both(QUEUE);
		if (i % 3)
			ends_until(one.secured || i % 3 == 1);
		finish_both();
	}
	ends_turn();
	assert_int_equal(descriptors(), before);
}

/* A ring of a few packets, of all lengths, in pieces of all lengths. */
static void queue_in_pieces(void **state)
{
	uint8_t packet[FRAME_MAX], wanted[STREAM_FRAME_MAX], got[STREAM_FRAME_MAX];
	uint64_t packets = 0, bytes = 0, put_bytes = 0;
	unsigned int put = 0, taken = 0;
	size_t len, have = 0, n;
	const uint8_t *from;
	struct sendq q;

	(void)state;
	assert_true(sendq_init(&q, 5));
	while (taken < 2000) {
		while (sendq_put(&q, packet, len = ends_packet(packet, put * 37 % 489, put))) {
			put_bytes += len;
			put++;
		}
		len = framed(wanted, taken * 37 % 489, taken);
		from = sendq_first(&q, &n);
		n = n < len - have ? n : len - have;
		n = n < taken % 300 + 1 ? n : taken % 300 + 1;
		memcpy(got + have, from, n);
		sendq_took(&q, n, &packets, &bytes);
		have += n;
		if (have < len)
			continue;
		assert_memory_equal(got, wanted, len);
		have = 0;
		assert_int_equal(packets, ++taken);
	}
	while (sendq_first(&q, &n), n)
		sendq_took(&q, n, &packets, &bytes);
	assert_int_equal(packets, put);
	assert_int_equal(bytes, put_bytes);
	sendq_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_in_pieces),
		cmocka_unit_test(both_ends_meet),
		cmocka_unit_test(captured_exchange),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(many_in_a_record),
		cmocka_unit_test(absurd_lengths),
		cmocka_unit_test(malformed_packets),
		cmocka_unit_test(renegotiation),
		cmocka_unit_test(new_keys),
		cmocka_unit_test(keys_wanted),
		cmocka_unit_test(old_versions),
		cmocka_unit_test(weak_ciphers),
		cmocka_unit_test(garbage),
		cmocka_unit_test(closes_anywhere),
		cmocka_unit_test(reset_by_peer),
		cmocka_unit_test(last_words),
		cmocka_unit_test(drops_when_full),
		cmocka_unit_test(stalls),
		cmocka_unit_test(both_ways),
		cmocka_unit_test(holds),
		cmocka_unit_test(lost_while_held),
		cmocka_unit_test(ends_itself),
		cmocka_unit_test(freed_anywhere),
		cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, ends_setup, ends_teardown);
}
