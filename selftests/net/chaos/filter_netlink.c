// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of the contact filter by netlink: what is refused and why, what comes back, the
 * order, the limit, events, and who may.  No links are needed.
 */
#define _GNU_SOURCE
#include <grp.h>

#include "nlreq.h"

#define RULES_MAX	1024
#define NO_TEXT		""	/* the kernel says nothing, or something of its own */

static struct genl genl;

/* An attribute: bytes, or if @nest is there, attributes. */
struct attr {
	uint16_t type, len;
	const void *data;
	const struct attr *nest;	/* ends with type 0 */
};

#define BYTES(t, text)	{ .type = CHAOS_RULE_A_##t, .len = sizeof(text) - 1, .data = (text) }
#define STRING(t, text)	{ .type = CHAOS_RULE_A_##t, .len = sizeof(text), .data = (text) }
#define NUMBER(text)	BYTES(NUMBER, text)	/* u32, low byte first */
#define ACTION(text)	BYTES(ACTION, text)	/* u8 */
#define SIDE(t, ...)	{ .type = CHAOS_RULE_A_##t, \
			  .nest = (const struct attr[]){ __VA_ARGS__, {} } }
#define MATCH(t, text)	{ .type = CHAOS_RULE_MATCH_A_##t, .len = sizeof(text) - 1, .data = (text) }

#define ALLOW		ACTION("\0")
#define DROP		ACTION("\1")
#define REJECT		ACTION("\2")
#define FORWARD		ACTION("\3")
#define ANY		MATCH(KIND, "\0")
#define HOSTS		MATCH(KIND, "\1")
#define SUBNETS		MATCH(KIND, "\2")
#define LOCAL		MATCH(KIND, "\3")
#define BROADCAST	MATCH(KIND, "\5")

#define TEN		"1234567890"
#define HUNDRED		TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define REASON_488	HUNDRED HUNDRED HUNDRED HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN "12345678"
#define HOST		"\1\1"		/* 401 */
#define HOSTS_4		HOST HOST HOST HOST
#define HOSTS_64	HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 \
			HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4 HOSTS_4

