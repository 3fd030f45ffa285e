// SPDX-License-Identifier: GPL-2.0-or-later
/* Socket options of level SOL_CHAOS: values, lengths, pointers, what cannot be. */
#define _GNU_SOURCE
#include "pair.h"

#define BAD_POINTER ((void *)8)

static char room[1024];

static const struct set_row {
	const char *what;
	int level, name;
	const void *value;
	unsigned int len;
	int error;
} set_rows[] = {
	{ "window 1", SOL_CHAOS, CHAOS_WINDOW, &(int){ 1 }, 4, 0 },
	{ "window 1024", SOL_CHAOS, CHAOS_WINDOW, &(int){ 1024 }, 4, 0 },
	{ "window 0", SOL_CHAOS, CHAOS_WINDOW, &(int){ 0 }, 4, EINVAL },
	{ "window -1", SOL_CHAOS, CHAOS_WINDOW, &(int){ -1 }, 4, EINVAL },
	{ "window 1025", SOL_CHAOS, CHAOS_WINDOW, &(int){ 1025 }, 4, EINVAL },
	{ "window 65537", SOL_CHAOS, CHAOS_WINDOW, &(int){ 65537 }, 4, EINVAL },
	{ "window of no bytes", SOL_CHAOS, CHAOS_WINDOW, room, 0, EINVAL },
	{ "window of 2 bytes", SOL_CHAOS, CHAOS_WINDOW, &(int){ 5 }, 2, EINVAL },
	{ "window of 8 bytes", SOL_CHAOS, CHAOS_WINDOW, &(long long){ 5 }, 8, EINVAL },
	{ "window, bad pointer", SOL_CHAOS, CHAOS_WINDOW, BAD_POINTER, 4, EFAULT },
	{ "RFC data of 488 bytes", SOL_CHAOS, CHAOS_RFC_DATA, room, 488, 0 },
	{ "RFC data of 489 bytes", SOL_CHAOS, CHAOS_RFC_DATA, room, 489, EMSGSIZE },
	{ "RFC data of 2 GiB", SOL_CHAOS, CHAOS_RFC_DATA, room, 0x7fffffff, EMSGSIZE },
	{ "RFC data of -1 bytes", SOL_CHAOS, CHAOS_RFC_DATA, room, -1, EINVAL },
	{ "RFC data, bad pointer", SOL_CHAOS, CHAOS_RFC_DATA, BAD_POINTER, 5, EFAULT },
	{ "no RFC data", SOL_CHAOS, CHAOS_RFC_DATA, NULL, 0, 0 },
	{ "reason", SOL_CHAOS, CHAOS_REASON, "why not", 7, ENOTCONN },
	{ "info", SOL_CHAOS, CHAOS_INFO, room, 16, ENOPROTOOPT },
	{ "option 0", SOL_CHAOS, 0, &(int){ 1 }, 4, ENOPROTOOPT },
	{ "an unknown option", SOL_CHAOS, 99, &(int){ 1 }, 4, ENOPROTOOPT },
	{ "option 99", SOL_CHAOS, 99, &(int){ 1 }, 4, ENOPROTOOPT },
	{ "option -1", SOL_CHAOS, -1, &(int){ 1 }, 4, ENOPROTOOPT },
	{ "another level", SOL_CHAOS + 1, CHAOS_WINDOW, &(int){ 1 }, 4, ENOPROTOOPT },
	{ "the number of the family as level", AF_CHAOS, CHAOS_WINDOW, &(int){ 1 }, 4,
	  ENOPROTOOPT },
};

static void test_set(int fd, const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(set_rows); i++) {
		const struct set_row *row = &set_rows[i];
		int result = setsockopt(fd, row->level, row->name, row->value, row->len);

		if (row->error)
			tap_errno(result, row->error, "%s: set %s", type, row->what);
		else
			tap_eq(result, 0, "%s: set %s", type, row->what);
	}
}

/* Options of a fresh socket. */
static const struct get_row {
	const char *what;
	int level, name;
	int len, got_len;		/* got_len < 0: fails with -got_len */
} get_rows[] = {
	{ "window", SOL_CHAOS, CHAOS_WINDOW, 4, 4 },
	{ "window, more room", SOL_CHAOS, CHAOS_WINDOW, 100, 4 },
	{ "window, less room", SOL_CHAOS, CHAOS_WINDOW, 1, 1 },
	{ "window, no room", SOL_CHAOS, CHAOS_WINDOW, 0, 0 },
	{ "window, -1 bytes", SOL_CHAOS, CHAOS_WINDOW, -1, -EINVAL },
	{ "RFC data", SOL_CHAOS, CHAOS_RFC_DATA, 500, 0 },
	{ "reason", SOL_CHAOS, CHAOS_REASON, 500, 1 },
	{ "reason, no room", SOL_CHAOS, CHAOS_REASON, 0, 0 },
	{ "info", SOL_CHAOS, CHAOS_INFO, sizeof(struct chaos_info), sizeof(struct chaos_info) },
	{ "info of a later version", SOL_CHAOS, CHAOS_INFO, 500, sizeof(struct chaos_info) },
	{ "info of an earlier version", SOL_CHAOS, CHAOS_INFO, 48, 48 },
	{ "info, no room", SOL_CHAOS, CHAOS_INFO, 0, 0 },
	{ "option 0", SOL_CHAOS, 0, 4, -ENOPROTOOPT },
	{ "an unknown option", SOL_CHAOS, 99, 4, -ENOPROTOOPT },
	{ "option 99", SOL_CHAOS, 99, 4, -ENOPROTOOPT },
	{ "another level", SOL_CHAOS + 1, CHAOS_WINDOW, 4, -ENOPROTOOPT },
};

