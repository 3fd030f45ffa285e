/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captured Ethernet frames from a file of vectors/, in libpcap's format. */
#ifndef PCAP_H
#define PCAP_H

#include "wire.h"

#define PCAP_FRAMES	64	/* at most */

/* Frames are counted from 1, as in tcpdump and in the descriptions. */
struct pcap {
	unsigned int count;
	struct wire_frame frames[1 + PCAP_FRAMES];
};

struct pcap_file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, linktype;
};

struct pcap_frame_header {
	uint32_t seconds, fraction, captured, original;
};

/* Load vectors/NAME, which is beside the program. */
static inline void pcap_load(struct pcap *cap, const char *name)
{
	struct pcap_file_header head;
	struct pcap_frame_header fh;
	char path[PATH_MAX + 64];
	ssize_t len;
	FILE *file;

	len = readlink("/proc/self/exe", path, PATH_MAX - 1);
	while (len > 0 && path[len - 1] != '/')
		len--;
	snprintf(path + len, sizeof(path) - len, "vectors/%s", name);
	file = fopen(path, "re");
	if (!file)
		tap_bail("%s: %s", path, strerror(errno));
	if (fread(&head, sizeof(head), 1, file) != 1 || head.magic != 0xa1b2c3d4 ||
	    head.linktype != 1)
		tap_bail("%s: not an Ethernet capture of this byte order", path);
	cap->count = 0;
	while (fread(&fh, sizeof(fh), 1, file) == 1) {
		struct wire_frame *f = &cap->frames[++cap->count];

		if (cap->count > PCAP_FRAMES || fh.captured != fh.original ||
		    fh.captured > WIRE_MAX ||
		    fread(f->bytes, 1, fh.captured, file) != fh.captured)
			tap_bail("%s: cannot read frame %u", path, cap->count);
		f->len = fh.captured;
	}
	fclose(file);
}

#endif /* PCAP_H */