static const struct row {
	const char *what;
	uint8_t cmd;
	int error;
	const char *text;
	struct attr attrs[6];	/* ends with type 0 */
} rows[] = {
	{ "no action", CHAOS_CMD_RULE_NEW, EINVAL, "what to do?  the action is missing",
	  { STRING(CONTACT, "FILE") } },
	{ "an unknown action", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT, { ACTION("\4") } },
	{ "an action of two bytes", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT, { ACTION("\1\1") } },
	{ "number 0", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT, { NUMBER("\0\0\0\0"), DROP } },
	{ "a number of two bytes", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT, { NUMBER("\1\0"), DROP } },
	{ "no hook", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT, { BYTES(HOOKS, "\0"), DROP } },
	{ "an unknown hook", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT, { BYTES(HOOKS, "\4"), DROP } },
	{ "an unknown attribute", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { DROP, { .type = CHAOS_RULE_A_MAX + 1, .len = 1, .data = "" } } },
	{ "packets are not set", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { DROP, BYTES(PACKETS, "\0\0\0\0\0\0\0\0") } },
	{ "replace without number", CHAOS_CMD_RULE_NEW, EINVAL,
	  "replace which rule?  its number is missing", { DROP, BYTES(REPLACE, "") } },

	{ "contact, empty", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a contact name is printable ASCII without spaces, and not empty",
	  { STRING(CONTACT, ""), DROP } },
	{ "contact with a space", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a contact name is printable ASCII without spaces, and not empty",
	  { STRING(CONTACT, "A B"), DROP } },
	{ "contact with a control character", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a contact name is printable ASCII without spaces, and not empty",
	  { STRING(CONTACT, "A\215"), DROP } },
	{ "contact of 121 characters", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { STRING(CONTACT, HUNDRED TEN TEN "x"), DROP } },
	{ "contact without NUL", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { BYTES(CONTACT, "FILE"), DROP } },

	{ "from without kind", CHAOS_CMD_RULE_NEW, EINVAL, "who?  the kind is missing",
	  { SIDE(FROM, MATCH(HOSTS, HOST)), DROP } },
	{ "from, empty", CHAOS_CMD_RULE_NEW, EINVAL, "who?  the kind is missing",
	  { SIDE(FROM, {}), DROP } },
	{ "from, without the flag of a nest", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { BYTES(FROM, ""), DROP } },
	{ "from, unknown kind", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT,
	  { SIDE(FROM, MATCH(KIND, "\6")), DROP } },
	{ "from, unknown attribute", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { SIDE(FROM, ANY, { .type = CHAOS_RULE_MATCH_A_MAX + 1, .len = 1, .data = "" }),
	    DROP } },
	{ "from broadcast", CHAOS_CMD_RULE_NEW, EINVAL,
	  "nothing comes from a broadcast address", { SIDE(FROM, BROADCAST), DROP } },
	{ "hosts without list", CHAOS_CMD_RULE_NEW, EINVAL,
	  "which hosts?  their list is missing", { SIDE(FROM, HOSTS), DROP } },
	{ "hosts with a list of subnets", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of subnets, but these are not asked for",
	  { SIDE(TO, HOSTS, MATCH(SUBNETS, "\1")), DROP } },
	{ "hosts with both lists", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of subnets, but these are not asked for",
	  { SIDE(TO, HOSTS, MATCH(HOSTS, HOST), MATCH(SUBNETS, "\1")), DROP } },
	{ "hosts, an empty list", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of hosts has 1 to 64 whole addresses",
	  { SIDE(TO, HOSTS, MATCH(HOSTS, "")), DROP } },
	{ "hosts, one and a half", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of hosts has 1 to 64 whole addresses",
	  { SIDE(TO, HOSTS, MATCH(HOSTS, HOST "\1")), DROP } },
	{ "hosts, 65", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT,
	  { SIDE(TO, HOSTS, MATCH(HOSTS, HOSTS_64 HOST)), DROP } },
	{ "hosts, one is a subnet", CHAOS_CMD_RULE_NEW, EINVAL,
	  "not a host address in the list: neither the subnet nor the host byte may be 0",
	  { SIDE(TO, HOSTS, MATCH(HOSTS, HOST "\0\1")), DROP } },
	{ "hosts, one is on no subnet", CHAOS_CMD_RULE_NEW, EINVAL,
	  "not a host address in the list: neither the subnet nor the host byte may be 0",
	  { SIDE(TO, HOSTS, MATCH(HOSTS, "\1\0")), DROP } },
	{ "subnets without list", CHAOS_CMD_RULE_NEW, EINVAL,
	  "which subnets?  their list is missing", { SIDE(FROM, SUBNETS), DROP } },
	{ "subnets with a list of hosts", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of hosts, but these are not asked for",
	  { SIDE(TO, SUBNETS, MATCH(HOSTS, HOST)), DROP } },
	{ "subnets, an empty list", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of subnets has 1 to 64 of them",
	  { SIDE(TO, SUBNETS, MATCH(SUBNETS, "")), DROP } },
	{ "subnets, one is 0", CHAOS_CMD_RULE_NEW, EINVAL, "there is no subnet 0",
	  { SIDE(TO, SUBNETS, MATCH(SUBNETS, "\1\0")), DROP } },
	{ "subnets, 65", CHAOS_CMD_RULE_NEW, ERANGE, NO_TEXT,
	  { SIDE(TO, SUBNETS, MATCH(SUBNETS, TEN TEN TEN TEN TEN TEN "12345")), DROP } },
	{ "local with a list", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of hosts, but these are not asked for",
	  { SIDE(TO, LOCAL, MATCH(HOSTS, HOST)), DROP } },

	{ "allow with a reason", CHAOS_CMD_RULE_NEW, EINVAL,
	  "only who is rejected is told a reason", { ALLOW, STRING(REASON, "why") } },
	{ "forward with a reason", CHAOS_CMD_RULE_NEW, EINVAL,
	  "only who is rejected is told a reason",
	  { FORWARD, BYTES(FWD_HOST, HOST), STRING(REASON, "why") } },
	{ "an empty reason", CHAOS_CMD_RULE_NEW, EINVAL, "the reason is empty",
	  { REJECT, STRING(REASON, "") } },
	{ "a reason with a newline", CHAOS_CMD_RULE_NEW, EINVAL,
	  "the reason must be printable ASCII", { REJECT, STRING(REASON, "no\n") } },
	{ "a reason with bytes above 0176", CHAOS_CMD_RULE_NEW, EINVAL,
	  "the reason must be printable ASCII", { REJECT, STRING(REASON, "\303\244") } },
	{ "a reason of 489 bytes", CHAOS_CMD_RULE_NEW, EINVAL, NO_TEXT,
	  { REJECT, STRING(REASON, REASON_488 "x") } },
	{ "forward without host", CHAOS_CMD_RULE_NEW, EINVAL,
	  "forward to which host?  its address is missing", { FORWARD } },
	{ "forward, contact only", CHAOS_CMD_RULE_NEW, EINVAL,
	  "forward to which host?  its address is missing",
	  { FORWARD, STRING(FWD_CONTACT, "A") } },
	{ "forward to no host", CHAOS_CMD_RULE_NEW, EINVAL,
	  "not a host address: neither the subnet nor the host byte may be 0",
	  { FORWARD, BYTES(FWD_HOST, "\0\1") } },
	{ "forward to a contact with arguments", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a contact name is printable ASCII without spaces, and not empty",
	  { FORWARD, BYTES(FWD_HOST, HOST), STRING(FWD_CONTACT, "A B") } },
	{ "drop with a host", CHAOS_CMD_RULE_NEW, EINVAL, "where to, if not forwarded?",
	  { DROP, BYTES(FWD_HOST, HOST) } },
	{ "reject with a contact to go to", CHAOS_CMD_RULE_NEW, EINVAL,
	  "where to, if not forwarded?", { REJECT, STRING(FWD_CONTACT, "A") } },

	{ "delete what is not there", CHAOS_CMD_RULE_DEL, ENOENT,
	  "there is no rule of this number", { NUMBER("\5\0\0\0") } },
	{ "delete number 0", CHAOS_CMD_RULE_DEL, ERANGE, NO_TEXT, { NUMBER("\0\0\0\0") } },
	{ "delete by contact", CHAOS_CMD_RULE_DEL, EINVAL, NO_TEXT, { STRING(CONTACT, "A") } },
	{ "get what is not there", CHAOS_CMD_RULE_GET, ENOENT,
	  "there is no rule of this number", { NUMBER("\5\0\0\0") } },
	{ "get without number", CHAOS_CMD_RULE_GET, EINVAL,
	  "which rule?  its number is missing", {} },
	{ "flush when there are none", CHAOS_CMD_RULE_DEL, 0, NO_TEXT, {} },

	/* What just fits. */
	{ "64 hosts", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { SIDE(TO, HOSTS, MATCH(HOSTS, HOSTS_64)), DROP } },
	{ "64 subnets", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { SIDE(FROM, SUBNETS, MATCH(SUBNETS, TEN TEN TEN TEN TEN TEN "1234")), DROP } },
	{ "a contact of 120 characters", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { STRING(CONTACT, HUNDRED TEN TEN), DROP } },
	{ "a reason of 488 characters", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { REJECT, STRING(REASON, REASON_488) } },
	{ "all kinds", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { SIDE(FROM, ANY), SIDE(TO, BROADCAST), DROP } },
	{ "any list is left out", CHAOS_CMD_RULE_NEW, EINVAL,
	  "a list of hosts, but these are not asked for",
	  { SIDE(FROM, ANY, MATCH(HOSTS, HOST)), DROP } },
	{ "a number twice", CHAOS_CMD_RULE_NEW, EEXIST, "there is a rule of this number",
	  { NUMBER("\12\0\0\0"), DROP } },
	{ "a number, replaced", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { NUMBER("\12\0\0\0"), DROP, BYTES(REPLACE, "") } },
	{ "the last number", CHAOS_CMD_RULE_NEW, 0, NO_TEXT,
	  { NUMBER("\377\377\377\377"), DROP } },
	{ "after the last number", CHAOS_CMD_RULE_NEW, ENOSPC,
	  "no numbers are left after the last rule: choose one", { DROP } },
};

