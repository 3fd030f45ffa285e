/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as they pass on links, or from a file: what libpcap does for us. */
#ifndef CHAOS_CAPTURE_H
#define CHAOS_CAPTURE_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPTURE_SNAPLEN	2048	/* longer than any packet of ours with any header */

/**
 * struct capture - one link, or a file
 * @name: its name
 * @is_link: a link
 * @pcap: of libpcap; NULL once the link has gone
 * @ifindex: of a link
 * @down: the link went down, or is about to go altogether
 * @dlt: DLT_*, what its frames look like
 * @received: frames that came by, for what @pcap is open no more
 * @dropped: those of them that were lost before we saw them
 */
struct capture {
	const char *name;
	bool is_link;
	pcap_t *pcap;
	unsigned int ifindex;
	bool down;
	int dlt;
	uint64_t received, dropped;
};

/**
 * struct capture_frame - a frame
 * @time_ns: when, in nanoseconds since the Epoch
 * @source: index of the struct capture
 * @dlt: what it looks like
 * @bytes: what was captured of it
 * @captured: length of @bytes
 * @length: length of the frame
 */
struct capture_frame {
	uint64_t time_ns;
	size_t source;
	int dlt;
	const uint8_t *bytes;
	uint32_t captured, length;
};

/**
 * struct capture_sink - who takes the frames
 * @frame: called for each; returns false when there are enough
 * @idle: called after some, before waiting for more; returns false when no more can be taken
 * @ctx: for both
 */
struct capture_sink {
	bool (*frame)(void *ctx, const struct capture_frame *frame);
	bool (*idle)(void *ctx);
	void *ctx;
};

int capture_open_link(struct capture *capture, const char *name);
int capture_open_file(struct capture *capture, const char *path);
void capture_close(struct capture *capture);
int capture_links(struct capture *captures, size_t n, const struct capture_sink *sink);
int capture_file(struct capture *capture, const struct capture_sink *sink);

#endif /* CHAOS_CAPTURE_H */
