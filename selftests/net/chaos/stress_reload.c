// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module is loaded by the first socket, used, and unloaded, many times:
 *
 *	client 401 eth0 ------- eth0 402 server
 *
 * Connections whose program is gone, and which go on in the background, must not
 * hold it.  Nothing of it may stay behind.  CHAOS_STRESS_RELOADS (20) is the
 * number of rounds.
 */
#define _GNU_SOURCE
#include "load.h"
#include "reload.h"

#define ROUNDS_BEFORE	4	/* until the caches of the kernel are filled */
#define OBJECTS_MORE	12	/* that may be there for other reasons, in each cache */
#define TRIES		3

enum { CLIENT = 0401, SERVER = 0402 };

static int a, b;

/* How sockets end. */
static void end_at_once(struct load *load)
{
	load_stop(load);
}

static void end_cut_off(struct load *load)
{
	netns_enter(a);
	netns_dev_up("eth0", false);
	load_stop(load);
	netns_dev_up("eth0", true);
}

static void end_silent_peer(struct load *load)
{
	netns_enter(b);
	netns_must("chaosctl addr del %o dev eth0", SERVER);
	load_stop(load);
}

static void end_and_close(struct load *load)
{
	load_stop(load);
	transfer_all_gone(a);
	transfer_all_gone(b);
}

static void (* const ends[])(struct load *load) = {
	end_at_once, end_cut_off, end_silent_peer, end_and_close,
};

/* Return: NULL, or what went wrong. */
static const char *one_round(unsigned int i)
{
	struct load *load;
	bool runs;

	if (!reload_load())
		return "a socket does not load the module";
	netns_enter(b);
	netns_must("chaosctl addr add %o dev eth0", SERVER);
	netns_enter(a);
	netns_must("chaosctl addr add %o dev eth0", CLIENT);
	load = load_start(a, b, SERVER);
	runs = load_runs(load);
	ends[i % (sizeof(ends) / sizeof(ends[0]))](load);
	if (!runs)
		return "no traffic";
	if (load->wrong) {
		tap_diag("%s", load->error);
		return "wrong bytes arrived";
	}
	return reload_unload() ? NULL : "the module cannot be unloaded";
}

/* What the kernel has allocated, by cache: what we might leak is in these. */
static const char *const caches[] = {
	"net_namespace", "skbuff_head_cache", "sock_inode_cache", "kmalloc-96", "kmalloc-128",
	"kmalloc-192", "kmalloc-256", "kmalloc-512", "kmalloc-1k", "kmalloc-2k", "kmalloc-4k",
	"kmalloc-cg-512", "kmalloc-cg-1k", "kmalloc-cg-2k",
};

#define N_CACHES	(sizeof(caches) / sizeof(caches[0]))

static long cache_objects(const char *name)
{
	char path[120], line[512], cache[120];
	FILE *f = fopen("/proc/slabinfo", "re");
	long active, found = 0;

	/* Empty what each processor keeps for itself. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", name);
	netns_write(path, "1");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%119s %ld", cache, &active) == 2 && !strcmp(cache, name))
			found = active;
	if (f)
		fclose(f);
	return found;
}

static void count_objects(long *count)
{
	unsigned int i;

	netns_sleep(500);	/* for RCU */
	for (i = 0; i < N_CACHES; i++)
		count[i] = cache_objects(caches[i]);
}

static bool is_more(const long *before, const long *after)
{
	unsigned int i;

	for (i = 0; i < N_CACHES; i++)
		if (after[i] - before[i] > OBJECTS_MORE)
			return true;
	return false;
}

static const char *many_rounds(unsigned int from, unsigned int to)
{
	const char *error = NULL;
	unsigned int i;

	for (i = from; i < to && !error; i++)
		error = one_round(i);
	if (error)
		tap_diag("round %u: %s", i, error);
	return error;
}

/* The kernel's own use goes up and down; what leaks goes up each time. */
static const char *judge_objects(unsigned int rounds)
{
	long before[N_CACHES], after[N_CACHES];
	const char *error = NULL;
	unsigned int i, tries = 0;
	bool more = true;

	while (more && !error && tries++ < TRIES) {
		count_objects(before);
		error = many_rounds(ROUNDS_BEFORE, rounds);
		count_objects(after);
		more = is_more(before, after);
		for (i = 0; i < N_CACHES; i++)
			tap_diag("%s: %ld objects, then %ld", caches[i], before[i], after[i]);
	}
	tap_ok(error || !more, "no memory is lost");
	return error;
}

int main(void)
{
	unsigned int rounds = transfer_setting("CHAOS_STRESS_RELOADS", 20);
	const char *error;

	reload_check();
	a = netns_new();
	b = netns_new();
	netns_veth(a, "eth0", b, "eth0");
	error = many_rounds(0, rounds < ROUNDS_BEFORE ? rounds : ROUNDS_BEFORE);
	if (!error && rounds > ROUNDS_BEFORE)
		error = judge_objects(rounds);
	tap_ok(!error, "load, use and unload the module %u times", rounds);
	return tap_done();
}
