// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signals that end a capture are blocked except while the loop waits in ppoll(), so
 * that none is missed.  While a file is read they are not: reading may wait, for a pipe.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "frame.h"
#include "report.h"

#define LINK_FILTER	"ether proto 0x0804 or (ether proto 0x0806 and ether[16:2] = 0x0804)"
#define BUFFER		(4 << 20)	/* bytes the kernel may keep for us */
#define DOWN_MS		200		/* between looks whether a link has gone */

static volatile sig_atomic_t stop_signal;

static void on_stop(int sig)
{
	stop_signal = sig;
}

static void catch_signals(sigset_t *unblocked, bool block)
{
	static const int sigs[] = { SIGINT, SIGTERM };
	const struct sigaction action = { .sa_handler = on_stop };
	struct sigaction before;
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		sigaddset(&mask, sigs[i]);
		sigaction(sigs[i], NULL, &before);
		/* A background job keeps ignoring SIGINT. */
		if (before.sa_handler != SIG_IGN)
			sigaction(sigs[i], &action, NULL);
	}
	sigprocmask(block ? SIG_BLOCK : SIG_UNBLOCK, &mask, unblocked);
}

static int fail_activate(const char *name, pcap_t *pcap, int err)
{
	switch (err) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		say("%s: capturing needs the capability CAP_NET_RAW, as root has it", name);
		break;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		say("%s: no such network device", name);
		break;
	case PCAP_ERROR_IFACE_NOT_UP:
		say("%s: the device is down", name);
		break;
	default:
		say("%s: cannot capture: %s", name,
		    err == PCAP_ERROR ? pcap_geterr(pcap) : pcap_statustostr(err));
	}
	return CHAOS_EXIT_LOCAL;
}

static int fail_open(const char *name, const char *why)
{
	say("%s: cannot capture: %s", name, why);
	return CHAOS_EXIT_LOCAL;
}

static int activate(struct capture *capture)
{
	pcap_t *pcap = capture->pcap;
	int err;

	/* These fail only on a handle that is active already. */
	pcap_set_snaplen(pcap, CAPTURE_SNAPLEN);
	pcap_set_immediate_mode(pcap, 1);
	pcap_set_buffer_size(pcap, BUFFER);
	/* Without this they are of microseconds. */
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	err = pcap_activate(pcap);
	if (err < 0)
		return fail_activate(capture->name, pcap, err);
	capture->dlt = pcap_datalink(pcap);
	if (capture->dlt != DLT_EN10MB) {
		say("%s: not a device with Ethernet frames", capture->name);
		return CHAOS_EXIT_LOCAL;
	}
	return CHAOS_EXIT_OK;
}

static int set_filter(struct capture *capture)
{
	struct bpf_program program;
	int err;

	if (pcap_compile(capture->pcap, &program, LINK_FILTER, 1, PCAP_NETMASK_UNKNOWN))
		return fail_open(capture->name, pcap_geterr(capture->pcap));
	err = pcap_setfilter(capture->pcap, &program);
	pcap_freecode(&program);
	return err ? fail_open(capture->name, pcap_geterr(capture->pcap)) : CHAOS_EXIT_OK;
}

/**
 * capture_open_link() - begin to capture on a link
 * @capture: result
 * @name: name of the network device; it must stay
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_LOCAL after a message.
 */
int capture_open_link(struct capture *capture, const char *name)
{
	char err[PCAP_ERRBUF_SIZE];
	int status;

	*capture = (struct capture) {
		.name = name, .is_link = true, .ifindex = if_nametoindex(name),
		.pcap = pcap_create(name, err),
	};
	if (!capture->pcap)
		return fail_open(name, err);
	status = activate(capture);
	if (!status)
		status = set_filter(capture);
	if (!status && pcap_setnonblock(capture->pcap, 1, err))
		status = fail_open(name, err);
	if (status)
		capture_close(capture);
	return status;
}

/**
 * capture_open_file() - read frames from a file
 * @capture: result
 * @path: name of a file of type pcap or pcapng; "-" is standard input
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_LOCAL after a message.
 */
int capture_open_file(struct capture *capture, const char *path)
{
	char err[PCAP_ERRBUF_SIZE];

	*capture = (struct capture) { .name = path };
	capture->pcap = pcap_open_offline_with_tstamp_precision(path,
								PCAP_TSTAMP_PRECISION_NANO, err);
	if (!capture->pcap) {
		/* Most of its messages begin with the name, not all. */
		size_t len = strlen(path);
		bool named = !strncmp(err, path, len) && err[len] == ':';

		say("%s%s%s", named ? "" : path, named ? "" : ": ", err);
		return CHAOS_EXIT_LOCAL;
	}
	capture->dlt = pcap_datalink(capture->pcap);
	if (frame_known_dlt(capture->dlt))
		return CHAOS_EXIT_OK;
	say("%s: captured on a link of a kind that cannot be decoded: %s", path,
	    pcap_datalink_val_to_description_or_dlt(capture->dlt));
	capture_close(capture);
	return CHAOS_EXIT_LOCAL;
}

/**
 * capture_close() - capture no more
 * @capture: what was opened; its counters are set
 */
