// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that make no sense: what is counted, and what is answered (AIM 628
 * section 4.3 says for what LOS goes out, and for what it never does).  Three
 * connections of our host look on; in the end nothing must have happened to
 * them.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and 403)
 *
 * SIDE is open, to contact SIDE from 401's index SIDE_PEER.  CALL is our host's
 * request for a connection to 401, not answered yet.  HELD is a request from 401
 * that the server at contact HELD has not accepted yet.
 */
#define _GNU_SOURCE
#include <sys/time.h>

#include "probe.h"

/* Indices of our host that are known only now; table rows have these for them. */
enum { SIDE = 0xff01, CALL, HELD, NO_CONN = 0xff10 };

enum { SIDE_PEER = 0x5151, CALL_PEER = 0x5252, HELD_PEER = 0x5353, STRANGER = 0x5454 };

#define SIDE_NUM	1000	/* of the first packet of 401 after its RFC, which was read */
#define WINDOW		13	/* of ours */

/* Our host's numbers: index; the last packet number it has used. */
static struct {
	uint16_t index, number;
	int fd;
} side, call, held;

enum answer { NOTHING, LOS, CLS, ANS, STS };

/* Rows that stand for many frames: what changes from @from to @to. */
enum vary { ONCE, SIZES, OPCODES };

/**
 * struct row - a frame, or a series, and what must come of it
 * @what: description
 * @counts: what is counted for each frame, as counters_since() tells it
 * @answer: what is answered to each
 * @vary: what changes, @from, @to
 * @reserved: low byte of the first header word
 * @op: opcode
 * @fc: forwarding count
 * @dst: destination address
 * @didx: destination index
 * @src: source address
 * @sidx: source index
 * @num: packet number
 * @ack: added to the acknowledgment of the last packet of ours
 * @data: data; what @len says beyond it is 'x'
 * @len: bytes of data
 * @count: byte count in the header, if it is not @len
 * @cut: bytes missing at the end
 * @extra: bytes of 0xee after the end
 * @pad: value of the pad byte
 * @to_mac: Ethernet destination, if it is not our host
 */
struct row {
	const char *what;
	const char *counts;
	enum answer answer;
	enum vary vary;
	unsigned int from, to;
	uint8_t reserved, op, fc, pad;
	uint16_t dst, didx, src, sidx, num, ack, len, count, cut, extra;
	const char *data;
	const uint8_t *to_mac;
};

#define TO(addr, index)		.dst = (addr), .didx = (index)
#define FROM(addr, index)	.src = (addr), .sidx = (index)
#define TEXT(text)		.data = (text), .len = sizeof(text) - 1
#define US			PROBE_HOST
#define PEER			PROBE_PEER
#define OTHER			PROBE_OTHER
#define RFC			.op = CHAOS_OP_RFC, TO(US, 0)
#define STRAY			TO(US, NO_CONN), FROM(PEER, STRANGER)
#define TO_SIDE			TO(US, SIDE), FROM(PEER, SIDE_PEER)
#define SIDE_TO_ALL		TO(0, SIDE), FROM(PEER, SIDE_PEER)
#define TO_CALL			TO(US, CALL), FROM(PEER, CALL_PEER)
#define TO_HELD			TO(US, HELD), FROM(PEER, HELD_PEER)

static const uint8_t stranger_mac[6] = { 2, 0, 0, 0, 0, 0x77 };

