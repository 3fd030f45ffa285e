// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "attach.h"
#include "daemon.h"
#include "log.h"
#include "tap.h"

#define BUFFER_LEN	65536
#define LENGTH_LEN	sizeof(uint16_t)	/* before each record */
#define READS_MAX	8	/* in one turn of the loop: others want to be served, too */
#define RETRY_FIRST	1	/* seconds */
#define RETRY_MAX	64

/**
 * struct tap - a link that we feed
 * @config: what was asked for
 * @name: of the net_device
 * @addr: of the link, as the kernel told when it was attached
 * @fd: the file, -1 while there is no link
 * @is_device: it is /dev/chaos, and can be opened again
 * @event: loop, NULL unless watched
 * @io: watches @fd
 * @pumps: if packets are not read by the loop
 * @pump: reads them then
 * @lost: the link was deleted, and the loop is to do what follows from that
 * @timer: for the next attempt to get the link back
 * @retry: seconds from one to the next
 * @told: why it is not back was said
 * @batch: takes packets
 * @arg: for @batch
 * @counters: what passed
 * @in_at: next record in @in
 * @in_len: bytes in @in
 * @out_len: bytes in @out
 * @in: what was read
 * @out: what is to be written
 */
struct tap {
	struct tap_config config;
	char name[TAP_NAME_LEN];
	uint16_t addr;
	int fd;
	bool is_device;
	sd_event *event;
	sd_event_source *io;
	struct pumps *pumps;
	struct pump *pump;
	atomic_bool lost;
	sd_event_source *timer;
	unsigned int retry;
	bool told;
	tap_batch batch;
	void *arg;
	struct tap_counters counters;
	size_t in_at, in_len, out_len;
	uint8_t in[BUFFER_LEN];
	uint8_t out[BUFFER_LEN];
};

/* --------------------------------------------------------- opening and closing */

static struct tap *new_tap(const struct tap_config *config)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (!tap)
		return NULL;
	tap->config = *config;
	tap->config.name[TAP_NAME_LEN - 1] = '\0';
	memcpy(tap->name, tap->config.name, TAP_NAME_LEN);
	tap->addr = config->addr;
	tap->fd = -1;
	return tap;
}

/* Opens the device.  Returns 0 or -errno with the reason in @err. */
static int open_link(struct tap *tap, char err[TAP_ERRLEN])
{
	struct chaos_attach attached;
	int fd = attach_open(&tap->config, tap->name, &attached, err);

	if (fd < 0)
		return fd;
	tap->fd = fd;
	tap->addr = attached.ca_addr;
	memcpy(tap->name, attached.ca_name, TAP_NAME_LEN);
	return 0;
}

int tap_open(const struct tap_config *config, struct tap **tap, char err[TAP_ERRLEN])
{
	struct tap *made = new_tap(config);
	int status;

	if (!made) {
		strcpy(err, "no memory");
		return -ENOMEM;
	}
	made->is_device = true;
	status = open_link(made, err);
	if (status) {
		free(made);
		return status;
	}
	*tap = made;
	return 0;
}

int tap_open_fd(const struct tap_config *config, int fd, struct tap **tap)
{
	struct tap *made;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	made = new_tap(config);
	if (!made)
		return -ENOMEM;
	made->fd = fd;
	*tap = made;
	return 0;
}

static void close_link(struct tap *tap)
{
	tap->io = sd_event_source_disable_unref(tap->io);
	pump_remove(tap->pump);
	tap->pump = NULL;
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}

void tap_close(struct tap *tap)
{
	if (!tap)
		return;
	close_link(tap);
	sd_event_source_disable_unref(tap->timer);
	sd_event_unref(tap->event);
	free(tap);
}

/* ---------------------------------------------------------------- watching it */

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg);
static int on_timer(sd_event_source *source, uint64_t usec, void *arg);
static bool turn(void *arg);
static void attend(void *arg);

static const struct pump_ops pump_ops = { .turn = turn, .attend = attend };

static int watch_link(struct tap *tap)
{
	if (tap->pumps)
		return pump_add(tap->pumps, tap->fd, &pump_ops, tap, &tap->pump);
	return sd_event_add_io(tap->event, &tap->io, tap->fd, EPOLLIN, on_io, tap);
}

