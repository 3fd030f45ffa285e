// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets through the daemon, both ways, good and bad. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "captured.h"
#include "rig.h"

static bool no_segments;		/* as if the kernel could not cut datagrams */
static int send_error;			/* of all calls, as long as it is not 0 */

int __real_sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags);
int __wrap_sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags);

int __wrap_sendmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags)
{
	unsigned int i;

	if (send_error) {
		errno = send_error;
		return -1;
	}
	for (i = 0; no_segments && i < n; i++)
		if (msgs[i].msg_hdr.msg_controllen)
			break;
	if (no_segments && i < n) {
		if (i)
			return __real_sendmmsg(fd, msgs, i, flags);
		errno = EIO;
		return -1;
	}
	return __real_sendmmsg(fd, msgs, n, flags);
}

ssize_t __real_sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
		      socklen_t to_len);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
		      socklen_t to_len);

/* The test itself sends, too, with other flags. */
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
		      socklen_t to_len)
{
	if (send_error && flags) {
		errno = send_error;
		return -1;
	}
	return __real_sendto(fd, bytes, len, flags, to, to_len);
}

static struct peer *peer(struct rig *rig, uint16_t addr)
{
	assert_non_null(rig->udp->table.by_addr[addr]);
	return rig->udp->table.by_addr[addr];
}

/* The captured packets, as if we were each of their receivers. */
static void replay(const char *listen, const char *ip)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX], want[FRAME_MAX], batch[WIRE_MAX];
	size_t i, len, want_len;
	struct rig *rig;
	char text[256];
	uint16_t port;
	int fd;

	for (i = 0; i < N_CAPTURED; i++) {
		uint16_t sender = captured[i].sender, ours = sender == 0402 ? 0401 : 0402;

		if (sender == 03002)
			ours = 03001;
		fd = rig_socket(ip, &port);
		sprintf(text, "link chaos0 %o peer %o %s%s%s:%u", ours, sender,
			strchr(ip, ':') ? "[" : "", ip, strchr(ip, ':') ? "]" : "", port);
		rig = rig_new(listen, text);
		len = unhex(datagram, captured[i].datagram);
		want_len = unhex(want, captured[i].packet);
		/* In ... */
		rig_send(rig, fd, ip, datagram, len);
		assert_int_equal(rig_kernel_read(rig, "chaos0", packet), want_len);
		assert_memory_equal(packet, want, want_len);
		assert_int_equal(peer(rig, sender)->counters.rx_packets, 1);
		/* ... and out again, to the only peer there is. */
		rig_kernel_write(rig, "chaos0", batch, rig_record(batch, want, want_len));
		memset(packet, 0, sizeof(packet));
		assert_int_equal(rig_receive(rig, fd, batch, sizeof(batch)), len);
		assert_memory_equal(batch, datagram, len);
		assert_int_equal(peer(rig, sender)->counters.tx_packets, 1);
		rig_free(rig);
		close(fd);
	}
}

static void test_v4(void **state)
{
	(void)state;
	replay("127.0.0.1", "127.0.0.1");
}

static void test_v6(void **state)
{
	(void)state;
	replay("::1", "::1");
}

/* One socket for both. */
static void test_dual(void **state)
{
	(void)state;
	replay("::", "127.0.0.1");
	replay("::", "::1");
}

/* Three peers, of which one is nowhere yet. */
static struct rig *new_trio(int fd[2])
{
	char text[256];
	uint16_t port[2];

	fd[0] = rig_socket("127.0.0.1", &port[0]);
	fd[1] = rig_socket("127.0.0.1", &port[1]);
	sprintf(text, "link chaos0 3001 peer 3002 127.0.0.1:%u peer 3003 127.0.0.1:%u "
		"peer 3004 roam", port[0], port[1]);
	return rig_new("127.0.0.1", text);
}

static void free_trio(struct rig *rig, int fd[2])
{
	rig_free(rig);
	close(fd[0]);
	close(fd[1]);
}