static const struct row rows[] = {
	/* Lengths. */
	{ "no room for the header", "rx drop_short", NOTHING, SIZES, 0, 15,
	  RFC, FROM(PEER, STRANGER) },
	{ "last data byte missing", "rx drop_truncated",
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .cut = 1 },
	{ "all data missing", "rx drop_truncated",
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .cut = 6 },
	{ "pad byte missing", "rx drop_truncated",
	  RFC, FROM(PEER, STRANGER), TEXT("TIME 12"), .cut = 1 },
	{ "full packet, last byte missing", "rx drop_truncated",
	  RFC, FROM(PEER, STRANGER), TEXT("TIME "), .count = 488, .cut = 1 },
	{ "byte count 489", "rx tx drop_too_long los_tx", LOS,
	  RFC, FROM(PEER, STRANGER), TEXT("TIME "), .count = 489 },
	{ "byte count 4095, data missing", "rx tx drop_too_long los_tx", LOS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .count = 4095, .cut = 4090 },
	{ "byte count 489 for the open connection", "rx tx drop_too_long los_tx", LOS,
	  TO_SIDE, .op = 0200, .num = SIDE_NUM + 1, .count = 489 },
	{ "byte count 489 in a broadcast", "rx drop_too_long",
	  .op = CHAOS_OP_RFC, TO(0, 0), FROM(PEER, STRANGER), .count = 489 },
	{ "byte count 489 for another host", "rx drop_too_long",
	  .op = CHAOS_OP_RFC, TO(0404, 0), FROM(PEER, STRANGER), .count = 489 },
	{ "byte count 489 from nobody", "rx drop_too_long",
	  RFC, FROM(0, STRANGER), .count = 489 },
	{ "byte count 489 from ourselves", "rx drop_too_long",
	  RFC, FROM(US, STRANGER), .count = 489 },
	{ "byte count 489 in LOS", "rx drop_too_long", .op = CHAOS_OP_LOS, STRAY, .count = 489 },
	{ "byte count 489 in CLS", "rx drop_too_long", .op = CHAOS_OP_CLS, STRAY, .count = 489 },
	{ "byte count 489 in MNT", "rx drop_too_long", .op = CHAOS_OP_MNT, STRAY, .count = 489 },
	{ "byte count 489 in RUT", "rx drop_too_long", .op = CHAOS_OP_RUT, STRAY, .count = 489 },
	{ "byte count 489 in BRD", "rx drop_too_long", .op = CHAOS_OP_BRD, STRAY, .count = 489 },
	{ "full packet", "rx tx delivered ans_tx", ANS,
	  RFC, FROM(PEER, STRANGER), TEXT("TIME "), .count = 488 },
	{ "padded to the Ethernet minimum", "rx tx delivered ans_tx", ANS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .extra = 60 - WIRE_DATA - 6 },
	{ "padded to the Ethernet maximum", "rx tx delivered ans_tx", ANS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .extra = WIRE_MAX - WIRE_DATA - 6 },
	{ "garbage in the pad byte", "rx tx delivered ans_tx", ANS,
	  RFC, FROM(PEER, STRANGER), TEXT("TIME 12"), .pad = 0xff },

	/* Header fields. */
	{ "reserved bits", "rx drop_reserved",
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .reserved = 0x01 },
	{ "all reserved bits and an undefined opcode", "rx drop_reserved",
	  .op = 0100, STRAY, .reserved = 0xff },
	{ "opcode 0", "rx tx drop_opcode los_tx", LOS, STRAY },
	{ "opcode LSN", "rx tx drop_opcode los_tx", LOS, .op = CHAOS_OP_LSN, STRAY },
	{ "opcodes 017 to 0177", "rx tx drop_opcode los_tx", LOS, OPCODES, 017, 0177, STRAY },
	{ "undefined opcode for the open connection", "rx tx drop_opcode los_tx", LOS,
	  .op = 0100, TO_SIDE, .num = SIDE_NUM + 1 },
	{ "undefined opcode in a broadcast", "rx drop_opcode",
	  .op = 0100, TO(0, 0), FROM(PEER, STRANGER) },
	{ "source 0", "rx drop_src_zero", RFC, FROM(0, STRANGER), TEXT("STATUS") },
	{ "source without host", "rx drop_src_zero", RFC, FROM(0400, STRANGER), TEXT("STATUS") },
	{ "source without subnet", "rx drop_src_zero", RFC, FROM(0001, STRANGER), TEXT("STATUS") },
	{ "source is our own address", "rx drop_src_self",
	  RFC, FROM(US, STRANGER), TEXT("STATUS") },
	{ "source without a route back", "rx delivered drop_no_conn drop_no_route",
	  .op = 0200, TO(US, NO_CONN), FROM(01001, STRANGER) },
	{ "forwarded as often as possible", "rx tx delivered ans_tx", ANS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .fc = 15 },

	/* Destinations. */
	{ "for another host", "rx drop_not_here",
	  .op = CHAOS_OP_RFC, TO(0404, 0), FROM(PEER, STRANGER), TEXT("STATUS") },
	{ "for our subnet without host", "rx drop_not_here",
	  .op = CHAOS_OP_RFC, TO(0400, 0), FROM(PEER, STRANGER), TEXT("STATUS") },
	{ "for our host without subnet", "rx drop_not_here",
	  .op = CHAOS_OP_RFC, TO(0002, 0), FROM(PEER, STRANGER), TEXT("STATUS") },
	{ "for 177777", "rx drop_not_here",
	  .op = CHAOS_OP_RFC, TO(0177777, 0), FROM(PEER, STRANGER), TEXT("STATUS") },
	{ "in a frame to another MAC", "",
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .to_mac = stranger_mac },
	{ "in a frame to all", "rx tx delivered ans_tx", ANS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS"), .to_mac = wire_broadcast },

	/* Broadcasts, of which LOS never comes. */
	{ "RFC to all", "rx drop_broadcast",
	  .op = CHAOS_OP_RFC, TO(0, 0), FROM(PEER, STRANGER), TEXT("STATUS") },
	{ "OPN to all", "rx drop_broadcast", .op = CHAOS_OP_OPN, SIDE_TO_ALL },
	{ "LOS to all", "rx drop_broadcast", .op = CHAOS_OP_LOS, SIDE_TO_ALL },
	{ "SNS to all", "rx drop_broadcast", .op = CHAOS_OP_SNS, SIDE_TO_ALL },
	{ "DAT to all", "rx drop_broadcast", .op = 0200, SIDE_TO_ALL, .num = SIDE_NUM + 1 },
	{ "MNT to all", "rx drop_broadcast", .op = CHAOS_OP_MNT, TO(0, 0), FROM(PEER, 0) },
	{ "RUT to all", "rx rut_rx", .op = CHAOS_OP_RUT, TO(0, 0), FROM(PEER, 0),
	  .data = "\2\0\12", .len = 4 },
	{ "BRD to all without a map of subnets", "rx drop_malformed",
	  .op = CHAOS_OP_BRD, TO(0, 0), FROM(PEER, STRANGER), .len = 38 },
	{ "BRD to all for a contact nobody serves", "rx delivered drop_no_listener",
	  .op = CHAOS_OP_BRD, TO(0, 0), FROM(PEER, STRANGER), .ack = 32, .len = 38 },
	{ "BRD to us alone", "rx delivered drop_broadcast",
	  .op = CHAOS_OP_BRD, TO(US, 0), FROM(PEER, STRANGER), .len = 38 },
	{ "RUT to us alone", "rx delivered rut_rx", .op = CHAOS_OP_RUT, TO(US, 0), FROM(PEER, 0),
	  .data = "\2\0\12", .len = 4 },
	{ "MNT to us", "rx delivered drop_mnt", .op = CHAOS_OP_MNT, STRAY, TEXT("maintain") },

	/* To no connection. */
	{ "OPN to no connection", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = CHAOS_OP_OPN, STRAY, .len = 4 },
	{ "SNS to no connection", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = CHAOS_OP_SNS, STRAY },
	{ "STS to no connection", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = CHAOS_OP_STS, STRAY, .len = 4 },
	{ "EOF to no connection", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = CHAOS_OP_EOF, STRAY },
	{ "data to no connection", "rx tx delivered drop_no_conn los_tx", LOS,
	  OPCODES, 0200, 0203, STRAY, TEXT("data") },
	{ "16-bit data to no connection", "rx tx delivered drop_no_conn los_tx", LOS,
	  OPCODES, 0374, 0377, STRAY, TEXT("data") },
	{ "data to index 0", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = 0200, TO(US, 0), FROM(PEER, STRANGER) },
	{ "CLS to no connection", "rx delivered drop_no_conn", .op = CHAOS_OP_CLS, STRAY },
	{ "FWD to no connection", "rx delivered drop_no_conn", .op = CHAOS_OP_FWD, STRAY },
	{ "ANS to no connection", "rx delivered drop_no_conn", .op = CHAOS_OP_ANS, STRAY },
	{ "LOS to no connection", "rx delivered drop_no_conn", .op = CHAOS_OP_LOS, STRAY },
	{ "UNC to no connection", "rx delivered drop_no_foreign", .op = CHAOS_OP_UNC, STRAY },

	/* To the open connection. */
	{ "data again", "rx tx delivered drop_duplicate", STS,
	  .op = 0200, TO_SIDE, .num = SIDE_NUM, TEXT("data") },
	{ "data from long ago", "rx tx delivered drop_duplicate", STS,
	  .op = 0200, TO_SIDE, .num = SIDE_NUM - 30000, TEXT("data") },
	{ "data beyond the window", "rx delivered drop_window",
	  .op = 0200, TO_SIDE, .num = SIDE_NUM + WINDOW + 1, TEXT("data") },
	{ "EOF far beyond the window", "rx delivered drop_window",
	  .op = CHAOS_OP_EOF, TO_SIDE, .num = SIDE_NUM + 30000 },
	{ "data from another index", "rx tx delivered drop_wrong_source los_tx", LOS,
	  .op = 0200, TO(US, SIDE), FROM(PEER, STRANGER), .num = SIDE_NUM + 1, TEXT("data") },
	{ "EOF from another index", "rx tx delivered drop_wrong_source los_tx", LOS,
	  .op = CHAOS_OP_EOF, TO(US, SIDE), FROM(PEER, STRANGER), .num = SIDE_NUM + 1 },
	{ "OPN from another index", "rx tx delivered drop_wrong_source los_tx", LOS,
	  .op = CHAOS_OP_OPN, TO(US, SIDE), FROM(PEER, STRANGER), .len = 4 },
	{ "CLS from another index", "rx delivered drop_wrong_source",
	  .op = CHAOS_OP_CLS, TO(US, SIDE), FROM(PEER, STRANGER), .num = SIDE_NUM + 1 },
	{ "LOS from another index", "rx delivered drop_wrong_source",
	  .op = CHAOS_OP_LOS, TO(US, SIDE), FROM(PEER, STRANGER), .num = SIDE_NUM + 1 },
	{ "data from another host", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = 0200, TO(US, SIDE), FROM(OTHER, SIDE_PEER), .num = SIDE_NUM + 1, TEXT("data") },
	{ "LOS from another host", "rx delivered drop_no_conn",
	  .op = CHAOS_OP_LOS, TO(US, SIDE), FROM(OTHER, SIDE_PEER), .num = SIDE_NUM + 1 },
	{ "RFC again", "rx delivered drop_duplicate",
	  RFC, FROM(PEER, SIDE_PEER), .num = SIDE_NUM - 1, TEXT("SIDE") },
	{ "OPN", "rx tx delivered drop_duplicate", STS,
	  .op = CHAOS_OP_OPN, TO_SIDE, .num = SIDE_NUM, .len = 4 },
	{ "STS of 2 bytes", "rx delivered drop_malformed", .op = CHAOS_OP_STS, TO_SIDE, .len = 2 },
	{ "STS of 3 bytes", "rx delivered drop_malformed", .op = CHAOS_OP_STS, TO_SIDE, .len = 3 },
	{ "SNS with data", "rx tx delivered", STS, .op = CHAOS_OP_SNS, TO_SIDE, .len = 8 },
	{ "ANS", "rx delivered drop_wrong_state", .op = CHAOS_OP_ANS, TO_SIDE, TEXT("no") },
	{ "FWD", "rx delivered drop_wrong_state", .op = CHAOS_OP_FWD, TO_SIDE, TEXT("NO") },

	/* To our request, which is not answered yet. */
	{ "OPN of 2 bytes", "rx delivered drop_malformed", .op = CHAOS_OP_OPN, TO_CALL, .len = 2 },
	{ "OPN of 3 bytes", "rx delivered drop_malformed", .op = CHAOS_OP_OPN, TO_CALL, .len = 3 },
	{ "OPN for another RFC", "rx delivered drop_malformed",
	  .op = CHAOS_OP_OPN, TO_CALL, .ack = 1, .len = 4 },
	{ "OPN from another host", "rx tx delivered drop_no_conn los_tx", LOS,
	  .op = CHAOS_OP_OPN, TO(US, CALL), FROM(OTHER, CALL_PEER), .len = 4 },
	{ "data before OPN", "rx tx delivered drop_wrong_state los_tx", LOS,
	  .op = 0200, TO_CALL, .num = 1, TEXT("data") },
	{ "EOF before OPN", "rx tx delivered drop_wrong_state los_tx", LOS,
	  .op = CHAOS_OP_EOF, TO_CALL, .num = 1 },
	{ "STS before OPN", "rx tx delivered drop_wrong_state los_tx", LOS,
	  .op = CHAOS_OP_STS, TO_CALL, .len = 4 },
	{ "SNS before OPN", "rx delivered drop_wrong_state", .op = CHAOS_OP_SNS, TO_CALL },
	{ "UNC before OPN", "rx delivered drop_wrong_state", .op = CHAOS_OP_UNC, TO_CALL },

	/* To the server that has not decided. */
	{ "RFC again before OPN", "rx delivered drop_duplicate",
	  RFC, FROM(PEER, HELD_PEER), .num = 1, TEXT("HELD") },
	{ "RFC that finds the queue full", "rx delivered drop_backlog",
	  RFC, FROM(PEER, STRANGER), .num = 1, TEXT("HELD") },
	{ "data before our OPN", "rx tx delivered drop_wrong_state los_tx", LOS,
	  .op = 0200, TO_HELD, .num = 2, TEXT("data") },
	{ "STS before our OPN", "rx tx delivered drop_wrong_state los_tx", LOS,
	  .op = CHAOS_OP_STS, TO_HELD, .len = 4 },
	{ "OPN to server", "rx delivered drop_wrong_state", .op = CHAOS_OP_OPN, TO_HELD, .len = 4 },
	{ "SNS before our OPN", "rx delivered drop_wrong_state", .op = CHAOS_OP_SNS, TO_HELD },

	/* Contact names. */
	{ "contact nobody serves", "rx tx delivered drop_no_listener cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), TEXT("NOSUCH with arguments") },
	{ "contact of 120 bytes", "rx tx delivered drop_no_listener cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), .len = 120 },
	{ "contact of 121 bytes", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), .len = 121 },
	{ "contact of 488 bytes", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), .len = 488 },
	{ "no contact", "rx tx delivered drop_malformed cls_tx", CLS, RFC, FROM(PEER, STRANGER) },
	{ "RFC from index 0", "rx delivered drop_malformed", RFC, FROM(PEER, 0), TEXT("STATUS") },
	{ "no contact before the space", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), TEXT(" STATUS") },
	{ "contact with a NUL", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS\0") },
	{ "contact with a newline", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), TEXT("STA\nTUS") },
	{ "contact with DEL", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS\177") },
	{ "contact with a Lisp Machine newline", "rx tx delivered drop_malformed cls_tx", CLS,
	  RFC, FROM(PEER, STRANGER), TEXT("STATUS\215") },
};

/* What a row's placeholder for an index of ours stands for. */
static uint16_t real_index(uint16_t index)
{
	switch (index) {
	case SIDE: return side.index;
	case CALL: return call.index;
	case HELD: return held.index;
	}
	return index;
}

/* The last number that it has sent. */
static uint16_t real_number(uint16_t index)
{
	switch (index) {
	case SIDE: return side.number;
	case CALL: return call.number;
	case HELD: return held.number;
	}
	return 0;
}

static void build(const struct row *row, unsigned int value, struct wire_frame *f)
{
	unsigned int count = row->count ?: row->len;
	unsigned int padded = (count + 1) & ~1u;
	unsigned int present = padded - row->cut;
	const uint8_t *smac = row->src == OTHER ? probe_other_mac : probe_peer_mac;

	memset(f, 0, sizeof(*f));
	wire_ether(f, row->to_mac ?: probe_host_mac, smac, ETH_P_CHAOS);
	f->bytes[WIRE_RESERVED] = row->reserved;
	f->bytes[WIRE_OP] = row->vary == OPCODES ? value : row->op;
	wire_put(f, WIRE_COUNT, row->fc << 12 | count);
	wire_put(f, WIRE_DST, row->dst);
	wire_put(f, WIRE_DIDX, real_index(row->didx));
	wire_put(f, WIRE_SRC, row->src);
	wire_put(f, WIRE_SIDX, row->sidx);
	wire_put(f, WIRE_NUM, row->num);
	wire_put(f, WIRE_ACK, real_number(row->didx) + row->ack);
	memset(f->bytes + WIRE_DATA, 'x', present);
	if (row->data)
		memcpy(f->bytes + WIRE_DATA, row->data, row->len);
	if (present > count)
		f->bytes[WIRE_DATA + count] = row->pad;
	memset(f->bytes + WIRE_DATA + present, 0xee, row->extra);
	f->len = WIRE_DATA + present + row->extra;
	if (row->vary == SIZES)
		f->len = WIRE_PKT + value;
}

/* Is @f the answer of this kind to the packet @to? */
static bool is_answer(const struct wire_frame *f, enum answer kind, const struct wire_frame *to)
{
	static const uint8_t ops[] = {
		[LOS] = CHAOS_OP_LOS, [CLS] = CHAOS_OP_CLS, [ANS] = CHAOS_OP_ANS,
		[STS] = CHAOS_OP_STS,
	};
	uint16_t sidx = kind == CLS || kind == ANS ? 0 : wire_get(to, WIRE_DIDX);
	unsigned int i;

	if (!wire_is_chaos(f) || memcmp(f->bytes + WIRE_DMAC, to->bytes + WIRE_SMAC, 6) ||
	    f->bytes[WIRE_RESERVED] || f->bytes[WIRE_OP] != ops[kind] ||
	    wire_get(f, WIRE_COUNT) != wire_count(f) ||
	    wire_get(f, WIRE_DST) != wire_get(to, WIRE_SRC) ||
	    wire_get(f, WIRE_DIDX) != wire_get(to, WIRE_SIDX) ||
	    wire_get(f, WIRE_SRC) != PROBE_HOST || wire_get(f, WIRE_SIDX) != sidx)
		return false;
	if (kind == STS)
		return wire_count(f) == 4 && wire_get(f, WIRE_DATA) == SIDE_NUM &&
		       wire_get(f, WIRE_DATA + 2) == WINDOW;
	if (kind == ANS)
		return true;
	for (i = 0; i < wire_count(f); i++)
		if (f->bytes[WIRE_DATA + i] < ' ' || f->bytes[WIRE_DATA + i] > '~')
			return false;
	return i;
}

/* Send a row's frames, and see whether each gets its answer. */
static bool answered(const struct row *row)
{
	unsigned int value, answers, want = row->answer != NOTHING;
	struct wire_frame f, answer;

	for (value = row->from; value <= row->to; value++) {
		build(row, value, &f);
		answers = probe_send(&f, &answer);
		if (answers == want && (!want || is_answer(&answer, row->answer, &f)))
			continue;
		tap_diag("%s: %u answers", row->what, answers);
		wire_show("to", &f);
		if (answers)
			wire_show("the first", &answer);
		return false;
	}
	return true;
}

static void test_rows(void)
{
	char counts[COUNTERS_TEXT];
	struct counters before;
	unsigned int i;
	bool good;

	counters_read(&before);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		good = answered(&rows[i]);
		probe_counted(&before, rows[i].to - rows[i].from + 1, counts);
		if (!tap_ok(good && !strcmp(counts, rows[i].counts), "%s", rows[i].what))
			tap_diag("counted: %s; expected: %s", counts, rows[i].counts);
	}
}