/* Tries to get the link back later, and next time later still. */
static void retry_later(struct tap *tap)
{
	uint64_t usec = tap->retry * 1000000ull;
	int status;

	tap->timer = sd_event_source_disable_unref(tap->timer);
	status = sd_event_add_time_relative(tap->event, &tap->timer, CLOCK_MONOTONIC, usec, 0,
					    on_timer, tap);
	if (status < 0)
		log_error("%s: no attempt to get the link back: %s", tap->name, strerror(-status));
	tap->retry = tap->retry * 2 > RETRY_MAX ? RETRY_MAX : tap->retry * 2;
}

static void forget_link(struct tap *tap)
{
	close_link(tap);
	log_warning("%s: the link was deleted", tap->name);
	tap->retry = RETRY_FIRST;
	tap->told = false;
	if (tap->is_device && tap->event)
		retry_later(tap);
}

/* The link is gone.  Which thread noticed?  It may be several, and often. */
static void lose_link(struct tap *tap)
{
	if (!tap->pumps) {
		forget_link(tap);
	} else if (!tap->lost) {
		tap->lost = true;
		pumps_call(tap->pumps);
	}
}

static int get_back(struct tap *tap)
{
	char err[TAP_ERRLEN];
	int status;

	status = open_link(tap, err);
	if (!status) {
		status = watch_link(tap);
		if (status < 0) {
			snprintf(err, sizeof(err), "%s", strerror(-status));
			close_link(tap);
		}
	}
	if (tap->config.vital && (status == -EPERM || status == -EACCES)) {
		log_error("the link cannot be had back: %s", err);
		return sd_event_exit(tap->event, DAEMON_FAILED);
	}
	if (status < 0) {
		/* The reason once: it is tried for long. */
		log_at(tap->told ? LOG_DEBUG : LOG_WARNING, "%s: the link is not back: %s",
		       tap->name, err);
		tap->told = true;
		retry_later(tap);
		return 0;
	}
	log_notice("%s: the link is back", tap->name);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct tap *tap = arg;
	int status;

	(void)source;
	(void)usec;
	if (tap->pumps)
		pumps_hold(tap->pumps);
	status = get_back(tap);
	if (tap->pumps)
		pumps_release(tap->pumps);
	return status;
}

/* An error that lasts would keep us busy: such a link is of no use, either. */
static bool turn(void *arg)
{
	struct tap *tap = arg;
	int got = tap_read(tap);

	if (got > 0)
		tap->batch(tap, tap->arg);
	else if (got < 0)
		lose_link(tap);
	return got >= 0;
}

static void attend(void *arg)
{
	struct tap *tap = arg;

	if (tap->lost)
		forget_link(tap);
	tap->lost = false;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct tap *tap = arg;
	int got = 0;

	(void)source;
	(void)fd;
	for (int i = 0; i < READS_MAX && tap->fd >= 0; i++) {
		got = tap_read(tap);
		if (got <= 0)
			break;
		tap->batch(tap, tap->arg);
		/* It left room for one more: the queue was empty, or we are told again. */
		if (got + LENGTH_LEN + FRAME_MAX <= sizeof(tap->in))
			break;
	}
	/* Reading must have told, but a file that only says this would keep us busy. */
	if (tap->fd >= 0 && got <= 0 && (events & (EPOLLERR | EPOLLHUP)))
		lose_link(tap);
	return 0;
}

int tap_watch(struct tap *tap, sd_event *event, tap_batch batch, void *arg)
{
	int status;

	tap->event = sd_event_ref(event);
	tap->batch = batch;
	tap->arg = arg;
	status = watch_link(tap);
	return status < 0 ? status : 0;
}

int tap_pump(struct tap *tap, sd_event *event, struct pumps *pumps, tap_batch batch, void *arg)
{
	tap->pumps = pumps;
	return tap_watch(tap, event, batch, arg);
}

/* -------------------------------------------------------------------- reading */