void capture_close(struct capture *capture)
{
	struct pcap_stat stat = {};

	if (!capture->pcap)
		return;
	/* Of a file there are none, and they stay 0. */
	pcap_stats(capture->pcap, &stat);
	capture->received = stat.ps_recv;
	capture->dropped = stat.ps_drop;
	pcap_close(capture->pcap);
	capture->pcap = NULL;
}

/* What the callback of libpcap needs. */
struct taker {
	const struct capture_sink *sink;
	const struct capture *capture;
	size_t source;
	bool enough;
};

static void take(unsigned char *arg, const struct pcap_pkthdr *header, const unsigned char *bytes)
{
	struct taker *taker = (struct taker *)arg;
	const struct capture_frame frame = {
		.time_ns = header->ts.tv_sec * UINT64_C(1000000000) +
			   header->ts.tv_usec * (pcap_get_tstamp_precision(taker->capture->pcap) ==
						 PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000),
		.source = taker->source,
		.dlt = taker->capture->dlt,
		.bytes = bytes,
		.captured = header->caplen,
		.length = header->len,
	};

	if (taker->enough)
		return;
	taker->enough = !taker->sink->frame(taker->sink->ctx, &frame);
	/* What was read and not given to us yet is given up. */
	if (taker->enough || stop_signal)
		pcap_breakloop(taker->capture->pcap);
}

/* Returns whether to go on. */
static bool take_some(struct capture *captures, size_t source, const struct capture_sink *sink)
{
	struct capture *capture = &captures[source];
	struct taker taker = { sink, capture, source, false };
	int n = pcap_dispatch(capture->pcap, -1, take, (unsigned char *)&taker);

	if (n == PCAP_ERROR) {
		say("%s: %s", capture->name, pcap_geterr(capture->pcap));
		capture_close(capture);
	}
	return !taker.enough;
}

/*
 * A device that is to be deleted goes down first.  Only that is told to us, and libpcap
 * may look for the device too early.
 */
static void close_gone(struct capture *capture, bool *down)
{
	char name[IF_NAMESIZE];

	if (!capture->pcap || !capture->down)
		return;
	if (if_indextoname(capture->ifindex, name)) {
		*down = true;
		return;
	}
	say("%s: the device has gone", capture->name);
	capture_close(capture);
}

/* Fills @pfds; returns how many links are left. */
static size_t prepare(struct pollfd *pfds, struct capture *captures, size_t n, bool *down)
{
	size_t left = 0;

	*down = false;
	for (size_t i = 0; i < n; i++) {
		pfds[i] = (struct pollfd) { .fd = -1, .events = POLLIN };
		close_gone(&captures[i], down);
		if (!captures[i].pcap)
			continue;
		pfds[i].fd = pcap_get_selectable_fd(captures[i].pcap);
		left++;
	}
	return left;
}

static int loop(struct capture *captures, size_t n, const struct capture_sink *sink,
		struct pollfd *pfds)
{
	const struct timespec while_down = { .tv_nsec = DOWN_MS * 1000000 };
	sigset_t unblocked;
	bool down;

	catch_signals(&unblocked, true);
	while (!stop_signal) {
		if (!prepare(pfds, captures, n, &down))
			return CHAOS_EXIT_LOCAL;
		if (ppoll(pfds, n, down ? &while_down : NULL, &unblocked) < 0) {
			if (errno == EINTR)
				continue;
			say("cannot wait for packets: %s", strerror(errno));
			return CHAOS_EXIT_LOCAL;
		}
		for (size_t i = 0; i < n; i++) {
			if (!pfds[i].revents)
				continue;
			captures[i].down = pfds[i].revents & POLLERR;
			if (!take_some(captures, i, sink))
				return CHAOS_EXIT_OK;
		}
		if (!sink->idle(sink->ctx))
			return CHAOS_EXIT_LOCAL;
	}
	return CHAOS_EXIT_OK;
}

/**
 * capture_links() - take frames until there are enough, a signal comes, or all links have gone
 * @captures: links, opened; they are closed one by one as they go
 * @n: how many
 * @sink: who takes the frames
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_LOCAL after a message.
 */
int capture_links(struct capture *captures, size_t n, const struct capture_sink *sink)
{
	struct pollfd *pfds = calloc(n, sizeof(*pfds));
	int status;

	if (!pfds) {
		say("no memory");
		return CHAOS_EXIT_LOCAL;
	}
	status = loop(captures, n, sink, pfds);
	free(pfds);
	return status;
}

/**
 * capture_file() - take frames until there are enough, a signal comes, or the file ends
 * @capture: the file, opened
 * @sink: who takes the frames
 *
 * Return: CHAOS_EXIT_OK, or CHAOS_EXIT_LOCAL after a message.
 */
int capture_file(struct capture *capture, const struct capture_sink *sink)
{
	struct taker taker = { sink, capture, 0, false };
	sigset_t unblocked;
	int n;

	catch_signals(&unblocked, false);
	n = pcap_loop(capture->pcap, -1, take, (unsigned char *)&taker);
	if (n == PCAP_ERROR && !stop_signal) {
		say("%s: %s", capture->name, pcap_geterr(capture->pcap));
		return CHAOS_EXIT_LOCAL;
	}
	return CHAOS_EXIT_OK;
}