/* The connections that look on. */

static int make_socket(void)
{
	const struct timeval limit = { .tv_sec = NETNS_PATIENCE / 1000 };
	int fd = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0), window = WINDOW;
	int never = 60000;	/* ms: nothing is sent again while we look */

	if (fd < 0 || setsockopt(fd, SOL_CHAOS, CHAOS_WINDOW, &window, sizeof(window)) ||
	    setsockopt(fd, SOL_CHAOS, CHAOS_RTO_MAX, &never, sizeof(never)) ||
	    setsockopt(fd, SOL_CHAOS, CHAOS_RTO_MIN, &never, sizeof(never)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		tap_bail("cannot make a socket: %s", strerror(errno));
	return fd;
}

static int make_listener(const char *contact)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS };
	int fd = make_socket();

	snprintf(sa.sch_contact, sizeof(sa.sch_contact), "%s", contact);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 0))
		tap_bail("%s: %s", contact, strerror(errno));
	return fd;
}

/* Send a good packet, written as a row. */
static void send_row(const struct row row)
{
	struct wire_frame f;

	build(&row, 0, &f);
	wire_send(probe_wire, &f);
}

/* Requests and acknowledgments that our host may send at any time, and again. */
static bool is_by_the_way(const struct wire_frame *f)
{
	uint8_t op = f->bytes[WIRE_OP];

	return op == CHAOS_OP_RFC || op == CHAOS_OP_OPN || op == CHAOS_OP_SNS ||
	       op == CHAOS_OP_STS;
}