static void test_get(int fd, const char *type)
{
	socklen_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(get_rows); i++) {
		const struct get_row *row = &get_rows[i];
		int result;

		len = row->len;
		memset(room, 0x5a, sizeof(room));
		result = getsockopt(fd, row->level, row->name, room, &len);
		if (row->got_len < 0)
			tap_errno(result, -row->got_len, "%s: get %s", type, row->what);
		else
			tap_ok(!result && (int)len == row->got_len && room[len] == 0x5a,
			       "%s: get %s", type, row->what);
	}
	len = 4;
	tap_errno(getsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, BAD_POINTER, &len), EFAULT,
		  "%s: get, bad pointer", type);
	tap_errno(getsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, room, BAD_POINTER), EFAULT,
		  "%s: get, bad pointer to the length", type);
}

/* What was set can be got. */
static void test_values(int fd, const char *type)
{
	char data[CHAOS_DATA_MAX], got[600];
	socklen_t len = sizeof(got);
	struct chaos_info info;
	int i;

	tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_WINDOW), 128, "%s: default window", type);
	for (i = 0; i < CHAOS_DATA_MAX; i++)
		data[i] = i * 5;
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, data, sizeof(data));
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, got, &len) && len == sizeof(data) &&
	       !memcmp(got, data, len), "%s: RFC data is any bytes", type);
	len = 3;
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, got, &len) && len == 3,
	       "%s: RFC data is cut to the length", type);
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, "two", 3);
	len = sizeof(got);
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, got, &len) && len == 3 &&
	       !memcmp(got, "two", 3), "%s: RFC data replaced", type);
	setsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, NULL, 0);
	len = sizeof(got);
	tap_ok(!getsockopt(fd, SOL_CHAOS, CHAOS_RFC_DATA, got, &len) && !len,
	       "%s: RFC data removed", type);

	pair_set_int(fd, SOL_CHAOS, CHAOS_WINDOW, 7);
	tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_WINDOW), 7, "%s: window is what was set", type);
	info = pair_info(fd);
	tap_ok(info.ci_state == CHAOS_CLOSED && info.ci_rcv_window == 7 && !info.ci_local_index &&
	       !info.ci_peer_addr && !info.ci_pkts_sent, "%s: info of a fresh socket", type);
	pair_set_int(fd, SOL_CHAOS, CHAOS_WINDOW, 1024);
	pair_set_int(fd, SOL_SOCKET, SO_RCVBUF, 20000);
	info = pair_info(fd);
	tap_ok(info.ci_rcv_window > 5 && info.ci_rcv_window < 82,
	       "%s: the receive buffer bounds the window: %u", type, info.ci_rcv_window);
}

static void test_ioctl(int fd, const char *type)
{
	tap_eq(pair_ioctl(fd, SIOCINQ), 0, "%s: SIOCINQ", type);
	tap_eq(pair_ioctl(fd, SIOCOUTQ), 0, "%s: SIOCOUTQ", type);
	tap_errno(ioctl(fd, SIOCINQ, BAD_POINTER), EFAULT, "%s: SIOCINQ, bad pointer", type);
	tap_errno(ioctl(fd, SIOCOUTQ, BAD_POINTER), EFAULT, "%s: SIOCOUTQ, bad pointer", type);
	tap_errno(ioctl(fd, SIOCATMARK, room), ENOTTY, "%s: ioctl of others", type);
}

int main(void)
{
	static const struct {
		int type;
		const char *name;
	} types[] = {
		{ SOCK_STREAM, "stream" }, { SOCK_SEQPACKET, "seqpacket" }, { SOCK_DGRAM, "dgram" },
	};
	size_t i;
	int fd;

	/* None of this needs a network. */
	netns_new();
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		fd = socket(AF_CHAOS, types[i].type, 0);
		test_get(fd, types[i].name);
		test_values(fd, types[i].name);
		test_set(fd, types[i].name);
		test_ioctl(fd, types[i].name);
		close(fd);
	}
	return tap_done();
}
