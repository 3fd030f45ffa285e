/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing captures as pcapng, as tcpdump(8) and Wireshark read it. */
#ifndef CHAOS_PCAPNG_H
#define CHAOS_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

void pcapng_begin(FILE *out, const char *application);
void pcapng_interface(FILE *out, uint16_t linktype, uint32_t snaplen, const char *name);
void pcapng_packet(FILE *out, uint32_t interface, uint64_t time_ns, const void *bytes,
		   uint32_t captured, uint32_t length);
void pcapng_statistics(FILE *out, uint32_t interface, uint64_t time_ns, uint64_t received,
		       uint64_t dropped);

#endif /* CHAOS_PCAPNG_H */
