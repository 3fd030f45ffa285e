// SPDX-License-Identifier: GPL-2.0-or-later
/* From one configuration to the next, and where peers with names are. */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "clock.h"
#include "rig.h"

/* What the name "its.test" resolves to; asked by the resolver's threads. */
static const char *volatile answers[3];
static volatile unsigned int asked;

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res);

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		       struct addrinfo **res)
{
	struct addrinfo numeric = *hints, **end = res;
	unsigned int i;
	int status;

	if (strcmp(node, "its.test"))
		return __real_getaddrinfo(node, service, hints, res);
	numeric.ai_flags |= AI_NUMERICHOST;
	*res = NULL;
	for (i = 0; answers[i]; i++) {
		status = __real_getaddrinfo(answers[i], service, &numeric, end);
		if (status)
			return status;
		end = &(*end)->ai_next;
	}
	__atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
	return *res ? 0 : EAI_NONAME;
}

static struct peer *peer(struct rig *rig, uint16_t addr)
{
	return rig->udp->table.by_addr[addr];
}

static bool is_at(struct rig *rig, uint16_t addr, const char *ip, uint16_t port)
{
	char want[UDPADDR_STRLEN], text[UDPADDR_STRLEN];
	struct peer *p = peer(rig, addr);

	if (!p || !p->to_len)
		return false;
	snprintf(want, sizeof(want), "%s:%u", ip, port);
	return !strcmp(want, udpaddr_format(&p->place[p->current].addr, text));
}

static void await_at(struct rig *rig, uint16_t addr, const char *ip, uint16_t port)
{
	time_t end = time(NULL) + RIG_PATIENCE_MS / 1000;

	while (!is_at(rig, addr, ip, port)) {
		assert_true(time(NULL) < end);
		assert_true(sd_event_run(rig->event, 10000) >= 0);
	}
}

static struct link *link_named(struct rig *rig, const char *name)
{
	struct link *link;

	TAILQ_FOREACH(link, &rig->udp->links, list)
		if (!strcmp(tap_name(link->tap), name))
			return link;
	return NULL;
}

/* What is the same keeps its state. */
static void test_peers(void **state)
{
	struct rig *rig = rig_new("127.0.0.1", "link a 3001 peer 3002 127.0.0.1:1000 "
				  "peer 3003 127.0.0.1:1001 peer 3004 127.0.0.1:1002");
	struct peer *kept = peer(rig, 03002), *changed = peer(rig, 03003);
	int fd = rig->udp->socket.fd;

	(void)state;
	kept->counters.rx_packets = changed->counters.rx_packets = 77;
	assert_int_equal(rig_reload(rig, "link a 3001 peer 3002 127.0.0.1:1000 "
				    "peer 3003 127.0.0.1:2001 roam peer 3005 roam"), 0);
	assert_ptr_equal(peer(rig, 03002), kept);
	assert_int_equal(kept->counters.rx_packets, 77);
	assert_ptr_equal(peer(rig, 03003), changed);
	assert_int_equal(changed->counters.rx_packets, 77);
	assert_true(is_at(rig, 03003, "127.0.0.1", 2001));
	assert_true(changed->roam);
	assert_null(peer(rig, 03004));
	assert_non_null(peer(rig, 03005));
	assert_int_equal(link_named(rig, "a")->n_fixed, 3);
	assert_int_equal(rig->udp->socket.fd, fd);
	assert_int_equal(rig_opened(), 1);
	rig_free(rig);
}

static void test_links(void **state)
{
	struct rig *rig = rig_new("127.0.0.1", "link a 3001 link b 401 "
				  "peer 3002 127.0.0.1:1000 peer 402 127.0.0.1:1001");
	struct link *kept = link_named(rig, "a");
	struct peer *p = peer(rig, 03002);

	(void)state;
	assert_int_equal(rig_reload(rig, "link c 1001 link a 3001 peer 3002 127.0.0.1:1000 "
				    "peer 1002 127.0.0.1:5"), 0);
	assert_ptr_equal(link_named(rig, "a"), kept);
	assert_ptr_equal(peer(rig, 03002), p);
	assert_null(link_named(rig, "b"));
	assert_null(peer(rig, 0402));
	assert_non_null(link_named(rig, "c"));
	assert_true(is_at(rig, 01002, "127.0.0.1", 5));
	assert_int_equal(rig_opened(), 3);
	/* A subnet goes over to another link. */
	assert_int_equal(rig_reload(rig, "link d 3001 peer 3002 127.0.0.1:1000"), 0);
	assert_null(link_named(rig, "a"));
	assert_ptr_equal(peer(rig, 03002)->link, link_named(rig, "d"));
	rig_free(rig);
}