static void assert_numbered(const uint8_t *datagram, size_t len, uint16_t number)
{
	uint8_t packet[FRAME_MAX];
	size_t used;

	assert_int_equal(wire_unwrap(packet, &used, datagram, len), WIRE_OK);
	assert_int_equal(frame_number(packet), number);
}

static void test_next_hop(void **state)
{
	static const uint16_t to[] = { 03003, 0, 03002, 03004, 03077, 0, 0401, 03003 };
	uint8_t batch[sizeof(to) * WIRE_MAX], packet[FRAME_MAX], datagram[WIRE_MAX];
	size_t i, len = 0, n;
	struct rig *rig;
	int fd[2];

	(void)state;
	rig = new_trio(fd);
	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++)
		len += rig_record(batch + len, packet,
				  rig_packet(packet, to[i], 03001, i, 100));
	rig_kernel_write(rig, "chaos0", batch, len);
	for (i = 0; i < 3; i++) {
		n = rig_receive(rig, fd[0], datagram, sizeof(datagram));
		assert_numbered(datagram, n, ((int[]){ 1, 2, 5 })[i]);
	}
	for (i = 0; i < 4; i++) {
		n = rig_receive(rig, fd[1], datagram, sizeof(datagram));
		assert_numbered(datagram, n, ((int[]){ 0, 1, 5, 7 })[i]);
	}
	assert_int_equal(peer(rig, 03002)->counters.tx_packets, 3);
	assert_int_equal(peer(rig, 03003)->counters.tx_packets, 4);
	assert_int_equal(peer(rig, 03004)->counters.tx_nowhere, 3);
	assert_int_equal(TAILQ_FIRST(&rig->udp->links)->tx_unknown, 2);
	free_trio(rig, fd);
}

#define MANY	600

/* Lengths of packets of a batch: runs that are equal, then shorter, then longer. */
static unsigned int count_of(unsigned int i)
{
	return i % 150 < 130 ? 488 : i % 150 < 140 ? i % 7 : 3;
}

/* Many packets for two peers, at once; each gets its own in order. */
static unsigned int send_many(struct rig *rig, int fd[2])
{
	uint8_t *batch = malloc(65536), packet[FRAME_MAX], datagram[WIRE_MAX];
	unsigned int i, calls = TAILQ_FIRST(&rig->udp->links)->output.calls;
	size_t len = 0, n;

	for (i = 0; i < MANY; i++) {
		n = rig_packet(packet, 03002 + i / 3 % 2, 03001, i, count_of(i));
		if (len + n + 2 > 65536) {
			rig_kernel_write(rig, "chaos0", batch, len);
			len = 0;
		}
		len += rig_record(batch + len, packet, n);
	}
	rig_kernel_write(rig, "chaos0", batch, len);
	for (i = 0; i < MANY; i++) {
		n = rig_receive(rig, fd[i / 3 % 2], datagram, sizeof(datagram));
		assert_int_equal(n, 4 + 16 + (count_of(i) + 1) / 2 * 2 + 6);
		assert_numbered(datagram, n, i);
	}
	free(batch);
	return TAILQ_FIRST(&rig->udp->links)->output.calls - calls;
}

static void test_many_out(void **state)
{
	struct rig *rig;
	unsigned int calls;
	int fd[2];

	(void)state;
	rig = new_trio(fd);
	calls = send_many(rig, fd);
	assert_in_range(calls, 1, MANY / 20);
	assert_true(peer(rig, 03002)->segment);
	assert_int_equal(peer(rig, 03002)->counters.tx_packets, MANY / 2);
	free_trio(rig, fd);
}

/* Without the kernel's help it takes longer, but nothing is lost. */
static void test_no_segments(void **state)
{
	struct rig *rig;
	int fd[2];

	(void)state;
	rig = new_trio(fd);
	no_segments = true;
	send_many(rig, fd);
	no_segments = false;
	assert_false(peer(rig, 03002)->segment);
	assert_int_equal(peer(rig, 03002)->counters.tx_packets, MANY / 2);
	assert_int_equal(peer(rig, 03002)->counters.tx_errors, 0);
	send_many(rig, fd);
	free_trio(rig, fd);
}