static void put_attrs(struct nlreq *r, const struct attr *attr)
{
	for (; attr->type; attr++) {
		struct nlattr *nest;

		if (!attr->nest) {
			nlreq_put(r, attr->type, attr->data, attr->len);
			continue;
		}
		nest = nlreq_nest(r, attr->type);
		put_attrs(r, attr->nest);
		nlreq_nest_end(r, nest);
	}
}

static void test_row(const struct row *row)
{
	struct nlreq r;
	const char *text;
	int error;

	nlreq_genl(&r, &genl, row->cmd);
	put_attrs(&r, row->attrs);
	error = nlreq_answer(&genl, &r, &text);
	if (tap_ok(error == row->error && (!*row->text || !strcmp(text, row->text)),
		   "%s", row->what))
		return;
	tap_diag("error %d (%s): %s", error, strerror(error), text);
	tap_diag("expected %d (%s): %s", row->error, strerror(row->error), row->text);
}

static int change(struct genl *g, uint8_t cmd, uint32_t number)
{
	struct nlreq r;

	nlreq_genl(&r, g, cmd);
	if (number)
		nlreq_u32(&r, CHAOS_RULE_A_NUMBER, number);
	if (cmd == CHAOS_CMD_RULE_NEW)
		nlreq_u8(&r, CHAOS_RULE_A_ACTION, CHAOS_RULE_DROP);
	return nlreq_do(g->fd, &r);
}

