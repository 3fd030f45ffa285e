// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl save and restore: what is written, asked for, removed and brought back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/genl/genl.h>

#include <linux/chaos_netlink.h>

#include "batch.h"
#include "fake.h"

static char path[] = "/tmp/test_save.XXXXXX";

static void answer_net(void)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NET_GET, 0);
	uint8_t private[CHAOS_SUBNET_MAP_LEN] = { [0] = 1 << 6, [31] = 1 << 6 };

	fake_put_str(msg, CHAOS_NET_A_NAME, "AI");
	fake_put_u8(msg, CHAOS_NET_A_FORWARDING, 1);
	assert_int_equal(nla_put(msg, CHAOS_NET_A_PRIVATE, sizeof(private), private), 0);
	fake_answer(msg);
	fake_error(0, NULL);
}

static void answer_rule(uint32_t number, const char *reason)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_RULE_NEW, NLM_F_MULTI);

	fake_put_u32(msg, CHAOS_RULE_A_NUMBER, number);
	fake_put_u8(msg, CHAOS_RULE_A_HOOKS, CHAOS_RULE_HOOK_INPUT);
	fake_put_u8(msg, CHAOS_RULE_A_ACTION, reason ? CHAOS_RULE_REJECT : CHAOS_RULE_DROP);
	if (reason)
		fake_put_str(msg, CHAOS_RULE_A_REASON, reason);
	fake_answer(msg);
}

static void answer_link(uint32_t index, const char *name, const char *type)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);

	fake_put_u32(msg, CHAOS_LINK_A_IFINDEX, index);
	fake_put_str(msg, CHAOS_LINK_A_IFNAME, name);
	fake_put_str(msg, CHAOS_LINK_A_TYPE, type);
	fake_put_u16(msg, CHAOS_LINK_A_COST, 10 + index);
	fake_put_u8(msg, CHAOS_LINK_A_RUT, CHAOS_RUT_LISTEN);
	fake_put_u8(msg, CHAOS_LINK_A_POISON, 1);
	fake_put_u8(msg, CHAOS_LINK_A_PROXY_ARP, CHAOS_PROXY_ARP_ALL);
	fake_answer(msg);
}

/* A link that a program feeds, its own if it does not persist. */
static void answer_fed(uint32_t index, const char *name, uint8_t persist)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);

	fake_put_u32(msg, CHAOS_LINK_A_IFINDEX, index);
	fake_put_str(msg, CHAOS_LINK_A_IFNAME, name);
	fake_put_str(msg, CHAOS_LINK_A_TYPE, "chaos");
	fake_put_u16(msg, CHAOS_LINK_A_COST, 11);
	fake_put_u8(msg, CHAOS_LINK_A_PERSIST, persist);
	fake_put_u16(msg, CHAOS_LINK_A_PEER, 02060);
	fake_put_u32(msg, CHAOS_LINK_A_UID, 0);
	fake_put_u32(msg, CHAOS_LINK_A_GID, 4000000000);
	fake_answer(msg);
}

static void answer_ip_link(void)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_LINK_NEW, NLM_F_MULTI);

	fake_put_str(msg, CHAOS_LINK_A_IFNAME, "chip0");
	fake_put_str(msg, CHAOS_LINK_A_TYPE, "ip");
	fake_put_u16(msg, CHAOS_LINK_A_COST, 11);
	assert_int_equal(nla_put(msg, CHAOS_LINK_A_LOCAL4, 4, "\xc0\0\2\1"), 0);
	fake_put_u32(msg, CHAOS_LINK_A_LEARN, 5);
	fake_put_u32(msg, CHAOS_LINK_A_LEARN_AGE, 60);
	fake_put_u8(msg, CHAOS_LINK_A_TTL, 64);
	fake_answer(msg);
}