/* The next packet of our host, apart from these, must have this opcode. */
static void expect_op(struct wire_frame *f, uint8_t op, const char *what)
{
	do {
		if (!wire_recv(probe_wire, f, NETNS_PATIENCE) || !wire_is_chaos(f))
			tap_bail("%s: it did not come", what);
		if (f->bytes[WIRE_OP] == op)
			return;
	} while (is_by_the_way(f));
	tap_bail("%s: opcode %o came instead", what, f->bytes[WIRE_OP]);
}

/* An STS that receipts an OPN of ours, and offers the window that we offer. */
static void send_sts(uint16_t didx, uint16_t sidx, uint16_t num, uint16_t receipt)
{
	const char data[] = { receipt, receipt >> 8, WINDOW, 0 };

	send_row((struct row){ .op = CHAOS_OP_STS, TO(US, didx), FROM(PEER, sidx), .num = num,
			       .data = data, .len = sizeof(data) });
}

static void open_side(void)
{
	int listener = make_listener("SIDE");
	struct wire_frame f;
	char text[8];

	send_row((struct row){ RFC, FROM(PEER, SIDE_PEER), .num = SIDE_NUM - 1, TEXT("SIDE") });
	side.fd = accept(listener, NULL, NULL);
	if (side.fd < 0)
		tap_bail("accept: %s", strerror(errno));
	close(listener);
	expect_op(&f, CHAOS_OP_OPN, "OPN");
	side.index = wire_get(&f, WIRE_SIDX);
	side.number = wire_get(&f, WIRE_NUM);
	send_sts(SIDE, SIDE_PEER, SIDE_NUM, side.number);
	send_row((struct row){ .op = 0200, TO_SIDE, .num = SIDE_NUM, TEXT("hello") });
	if (recv(side.fd, text, sizeof(text), 0) != 5)
		tap_bail("recv: %s", strerror(errno));
	expect_op(&f, CHAOS_OP_STS, "STS");
}

