// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contact filter on the wire: what each action does to RFCs and BRDs, which rule
 * decides, and what is counted.
 *
 *	eth0 (our host, 402) ------- wire (the test, playing 401 and 403)
 *	eth1 (our host, 1002) ------ wire1 (the test, playing 1001)
 *
 * Our host forwards.  What is far away is reached through 403.
 */
#define _GNU_SOURCE
#include "probe.h"

#define HOST_1		01002	/* our host on wire1 */
#define PEER_1		01001
#define FAR		03040
#define ASKER		0x5454	/* index of who asks */
#define MAP		32	/* bytes of a BRD's map */
#define TEN		"1234567890"
#define HUNDRED		TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const uint8_t peer_1_mac[6] = { 2, 0, 0, 0, 0x10, 1 };
static FILE *commands, *results;	/* of a chaosctl */
static int wire1;
static uint16_t fresh = 7000;	/* number of a packet that was not sent before */

/**
 * struct packet - an RFC or BRD that comes by the wire
 * @text: contact and arguments
 * @op: RFC if 0
 * @src: PROBE_PEER if 0
 * @dst: of an RFC; PROBE_HOST if 0
 * @no_index: from index 0
 * @subnets: the first 8 of a BRD's map
 */
struct packet {
	const char *text;
	uint8_t op;
	uint16_t src, dst;
	bool no_index;
	uint8_t subnets;
};

/**
 * struct row - rules, a packet, and what must happen
 * @what: of the test
 * @rules: arguments of "rule add", one a line
 * @pkt: the packet
 * @op: opcode of the answer on the wire it came from; 0: silence
 * @data: data of CLS or FWD
 * @ack: acknowledgment field of the answer
 * @through: it goes on to wire1
 * @counts: what is counted
 */
struct row {
	const char *what, *rules;
	struct packet pkt;
	uint8_t op;
	const char *data;
	uint16_t ack;
	bool through;
	const char *counts;
};

#define SILENCE		.op = 0
#define ANSWER		.op = CHAOS_OP_ANS, .counts = "rx tx delivered ans_tx"
#define CLS(text)	.op = CHAOS_OP_CLS, .data = (text)
#define FWD(host, text)	.op = CHAOS_OP_FWD, .ack = (host), .data = (text)
#define DROPPED		.counts = "rx delivered drop_filter"
#define REJECTED	.counts = "rx tx delivered cls_tx drop_filter"
#define FORWARDED	.counts = "rx tx delivered drop_filter fwd_tx"
#define THROUGH		.through = true, .counts = "rx tx forwarded"
#define DROPPED_BY	.counts = "rx drop_filter"
#define REJECTED_BY	.counts = "rx tx cls_tx drop_filter"
#define FORWARDED_BY	.counts = "rx tx drop_filter fwd_tx"

#define BRD(map, contact)	.op = CHAOS_OP_BRD, .subnets = (map), .text = (contact)