/* What a dump has shown. */
struct seen {
	unsigned int n;
	uint32_t last;
	bool wrong;		/* not one after the other */
};

/* 0 if it is not there. */
static uint32_t number_of(struct nlmsghdr *nlh)
{
	const char *end = (char *)nlh + nlh->nlmsg_len;
	struct nlattr *attr = (void *)((char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN);

	for (; attr && (char *)attr + NLA_HDRLEN <= end; attr = genl_after(attr, end))
		if (genl_type(attr) == CHAOS_RULE_A_NUMBER)
			return genl_u32(attr);
	return 0;
}

static void see(struct nlmsghdr *nlh, void *data)
{
	struct seen *seen = data;
	uint32_t number = number_of(nlh);

	seen->n++;
	if (number <= seen->last)
		seen->wrong = true;
	seen->last = number;
}

static struct seen dump(void)
{
	struct seen seen = {};
	struct nlreq r;

	nlreq_genl(&r, &genl, CHAOS_CMD_RULE_GET);
	if (nlreq_dump(genl.fd, &r, see, &seen) != NLREQ_DONE)
		seen.wrong = true;
	return seen;
}

/* Numbers that are given, and those that the kernel chooses. */
static void test_numbers(void)
{
	struct seen seen;

	change(&genl, CHAOS_CMD_RULE_DEL, 0);
	change(&genl, CHAOS_CMD_RULE_NEW, 0);
	seen = dump();
	tap_ok(seen.n == 1 && seen.last == 10, "the first rule is number 10");
	change(&genl, CHAOS_CMD_RULE_NEW, 15);
	change(&genl, CHAOS_CMD_RULE_NEW, 5);
	change(&genl, CHAOS_CMD_RULE_NEW, 0);
	seen = dump();
	tap_ok(seen.n == 4 && seen.last == 25, "one without number comes 10 after the last");
	tap_ok(!seen.wrong, "they are shown in order");
	tap_eq(change(&genl, CHAOS_CMD_RULE_DEL, 10), 0, "delete one");
	tap_eq(dump().n, 3, "the others stay");
	change(&genl, CHAOS_CMD_RULE_DEL, 5);
	change(&genl, CHAOS_CMD_RULE_DEL, 25);
	tap_eq(change(&genl, CHAOS_CMD_RULE_DEL, 15), 0, "delete the last one");
	tap_eq(dump().n, 0, "none is left");
	tap_eq(change(&genl, CHAOS_CMD_RULE_DEL, 15), -ENOENT, "it is not deleted twice");
}

static void test_limit(void)
{
	struct seen seen;
	unsigned int i;

	/* From both ends. */
	for (i = 0; i < RULES_MAX; i++)
		if (change(&genl, CHAOS_CMD_RULE_NEW, i & 1 ? 10000 - i : 10000 + i))
			break;
	tap_eq(i, RULES_MAX, "%d rules", RULES_MAX);
	tap_eq(change(&genl, CHAOS_CMD_RULE_NEW, 1), -ENOSPC, "not one more");
	seen = dump();
	tap_eq(seen.n, RULES_MAX, "all are shown");
	tap_ok(!seen.wrong, "in order, and nothing has changed meanwhile");
	tap_eq(change(&genl, CHAOS_CMD_RULE_DEL, 10000), 0, "delete one");
	tap_eq(change(&genl, CHAOS_CMD_RULE_NEW, 1), 0, "there is room again");
}

/* A change in the middle of a dump is told. */
static void test_interrupted(void)
{
	static char bytes[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
	unsigned int done = 0, interrupted = 0;
	struct genl other;
	struct nlreq r;

	genl_open(&other);
	nlreq_genl(&r, &genl, CHAOS_CMD_RULE_GET);
	r.nlh.nlmsg_flags |= NLM_F_DUMP;
	if (send(genl.fd, &r, r.nlh.nlmsg_len, 0) < 0)
		tap_bail("netlink: %s", strerror(errno));
	while (!done) {
		ssize_t len = recv(genl.fd, bytes, sizeof(bytes), 0);
		struct nlmsghdr *nlh = (struct nlmsghdr *)bytes;

		if (len <= 0)
			tap_bail("netlink: %s", strerror(errno));
		for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			interrupted += !!(nlh->nlmsg_flags & NLM_F_DUMP_INTR);
			done += nlh->nlmsg_type == NLMSG_DONE;
		}
		change(&other, CHAOS_CMD_RULE_DEL, 1);
		change(&other, CHAOS_CMD_RULE_NEW, 1);
	}
	tap_ok(interrupted, "a dump tells that rules have changed meanwhile");
	close(other.fd);
}

/* The next event is this one; @number 0: about all rules. */
static bool hear(struct genl *g, uint8_t cmd, uint32_t number)
{
	static struct genl_answer a;

	return genl_recv(g, &a, NETNS_PATIENCE) && a.nlh.nlmsg_type == g->family &&
	       genl_cmd(&a) == cmd && number_of(&a.nlh) == number &&
	       (number || !genl_first(&a));
}

static void test_events(void)
{
	struct genl listener;

	change(&genl, CHAOS_CMD_RULE_DEL, 0);
	genl_open(&listener);
	genl_listen(&listener);
	change(&genl, CHAOS_CMD_RULE_NEW, 0);
	tap_ok(hear(&listener, CHAOS_CMD_RULE_NEW, 10), "a new rule is told, with its number");
	change(&genl, CHAOS_CMD_RULE_NEW, 20);
	tap_ok(hear(&listener, CHAOS_CMD_RULE_NEW, 20), "so is the next");
	change(&genl, CHAOS_CMD_RULE_NEW, 20);
	change(&genl, CHAOS_CMD_RULE_DEL, 10);
	tap_ok(hear(&listener, CHAOS_CMD_RULE_DEL, 10), "and one deleted, but nothing refused");
	change(&genl, CHAOS_CMD_RULE_DEL, 0);
	tap_ok(hear(&listener, CHAOS_CMD_RULE_DEL, 0), "all are gone: one event");
	change(&genl, CHAOS_CMD_RULE_DEL, 0);
	change(&genl, CHAOS_CMD_RULE_NEW, 7);
	tap_ok(hear(&listener, CHAOS_CMD_RULE_NEW, 7), "none when none were there");
	close(listener.fd);
}

/* In the child: what the user nobody gets. */
static int be_nobody(void)
{
	struct genl own;

	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) ||
	    setresuid(65534, 65534, 65534))
		return 1;
	genl_open(&own);
	if (change(&own, CHAOS_CMD_RULE_NEW, 9) != -EPERM)
		return 2;
	if (change(&own, CHAOS_CMD_RULE_DEL, 7) != -EPERM)
		return 3;
	if (change(&own, CHAOS_CMD_RULE_DEL, 0) != -EPERM)
		return 4;
	genl = own;
	return dump().n == 1 ? 0 : 5;
}

static void test_unprivileged(void)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(be_nobody());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		tap_bail("fork: %s", strerror(errno));
	tap_eq(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0,
	       "without privilege rules can be seen, but not changed");
	tap_eq(dump().n, 1, "and they have not been");
}

int main(void)
{
	int ns = netns_new();
	unsigned int i;

	genl_open(&genl);
	nlreq_explain(&genl);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	test_numbers();
	test_limit();
	test_interrupted();
	test_events();
	test_unprivileged();

	/* With rules in it. */
	close(ns);
	return tap_done();
}
