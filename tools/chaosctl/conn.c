// SPDX-License-Identifier: GPL-2.0-or-later
/* chaosctl conn: connections and listeners. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/chaos.h>
#include <linux/chaos_netlink.h>

#include "attrs.h"
#include "conninfo.h"
#include "object.h"

static const struct nla_policy conn_policy[CHAOS_CONN_A_MAX + 1] = {
	[CHAOS_CONN_A_SOCKTYPE]		= { .type = NLA_U8 },
	[CHAOS_CONN_A_UID]		= { .type = NLA_U32 },
	[CHAOS_CONN_A_INODE]		= { .type = NLA_U32 },
	[CHAOS_CONN_A_BACKLOG]		= { .type = NLA_U32 },
	[CHAOS_CONN_A_BACKLOG_MAX]	= { .type = NLA_U32 },
};

/* The names of AIM 628 section 4.7. */
static const char *const states[] = {
	[CHAOS_CLOSED]		= "closed",
	[CHAOS_LISTENING]	= "listening",
	[CHAOS_RFC_RECEIVED]	= "rfc-received",
	[CHAOS_RFC_SENT]	= "rfc-sent",
	[CHAOS_OPENED]		= "open",
	[CHAOS_LOST]		= "lost",
	[CHAOS_INCOMPLETE]	= "incomplete",
	[CHAOS_BROADCAST_SENT]	= "broadcast-sent",
	[CHAOS_FOREIGN]		= "foreign",
};

static const char *const socket_types[] = {
	[SOCK_STREAM]		= "stream",
	[SOCK_DGRAM]		= "dgram",
	[SOCK_RAW]		= "raw",
	[SOCK_SEQPACKET]	= "seqpacket",
};

/* Columns of the plain table. */
enum {
	COLUMN_STATE	= 0,
	COLUMN_TYPE	= 15,
	COLUMN_RECV	= 25,
	COLUMN_SEND	= 32,
	COLUMN_LOCAL	= 39,
	COLUMN_PEER	= 51,
	COLUMN_CONTACT	= 63,
};

static void show_heading(struct show *s)
{
	show_text(s, "State");
	show_column(s, COLUMN_TYPE);
	show_text(s, "Type");
	show_column(s, COLUMN_RECV);
	show_text(s, "Recv-Q");
	show_column(s, COLUMN_SEND);
	show_text(s, "Send-Q");
	show_column(s, COLUMN_LOCAL);
	show_text(s, "Local");
	show_column(s, COLUMN_PEER);
	show_text(s, "Peer");
	show_column(s, COLUMN_CONTACT);
	show_text(s, "Contact");
	show_line_end(s);
}

/* One end of a connection: address in octal, index in hexadecimal, * for what is open. */
static void show_end(struct show *s, const char *addr_key, const char *index_key,
		     uint16_t addr, uint16_t index)
{
	char text[8];

	if (addr)
		show_addr(s, addr_key, "", addr);
	else
		show_text(s, "*");
	snprintf(text, sizeof(text), "%04x", index);
	if (index)
		show_str(s, index_key, ":", text);
	else
		show_text(s, ":*");
}

/* Packets waiting for the program and for the peer; for listeners as ss(8) does it. */
static void show_queues(struct show *s, const struct chaos_info *info, struct nlattr **tb)
{
	if (info->ci_state == CHAOS_LISTENING) {
		attr_u32(s, "backlog", "", tb[CHAOS_CONN_A_BACKLOG]);
		show_column(s, COLUMN_SEND);
		attr_u32(s, "backlog_max", "", tb[CHAOS_CONN_A_BACKLOG_MAX]);
		return;
	}
	show_num(s, "recv_queue", "", info->ci_rcv_unread);
	show_column(s, COLUMN_SEND);
	show_num(s, "send_queue", "", info->ci_snd_unacked + info->ci_snd_queued);
}

/* The empty contact is that of who takes all requests that nobody else does. */
static void show_contact(struct show *s, struct nlattr *contact)
{
	attr_str(s, "contact", "", contact);
	if (!contact)
		show_text(s, "-");
	else if (!nla_len(contact) || !*(const char *)nla_data(contact))
		show_text(s, "\"\"");
}

static void show_row(struct show *s, const struct chaos_info *info, struct nlattr **tb)
{
	show_name(s, "state", "", states, ARRAY_SIZE(states), info->ci_state);
	show_column(s, COLUMN_TYPE);
	if (tb[CHAOS_CONN_A_SOCKTYPE])
		attr_name(s, "type", "", socket_types, ARRAY_SIZE(socket_types),
			  tb[CHAOS_CONN_A_SOCKTYPE]);
	else
		show_text(s, "-");
	show_column(s, COLUMN_RECV);
	show_queues(s, info, tb);
	show_column(s, COLUMN_LOCAL);
	show_end(s, "local_addr", "local_index", info->ci_local_addr, info->ci_local_index);
	show_column(s, COLUMN_PEER);
	show_end(s, "peer_addr", "peer_index", info->ci_peer_addr, info->ci_peer_index);
	show_column(s, COLUMN_CONTACT);
	show_contact(s, tb[CHAOS_CONN_A_CONTACT]);
	attr_u32(s, "uid", " uid:", tb[CHAOS_CONN_A_UID]);
	attr_u32(s, "inode", " ino:", tb[CHAOS_CONN_A_INODE]);
	show_line_end(s);
}

static int show_conn(struct ctl *ctl, struct nlmsghdr *msg, const struct args *args)
{
	struct nlattr *tb[CHAOS_CONN_A_MAX + 1];
	struct show *s = &ctl->out;
	struct chaos_info info;

	if (answer_attrs(msg, tb, CHAOS_CONN_A_MAX, conn_policy))
		return -1;
	conninfo_copy(&info, tb[CHAOS_CONN_A_INFO]);
	show_object_open(s, NULL);
	show_row(s, &info, tb);
	if ((ctl->info || ctl->stats || (args->given & ARG_INFO)) &&
	    info.ci_state != CHAOS_LISTENING)
		conninfo_show(s, &info);
	show_object_close(s);
	return 0;
}

static int conn_show(struct ctl *ctl, const struct args *args)
{
	struct answer answer = { 0 };
	struct request req;

	if (request_begin(&req, ctl->tr, CHAOS_CMD_CONN_GET, NLM_F_DUMP) ||
	    request_ask(&req, &answer))
		return STATUS_FAILED;
	show_heading(&ctl->out);
	return object_show(ctl, &answer, show_conn, args);
}

static int conn_info(struct ctl *ctl, const struct args *args)
{
	struct args info = *args;

	info.given |= ARG_INFO;
	return conn_show(ctl, &info);
}

static const struct verb conn_verbs[] = {
	{ "show", "[info]", conn_show, ARG_INFO, 0, {} },
	{ "info", "", conn_info, 0, 0, {} },
};

const struct object conn_object = {
	"conn", "connections and listeners", conn_verbs, ARRAY_SIZE(conn_verbs), show_conn,
};