static void open_call(void)
{
	const struct sockaddr_chaos sa = {
		.sch_family = AF_CHAOS, .sch_addr = PEER, .sch_contact = "CALL",
	};
	struct wire_frame f;

	call.fd = make_socket();
	fcntl(call.fd, F_SETFL, O_NONBLOCK);
	if (connect(call.fd, (const struct sockaddr *)&sa, sizeof(sa)) != -1 ||
	    errno != EINPROGRESS)
		tap_bail("connect: %s", strerror(errno));
	expect_op(&f, CHAOS_OP_RFC, "RFC");
	call.index = wire_get(&f, WIRE_SIDX);
	call.number = wire_get(&f, WIRE_NUM);
}

static void open_held(void)
{
	char output[NETNS_OUTPUT], *s;
	unsigned int index;

	held.fd = make_listener("HELD");
	send_row((struct row){ RFC, FROM(PEER, HELD_PEER), .num = 1, TEXT("HELD") });
	probe_settle();
	if (netns_run(output, "chaosctl -j conn"))
		tap_bail("chaosctl conn: %s", output);
	s = strstr(output, "\"rfc-received\"");
	s = s ? strstr(s, "\"local_index\":\"") : NULL;
	if (!s || sscanf(s, "\"local_index\":\"%x\"", &index) != 1)
		tap_bail("chaosctl conn does not show the request: %s", output);
	held.index = index;
}