static const struct row rows[] = {
	/* Actions on what is for this host. */
	{ "no rule", "", { .text = "STATUS" }, ANSWER },
	{ "allow", "allow", { .text = "STATUS" }, ANSWER },
	{ "drop", "drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "reject", "reject", { .text = "STATUS" }, CLS("Not allowed"), REJECTED },
	{ "reject with a reason", "reject reason \"Go away.\"", { .text = "STATUS" },
	  CLS("Go away."), REJECTED },
	{ "reject a contact that nobody serves", "reject", { .text = "NOSUCH" }, CLS("Not allowed"),
	  REJECTED },
	{ "forward", "forward 3040", { .text = "FILE" }, FWD(FAR, "FILE"), FORWARDED },
	{ "forward, arguments go with it", "forward 3040", { .text = "FILE 1  A b" },
	  FWD(FAR, "FILE 1  A b"), FORWARDED },
	{ "forward to another contact", "forward 3040 contact NEWER", { .text = "FILE" },
	  FWD(FAR, "NEWER"), FORWARDED },
	{ "forward to another contact, arguments go with it", "forward 3040 contact NEW",
	  { .text = "FILE 1  A b" }, FWD(FAR, "NEW 1  A b"), FORWARDED },
	{ "forward to another contact, empty arguments", "forward 3040 contact NEW",
	  { .text = "FILE " }, FWD(FAR, "NEW "), FORWARDED },
	{ "forward to who has asked", "forward 401", { .text = "FILE" }, FWD(PROBE_PEER, "FILE"),
	  FORWARDED },
	{ "forward to another contact here", "forward 402 contact STATUS", { .text = "FILE" },
	  FWD(PROBE_HOST, "STATUS"), FORWARDED },
	{ "forward: it is there already", "forward 402\nreject", { .text = "STATUS" },
	  CLS("Not allowed"), REJECTED },
	{ "forward: there already, contact and all", "forward 402 contact status",
	  { .text = "STATUS" }, ANSWER },
	{ "forward: arguments too long for the new contact",
	  "forward 3040 contact " HUNDRED,
	  { .text = "FILE " HUNDRED HUNDRED HUNDRED HUNDRED },
	  CLS("Arguments too long for where this would be forwarded"), REJECTED },
	{ "forward: as long as can be", "forward 3040 contact LONG",
	  { .text = "FILE " HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED },
	  FWD(FAR, "LONG " HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED), FORWARDED },

	/* Order. */
	{ "the first one decides", "drop\nallow", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "the other way round", "allow\ndrop", { .text = "STATUS" }, ANSWER },
	{ "by number, not by time", "number 70 drop\nnumber 60 allow", { .text = "STATUS" },
	  ANSWER },
	{ "the first that matches", "contact TIME drop\nreject\ndrop", { .text = "STATUS" },
	  CLS("Not allowed"), REJECTED },
	{ "without a number: after the last", "number 700 drop\nallow", { .text = "STATUS" },
	  SILENCE, DROPPED },

	/* Contacts. */
	{ "contact", "contact STATUS drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "contact with arguments", "contact STATUS drop", { .text = "STATUS now" }, SILENCE,
	  DROPPED },
	{ "contact, lower case on the wire", "contact STATUS drop", { .text = "stAtus" }, SILENCE,
	  DROPPED },
	{ "contact, lower case in the rule", "contact status drop", { .text = "STATUS" }, SILENCE,
	  DROPPED },
	{ "contact, longer", "contact STATUSES drop", { .text = "STATUS" }, ANSWER },
	{ "contact, shorter", "contact STAT drop", { .text = "STATUS" }, ANSWER },
	{ "contact that is malformed", "reject", { .text = "TI\nME" }, CLS("Not allowed"),
	  REJECTED },
	{ "contact that is empty", "reject", { .text = " TIME" }, CLS("Not allowed"), REJECTED },
	{ "contact that is too long", "drop", { .text = HUNDRED TEN TEN "x" }, SILENCE, DROPPED },

	/* Sources and destinations. */
	{ "from any", "from any drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "from the host", "from host 403,401 drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "from another host", "from host 403,402 drop", { .text = "STATUS" }, ANSWER },
	{ "from the subnet", "from subnet 2,1 drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "from another subnet", "from subnet 2,3 drop", { .text = "STATUS" }, ANSWER },
	{ "from here", "from local drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "from afar: not here", "from local drop", { .text = "STATUS", .src = FAR }, ANSWER },
	{ "from afar", "from subnet 6 reject", { .text = "STATUS", .src = FAR }, CLS("Not allowed"),
	  REJECTED },
	{ "from another: not ourselves", "from self drop", { .text = "STATUS" }, ANSWER },
	{ "to the host", "to host 402 drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "to another host", "to host 1002,403 drop", { .text = "STATUS" }, ANSWER },
	{ "to the subnet", "to subnet 1 drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "to another subnet", "to subnet 2 drop", { .text = "STATUS" }, ANSWER },
	{ "to us", "to self drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "to us at another address", "to self drop", { .text = "STATUS", .dst = HOST_1 }, SILENCE,
	  DROPPED },
	{ "to here", "to local drop", { .text = "STATUS" }, SILENCE, DROPPED },
	{ "not to all", "to broadcast drop", { .text = "STATUS" }, ANSWER },
	{ "all at once", "contact STATUS from host 401 to self hook input reject",
	  { .text = "STATUS" }, CLS("Not allowed"), REJECTED },
	{ "all but one", "contact STATUS from host 403 to self hook input reject",
	  { .text = "STATUS" }, ANSWER },
	{ "the answer comes from the address that was asked", "reject",
	  { .text = "STATUS", .dst = HOST_1 }, CLS("Not allowed"), REJECTED },

	/* What is for others. */
	{ "passing: no rule", "", { .text = "FILE", .dst = PEER_1 }, THROUGH },
	{ "passing: allow", "allow", { .text = "FILE", .dst = PEER_1 }, THROUGH },
	{ "passing: drop", "drop", { .text = "FILE", .dst = PEER_1 }, SILENCE, DROPPED_BY },
	{ "passing: reject", "reject reason no", { .text = "FILE", .dst = PEER_1 }, CLS("no"),
	  REJECTED_BY },
	{ "passing: forward", "contact file forward 3040 contact NEW",
	  { .text = "FILE me", .dst = PEER_1 }, FWD(FAR, "NEW me"), FORWARDED_BY },
	{ "passing: forward to where it goes", "forward 1001", { .text = "FILE", .dst = PEER_1 },
	  THROUGH },
	{ "passing: only input is forbidden", "hook input drop", { .text = "FILE", .dst = PEER_1 },
	  THROUGH },
	{ "input: only passing is forbidden", "hook forward drop", { .text = "STATUS" }, ANSWER },
	{ "passing: only that is forbidden", "hook forward drop", { .text = "FILE", .dst = PEER_1 },
	  SILENCE, DROPPED_BY },
	{ "passing: not to us", "to self drop", { .text = "FILE", .dst = PEER_1 }, THROUGH },
	{ "passing: to a subnet of ours", "to local drop", { .text = "FILE", .dst = PEER_1 },
	  SILENCE, DROPPED_BY },
	{ "passing: to the subnet", "to subnet 2 drop", { .text = "FILE", .dst = PEER_1 },
	  SILENCE, DROPPED_BY },
	{ "passing: from the host", "from host 401 to host 1001 drop",
	  { .text = "FILE", .dst = PEER_1 }, SILENCE, DROPPED_BY },
	{ "passing: from another", "from host 403 to host 1001 drop",
	  { .text = "FILE", .dst = PEER_1 }, THROUGH },
	{ "passing: another contact", "contact FIRE drop", { .text = "FILE", .dst = PEER_1 },
	  THROUGH },
	{ "passing: no request", "drop", { .text = "FILE", .op = CHAOS_OP_DAT, .dst = PEER_1 },
	  THROUGH },

	/* To all. */
	{ "BRD: no rule", "", { BRD(2, "STATUS") }, ANSWER },
	{ "BRD: allow", "to broadcast allow\ndrop", { BRD(2, "STATUS") }, ANSWER },
	{ "BRD: drop", "hook input to broadcast drop", { BRD(2, "STATUS") }, SILENCE, DROPPED },
	{ "BRD: never answered with CLS", "hook input reject", { BRD(2, "STATUS") }, SILENCE,
	  DROPPED },
	{ "BRD: nor with FWD", "hook input forward 3040", { BRD(2, "STATUS") }, SILENCE,
	  DROPPED },
	{ "BRD: arrives at our address", "hook input to self drop", { BRD(2, "STATUS") },
	  SILENCE, DROPPED },
	{ "BRD: on the subnet it has come to", "hook input to subnet 1 drop",
	  { BRD(2, "STATUS") }, SILENCE, DROPPED },
	{ "BRD: contact", "hook input contact Status drop", { BRD(2, "STATUS please") },
	  SILENCE, DROPPED },
	{ "BRD: from the host", "hook input from host 401 drop", { BRD(2, "STATUS") }, SILENCE,
	  DROPPED },

	/* Nobody can be told. */
	{ "from index 0", "reject", { .text = "STATUS", .no_index = true }, SILENCE,
	  .counts = "rx delivered drop_malformed" },
	{ "passing: from index 0", "reject", { .text = "FILE", .dst = PEER_1, .no_index = true },
	  SILENCE, DROPPED_BY },
};

static void build(struct wire_frame *f, const struct packet *pkt)
{
	size_t text = strlen(pkt->text), map = pkt->op == CHAOS_OP_BRD ? MAP : 0;
	bool far = pkt->src && pkt->src != PROBE_PEER;

	/* The text may be longer than a packet. */
	if (map + text > CHAOS_DATA_MAX)
		text = CHAOS_DATA_MAX - map;
	memset(f, 0, sizeof(*f));
	wire_ether(f, map ? wire_broadcast : probe_host_mac,
		   far ? probe_other_mac : probe_peer_mac, ETH_P_CHAOS);
	f->bytes[WIRE_OP] = pkt->op ?: CHAOS_OP_RFC;
	wire_put(f, WIRE_COUNT, map + text);
	wire_put(f, WIRE_DST, map ? 0 : pkt->dst ?: PROBE_HOST);
	wire_put(f, WIRE_SRC, pkt->src ?: PROBE_PEER);
	wire_put(f, WIRE_SIDX, pkt->no_index ? 0 : ASKER);
	wire_put(f, WIRE_NUM, fresh++);
	wire_put(f, WIRE_ACK, map);
	f->bytes[WIRE_DATA] = pkt->subnets;
	memcpy(f->bytes + WIRE_DATA + map, pkt->text, text);
	f->len = WIRE_DATA + ((map + text + 1) & ~1u);
}

/* A chaosctl that obeys until the test ends: one for each change would take minutes. */
static void start_chaosctl(void)
{
	int in[2], out[2];
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		tap_bail("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		execlp("chaosctl", "chaosctl", "-f", "-b", "-", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	commands = fdopen(in[1], "w");
	results = fdopen(out[0], "r");
	if (pid < 0 || !commands || !results)
		tap_bail("chaosctl: %s", strerror(errno));
}

/* Replace all rules; what the test itself asks passes.  That rule is shown as a sign that
 * all is done, and nothing else, unless there is something to complain about.
 */
static void set_rules(const char *rules)
{
	static const char pass[] = "number 1 contact UPTIME allow\n";
	const char *line = rules;
	char result[200];

	fprintf(commands, "rule flush\nrule add %s", pass);
	while (*line) {
		int len = strcspn(line, "\n");

		fprintf(commands, "rule add %.*s\n", len, line);
		line += len + !!line[len];
	}
	fprintf(commands, "rule show 1\n");
	fflush(commands);
	if (!fgets(result, sizeof(result), results))
		tap_bail("chaosctl has ended");
	if (strcmp(result, pass))
		tap_bail("chaosctl: %s", result);
}

/* Is it the answer that the row wants, byte for byte? */
static bool is_answer(const struct row *row, const struct wire_frame *f)
{
	const struct packet *pkt = &row->pkt;
	bool far = pkt->src && pkt->src != PROBE_PEER;
	size_t len = row->data ? strlen(row->data) : 0;

	if (len > CHAOS_DATA_MAX)
		len = CHAOS_DATA_MAX;
	if (!wire_is_chaos(f) ||
	    memcmp(f->bytes + WIRE_DMAC, far ? probe_other_mac : probe_peer_mac, 6) ||
	    f->bytes[WIRE_RESERVED] || f->bytes[WIRE_OP] != row->op ||
	    wire_get(f, WIRE_DST) != (pkt->src ?: PROBE_PEER) ||
	    wire_get(f, WIRE_DIDX) != ASKER ||
	    wire_get(f, WIRE_SRC) != (pkt->dst ?: PROBE_HOST) || wire_get(f, WIRE_SIDX) ||
	    wire_get(f, WIRE_NUM) || wire_get(f, WIRE_ACK) != row->ack)
		return false;
	if (!row->data)
		return true;
	return wire_get(f, WIRE_COUNT) == len && !memcmp(f->bytes + WIRE_DATA, row->data, len);
}

/* What has come to wire1 is the packet, sent on once. */
static bool is_through(const struct wire_frame *sent)
{
	struct wire_frame f;

	do {
		if (!wire_recv(wire1, &f, NETNS_PATIENCE))
			return false;
	} while (!wire_is_chaos(&f));
	return !memcmp(f.bytes + WIRE_DMAC, peer_1_mac, 6) &&
	       wire_get(&f, WIRE_COUNT) == (wire_get(sent, WIRE_COUNT) | 0x1000) &&
	       f.len == sent->len &&
	       !memcmp(f.bytes + WIRE_DST, sent->bytes + WIRE_DST, f.len - WIRE_DST);
}

/* Nothing has come there. */
static bool is_stopped(void)
{
	struct wire_frame f;

	while (wire_recv(wire1, &f, 0))
		if (wire_is_chaos(&f))
			return false;
	return true;
}

static void test_row(const struct row *row)
{
	struct wire_frame f, answer;
	char counts[COUNTERS_TEXT];
	struct counters before;
	unsigned int answers;
	bool passed;

	set_rules(row->rules);
	build(&f, &row->pkt);
	counters_read(&before);
	answers = probe_send(&f, &answer);
	passed = answers == !!row->op && (!answers || is_answer(row, &answer)) &&
		 (row->through ? is_through(&f) : is_stopped());
	probe_counted(&before, 1, counts);
	if (tap_ok(passed && !strcmp(counts, row->counts), "%s", row->what))
		return;
	tap_diag("counted: %s; expected: %s; %u answers", counts, row->counts, answers);
	if (answers)
		wire_show("the first", &answer);
}

/* BRDs on their way to wire1. */
static void test_broadcast_passing(void)
{
	static const struct {
		const char *what, *rules;
		bool through, here;
	} brds[] = {
		{ "BRD passing: no rule", "", true, true },
		{ "BRD passing: drop", "hook forward to broadcast drop", false, true },
		{ "BRD passing: reject is the same", "hook forward reject", false, true },
		{ "BRD passing: forward, too", "hook forward forward 3040", false, true },
		{ "BRD passing: by contact", "hook forward contact STATUS drop", false, true },
		{ "BRD passing: another contact", "hook forward contact TIME drop", true, true },
		{ "BRD passing: to no subnet", "hook forward to subnet 1,2 drop", true, true },
		{ "BRD passing: not for us", "hook input drop", true, false },
		{ "BRD passing: neither", "to any drop", false, false },
	};
	const struct packet pkt = { BRD(6, "STATUS") };
	struct wire_frame f, answer;
	unsigned int i, answers;
	bool through;

	for (i = 0; i < ARRAY_SIZE(brds); i++) {
		set_rules(brds[i].rules);
		is_stopped();
		build(&f, &pkt);
		answers = probe_send(&f, &answer);
		through = false;
		while (wire_recv(wire1, &f, brds[i].through && !through ? NETNS_PATIENCE : 0))
			through |= wire_is_chaos(&f) && f.bytes[WIRE_OP] == CHAOS_OP_BRD;
		if (!tap_ok(through == brds[i].through && answers == brds[i].here, "%s",
			    brds[i].what))
			tap_diag("%u answers, %s", answers, through ? "sent on" : "not sent on");
	}
}

/* The number of packets that a rule has decided about, -1 if there is no such rule. */
static int packets(unsigned int number)
{
	char output[NETNS_OUTPUT], *s;
	int value;

	if (netns_run(output, "chaosctl -s rule show %u", number))
		return -1;
	s = strstr(output, "packets ");
	return s && sscanf(s, "packets %d", &value) == 1 ? value : -1;
}

static void send_packets(const char *text, unsigned int n)
{
	const struct packet pkt = { .text = text };
	struct wire_frame f, answer;

	while (n--) {
		build(&f, &pkt);
		probe_send(&f, &answer);
	}
}

/* Counters stay with their rules, whatever happens to others. */
static void test_counters(void)
{
	set_rules("number 10 contact TIME drop\nnumber 20 contact STATUS drop\nnumber 30 reject");
	send_packets("TIME", 1);
	send_packets("STATUS", 2);
	send_packets("NOSUCH", 3);
	tap_ok(packets(10) == 1 && packets(20) == 2 && packets(30) == 3,
	       "each rule counts what it decides");
	tap_eq(packets(1), 6, "allowing is a decision");
	netns_must("chaosctl rule add number 15 contact NOSUCH drop");
	netns_must("chaosctl rule delete 10");
	netns_must("chaosctl rule add allow");
	tap_ok(packets(20) == 2 && packets(30) == 3, "other rules come and go");
	send_packets("NOSUCH", 1);
	send_packets("STATUS", 1);
	tap_ok(packets(15) == 1 && packets(20) == 3 && packets(30) == 3 && packets(40) == 0,
	       "counting goes on");
	netns_must("chaosctl rule replace number 20 contact STATUS drop");
	tap_ok(packets(20) == 0 && packets(30) == 3, "a rule that is replaced begins anew");
	netns_must("chaosctl rule flush");
	tap_ok(packets(20) == -1 && packets(1) == -1, "flush");
	send_packets("STATUS", 1);
}

/* A duplicate of an RFC that waits for a server passes the rules again; a connection
 * that has been opened is not the rules' business.
 */
static void test_pending(void)
{
	struct sockaddr_chaos sa = { .sch_family = AF_CHAOS, .sch_contact = "WAIT" };
	int server = socket(AF_CHAOS, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	const struct packet pkt = { .text = "WAIT" };
	struct wire_frame f, answer;
	unsigned int answers;

	if (bind(server, (struct sockaddr *)&sa, sizeof(sa)) || listen(server, 1))
		tap_bail("server: %s", strerror(errno));
	build(&f, &pkt);
	answers = probe_send(&f, &answer);
	netns_must("chaosctl rule add contact WAIT reject");
	netns_must("chaosctl rule add number 1 contact UPTIME allow");
	tap_ok(!answers && probe_send(&f, &answer) == 1 && answer.bytes[WIRE_OP] == CHAOS_OP_CLS,
	       "a repeated request meets the rules");
	fd = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	tap_ok(fd >= 0, "the first one is still there");
	close(fd);
	close(server);
}

/* What comes from our host itself, over lo. */
static void test_self(void)
{
	char output[NETNS_OUTPUT];

	netns_must("chaosctl rule flush");
	netns_must("chaosctl rule add from self contact TIME reject reason \"Think.\"");
	tap_ok(netns_run(output, "chaos time %o", PROBE_HOST) && strstr(output, "Think."),
	       "from ourselves");
	netns_must("chaosctl rule replace number 10 from local contact TIME reject reason Here.");
	tap_ok(netns_run(output, "chaos time %o", PROBE_HOST) && strstr(output, "Here."),
	       "we are local");
	netns_must("chaosctl rule replace number 10 from host 401 contact TIME reject");
	tap_ok(!netns_run(output, "chaos time %o", PROBE_HOST), "we are not another host");
	netns_must("chaosctl rule flush");
}

static long long counted(struct counters *before, struct counters *after, const char *name)
{
	return *counters_of(after, name) - *counters_of(before, name);
}

/* Answers by rules are limited as others are. */
static void test_rate(void)
{
	struct counters before, after;
	struct wire_frame f;
	unsigned int i;
	long long end;

	set_rules("contact FILE forward 3040\ncontact FIRE reject");
	netns_must("echo 1 >/proc/sys/net/chaos/reply_rate");
	counters_read(&before);
	for (i = 0; i < 20; i++) {
		const struct packet pkt = { .text = i & 1 ? "FILE" : "FIRE" };

		build(&f, &pkt);
		wire_send(probe_wire, &f);
	}
	end = netns_now() + NETNS_PATIENCE;
	do {
		counters_read(&after);
	} while (counted(&before, &after, "drop_filter") < 20 && netns_now() < end);
	netns_must("echo 2000 >/proc/sys/net/chaos/reply_rate");
	tap_eq(counted(&before, &after, "drop_filter"), 20, "all are dropped");
	tap_eq(counted(&before, &after, "fwd_tx") + counted(&before, &after, "cls_tx") +
	       counted(&before, &after, "drop_rate_limit"), 20, "but not all answered at once");
}

int main(void)
{
	int ns = probe_make_host();
	unsigned int i;

	netns_host(ns, "eth0", PROBE_HOST, "HOSTB");
	if (!wire_announced(probe_wire, PROBE_HOST))
		tap_bail("the address did not become valid");
	netns_veth(ns, "eth1", ns, "wire1");
	wire1 = wire_open("wire1");
	netns_host(ns, "eth1", HOST_1, NULL);
	netns_must("chaosctl link set eth0 rut off");
	netns_must("chaosctl link set eth1 rut off");
	netns_must("chaosctl net set forwarding on");
	probe_introduce(PROBE_PEER, probe_peer_mac);
	probe_introduce(PROBE_OTHER, probe_other_mac);
	netns_must("chaosctl neigh add %o lladdr 02:00:00:00:10:01 dev eth1", PEER_1);
	netns_must("chaosctl route add default via %o", PROBE_OTHER);
	if (!wire_announced(wire1, HOST_1))
		tap_bail("the address did not become valid");
	probe_settle();
	start_chaosctl();

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	test_broadcast_passing();
	test_counters();
	test_pending();
	test_self();
	test_rate();
	fclose(commands);
	wait(NULL);
	return tap_done();
}