/* Of a host, unless that is 0, and of a subnet, unless that is 0. */
static void answer_map(uint16_t host, uint8_t subnet, bool learned)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_MAP_NEW, NLM_F_MULTI);

	fake_put_str(msg, CHAOS_MAP_A_IFNAME, "chip0");
	if (host)
		fake_put_u16(msg, CHAOS_MAP_A_HOST, host);
	if (subnet)
		fake_put_u8(msg, CHAOS_MAP_A_SUBNET, subnet);
	assert_int_equal(nla_put(msg, CHAOS_MAP_A_ADDR4, 4, "\xa\1\2\0"), 0);
	if (learned)
		assert_int_equal(nla_put_flag(msg, CHAOS_MAP_A_LEARNED), 0);
	fake_answer(msg);
}

static void answer_maps(void)
{
	answer_map(03040, 0, false);
	answer_map(03041, 0, true);
	answer_map(0, 2, false);
	answer_map(01001, 2, false);
	fake_done(0, NULL);
}

static void answer_links(void)
{
	answer_link(1, "lo", "loopback");
	answer_link(3, "eth10", "ether");
	answer_link(2, "eth9", "ether");
	answer_link(4, "a\"b", "ether");
	answer_fed(6, "chaos1", 0);
	answer_fed(5, "chaos0", 1);
	answer_ip_link();
	fake_done(0, NULL);
}

static void answer_addr(uint32_t index, const char *dev, uint16_t addr)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ADDR_NEW, NLM_F_MULTI);

	fake_put_u32(msg, CHAOS_ADDR_A_IFINDEX, index);
	fake_put_str(msg, CHAOS_ADDR_A_IFNAME, dev);
	fake_put_u16(msg, CHAOS_ADDR_A_ADDR, addr);
	fake_answer(msg);
}

static void answer_addrs(void)
{
	answer_addr(3, "eth10", 03040);
	answer_addr(2, "eth9", 0401);
	answer_addr(6, "chaos1", 01401);
	answer_addr(5, "chaos0", 02001);
	fake_done(0, NULL);
}

/* @host or @subnet or neither, @via or @dev. */
static void answer_route(uint8_t type, uint16_t host, uint8_t subnet, uint16_t via, const char *dev)
{
	struct nl_msg *msg = fake_msg(CHAOS_CMD_ROUTE_NEW, NLM_F_MULTI);

	if (host)
		fake_put_u16(msg, CHAOS_ROUTE_A_HOST, host);
	if (subnet)
		fake_put_u8(msg, CHAOS_ROUTE_A_SUBNET, subnet);
	if (via)
		fake_put_u16(msg, CHAOS_ROUTE_A_VIA, via);
	if (dev) {
		fake_put_str(msg, CHAOS_ROUTE_A_IFNAME, dev);
		fake_put_u32(msg, CHAOS_ROUTE_A_IFINDEX, strcmp(dev, "chaos1") ? 2 : 6);
	}
	fake_put_u16(msg, CHAOS_ROUTE_A_COST, 20);
	fake_put_u8(msg, CHAOS_ROUTE_A_TYPE, type);
	fake_answer(msg);
}

static void answer_routes(void)
{
	answer_route(CHAOS_ROUTE_FIXED, 0, 0, 03060, NULL);
	answer_route(CHAOS_ROUTE_DIRECT, 0, 1, 0, "eth9");
	answer_route(CHAOS_ROUTE_DIRECT, 0, 6, 0, "eth10");
	answer_route(CHAOS_ROUTE_BRIDGE, 0, 7, 03060, NULL);
	answer_route(CHAOS_ROUTE_FIXED, 0, 012, 0402, NULL);
	answer_route(CHAOS_ROUTE_FIXED, 0, 011, 07001, NULL);
	answer_route(CHAOS_ROUTE_FIXED, 0, 010, 04001, NULL);
	answer_route(CHAOS_ROUTE_LOCAL, 0401, 0, 0, "lo");
	answer_route(CHAOS_ROUTE_FIXED, 01001, 0, 0402, NULL);
	answer_route(CHAOS_ROUTE_DIRECT, 07001, 0, 0, "eth9");
	answer_route(CHAOS_ROUTE_DIRECT, 0, 3, 0, "chaos1");
	answer_route(CHAOS_ROUTE_DIRECT, 010001, 0, 0, "chaos1");
	answer_route(CHAOS_ROUTE_FIXED, 0, 014, 01402, NULL);
	fake_done(0, NULL);
}

