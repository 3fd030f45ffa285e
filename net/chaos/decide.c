// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deciding about an RFC: to open, to answer, to refuse, or to send it elsewhere
 * (AIM 628 section 4.1).
 *
 * accept() opens at once, or with CHAOS_DEFER leaves the connection in
 * RFC-received for the program to look at, and to decide by one of the options here.
 */

#include <linux/net.h>

#include "af_chaos.h"
#include "skb.h"

/**
 * chaos_opn_build() - the packet that opens a connection
 * @conn: connection in CHAOS_RFC_RECEIVED
 *
 * Its data are the RFC's number and our window.
 *
 * Return: the packet or NULL.
 */
struct sk_buff *chaos_opn_build(const struct chaos_conn *conn)
{
	const u16 words[] = { conn->ncp.rcv_rcpt, conn->ncp.rcv_window };
	__le16 data[ARRAY_SIZE(words)];
	struct sk_buff *skb;

	chaos_put_words(data, words, ARRAY_SIZE(words));
	skb = chaos_skb_data(CHAOS_OP_OPN, data, sizeof(data), GFP_KERNEL);
	if (skb)
		__skb_header_release(skb);
	return skb;
}

/*
 * Each decision is made under the connection's lock, if the peer still waits for
 * it.  Return: false if it does not; then @skb is still the caller's.
 */
static bool decide_open(struct chaos_conn *conn, struct sk_buff *skb)
{
	bool waits;

	chaos_conn_lock(conn);
	waits = conn->ncp.state == CHAOS_RFC_RECEIVED;
	if (waits)
		ncp_accept(&conn->ncp, chaos_pkt(skb), chaos_now());
	chaos_conn_unlock(conn);
	return waits;
}

static bool decide_reject(struct chaos_conn *conn, const char *reason)
{
	bool waits;

	chaos_conn_lock(conn);
	waits = conn->ncp.state == CHAOS_RFC_RECEIVED;
	if (waits)
		ncp_abort(&conn->ncp, reason, chaos_now());
	chaos_conn_unlock(conn);
	return waits;
}

static bool decide_forward(struct chaos_conn *conn, const struct chaos_target *t)
{
	bool waits;

	chaos_conn_lock(conn);
	waits = conn->ncp.state == CHAOS_RFC_RECEIVED;
	if (waits)
		ncp_forward(&conn->ncp, t->addr, t->text, t->len, chaos_now());
	chaos_conn_unlock(conn);
	return waits;
}

static int set_open(struct chaos_sock *cs)
{
	struct sk_buff *opn = chaos_opn_build(cs->conn);

	if (!opn)
		return -ENOMEM;
	if (decide_open(cs->conn, opn))
		return 0;
	kfree_skb(opn);
	return -ECONNABORTED;
}

static int set_answer(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	struct sk_buff *ans;

	if (len > CHAOS_DATA_MAX)
		return -EMSGSIZE;
	ans = chaos_skb_alloc(len, GFP_KERNEL);
	if (!ans)
		return -ENOMEM;
	if (copy_from_sockptr(skb_put(ans, len), val, len)) {
		kfree_skb(ans);
		return -EFAULT;
	}
	chaos_skb_ready(ans, CHAOS_OP_ANS, len);
	__skb_header_release(ans);
	return chaos_conn_answer(cs->conn, ans) ? 0 : -ECONNABORTED;
}

static int set_reject(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	char reason[CHAOS_DATA_MAX + 1] = "";

	if (len > CHAOS_DATA_MAX)
		return -EMSGSIZE;
	if (copy_from_sockptr(reason, val, len))
		return -EFAULT;
	return decide_reject(cs->conn, reason) ? 0 : -ECONNABORTED;
}

static int set_forward(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	struct sockaddr_chaos sa;
	struct chaos_target t;
	int err;

	if (len > sizeof(sa))
		return -EINVAL;
	if (copy_from_sockptr(&sa, val, len))
		return -EFAULT;
	err = chaos_target_parse(&t, &sa, len);
	if (err)
		return err;
	if (!t.addr || t.index || !t.contact_len)
		return -EINVAL;
	return decide_forward(cs->conn, &t) ? 0 : -ECONNABORTED;
}

/**
 * chaos_decide() - the program decides about the RFC of an accepted socket
 * @cs: socket, locked
 * @name: CHAOS_OPEN, CHAOS_ANSWER, CHAOS_REJECT or CHAOS_FORWARD
 * @val: the option's value
 * @len: its length
 *
 * Return: 0, -EINVAL (not accepted with CHAOS_DEFER, decided already, or a bad
 * value), -EMSGSIZE, -EFAULT, -ENOMEM, or -ECONNABORTED if the peer has given up.
 */
int chaos_decide(struct chaos_sock *cs, int name, sockptr_t val, unsigned int len)
{
	int err;

	if (!cs->undecided)
		return -EINVAL;
	switch (name) {
	case CHAOS_OPEN:
		err = set_open(cs);
		break;
	case CHAOS_ANSWER:
		err = set_answer(cs, val, len);
		break;
	case CHAOS_REJECT:
		err = set_reject(cs, val, len);
		break;
	default:
		err = set_forward(cs, val, len);
	}
	if (!err || err == -ECONNABORTED)
		cs->undecided = false;
	return err;
}
