/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What client and server of a test say to each other.
 *
 * The client asks for a test in the RFC of a stream, the control connection, which
 * the server opens or, giving the reason, refuses:
 *
 *	PERF TEST version=1 send=1 conns=2 ms=10000 size=65536
 *
 * It says "ready TOKEN", and the client opens the connections that are to be loaded
 * with requests that say which they are: "PERF DATA TOKEN INDEX".  For a test of packets
 * these are packet sockets, and ask for PERF-PACKET.  When all are open the client says
 * "start", and may say "stop" later.  Who sends ends each connection with an EOF.  When
 * the server has sent all and received all it says what it saw, "conn INDEX KEY=NUMBER
 * ...", a line for each, and "done".
 *
 * PERF-ECHO answers simple transactions with what they say.
 */
#ifndef CHAOS_PERF_MESSAGE_H
#define CHAOS_PERF_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PERF_CONTACT	"PERF"
#define PERF_PACKET	"-PACKET"	/* follows the contact */
#define PERF_ECHO	"-ECHO"

#define PERF_CONNS_MAX	128
#define PERF_MS_MAX	86400000

#define PERF_READY	"ready "
#define PERF_START	"start"
#define PERF_STOP	"stop"
#define PERF_CONN	"conn "
#define PERF_DONE	"done"

/**
 * struct perf_request - a test
 * @version: of all this: 1
 * @packets: 1: packet sockets; 0: streams
 * @send: 1: from the client to the server
 * @back: 1: from the server to the client
 * @conns: connections to be loaded
 * @amount: bytes in each direction, of all connections; 0: any number
 * @ms: duration; 0: without end, but for @amount
 * @size: bytes of a call to send
 * @window: packets that each side may send ahead; 0: the kernel's choice
 */
struct perf_request {
	uint64_t version, packets, send, back, conns, amount, ms, size, window;
};

/**
 * struct perf_opening - what an RFC asks for
 * @data: a connection of a test; else a test
 * @token: which test
 * @index: which connection of it
 * @request: the test
 */
struct perf_opening {
	bool data;
	uint64_t token;
	uint64_t index;
	struct perf_request request;
};

/**
 * struct perf_result - what one side saw of one connection
 * @rx_bytes: data received
 * @rx_ops: messages, or calls that received something
 * @rx_calls: calls to receive
 * @rx_again: those that found nothing
 * @rx_ns: from the start of the test to the last byte
 * @tx_bytes: data sent, and so on
 * @tx_ops: see there
 * @tx_calls: see there
 * @tx_again: see there
 * @tx_ns: see there
 * @sent: packets sent; this and the rest are those of struct chaos_info
 * @rcvd: packets received
 * @retrans: packets sent again
 * @dups: packets received that had arrived before
 * @ooo: packets received too early
 * @gaps: reports of a gap from the peer
 * @rtt_us: round trip
 * @rttvar_us: its variation
 * @window: what the peer offers
 * @cwnd: our own limit
 */
struct perf_result {
	uint64_t rx_bytes, rx_ops, rx_calls, rx_again, rx_ns;
	uint64_t tx_bytes, tx_ops, tx_calls, tx_again, tx_ns;
	uint64_t sent, rcvd, retrans, dups, ooo, gaps, rtt_us, rttvar_us, window, cwnd;
};

void perf_request_print(FILE *out, const struct perf_request *request);
void perf_data_print(FILE *out, uint64_t token, unsigned int index);
const char *perf_opening_parse(char *text, struct perf_opening *opening);
void perf_ready_print(FILE *out, uint64_t token);
const char *perf_ready_parse(const char *line, uint64_t *token);
void perf_result_print(FILE *out, unsigned int index, const struct perf_result *result);
const char *perf_result_parse(char *line, uint64_t *index, struct perf_result *result);
uint64_t perf_share(const struct perf_request *request, unsigned int index);

#endif /* CHAOS_PERF_MESSAGE_H */