int tap_read(struct tap *tap)
{
	ssize_t got;

	tap->in_at = 0;
	tap->in_len = 0;
	if (tap->fd < 0)
		return -EBADFD;
	got = read(tap->fd, tap->in, sizeof(tap->in));
	if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ENETDOWN))
		return 0;
	if (got < 0 && errno != EBADFD) {
		int error = errno;

		log_limited(LOG_ERR, "%s: cannot read: %s", tap->name, strerror(error));
		return -error;
	}
	if (got <= 0) {
		lose_link(tap);
		return -EBADFD;
	}
	tap->counters.rx_reads++;
	tap->in_len = got;
	return got;
}

uint8_t *tap_next(struct tap *tap, size_t *len)
{
	while (tap->in_len - tap->in_at >= LENGTH_LEN) {
		uint8_t *record = tap->in + tap->in_at + LENGTH_LEN;
		size_t left = tap->in_len - tap->in_at - LENGTH_LEN;
		uint16_t here;

		memcpy(&here, record - LENGTH_LEN, LENGTH_LEN);
		if (here > left)
			break;
		tap->in_at += LENGTH_LEN + here;
		if (frame_check(record, here, len) == FRAME_OK) {
			tap->counters.rx_packets++;
			tap->counters.rx_bytes += *len;
			return record;
		}
		tap->counters.rx_bad++;
	}
	if (tap->in_at < tap->in_len)
		tap->counters.rx_bad++;
	tap->in_at = tap->in_len;
	return NULL;
}

/* -------------------------------------------------------------------- writing */

uint8_t *tap_room(struct tap *tap)
{
	if (tap->out_len + LENGTH_LEN + FRAME_MAX > sizeof(tap->out))
		tap_flush(tap);
	return tap->out + tap->out_len + LENGTH_LEN;
}

void tap_commit(struct tap *tap, size_t len)
{
	uint16_t here = len;

	memcpy(tap->out + tap->out_len, &here, LENGTH_LEN);
	tap->out_len += LENGTH_LEN + len;
}

void tap_put(struct tap *tap, const uint8_t *frame, size_t len)
{
	memcpy(tap_room(tap), frame, len);
	tap_commit(tap, len);
}

/* Length of the record at @at in the output. */
static size_t record_at(const struct tap *tap, size_t at)
{
	uint16_t here;

	memcpy(&here, tap->out + at, LENGTH_LEN);
	return here;
}

/* Counts the records from @at to @end as written or lost; returns where they end. */
static size_t count_out(struct tap *tap, size_t at, size_t end, bool written)
{
	while (at < end) {
		size_t here = record_at(tap, at);

		if (written) {
			tap->counters.tx_packets++;
			tap->counters.tx_bytes += here;
		} else {
			tap->counters.tx_lost++;
		}
		at += LENGTH_LEN + here;
	}
	return at;
}

/*
 * After a failed write of what begins at @at: returns where to go on, which is behind
 * what is lost.
 */
static size_t write_failed(struct tap *tap, size_t at, int error)
{
	switch (error) {
	case EINTR:
		return at;
	case EINVAL:	/* the first record is bad, the others may be good */
		return count_out(tap, at, at + 1, false);
	case EBADFD:
	case EPIPE:
		lose_link(tap);
		break;
	case EAGAIN:
	case ENETDOWN:
	case ENOBUFS:
		break;
	default:
		log_limited(LOG_ERR, "%s: cannot write: %s", tap->name, strerror(error));
	}
	return count_out(tap, at, tap->out_len, false);
}

void tap_flush(struct tap *tap)
{
	size_t at = 0;

	if (tap->fd < 0)
		at = count_out(tap, 0, tap->out_len, false);
	while (at < tap->out_len) {
		ssize_t written = write(tap->fd, tap->out + at, tap->out_len - at);

		if (written > 0) {
			tap->counters.tx_writes++;
			at = count_out(tap, at, at + written, true);
		} else {
			at = write_failed(tap, at, written ? errno : EAGAIN);
		}
	}
	tap->out_len = 0;
}

/* ------------------------------------------------------------------- about it */

const char *tap_name(const struct tap *tap)
{
	return tap->name;
}

uint16_t tap_addr(const struct tap *tap)
{
	return tap->addr;
}

bool tap_attached(const struct tap *tap)
{
	return tap->fd >= 0;
}

const struct tap_counters *tap_counters(const struct tap *tap)
{
	return &tap->counters;
}