static void answer_neigh(uint16_t addr, int state)
{
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 0xab };
	struct nl_msg *msg = fake_msg(CHAOS_CMD_NEIGH_NEW, NLM_F_MULTI);

	fake_put_u16(msg, CHAOS_NEIGH_A_ADDR, addr);
	fake_put_str(msg, CHAOS_NEIGH_A_IFNAME, "eth9");
	if (state < 0) {
		assert_int_equal(nla_put_flag(msg, CHAOS_NEIGH_A_PROXY), 0);
	} else {
		fake_put_u8(msg, CHAOS_NEIGH_A_STATE, state);
		assert_int_equal(nla_put(msg, CHAOS_NEIGH_A_LLADDR, sizeof(mac), mac), 0);
	}
	fake_answer(msg);
}

static void answer_all(void)
{
	answer_net();
	answer_rule(10, NULL);
	answer_rule(9, "not \"now\"");
	fake_done(0, NULL);
	answer_links();
	answer_maps();
	answer_addrs();
	answer_routes();
	answer_routes();
	answer_neigh(0402, CHAOS_NEIGH_PERMANENT);
	answer_neigh(0403, CHAOS_NEIGH_REACHABLE);
	answer_neigh(0404, -1);
	fake_done(0, NULL);
	answer_net();
}

#define N_SECTIONS	9	/* requests of a save */

static const char saved[] =
	"net set name AI\n"
	"rule add number 9 hook input reject reason \"not \\\"now\\\"\"\n"
	"rule add number 10 hook input drop\n"
	"link add dev \"a\\\"b\" cost 14 rut listen poison on proxy_arp all\n"
	"link add dev chaos0 type chaos peer 2060 user root group 4000000000 cost 11\n"
	"link add dev chip0 type ip local 192.0.2.1 ttl 64 learn 5 age 60 cost 11\n"
	"link add dev eth9 cost 12 rut listen poison on proxy_arp all\n"
	"link add dev eth10 cost 13 rut listen poison on proxy_arp all\n"
	"link set dev lo cost 11 rut listen poison on proxy_arp all\n"
	"map add dev chip0 3040 10.1.2.0\n"
	"map add dev chip0 subnet 2 10.1.2.0/24\n"
	"addr add 401 dev eth9\n"
	"addr add 2001 dev chaos0\n"
	"addr add 3040 dev eth10\n"
	"route add host 7001 dev eth9 cost 20\n"
	"# out of reach: route add subnet 10 via 4001 cost 20\n"
	"# out of reach: route add subnet 14 via 1402 cost 20\n"
	"route add default via 3060 cost 20\n"
	"route add host 1001 via 402 cost 20\n"
	"route add subnet 11 via 7001 cost 20\n"
	"route add subnet 12 via 402 cost 20\n"
	"neigh add 402 lladdr 02:00:00:00:00:ab dev eth9\n"
	"neigh add proxy 404 dev eth9\n"
	"net set private 6,376 forwarding on\n";

static void test_save(void **state)
{
	(void)state;
	answer_all();
	assert_int_equal(fake_run(&config_object, "save"), STATUS_OK);
	assert_string_equal(fake_complaints(), "");
	assert_string_equal(fake_output(), saved);
	assert_int_equal(fake_n_sent(), N_SECTIONS);
}

/* The least there can be. */
static void answer_nothing(void)
{
	struct nl_msg *msg;

	for (int i = 0; i < N_SECTIONS; i++) {
		if (i && i < N_SECTIONS - 1) {
			fake_done(0, NULL);
			continue;
		}
		msg = fake_msg(CHAOS_CMD_NET_GET, 0);
		fake_put_str(msg, CHAOS_NET_A_NAME, "");
		fake_put_u8(msg, CHAOS_NET_A_FORWARDING, 0);
		assert_int_equal(nla_put(msg, CHAOS_NET_A_PRIVATE, CHAOS_SUBNET_MAP_LEN,
					 (uint8_t[CHAOS_SUBNET_MAP_LEN]){ 0 }), 0);
		fake_answer(msg);
		fake_error(0, NULL);
	}
}