/* If one thing cannot be done, nothing is. */
static void test_refused(void **state)
{
	struct rig *rig = rig_new("127.0.0.1", "link a 3001 peer 3002 127.0.0.1:1000");
	struct link *link = link_named(rig, "a");
	struct peer *p = peer(rig, 03002);
	int fd = rig->udp->socket.fd;

	(void)state;
	assert_int_equal(rig_reload(rig, "link b 401 link broken 1001 peer 402 127.0.0.1"), -1);
	assert_int_equal(rig_reload(rig, "link a 3002"), -1);
	assert_int_equal(rig_reload(rig, "link a 3001 to 3003"), -1);
	assert_int_equal(rig_reload(rig, "link a 3001 persist off"), -1);
	assert_int_equal(rig_reload(rig, "link a 3001 link c 401 listen 192.0.2.1:5"), -1);
	assert_ptr_equal(link_named(rig, "a"), link);
	assert_null(link_named(rig, "b"));
	assert_null(link_named(rig, "c"));
	assert_ptr_equal(peer(rig, 03002), p);
	assert_int_equal(rig->udp->socket.fd, fd);
	rig_free(rig);
}

static void send_one(struct rig *rig, int fd, const char *ip, uint16_t from, uint16_t number)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX];
	size_t len = wire_wrap(datagram, packet, rig_packet(packet, 03001, from, number, 9));

	rig_send(rig, fd, ip, datagram, len);
	rig_kernel_read(rig, "a", packet);
	assert_int_equal(frame_number(packet), number);
}

static void test_dynamic(void **state)
{
	struct rig *rig = rig_new("127.0.0.1", "link a 3001 dynamic on max 3 age 1m");
	uint16_t port, host;
	int fd;

	(void)state;
	fd = rig_socket("127.0.0.1", &port);
	for (host = 2; host < 5; host++)
		send_one(rig, fd, "127.0.0.1", 03000 | host, host);
	assert_int_equal(link_named(rig, "a")->n_learned, 3);
	assert_int_equal(rig_reload(rig, "link a 3001 dynamic on max 2 age 5m"), 0);
	assert_int_equal(link_named(rig, "a")->n_learned, 2);
	assert_int_equal(link_named(rig, "a")->age, 300);
	assert_true(is_at(rig, 03004, "127.0.0.1", port));
	assert_int_equal(rig_reload(rig, "link a 3001 dynamic off"), 0);
	assert_int_equal(link_named(rig, "a")->n_learned, 0);
	udp_report(rig->udp);
	rig_free(rig);
	close(fd);
}

/* Another port: who asks there is heard, who asks at the old one is not. */
static void test_socket(void **state)
{
	uint16_t port, old, next;
	char text[256];
	struct rig *rig;
	int fd;

	(void)state;
	fd = rig_socket("::1", &port);
	sprintf(text, "link a 3001 peer 3002 [::1]:%u", port);
	rig = rig_new("127.0.0.1", text);
	old = rig->port;
	assert_int_equal(peer(rig, 03002)->to_len, 0);	/* out of reach of IPv4 */
	close(rig_socket("::1", &next));
	sprintf(text, "listen [::1]:%u link a 3001 peer 3002 [::1]:%u", next, port);
	assert_int_equal(rig_reload(rig, text), 0);
	rig->port = next;
	assert_true(is_at(rig, 03002, "[::1]", port));
	send_one(rig, fd, "::1", 03002, 5);
	rig->port = old;
	rig_free(rig);
	close(fd);
}

