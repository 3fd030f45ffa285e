// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast is a stream through chaos-tls, compared with a pipe through TLS that does
 * nothing else?
 *
 *	client 10.9.0.1 eth0 ------- eth0 10.9.0.2 server
 *
 *	Chaosnet:	we - kernel - chaos-tls - TCP - chaos-tls - kernel - we
 *	the pipe:	we - openssl s_client - TCP - openssl s_server - we
 *
 * chaos-tls puts those packets into one TLS record that wait at the same time; the pipe's
 * records are as large as a full packet in its frame, or as openssl reads at once.
 * Connections of TLS are made before the time is taken.  Rounds of all kinds alternate, so
 * that whatever else the machine does hits all of them.
 *
 * Figures: tls.chaos; tls.openssl-512 and tls.openssl-8192, the pipe with records of at
 * most so many bytes; tls.cable, a stream of Chaosnet without TLS.
 *
 * usage: bench_tls [-q] [-w PACKETS] [MIB [ROUNDS]]
 *
 * -q: a little, to see whether it works.  -w sets the window of the stream's receiver, and
 * buffers at both ends for it.
 */
#define _GNU_SOURCE
#include "args.h"
#include "authority.h"
#include "bench.h"
#include "figure.h"

#define TLS_PORT	4433
#define LINK_CLIENT	01001
#define LINK_SERVER	01002

static unsigned int mib = 8;
static unsigned int record;	/* the pipe's */
static pid_t s_client;

/* Chaosnet. */

static struct daemon hub = { .program = "tls/chaos-tls" };
static struct daemon leaf = { .program = "tls/chaos-tls" };

static int tls_connect(void)
{
	server_addr = LINK_SERVER;
	return chaos_connect();
}

static int cable_connect(void)
{
	server_addr = SERVER;
	return chaos_connect();
}

static void start_daemons(void)
{
	hub.ns = server_ns;
	leaf.ns = client_ns;
	authority_host(LINK_SERVER, "hub.test");
	authority_host(LINK_CLIENT, "leaf.test");
	daemon_start(&hub, authority_config("hub.test", "listen " SERVER_IP "\n"
					    "link chaos0 address 1002\naccept\n"));
	daemon_start(&leaf, authority_config("leaf.test", "link chaos0 address 1001\n"
					     "connect " SERVER_IP " name hub.test\n"));
	netns_enter(client_ns);
	netns_must("for i in $(seq 200); do chaosctl ping -c 1 1002 && exit; sleep 0.1; done; exit 1");
}

/* The pipe. */

/* Run openssl with @in and @out as its standard input and output, and messages to @err. */
static pid_t run_openssl(const char *role, const char *name, int in, int out, int err)
{
	char command[1024];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(command, sizeof(command), "exec openssl %s -cert %s/%s.pem -key %s/%s.key "
		 "-CAfile %s/ca.pem -cert_chain %s/chain.pem -max_send_frag %u", role,
		 authority_dir, name, authority_dir, name, authority_dir, authority_dir, record);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2)
		execlp("sh", "sh", "-c", command, NULL);
	_exit(127);
}

/* Wait until somebody listens at the port. */
static void wait_listens(void)
{
	long long give_up = netns_now() + NETNS_PATIENCE;
	char output[NETNS_OUTPUT], port[16];

	snprintf(port, sizeof(port), ":%u ", TLS_PORT);
	while (netns_run(output, "ss -Hltn") || !strstr(output, port)) {
		if (netns_now() > give_up)
			tap_bail("openssl s_server does not listen");
		netns_sleep(20);
	}
}

/* What openssl writes comes to us through a socket, from which we take it. */
static int pipe_listen(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "\0bench_tls" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char role[128];

	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) || listen(fd, 1) ||
	    connect(out, (struct sockaddr *)&sun, sizeof(sun)))
		tap_bail("openssl's output: %s", strerror(errno));
	snprintf(role, sizeof(role), "s_server -quiet -naccept 1 -Verify 2 -accept %u", TLS_PORT);
	/* Its input must not end, or it would. */
	run_openssl(role, "hub.test", out, out, null);
	close(out);
	close(null);
	wait_listens();
	return fd;
}

/* Wait until it says that it is connected. */
static void wait_established(int err)
{
	char text[4096];
	size_t len = 0;
	ssize_t n;

	while ((n = read(err, text + len, sizeof(text) - 1 - len)) > 0) {
		len += n;
		text[len] = 0;
		if (strstr(text, "CONNECTION ESTABLISHED"))
			return;
	}
	tap_bail("openssl s_client: %.*s", (int)len, text);
}

static int pipe_connect(void)
{
	int in[2], err[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char role[128];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) || pipe2(err, O_CLOEXEC))
		tap_bail("openssl's input: %s", strerror(errno));
	snprintf(role, sizeof(role), "s_client -brief -nocommands -connect %s:%u", SERVER_IP,
		 TLS_PORT);
	s_client = run_openssl(role, "leaf.test", in[0], null, err[1]);
	close(in[0]);
	close(err[1]);
	close(null);
	wait_established(err[0]);
	close(err[0]);
	return in[1];
}

/* Measuring. */

static const struct way {
	struct kind kind;
	unsigned int record;
} ways[] = {
	{ { "tls.chaos", chaos_listen, tls_connect, 0 }, 0 },
	{ { "tls.openssl-512", pipe_listen, pipe_connect, 0 }, 512 },
	{ { "tls.openssl-8192", pipe_listen, pipe_connect, 0 }, 8192 },
	{ { "tls.cable", chaos_listen, cable_connect, 0 }, 0 },
};

#define N_WAYS	ARRAY_SIZE(ways)

static double measure_way(const struct way *way)
{
	struct round round;

	record = way->record;
	measure(&way->kind, &round);
	if (record)
		waitpid(s_client, NULL, 0);
	return speed(&round);
}

/* TCP below TLS is as it is on any cable. */
static void set_up_offloads(void)
{
	netns_enter(client_ns);
	offloads_set("eth0", true);
	netns_enter(server_ns);
	offloads_set("eth0", true);
}

/* To see whether it works. */
static void do_little(void)
{
	mib = 1;
	rounds = 1;
}

int main(int argc, char **argv)
{
	static double kib_s[N_WAYS][ROUNDS_MAX];
	unsigned int i, round;

	args_parse(&(struct args) {
		.usage = "bench_tls [-q] [-w PACKETS] [MIB [ROUNDS]]", .quick = do_little,
		.options = { { 'w', &window } }, .numbers = { &mib, &rounds }, .rounds = &rounds,
	}, argc, argv);
	size = (uint64_t)mib << 20;
	set_up();
	set_up_offloads();
	authority_make("hub.test leaf.test");
	start_daemons();
	for (i = 0; i < N_WAYS; i++)		/* warm up */
		measure_way(&ways[i]);
	for (round = 0; round < rounds; round++)
		for (i = 0; i < N_WAYS; i++)
			kib_s[i][round] = measure_way(&ways[i]);
	for (i = 0; i < N_WAYS; i++)
		figure(ways[i].kind.name, "KiB/s", kib_s[i], rounds, 0);
	return 0;
}