static void test_send_errors(void **state)
{
	static const int errors[] = { ENOBUFS, EPERM, ENETUNREACH, EMSGSIZE, EAGAIN, EIO };
	uint8_t batch[4 * WIRE_MAX], packet[FRAME_MAX], datagram[WIRE_MAX];
	struct rig *rig;
	size_t i, len, n;
	int fd[2];

	(void)state;
	rig = new_trio(fd);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		n = rig_packet(packet, 03002, 03001, i, i);
		len = rig_record(batch, packet, n);
		len += rig_record(batch + len, packet, rig_packet(packet, 0, 03001, i, i));
		send_error = errors[i];
		rig_kernel_write(rig, "chaos0", batch, len);
		assert_int_equal(peer(rig, 03002)->error, errors[i]);
	}
	assert_int_equal(peer(rig, 03002)->counters.tx_errors, 2 * i);
	assert_int_equal(peer(rig, 03003)->counters.tx_errors, i);
	assert_int_equal(peer(rig, 03002)->counters.tx_packets, 0);
	send_error = 0;
	rig_kernel_write(rig, "chaos0", batch, len);
	n = rig_receive(rig, fd[0], datagram, sizeof(datagram));
	assert_numbered(datagram, n, i - 1);
	free_trio(rig, fd);
}

/* Nobody there: ICMP says so, and we go on. */
static void test_refused(void **state)
{
	uint8_t batch[WIRE_MAX], packet[FRAME_MAX], datagram[WIRE_MAX];
	unsigned int i;
	struct rig *rig;
	size_t len, n;
	int fd[2];

	(void)state;
	rig = new_trio(fd);
	close(fd[0]);
	fd[0] = dup(fd[1]);
	for (i = 0; i < 100; i++) {
		len = rig_record(batch, packet, rig_packet(packet, 0, 03001, i, i));
		rig_kernel_write(rig, "chaos0", batch, len);
		n = rig_receive(rig, fd[1], datagram, sizeof(datagram));
		assert_numbered(datagram, n, i);
	}
	rig_idle(rig);
	assert_int_equal(peer(rig, 03003)->counters.tx_packets, 100);
	assert_int_equal(peer(rig, 03003)->counters.icmp_errors, 0);
	/* The kernel limits how often it tells. */
	assert_in_range(peer(rig, 03002)->counters.icmp_errors, 1, 100);
	assert_int_equal(peer(rig, 03002)->error, ECONNREFUSED);
	free_trio(rig, fd);
}

