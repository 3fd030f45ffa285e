// SPDX-License-Identifier: GPL-2.0-or-later
/* The times of a connection: options, sysctls, and what goes over the cable when. */
#define _GNU_SOURCE
#include "watch.h"

/* Timers may be so many milliseconds early, as seen from the other end of the cable. */
#define EARLY	30

/* What is short has to be short in one try of so many: a machine may stall. */
#define TRIES	10

/* ms: CHAOS_TIMEOUT, long enough for opening a connection */
#define TIMEOUT	3000

static int cable;

/* Options and the sysctls for their defaults. */
static const struct time_row {
	const char *name, *file;
	int option, initial, min, max;
} time_rows[] = {
	{ "RTO_MIN", "rto_min_ms", CHAOS_RTO_MIN, 200, 10, 60000 },
	{ "RTO_MAX", "rto_max_ms", CHAOS_RTO_MAX, 2000, 10, 60000 },
	{ "PROBE", "probe_ms", CHAOS_PROBE, 5000, 10, 3600000 },
	{ "IDLE", "idle_ms", CHAOS_IDLE, 60000, 10, 3600000 },
	{ "TIMEOUT", "timeout_ms", CHAOS_TIMEOUT, 90000, 1000, 3600000 },
};

static const struct type_row {
	const char *name;
	int type;
} type_rows[] = {
	{ "stream", SOCK_STREAM }, { "packets", SOCK_SEQPACKET }, { "datagrams", SOCK_DGRAM },
};

static void test_option(const struct time_row *row, const struct type_row *type)
{
	const struct {
		int value;
		bool good;
	} values[] = {
		{ row->min - 1, false }, { row->min, true }, { row->max, true },
		{ row->max + 1, false }, { 0, false }, { -1, false }, { INT_MIN, false },
		{ INT_MAX, false },
	};
	int fd = pair_socket(PAIR_A, type->type), other = pair_socket(PAIR_A, type->type);
	long long wide = row->min;
	size_t i;

	tap_eq(pair_get_int(fd, SOL_CHAOS, row->option), row->initial, "%s: %s: default",
	       type->name, row->name);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		int result = pair_set_int(fd, SOL_CHAOS, row->option, values[i].value);

		if (values[i].good)
			tap_eq(pair_get_int(fd, SOL_CHAOS, row->option), values[i].value,
			       "%s: %s: %d", type->name, row->name, values[i].value);
		else
			tap_errno(result, EINVAL, "%s: %s: %d", type->name, row->name,
				  values[i].value);
	}
	tap_eq(pair_get_int(fd, SOL_CHAOS, row->option), row->max, "%s: %s: the last good one",
	       type->name, row->name);
	tap_errno(setsockopt(fd, SOL_CHAOS, row->option, &wide, 2), EINVAL, "%s: %s: 2 bytes",
		  type->name, row->name);
	tap_errno(setsockopt(fd, SOL_CHAOS, row->option, &wide, 8), EINVAL, "%s: %s: 8 bytes",
		  type->name, row->name);
	tap_errno(setsockopt(fd, SOL_CHAOS, row->option, (void *)8, 4), EFAULT,
		  "%s: %s: bad pointer", type->name, row->name);
	tap_eq(pair_get_int(other, SOL_CHAOS, row->option), row->initial,
	       "%s: %s: another socket", type->name, row->name);
	close(fd);
	close(other);
}

/* A file of /proc/sys/net/chaos where we are. */
static FILE *sysctl_open(const char *name, const char *mode)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/chaos/%s", name);
	f = fopen(path, mode);
	if (!f)
		tap_bail("%s: %s", path, strerror(errno));
	return f;
}

static int sysctl_get(const char *name)
{
	FILE *f = sysctl_open(name, "re");
	int value = -1;

	if (fscanf(f, "%d", &value) != 1)
		tap_bail("%s: no number", name);
	fclose(f);
	return value;
}

/* Return: 0, or -1 with an errno. */
static int sysctl_set(const char *name, int value)
{
	FILE *f = sysctl_open(name, "we");
	int error;

	fprintf(f, "%d\n", value);
	error = fflush(f) ? errno : 0;
	fclose(f);
	errno = error;
	return error ? -1 : 0;
}