static void test_save_nothing(void **state)
{
	(void)state;
	answer_nothing();
	assert_int_equal(fake_run(&config_object, ""), STATUS_OK);
	assert_string_equal(fake_output(), "net set private none forwarding off\n");
}

/* Half a configuration is none. */
static void test_save_refused(void **state)
{
	(void)state;
	answer_net();
	fake_done(EPERM, "not for you");
	assert_int_equal(fake_run(&config_object, "save"), STATUS_FAILED);
	assert_string_equal(fake_output(), "");
	assert_string_equal(fake_complaints(), "not for you\n");
}

static void test_save_json(void **state)
{
	struct ctl ctl = { 0 };

	(void)state;
	assert_int_equal(fake_run_ctl(&ctl, &config_object, "save", true), STATUS_USAGE);
	assert_string_equal(fake_complaints(),
			    "the configuration is saved as commands, not in JSON\n");
}

static int run_objects(struct ctl *ctl, char **words)
{
	static const struct object *const objects[] = {
		&link_object, &map_object, &addr_object, &route_object, &neigh_object, &rule_object,
		&net_object, &config_object,
	};

	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		if (!strcmp(objects[i]->name, words[0]))
			return object_run(ctl, objects[i], words + 1);
	}
	fail();
	return STATUS_FAILED;
}

static int restore(const char *text, bool force)
{
	struct ctl ctl = { .run = run_objects, .force = force };
	char words[sizeof(path) + 10];
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	snprintf(words, sizeof(words), "restore %s", path);
	return fake_run_ctl(&ctl, &config_object, words, false);
}

/* Counts what has been sent; @cmds are the commands expected next. */
static void sent(size_t *n, const uint8_t *cmds, size_t n_cmds)
{
	for (size_t i = 0; i < n_cmds; i++)
		assert_int_equal(genlmsg_hdr(fake_sent((*n)++))->cmd, cmds[i]);
}

static const uint8_t removal[] = {
	CHAOS_CMD_NET_SET, CHAOS_CMD_ROUTE_GET, CHAOS_CMD_ROUTE_DEL, CHAOS_CMD_LINK_GET,
	CHAOS_CMD_LINK_DEL, CHAOS_CMD_LINK_DEL, CHAOS_CMD_ADDR_GET, CHAOS_CMD_ADDR_DEL,
	CHAOS_CMD_RULE_DEL,
};

/* One of each kind that goes, besides some that stay. */
static void answer_removal(void)
{
	fake_error(0, NULL);
	answer_route(CHAOS_ROUTE_DIRECT, 0, 1, 0, "eth9");
	answer_route(CHAOS_ROUTE_LOCAL, 0401, 0, 0, "lo");
	answer_route(CHAOS_ROUTE_FIXED, 0, 012, 0402, NULL);
	fake_done(0, NULL);
	fake_error(ESRCH, "it has gone meanwhile");
	answer_link(1, "lo", "loopback");
	answer_link(2, "eth9", "ether");
	answer_fed(5, "chaos0", 1);
	answer_fed(6, "chaos1", 0);
	fake_done(0, NULL);
	fake_error(0, NULL);
	fake_error(0, NULL);
	answer_addr(2, "eth9", 0401);
	answer_addr(6, "chaos1", 01401);
	answer_addr(1, "lo", 0402);
	fake_done(0, NULL);
	fake_error(0, NULL);
	fake_error(0, NULL);
}

static void test_restore(void **state)
{
	static const uint8_t then[] = { CHAOS_CMD_LINK_NEW, CHAOS_CMD_ADDR_NEW };
	size_t n = N_SECTIONS;

	(void)state;
	answer_nothing();
	answer_removal();
	fake_error(0, NULL);
	fake_error(0, NULL);
	assert_int_equal(restore("link add eth0\n# addr\naddr add 3040 dev eth0\n", false),
			 STATUS_OK);
	assert_string_equal(fake_complaints(), "");
	sent(&n, removal, sizeof(removal));
	sent(&n, then, sizeof(then));
	assert_int_equal(fake_n_sent(), n);
}