/* What the kernel cuts on one side and joins on the other. */
static void test_many_in(void **state)
{
	uint8_t *bytes = malloc(65536), packet[FRAME_MAX];
	unsigned int i, k, number = 0, calls;
	int fd[2], segment;
	struct rig *rig;
	size_t len;

	(void)state;
	rig = new_trio(fd);
	segment = rig_packet(packet, 03001, 03003, 0, 488) + 4;
	if (setsockopt(fd[1], SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		skip();
	calls = rig->udp->input.calls;
	for (k = 0; k < 10; k++) {
		for (i = 0, len = 0; i < 60; i++)
			len += wire_wrap(bytes + len, packet,
					 rig_packet(packet, 03001, 03003, k * 60 + i,
						    i < 59 ? 488 : 21));
		rig_send(rig, fd[1], "127.0.0.1", bytes, len);
	}
	for (number = 0; number < 600; number++) {
		rig_kernel_read(rig, "chaos0", packet);
		assert_int_equal(frame_number(packet), number);
		assert_int_equal(frame_link_source(packet), 03003);
	}
	assert_int_equal(peer(rig, 03003)->counters.rx_packets, 600);
	assert_in_range(rig->udp->input.calls - calls, 1, 100);
	free(bytes);
	free_trio(rig, fd);
}

/* What is sent to us is for us, whoever is named as the next hop. */
static void test_named_hop(void **state)
{
	static const struct {
		uint16_t to, hop, aimed;
	} rows[] = {
		{ 03003, 03003, 03001 },	/* an emulator that knows nobody else */
		{ 0402, 03003, 03001 },
		{ 03003, 03000, 03001 },
		{ 03003, 03001, 03001 },
		{ 03001, 03001, 03001 },
		{ 03003, 0, 0 },
		{ 0, 0, 0 },			/* for all */
		{ 0, 03003, 0 },
	};
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX], got[FRAME_MAX];
	struct rig *rig;
	size_t i, len;
	int fd[2];

	(void)state;
	rig = new_trio(fd);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = rig_packet(packet, rows[i].to, 03002, i, 20 + i);
		frame_set_trailer(packet, rows[i].hop, 03002);
		rig_send(rig, fd[0], "127.0.0.1", datagram, wire_wrap(datagram, packet, len));
		assert_int_equal(rig_kernel_read(rig, "chaos0", got), len);
		assert_int_equal(frame_link_destination(got), rows[i].aimed);
		assert_int_equal(frame_link_source(got), 03002);
		assert_memory_equal(got, packet, frame_trailer_at(packet));
	}
	assert_int_equal(peer(rig, 03002)->counters.rx_packets, i);
	free_trio(rig, fd);
}

/* Each kind of bad datagram is counted where it belongs, and nothing is delivered. */
static void test_bad(void **state)
{
	uint8_t datagram[WIRE_MAX + 2], packet[FRAME_MAX];
	const struct peer_counters *c;
	int fd[2], stranger;
	struct rig *rig;
	uint16_t port;
	size_t len;

	(void)state;
	rig = new_trio(fd);
	stranger = rig_socket("127.0.0.1", &port);
	c = &peer(rig, 03002)->counters;
	len = wire_wrap(datagram, packet, rig_packet(packet, 03001, 03002, 1, 20));
	rig_send(rig, fd[0], "127.0.0.1", datagram, 0);
	rig_send(rig, fd[0], "127.0.0.1", datagram, len - 1);
	rig_send(rig, fd[0], "127.0.0.1", datagram, len - 2);
	rig_send(rig, fd[0], "127.0.0.1", datagram, sizeof(datagram));
	datagram[20] ^= 1;
	rig_send(rig, fd[0], "127.0.0.1", datagram, len);
	rig_send(rig, stranger, "127.0.0.1", datagram, len);
	datagram[20] ^= 1;
	datagram[0] = 2;
	rig_send(rig, fd[0], "127.0.0.1", datagram, len);
	rig_send(rig, stranger, "127.0.0.1", datagram, len);
	datagram[0] = 1;
	rig_send(rig, stranger, "127.0.0.1", datagram, len);	/* as 3002 */
	len = wire_wrap(datagram, packet, rig_packet(packet, 03001, 03005, 2, 20));
	rig_send(rig, stranger, "127.0.0.1", datagram, len);
	len = wire_wrap(datagram, packet, rig_packet(packet, 03001, 03002, 3, 20));
	rig_send(rig, fd[0], "127.0.0.1", datagram, len);
	rig_kernel_read(rig, "chaos0", packet);
	assert_int_equal(frame_number(packet), 3);
	assert_int_equal(c->rx_packets, 1);
	assert_int_equal(c->rx_malformed, 4);
	assert_int_equal(c->rx_checksum, 1);
	assert_int_equal(c->rx_version, 1);
	assert_int_equal(rig->udp->input.strangers.rx_checksum, 1);
	assert_int_equal(rig->udp->input.strangers.rx_version, 1);
	assert_int_equal(rig->udp->input.verdicts[PEER_CLAIMED], 1);
	assert_int_equal(rig->udp->input.verdicts[PEER_STRANGER], 1);
	close(stranger);
	free_trio(rig, fd);
}