static void test_sysctl(const struct time_row *row)
{
	int old = pair_socket(PAIR_A, SOCK_STREAM), fd;

	pair_enter(PAIR_A);
	tap_eq(sysctl_get(row->file), row->initial, "%s: default", row->file);
	tap_errno(sysctl_set(row->file, row->min - 1), EINVAL, "%s: %d", row->file, row->min - 1);
	tap_errno(sysctl_set(row->file, row->max + 1), EINVAL, "%s: %d", row->file, row->max + 1);
	tap_eq(sysctl_set(row->file, row->max), 0, "%s: %d", row->file, row->max);
	tap_eq(sysctl_set(row->file, row->min), 0, "%s: %d", row->file, row->min);
	fd = pair_socket(PAIR_A, SOCK_STREAM);
	tap_eq(pair_get_int(fd, SOL_CHAOS, row->option), row->min, "%s: a new socket", row->file);
	tap_eq(pair_get_int(old, SOL_CHAOS, row->option), row->initial, "%s: an old one",
	       row->file);
	close(fd);
	pair_enter(PAIR_B);
	tap_eq(sysctl_get(row->file), row->initial, "%s: another namespace", row->file);
	pair_enter(PAIR_A);
	sysctl_set(row->file, row->initial);
	close(old);
}

/* The same for the window, and for what is no option. */
static void test_other_sysctls(void)
{
	static const struct {
		const char *file;
		int initial, min, max;
	} rows[] = {
		{ "window", 128, 1, 1024 },
		{ "reply_rate", 2000, 1, 1000000 },
	};
	size_t i;
	int fd;

	pair_enter(PAIR_A);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_eq(sysctl_get(rows[i].file), rows[i].initial, "%s: default", rows[i].file);
		tap_errno(sysctl_set(rows[i].file, rows[i].min - 1), EINVAL, "%s: %d",
			  rows[i].file, rows[i].min - 1);
		tap_errno(sysctl_set(rows[i].file, rows[i].max + 1), EINVAL, "%s: %d",
			  rows[i].file, rows[i].max + 1);
		tap_eq(sysctl_set(rows[i].file, rows[i].min), 0, "%s: %d", rows[i].file,
		       rows[i].min);
	}
	fd = pair_socket(PAIR_A, SOCK_STREAM);
	tap_eq(pair_get_int(fd, SOL_CHAOS, CHAOS_WINDOW), 1, "window: a new socket");
	close(fd);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		sysctl_set(rows[i].file, rows[i].initial);
}

static void test_inherited(void)
{
	int server = pair_listen(PAIR_B, SOCK_STREAM, 4);
	struct pair p = { .a = pair_socket(PAIR_A, SOCK_STREAM) };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(time_rows); i++)
		pair_set_int(server, SOL_CHAOS, time_rows[i].option, 7000 + i);
	p.b = pair_join(p.a, server);
	for (i = 0; i < ARRAY_SIZE(time_rows); i++)
		tap_eq(pair_get_int(p.b, SOL_CHAOS, time_rows[i].option), 7000 + i,
		       "inherited: %s", time_rows[i].name);
	pair_close(&p);

	/* Set between the call and accept(): what the option says is so. */
	p.a = pair_socket(PAIR_A, SOCK_STREAM);
	pair_set_int(p.a, SOL_CHAOS, CHAOS_IDLE, 60000);
	pair_call(p.a, server);
	pair_poll(server, POLLIN, PAIR_PATIENCE);
	pair_set_int(server, SOL_CHAOS, CHAOS_IDLE, 200);
	pair_set_int(server, SOL_CHAOS, CHAOS_PROBE, 100);
	p.b = accept(server, NULL, NULL);
	tap_eq(pair_get_int(p.b, SOL_CHAOS, CHAOS_IDLE), 200, "inherited: set before accept()");
	tap_ok(pair_wait_info(p.b, info.ci_pkts_sent > 8), "inherited: and so it is");
	pair_close(&p);
	close(server);
}

/* A socket of A with times from @option on, 0 at the end, connected with a mute peer. */
static int mute(const int (*options)[2], bool before)
{
	int fd = pair_socket(PAIR_A, SOCK_STREAM);
	const int (*o)[2];

	for (o = options; before && (*o)[0]; o++)
		if (pair_set_int(fd, SOL_CHAOS, (*o)[0], (*o)[1]))
			tap_bail("option %d: %s", (*o)[0], strerror(errno));
	watch_connect_mute(fd, cable, 0);
	for (o = options; !before && (*o)[0]; o++)
		if (pair_set_int(fd, SOL_CHAOS, (*o)[0], (*o)[1]))
			tap_bail("option %d: %s", (*o)[0], strerror(errno));
	return fd;
}