/* What is wrong with the words is found first. */
static void test_restore_wrong(void **state)
{
	char expected[300];

	(void)state;
	assert_int_equal(restore("link add eth0\naddr add 3080 dev eth0\nlink add\n", false),
			 STATUS_USAGE);
	snprintf(expected, sizeof(expected),
		 "%s:2: '3080' is not an octal address: digit 8\n"
		 "%s:3: link add: missing 'dev DEV'\n"
		 "nothing was changed\n", path, path);
	assert_string_equal(fake_complaints(), expected);
	assert_int_equal(fake_n_sent(), 0);
}

/* What the kernel does not want is not. */
static void test_restore_refused(void **state)
{
	static const uint8_t tried[] = { CHAOS_CMD_LINK_NEW };
	static const uint8_t back[] = { CHAOS_CMD_NET_SET };
	char expected[300];
	size_t n = N_SECTIONS;

	(void)state;
	answer_nothing();
	answer_removal();
	fake_error(ENODEV, "no such device");
	answer_removal();
	fake_error(0, NULL);
	assert_int_equal(restore("\nlink add eth0\naddr add 3040 dev eth0\n", false),
			 STATUS_FAILED);
	snprintf(expected, sizeof(expected),
		 "%s:2: no such device\ngoing back to what there was\n", path);
	assert_string_equal(fake_complaints(), expected);
	sent(&n, removal, sizeof(removal));
	sent(&n, tried, sizeof(tried));
	sent(&n, removal, sizeof(removal));
	sent(&n, back, sizeof(back));
	assert_int_equal(fake_n_sent(), n);
}

static void test_restore_force(void **state)
{
	static const uint8_t then[] = { CHAOS_CMD_LINK_NEW, CHAOS_CMD_ADDR_NEW };
	char expected[300];
	size_t n = N_SECTIONS;

	(void)state;
	answer_nothing();
	answer_removal();
	fake_error(ENODEV, "no such device");
	fake_error(0, NULL);
	assert_int_equal(restore("link add eth0\naddr add 3040 dev eth1\n", true), STATUS_FAILED);
	snprintf(expected, sizeof(expected), "%s:1: no such device\n", path);
	assert_string_equal(fake_complaints(), expected);
	sent(&n, removal, sizeof(removal));
	sent(&n, then, sizeof(then));
	assert_int_equal(fake_n_sent(), n);
}

static void test_restore_within(void **state)
{
	struct ctl ctl = { .batch = true };

	(void)state;
	assert_int_equal(fake_run_ctl(&ctl, &config_object, "restore x", false), STATUS_USAGE);
	assert_string_equal(fake_complaints(),
			    "restore removes all there is: it cannot stand in a file itself\n");
}

static void test_restore_no_file(void **state)
{
	assert_int_equal(fake_run(&config_object, "restore /nonexistent/file"), STATUS_FAILED);
	assert_string_equal(fake_complaints(),
			    "cannot open '/nonexistent/file': No such file or directory\n");
	assert_int_equal(fake_teardown(state), 0);
	fake_setup(state);
	assert_int_equal(fake_run(&config_object, "restore /"), STATUS_FAILED);
	assert_string_equal(fake_complaints(), "cannot read '/': Is a directory\n");
}

/* What save writes is what restore sends, word by word. */
static void test_saved_makes_sense(void **state)
{
	char *text = strdup(saved);
	struct ctl ctl = { .tr = &fake, .run = run_objects, .check = true };
	FILE *f;

	(void)state;
	assert_non_null(text);
	f = fmemopen(text, strlen(text), "r");
	assert_non_null(f);
	show_init(&ctl.out, stdout, false, false);
	batch_stream(&ctl, f, "saved");
	assert_string_equal(fake_complaints(), "");
	fclose(f);
	free(text);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_save),
		TEST(test_save_nothing),
		TEST(test_save_refused),
		TEST(test_save_json),
		TEST(test_saved_makes_sense),
		TEST(test_restore),
		TEST(test_restore_wrong),
		TEST(test_restore_refused),
		TEST(test_restore_force),
		TEST(test_restore_within),
		TEST(test_restore_no_file),
	};

	return cmocka_run_group_tests_name("save", tests, make_file, remove_file);
}
