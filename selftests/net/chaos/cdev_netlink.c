// SPDX-License-Identifier: GPL-2.0-or-later
/* Links of type "chaos" by netlink: made, shown, changed, deleted, and refused. */
#define _GNU_SOURCE
#include "cdev.h"
#include "nlreq.h"

enum { HERE = 0401, PEER = 0402 };

#define NONE	(-1)	/* this attribute is absent */

/* A link as the kernel describes it. */
struct shown {
	char type[16], feeder[32];
	int addr, carrier, peer, persist, uid, gid, pid;
};

static struct genl genl;

static struct shown show(const char *name)
{
	struct shown s = { .addr = NONE, .carrier = NONE, .peer = NONE, .persist = NONE,
			   .uid = NONE, .gid = NONE, .pid = NONE };
	static struct genl_answer a;
	struct nlattr *attr;

	genl_ask(&genl, genl.family, CHAOS_CMD_LINK_GET, CHAOS_LINK_A_IFNAME, name, &a);
	genl_for_each(attr, &a) {
		const void *data = genl_data(attr);

		switch (genl_type(attr)) {
		case CHAOS_LINK_A_TYPE:
			snprintf(s.type, sizeof(s.type), "%s", (const char *)data);
			break;
		case CHAOS_LINK_A_FEEDER:
			snprintf(s.feeder, sizeof(s.feeder), "%s", (const char *)data);
			break;
		case CHAOS_LINK_A_ADDR:
			s.addr = *(const uint16_t *)data;
			break;
		case CHAOS_LINK_A_PEER:
			s.peer = *(const uint16_t *)data;
			break;
		case CHAOS_LINK_A_CARRIER:
			s.carrier = *(const uint8_t *)data;
			break;
		case CHAOS_LINK_A_PERSIST:
			s.persist = *(const uint8_t *)data;
			break;
		case CHAOS_LINK_A_UID:
			s.uid = genl_u32(attr);
			break;
		case CHAOS_LINK_A_GID:
			s.gid = genl_u32(attr);
			break;
		case CHAOS_LINK_A_FEEDER_PID:
			s.pid = genl_u32(attr);
			break;
		}
	}
	return s;
}

static void begin(struct nlreq *r, uint8_t cmd, const char *name)
{
	nlreq_genl(r, &genl, cmd);
	nlreq_str(r, CHAOS_LINK_A_IFNAME, name);
}

static void begin_new(struct nlreq *r, const char *name)
{
	begin(r, CHAOS_CMD_LINK_NEW, name);
	nlreq_str(r, CHAOS_LINK_A_TYPE, "chaos");
}

static void begin_change(struct nlreq *r, const char *name)
{
	begin(r, CHAOS_CMD_LINK_NEW, name);
	nlreq_flag(r, CHAOS_LINK_A_CHANGE);
}

static void test_new(void)
{
	struct nlreq r;
	struct shown s;

	begin_new(&r, "plain");
	tap_eq(nlreq_do(genl.fd, &r), 0, "a new link");
	s = show("plain");
	tap_ok(!strcmp(s.type, "chaos") && s.persist == 1, "... is of type chaos, and persistent");
	tap_ok(s.addr == NONE && s.peer == NONE && s.uid == NONE && s.gid == NONE,
	       "... and has no address, peer, owner or group");
	tap_ok(!s.carrier && s.pid == NONE && !s.feeder[0], "... and nobody feeds it");

	begin_new(&r, "full0");
	nlreq_u16(&r, CHAOS_LINK_A_PEER, PEER);
	nlreq_u32(&r, CHAOS_LINK_A_UID, 3001);
	nlreq_u32(&r, CHAOS_LINK_A_GID, 3002);
	nlreq_u16(&r, CHAOS_LINK_A_COST, 20);
	tap_eq(nlreq_do(genl.fd, &r), 0, "a new link with everything");
	s = show("full0");
	tap_ok(s.peer == PEER && s.uid == 3001 && s.gid == 3002, "... has it");

	begin_new(&r, "num%d");
	tap_eq(nlreq_do(genl.fd, &r), 0, "a new link with any number");
	tap_ok(if_nametoindex("num0"), "... gets the first");
}

static void test_change(void)
{
	struct nlreq r;
	struct shown s;

	begin_change(&r, "full0");
	nlreq_u16(&r, CHAOS_LINK_A_PEER, 0);
	nlreq_u32(&r, CHAOS_LINK_A_UID, 0);
	tap_eq(nlreq_do(genl.fd, &r), 0, "a change of peer and owner");
	s = show("full0");
	tap_ok(s.peer == NONE && s.uid == 0 && s.gid == 3002, "... and of nothing else");
}