/* Packets of a kind come at least so many milliseconds after each other. */
static const struct wire_row {
	const char *what;
	int options[5][2];
	bool data;			/* is data sent at the beginning? */
	uint8_t op;
	int ms[6];			/* the first: since the data, or the beginning */
} wire_rows[] = {
	{ "retransmission", { { CHAOS_RTO_MIN, 200 } }, true, CHAOS_OP_DAT,
	  { 0, 500, 1000 } },
	{ "retransmission, RTO_MIN", { { CHAOS_RTO_MIN, 900 } }, true, CHAOS_OP_DAT,
	  { 0, 900, 1800 } },
	{ "retransmission, RTO_MAX", { { CHAOS_RTO_MAX, 600 } }, true, CHAOS_OP_DAT,
	  { 0, 500, 600, 600, 600 } },
	{ "retransmission, both", { { CHAOS_RTO_MIN, 700 }, { CHAOS_RTO_MAX, 700 } }, true,
	  CHAOS_OP_DAT, { 0, 700, 700 } },
	{ "retransmission, short", { { CHAOS_RTO_MIN, 10 }, { CHAOS_RTO_MAX, 100 } }, true,
	  CHAOS_OP_DAT, { 0, 100, 100, 100, 100, 100 } },
	{ "retransmission, RTO_MIN above RTO_MAX",
	  { { CHAOS_RTO_MIN, 2000 }, { CHAOS_RTO_MAX, 300 } }, true, CHAOS_OP_DAT,
	  { 0, 300, 300, 300 } },
	{ "probes when idle", { { CHAOS_IDLE, 600 }, { CHAOS_PROBE, 300 } }, false, CHAOS_OP_SNS,
	  { 600, 300, 300, 300 } },
	{ "probes when idle, less idle than between them",
	  { { CHAOS_IDLE, 100 }, { CHAOS_PROBE, 400 } }, false, CHAOS_OP_SNS,
	  { 400, 400, 400 } },
	{ "probes of data", { { CHAOS_PROBE, 500 } }, true, CHAOS_OP_SNS,
	  { 250, 500, 500, 500 } },
	{ "probes of data, short", { { CHAOS_PROBE, 100 } }, true, CHAOS_OP_SNS,
	  { 100, 100, 100, 100 } },
};

/* What came of a row. */
struct wire_result {
	int packets;			/* that were to come */
	int due;			/* ms for all of them */
	bool early, late;
	int i, ms;			/* the last packet: which, how long after the one before */
	int all_ms;			/* how long it took */
};

static struct wire_result try_wire(const struct wire_row *row, bool before)
{
	int fd = mute(row->options, before);
	long long last = watch_now(), begun = last;
	struct wire_result r = {};
	struct watch_packet p;

	if (row->data)
		send(fd, "data", 4, MSG_EOR);
	for (r.packets = ARRAY_SIZE(row->ms); !row->ms[r.packets - 1]; r.packets--)
		;
	for (r.i = 0; r.i < r.packets; r.i++)
		r.due += row->ms[r.i];
	for (r.i = 0; r.i < r.packets && !r.early && !r.late; r.i++) {
		r.late = !watch_for(cable, row->op, &p, PAIR_PATIENCE);
		if (r.late)
			break;
		r.ms = (p.us - last) / 1000;
		/* Silence has begun before @begun. */
		r.early = r.ms < row->ms[r.i] - EARLY && (r.i || row->data);
		last = p.us;
	}
	r.all_ms = (last - begun) / 1000;
	r.late |= r.all_ms >= 2 * r.due + 500;
	watch_abort(fd);
	return r;
}

/* The times at which we see packets may be shorter and longer on a machine that stalls,
 * but not always.
 */
static void test_wire(const struct wire_row *row, bool before)
{
	const char *when = before ? "set before" : "set later";
	struct wire_result r;
	int tries = TRIES;

	do {
		r = try_wire(row, before);
	} while ((r.early || r.late) && --tries);
	if (!tap_ok(!r.early, "%s, %s: in time", row->what, when))
		tap_diag("packet %d is %d ms after the one before, at least %d were to be", r.i,
			 r.ms, row->ms[r.i - 1]);
	tap_ok(!r.late, "%s, %s: %d ms for all of %d ms", row->what, when, r.all_ms, r.due);
}

/* The shortest time between probes of a peer that answers, or -1 if there are too few;
 * what becomes of the connection goes to @state.
 */
static int try_alive(int *state)
{
	enum { PROBES = 6 };
	struct pair p = pair_open(SOCK_STREAM, SOCK_STREAM);
	struct watch_packet sns;
	int i, least = INT_MAX;
	long long last = 0;

	pair_set_int(p.a, SOL_CHAOS, CHAOS_PROBE, 50);
	pair_set_int(p.a, SOL_CHAOS, CHAOS_IDLE, 600);
	pair_set_int(p.a, SOL_CHAOS, CHAOS_TIMEOUT, TIMEOUT);
	watch_skip(cable);
	for (i = 0; i < PROBES && watch_for(cable, CHAOS_OP_SNS, &sns, PAIR_PATIENCE); i++) {
		if (last && (sns.us - last) / 1000 < least)
			least = (sns.us - last) / 1000;
		last = sns.us;
	}
	*state = pair_info(p.a).ci_state;
	pair_close(&p);
	return i == PROBES ? least : -1;
}