/* Both directions still work, and LOS still ends it. */
static void test_side(void)
{
	char text[16] = "", reason[16] = "";
	socklen_t len = sizeof(reason);
	struct wire_frame f;

	send_row((struct row){ .op = 0200, TO_SIDE, .num = SIDE_NUM + 1, TEXT("odd"), .pad = 0xe });
	tap_ok(recv(side.fd, text, sizeof(text), 0) == 3 && !strcmp(text, "odd"),
	       "the open connection receives, without the pad byte");
	tap_eq(send(side.fd, "fine", 4, 0), 4, "the open connection takes data");
	expect_op(&f, 0200, "data");
	tap_ok(wire_get(&f, WIRE_NUM) == (uint16_t)(side.number + 1) &&
	       wire_get(&f, WIRE_ACK) == SIDE_NUM + 1 && wire_count(&f) == 4 &&
	       !memcmp(f.bytes + WIRE_DATA, "fine", 4),
	       "the open connection sends, numbered as if nothing had happened");
	send_row((struct row){ .op = CHAOS_OP_LOS, TO_SIDE, TEXT("lost") });
	tap_errno(recv(side.fd, text, sizeof(text), 0), ECONNRESET, "LOS ends it with ECONNRESET");
	getsockopt(side.fd, SOL_CHAOS, CHAOS_REASON, reason, &len);
	tap_ok(!strcmp(reason, "lost"), "LOS tells why");
	probe_settle();
}