static void test_feeder(void)
{
	int fd = cdev_link("fed0", CHAOS_ATTACH_P2P, HERE, PEER);
	struct shown s = show("fed0");
	struct nlreq r;

	tap_ok(!s.persist && s.addr == HERE && s.peer == PEER && s.carrier == 1,
	       "a link made by attaching");
	tap_ok(s.pid == getpid() && !strcmp(s.feeder, "cdev_netlink"), "... says who feeds it");
	begin_change(&r, "fed0");
	nlreq_u16(&r, CHAOS_LINK_A_PEER, HERE);
	tap_eq(nlreq_do(genl.fd, &r), -EINVAL, "... and will not be its own peer");
	nlreq_genl(&r, &genl, CHAOS_CMD_ADDR_DEL);
	nlreq_str(&r, CHAOS_ADDR_A_IFNAME, "fed0");
	tap_eq(nlreq_do(genl.fd, &r), 0, "... and can lose its address");
	nlreq_genl(&r, &genl, CHAOS_CMD_ADDR_NEW);
	nlreq_str(&r, CHAOS_ADDR_A_IFNAME, "fed0");
	nlreq_u16(&r, CHAOS_ADDR_A_ADDR, PEER);
	tap_eq(nlreq_do(genl.fd, &r), -EINVAL, "... but not take its peer's");
	begin(&r, CHAOS_CMD_LINK_DEL, "fed0");
	tap_eq(nlreq_do(genl.fd, &r), 0, "... and can be deleted");
	tap_ok(!if_nametoindex("fed0"), "... and has gone");
	tap_errno(read(fd, &s, sizeof(s)), EBADFD, "... which its file knows");
	close(fd);

	fd = cdev_link("full0", 0, 0, 0);
	s = show("full0");
	tap_ok(s.pid == getpid() && s.persist == 1, "an old link says who feeds it");
	close(fd);
	s = show("full0");
	tap_ok(s.pid == NONE && !s.feeder[0], "... until it ends");
}

/* What is refused, and why. */
static const struct refusal {
	const char *what, *name, *type;
	int change, peer, uid, gid;	/* NONE: absent */
	int error;
	const char *text;
} refusals[] = {
	{ "no name", NULL, "chaos", 0, NONE, NONE, NONE, EINVAL,
	  "a new device has a name and no index, and is not changed" },
	{ "a change of what is new", "new0", "chaos", 1, NONE, NONE, NONE, EINVAL,
	  "a new device has a name and no index, and is not changed" },
	{ "an unknown type", "new0", "chaoz", 0, NONE, NONE, NONE, EOPNOTSUPP,
	  "no such type of virtual link" },
	{ "a type that is not virtual", "new0", "ether", 0, NONE, NONE, NONE, EOPNOTSUPP,
	  "no such type of virtual link" },
	{ "a name that is taken", "lo", "chaos", 0, NONE, NONE, NONE, EEXIST,
	  "there is a device of this name" },
	{ "an empty name", "", "chaos", 0, NONE, NONE, NONE, EINVAL, "" },
	{ "an impossible name", "a/b", "chaos", 0, NONE, NONE, NONE, EINVAL, "" },
	{ "a name that is too long", "abcdefghijklmnop", "chaos", 0, NONE, NONE, NONE, EINVAL, "" },
	{ "a peer without host", "new0", "chaos", 0, 0400, NONE, NONE, EINVAL,
	  "the peer is not a host address" },
	{ "an impossible user", "new0", "chaos", 0, NONE, -2, NONE, EINVAL,
	  "no such user in this namespace" },
	{ "an impossible group", "new0", "chaos", 0, NONE, NONE, -2, EINVAL,
	  "no such group in this namespace" },
	{ "a peer of another type of link", "lo", NULL, 1, PEER, NONE, NONE, EOPNOTSUPP,
	  "not for links of this type" },
	{ "an owner of another type of link", "lo", NULL, 1, NONE, 1, NONE, EOPNOTSUPP,
	  "not for links of this type" },
};

static void put_refusal(struct nlreq *r, const struct refusal *row)
{
	nlreq_genl(r, &genl, CHAOS_CMD_LINK_NEW);
	if (row->name)
		nlreq_str(r, CHAOS_LINK_A_IFNAME, row->name);
	if (row->type)
		nlreq_str(r, CHAOS_LINK_A_TYPE, row->type);
	if (row->change)
		nlreq_flag(r, CHAOS_LINK_A_CHANGE);
	if (row->peer != NONE)
		nlreq_u16(r, CHAOS_LINK_A_PEER, row->peer);
	if (row->uid != NONE)
		nlreq_u32(r, CHAOS_LINK_A_UID, row->uid == -2 ? ~0u : (uint32_t)row->uid);
	if (row->gid != NONE)
		nlreq_u32(r, CHAOS_LINK_A_GID, row->gid == -2 ? ~0u : (uint32_t)row->gid);
}

static void test_refusal(const struct refusal *row)
{
	struct nlreq r;
	const char *text;
	int error;

	put_refusal(&r, row);
	error = nlreq_answer(&genl, &r, &text);
	if (tap_ok(error == row->error && (!*row->text || !strcmp(text, row->text)),
		   "refused: %s", row->what))
		return;
	tap_diag("error %d (%s): %s", error, strerror(error), text);
}

/* A device that is refused what it cannot have must not stay a link. */
static void test_ether(void)
{
	struct nlreq r;

	netns_must("ip link add ether0 type veth peer name ether1");
	begin(&r, CHAOS_CMD_LINK_NEW, "ether0");
	nlreq_u16(&r, CHAOS_LINK_A_PEER, PEER);
	tap_eq(nlreq_do(genl.fd, &r), -EOPNOTSUPP, "an Ethernet with a peer");
	begin(&r, CHAOS_CMD_LINK_NEW, "ether0");
	tap_eq(nlreq_do(genl.fd, &r), 0, "... is not attached by that, and can be without");
}

int main(void)
{
	unsigned int i;

	netns_new();
	genl_open(&genl);
	nlreq_explain(&genl);
	test_new();
	test_change();
	test_feeder();
	for (i = 0; i < ARRAY_SIZE(refusals); i++)
		test_refusal(&refusals[i]);
	tap_ok(!if_nametoindex("new0"), "nothing was made of what was refused");
	test_ether();
	return tap_done();
}