/* A peer that answers is asked again when it has been silent, and lives forever. */
static void test_alive(void)
{
	int least, state, tries = TRIES;

	do {
		least = try_alive(&state);
	} while ((least < 600 - EARLY || state != CHAOS_OPENED) && --tries);
	tap_ok(least >= 600 - EARLY, "alive: asked every IDLE: after %d ms", least);
	tap_eq(state, CHAOS_OPENED, "alive: and lives longer than TIMEOUT");
}

/* It took as long as TIMEOUT, which the kernel counts in ticks, and no other time. */
static bool is_timeout(int ms)
{
	return ms > TIMEOUT - 10 * EARLY && ms < PAIR_PATIENCE;
}

/* Whoever is silent for TIMEOUT is given up. */
static void test_timeout(bool data)
{
	static const int options[][2] = { { CHAOS_TIMEOUT, TIMEOUT }, {} };
	const char *what = data ? "data outstanding" : "idle";
	long long start = netns_now();
	int fd = mute(options, true), ms;
	struct watch_packet p;
	char c;

	if (data)
		send(fd, "data", 4, 0);
	tap_errno(recv(fd, &c, 1, 0), ETIMEDOUT, "timeout, %s", what);
	ms = netns_now() - start;
	tap_ok(is_timeout(ms), "timeout, %s: after %d ms", what, ms);
	tap_ok(!strcmp(pair_reason(fd), "No answer from the host"), "timeout, %s: reason: %s",
	       what, pair_reason(fd));
	tap_errno(send(fd, "x", 1, MSG_NOSIGNAL), ETIMEDOUT, "timeout, %s: sending", what);
	tap_eq(pair_info(fd).ci_state, CHAOS_INCOMPLETE, "timeout, %s: state", what);
	close(fd);
	watch_skip(cable);
	tap_ok(!watch_next(cable, &p, 300), "timeout, %s: nothing more is sent", what);
}

/* It can be changed while it runs. */
static void test_timeout_changed(void)
{
	static const int options[][2] = { {} };
	int fd = mute(options, true), later = mute(options, true);
	long long start = netns_now();
	char c;

	pair_set_int(fd, SOL_CHAOS, CHAOS_TIMEOUT, TIMEOUT + 1000);
	pair_set_int(later, SOL_CHAOS, CHAOS_TIMEOUT, TIMEOUT);
	pair_set_int(later, SOL_CHAOS, CHAOS_TIMEOUT, 60000);
	tap_errno(recv(fd, &c, 1, 0), ETIMEDOUT, "timeout, shortened");
	tap_ok(netns_now() - start < PAIR_PATIENCE, "timeout, shortened: after %d ms",
	       (int)(netns_now() - start));
	tap_eq(pair_info(later).ci_state, CHAOS_OPENED, "timeout, shortened and made longer again");
	watch_abort(fd);
	watch_abort(later);
}

/* Requests without an answer, and connections that nobody waits for any more. */
static void test_timeout_others(void)
{
	static const int options[][2] = { { CHAOS_TIMEOUT, TIMEOUT }, {} };
	int fd = pair_socket(PAIR_A, SOCK_STREAM), ms;
	long long start = netns_now();

	pair_set_int(fd, SOL_CHAOS, CHAOS_TIMEOUT, TIMEOUT);
	tap_errno(pair_connect(fd, WATCH_MUTE, "MUTE"), ETIMEDOUT, "timeout, connecting");
	ms = netns_now() - start;
	tap_ok(is_timeout(ms), "timeout, connecting: after %d ms", ms);
	close(fd);

	start = netns_now();
	fd = mute(options, true);
	send(fd, "data", 4, 0);
	close(fd);
	pair_wait_conns(PAIR_A, 0);
	ms = netns_now() - start;
	tap_ok(is_timeout(ms), "timeout, closing: after %d ms", ms);
}

int main(void)
{
	size_t i, j;

	pair_setup();
	for (i = 0; i < ARRAY_SIZE(time_rows); i++) {
		for (j = 0; j < ARRAY_SIZE(type_rows); j++)
			test_option(&time_rows[i], &type_rows[j]);
		test_sysctl(&time_rows[i]);
	}
	test_other_sysctls();
	test_inherited();
	watch_introduce_mute();
	cable = watch_open(PAIR_A);
	for (i = 0; i < ARRAY_SIZE(wire_rows); i++) {
		test_wire(&wire_rows[i], true);
		test_wire(&wire_rows[i], false);
	}
	test_alive();
	test_timeout(false);
	test_timeout(true);
	test_timeout_changed();
	test_timeout_others();
	tap_ok(pair_wait_no_conns(), "nothing is left of all these");
	return tap_done();
}
