// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What do connections cost that do nothing?
 *
 * Between two hosts, most connections are open and idle.  Measured are the memory of an
 * end of one, the processor time that they take, and what they take from the throughput
 * of one that is busy.
 *
 * Made for a machine whose time counts instructions: waiting costs none.
 *
 * usage: bench_many [-q] [CONNECTIONS]
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "args.h"
#include "ends.h"
#include "figure.h"
#include "memory.h"
#include "stream.h"

#define MANY		50000		/* connections, by default */
#define WATCHED		10000		/* of those, while processor time is measured */
#define WATCH_S		600		/* seconds */
#define DATA		(8 << 20)	/* bytes of the busy connection */
#define SPARE_FDS	1000
#define SETTLE_MS	5000	/* until nothing is left of the timers of opening */
#define ROUNDS		3

static unsigned int many = MANY, watched = WATCHED, watch_s = WATCH_S;
static size_t data = DATA;
static struct ends *idle;
static unsigned int n_idle;

/* Descriptors for both ends of all connections, in this process. */
static void allow_files(void)
{
	const struct rlimit limit = { 2 * many + SPARE_FDS, 2 * many + SPARE_FDS };
	char text[16];

	snprintf(text, sizeof(text), "%u", 2 * many + 2 * SPARE_FDS);
	netns_write("/proc/sys/fs/file-max", text);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		tap_bail("%u open files: %s", 2 * many, strerror(errno));
}

static int new_client(void)
{
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		tap_bail("socket %u: %s", n_idle, strerror(errno));
	return fd;
}

/* Open more, until there are @n. */
static void open_idle(unsigned int n)
{
	const struct sockaddr_chaos sa = ends_contact(LAB_DIRECT);
	int listener = ends_listen_chaos(LAB_DIRECT, SOCK_STREAM);

	lab_enter(NEAR);
	for (; n_idle < n; n_idle++)
		idle[n_idle] = ends_open(new_client(), listener, &sa, sizeof(sa));
	close(listener);
}

static void close_idle(void)
{
	while (n_idle)
		ends_close(&idle[--n_idle]);
}

/* A line of /proc/meminfo, in bytes. */
static double meminfo(const char *name)
{
	unsigned long long kib, value = 0;
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128], word[64];

	if (!f)
		tap_bail("/proc/meminfo: %s", strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %llu", word, &kib) == 2 && !strcmp(word, name))
			value = kib;
	fclose(f);
	return value * 1024.0;
}

/* Seconds that the processor has been idle. */
static double idle_seconds(void)
{
	unsigned long long user, nice, system, rest;
	FILE *f = fopen("/proc/stat", "re");

	if (!f || fscanf(f, "cpu %llu %llu %llu %llu", &user, &nice, &system, &rest) != 4)
		tap_bail("/proc/stat: %s", strerror(errno));
	fclose(f);
	return (double)rest / sysconf(_SC_CLK_TCK);
}

/* Percent of a processor that nothing of ours takes. */
static double busy_percent(void)
{
	double before = idle_seconds();
	uint64_t start = perf_now();

	netns_sleep(watch_s * 1000);
	return 100 - 100 * (idle_seconds() - before) / ((perf_now() - start) / 1e9);
}

/* Nanoseconds for each 488 bytes of a busy connection. */
static double busy_stream(void)
{
	struct ends e = ends_stream(LAB_DIRECT);

	return stream_ns(&e, data, STREAM_CALL);
}

static double busy_streams(const char *name)
{
	double ns[ROUNDS];
	unsigned int i;

	busy_stream();		/* warm up */
	for (i = 0; i < ROUNDS; i++)
		ns[i] = busy_stream();
	return figure(name, "ns", ns, ROUNDS, 0);
}

static void measure(void)
{
	double before, alone, among;

	figure_once("idle.cpu-none", "percent", busy_percent());
	alone = busy_streams("many.stream-alone");
	/* Slabs exist, and directories of processes are known. */
	open_idle(watched / 10);
	before = meminfo("MemFree:");
	open_idle(many);
	figure_once("many.memory", "bytes",
		    (before - meminfo("MemFree:")) / 2 / (many - watched / 10));
	netns_sleep(SETTLE_MS);
	among = busy_streams("many.stream");
	figure_once("many.slowdown", "percent", 100 * (among / alone - 1));
	close_idle();
	netns_sleep(200 * 1000);	/* they have gone */
	open_idle(watched);
	figure_once("idle.cpu", "percent", busy_percent());
	close_idle();
}

/* To see whether it works. */
static void do_little(void)
{
	many = 1000;
	watch_s = 60;
	data = 1 << 20;
}

int main(int argc, char **argv)
{
	args_parse(&(struct args) {
		.usage = "bench_many [-q] [CONNECTIONS]", .quick = do_little,
		.numbers = { &many },
	}, argc, argv);
	if (watched > many)
		watched = many;
	idle = calloc(many, sizeof(*idle));
	if (!idle)
		tap_bail("no memory");
	allow_files();
	lab_set_up();
	memory_stay();
	measure();
	return 0;
}