/* Garbage of all lengths, from a peer and from a stranger. */
static void test_garbage(void **state)
{
	uint8_t garbage[1500], packet[FRAME_MAX];
	int fd[2], stranger;
	unsigned int i, k;
	struct rig *rig;
	uint16_t port;
	size_t len;

	(void)state;
	rig = new_trio(fd);
	stranger = rig_socket("127.0.0.1", &port);
	srandom(1);
	for (i = 0; i < 20000; i++) {
		len = random() % sizeof(garbage);
		for (k = 0; k < len; k += 4)
			memcpy(garbage + k, &(uint32_t){ random() }, len - k < 4 ? len - k : 4);
		if (i % 2)
			memcpy(garbage, "\1\1\0\0", 4);
		rig_send(rig, i % 3 ? fd[0] : stranger, "127.0.0.1", garbage, len);
		if (i % 32 == 31)
			rig_work(rig);
	}
	len = wire_wrap(garbage, packet, rig_packet(packet, 03001, 03003, 7, 20));
	rig_send(rig, fd[1], "127.0.0.1", garbage, len);
	rig_kernel_read(rig, "chaos0", packet);
	assert_int_equal(frame_number(packet), 7);
	assert_int_equal(peer(rig, 03002)->counters.rx_packets, 0);
	close(stranger);
	free_trio(rig, fd);
}

/* A thousand learned peers on four links, each answered where it is. */
static void test_thousand(void **state)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX];
	struct udpaddr from = { .port = 0 };
	unsigned int round, i;
	struct rig *rig;
	uint16_t addr;
	size_t len;

	(void)state;
	rig = rig_new("::1", "link a 3001 dynamic on max 253 link b 3401 dynamic on max 253 "
		      "link c 4001 dynamic on max 253 link d 4401 dynamic on max 253");
	from.ip.s6_addr[0] = 0x20;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 1000; i++) {
			addr = (6 + i % 4) << 8 | (2 + i / 4);
			from.ip.s6_addr[15] = i;
			from.port = 1000 + i;
			len = wire_wrap(datagram, packet,
					rig_packet(packet, 03001, addr, i, i % 400));
			input_datagrams(&rig->udp->input, &from, datagram, len, len, 5);
			input_flush(&rig->udp->input);
			rig_kernel_read(rig, ((const char *[]){ "a", "b", "c", "d" })[i % 4],
					packet);
			assert_int_equal(frame_number(packet), i);
			assert_true(udpaddr_same(&peer(rig, addr)->place[0].addr, &from));
		}
	}
	assert_int_equal(rig->udp->input.verdicts[PEER_LEARNED], 1000);
	rig_free(rig);
}

/* The kernel's side goes away: nothing else does. */
static void test_link_deleted(void **state)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX];
	struct rig *rig;
	size_t len;
	int fd[2], i;

	(void)state;
	rig = new_trio(fd);
	shutdown(rig_kernel("chaos0"), SHUT_RDWR);
	len = wire_wrap(datagram, packet, rig_packet(packet, 03001, 03002, 1, 20));
	for (i = 0; i < 10; i++) {
		rig_send(rig, fd[0], "127.0.0.1", datagram, len);
		rig_idle(rig);
	}
	assert_int_equal(peer(rig, 03002)->counters.rx_packets, 10);
	assert_int_equal(tap_counters(TAILQ_FIRST(&rig->udp->links)->tap)->tx_lost, 10);
	udp_report(rig->udp);
	free_trio(rig, fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_dual),
		cmocka_unit_test(test_next_hop),
		cmocka_unit_test(test_many_out),
		cmocka_unit_test(test_no_segments),
		cmocka_unit_test(test_send_errors),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_in),
		cmocka_unit_test(test_named_hop),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_thousand),
		cmocka_unit_test(test_link_deleted),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