static void test_call(void)
{
	struct pollfd pfd = { .fd = call.fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = -1;

	getsockopt(call.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	tap_eq(error, 0, "our request still waits");
	send_row((struct row){ .op = CHAOS_OP_CLS, TO_CALL, TEXT("no") });
	poll(&pfd, 1, NETNS_PATIENCE);
	getsockopt(call.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	tap_eq(error, ECONNREFUSED, "our request can be refused");
}

static void test_held(void)
{
	struct sockaddr_chaos sa = {};
	socklen_t len = sizeof(sa);
	struct wire_frame f;
	int fd;

	fd = accept(held.fd, (struct sockaddr *)&sa, &len);
	tap_ok(fd >= 0 && sa.sch_addr == PEER && sa.sch_index == HELD_PEER,
	       "the server can accept the request");
	expect_op(&f, CHAOS_OP_OPN, "OPN");
	held.number = wire_get(&f, WIRE_NUM);
	tap_ok(wire_get(&f, WIRE_SIDX) == held.index && wire_get(&f, WIRE_DIDX) == HELD_PEER,
	       "the server's OPN goes to the one who asked");
	send_sts(HELD, HELD_PEER, 2, held.number);
	close(fd);
	expect_op(&f, CHAOS_OP_CLS, "CLS");
}

/* The link has its own counters; nothing may come later, either. */
static void test_end(void)
{
	char output[NETNS_OUTPUT], want[64];
	struct counters c;
	struct wire_frame f;

	if (!tap_ok(!wire_recv(probe_wire, &f, 200), "nothing was answered late"))
		wire_show("got", &f);
	counters_read(&c);
	snprintf(want, sizeof(want), "\"badlen\":%lld,\"rejected\":%lld",
		 *counters_of(&c, "drop_short") + *counters_of(&c, "drop_truncated") +
		 *counters_of(&c, "drop_too_long"),
		 *counters_of(&c, "drop_reserved") + *counters_of(&c, "drop_src_zero") +
		 *counters_of(&c, "drop_src_self"));
	if (!tap_ok(!netns_run(output, "chaosctl -j -s link") && strstr(output, want),
		    "the link has counted bad packets"))
		tap_diag("%s not in %s", want, output);
}

int main(void)
{
	probe_setup();
	probe_introduce(PROBE_PEER, probe_peer_mac);
	probe_introduce(PROBE_OTHER, probe_other_mac);
	open_side();
	open_call();
	open_held();
	test_rows();
	test_side();
	test_call();
	test_held();
	test_end();
	return tap_done();
}