static void test_name(void **state)
{
	uint16_t port[2];
	struct rig *rig;
	char text[256];
	int fd[2];

	(void)state;
	fd[0] = rig_socket("127.0.0.1", &port[0]);
	answers[0] = "127.0.0.1";
	sprintf(text, "link a 3001 peer 3002 its.test:%u", port[0]);
	rig = rig_new("0.0.0.0", text);
	await_at(rig, 03002, "127.0.0.1", port[0]);
	assert_int_equal(asked, 1);
	send_one(rig, fd[0], "127.0.0.1", 03002, 1);
	/* It moves; five minutes later that is known. */
	answers[0] = "::1";
	answers[1] = "127.0.0.2";
	peer(rig, 03002)->due = 0;
	udp_wake(rig->udp, 0);
	await_at(rig, 03002, "127.0.0.2", port[0]);
	assert_int_equal(asked, 2);
	assert_in_range(peer(rig, 03002)->due, clock_now() + NAMES_INTERVAL - 30,
			clock_now() + NAMES_INTERVAL);
	/* Trouble makes us ask earlier, but not at once again. */
	names_trouble(rig->udp, peer(rig, 03002));
	assert_int_equal(peer(rig, 03002)->due, peer(rig, 03002)->asked + NAMES_RETRY);
	/* The name is gone: what was known stays. */
	answers[0] = NULL;
	peer(rig, 03002)->due = 0;
	udp_wake(rig->udp, 0);
	while (__atomic_load_n(&asked, __ATOMIC_SEQ_CST) == 2 || peer(rig, 03002)->query)
		assert_true(sd_event_run(rig->event, 10000) >= 0);
	assert_true(is_at(rig, 03002, "127.0.0.2", port[0]));
	assert_in_range(peer(rig, 03002)->due, clock_now(), clock_now() + NAMES_RETRY);
	/* Gone with a question open. */
	peer(rig, 03002)->due = 0;
	udp_wake(rig->udp, 0);
	rig_work(rig);
	assert_int_equal(rig_reload(rig, "link a 3001"), 0);
	rig_idle(rig);
	rig_free(rig);
	close(fd[0]);
}

/* It was given another address, and speaks from there: its name is asked at once. */
static void test_moved(void **state)
{
	uint8_t datagram[WIRE_MAX], packet[FRAME_MAX];
	uint16_t port;
	struct rig *rig;
	char text[256];
	size_t len;
	int fd;

	(void)state;
	fd = rig_socket("127.0.0.2", &port);
	answers[0] = "127.0.0.1";
	answers[1] = NULL;
	sprintf(text, "link a 3001 peer 3002 its.test:%u", port);
	rig = rig_new("0.0.0.0", text);
	await_at(rig, 03002, "127.0.0.1", port);
	answers[0] = "127.0.0.2";
	peer(rig, 03002)->asked -= NAMES_RETRY;		/* as if it had been a while */
	len = wire_wrap(datagram, packet, rig_packet(packet, 03001, 03002, 1, 9));
	rig_send(rig, fd, "127.0.0.1", datagram, len);
	await_at(rig, 03002, "127.0.0.2", port);
	send_one(rig, fd, "127.0.0.1", 03002, 2);
	rig_free(rig);
	close(fd);
}

/* Of several addresses, one where somebody is. */
static void test_refused_place(void **state)
{
	uint8_t batch[WIRE_MAX], packet[FRAME_MAX];
	uint16_t port, i;
	struct rig *rig;
	char text[256];
	size_t len;
	int fd;

	(void)state;
	fd = rig_socket("127.0.0.2", &port);
	answers[0] = "127.0.0.1";
	answers[1] = "127.0.0.2";
	sprintf(text, "link a 3001 peer 3002 its.test:%u", port);
	rig = rig_new("127.0.0.1", text);
	await_at(rig, 03002, "127.0.0.1", port);
	len = rig_record(batch, packet, rig_packet(packet, 03002, 03001, 1, 9));
	for (i = 0; i < 2000 && !is_at(rig, 03002, "127.0.0.2", port); i++) {
		rig_kernel_write(rig, "a", batch, len);
		rig_idle(rig);
	}
	assert_in_range(i, 1, 1999);
	rig_kernel_write(rig, "a", batch, len);
	assert_int_equal(rig_receive(rig, fd, batch, sizeof(batch)), len + 2);
	rig_free(rig);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_dynamic),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_refused_place),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
