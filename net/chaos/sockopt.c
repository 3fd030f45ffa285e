// SPDX-License-Identifier: GPL-2.0-only
/* Socket options of level SOL_CHAOS. */

#include <linux/net.h>
#include <linux/slab.h>

#include "af_chaos.h"
#include "broadcast.h"
#include "follow.h"
#include "skb.h"

static int set_rfc_data(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	u8 *data = NULL;

	if (len > CHAOS_DATA_MAX)
		return -EMSGSIZE;
	if (len) {
		data = memdup_sockptr(val, len);
		if (IS_ERR(data))
			return PTR_ERR(data);
	}
	kfree(cs->rfc_data);
	cs->rfc_data = data;
	cs->rfc_len = len;
	return 0;
}

/* Read an int between @min and @max. */
static int int_value(int *value, sockptr_t val, unsigned int len, int min, int max)
{
	if (len != sizeof(*value))
		return -EINVAL;
	if (copy_from_sockptr(value, val, sizeof(*value)))
		return -EFAULT;
	return *value < min || *value > max ? -EINVAL : 0;
}

static int set_window(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int window, err;

	err = int_value(&window, val, len, 1, NCP_WINDOW_MAX);
	if (err)
		return err;
	WRITE_ONCE(cs->window, window);
	if (cs->conn) {
		chaos_conn_lock(cs->conn);
		cs->conn->ncp.rcv_spare = chaos_sk_spare(cs);
		ncp_set_window(&cs->conn->ncp, chaos_sk_window(cs), chaos_now());
		chaos_conn_unlock(cs->conn);
	}
	return 0;
}

static int set_defer(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int defer, err;

	err = int_value(&defer, val, len, INT_MIN, INT_MAX);
	if (!err)
		cs->defer = defer;
	return err;
}

static int set_nodelay(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int nodelay, err;

	err = int_value(&nodelay, val, len, INT_MIN, INT_MAX);
	if (err)
		return err;
	cs->nodelay = nodelay;
	if (nodelay && cs->conn) {
		chaos_conn_lock(cs->conn);
		ncp_flush(&cs->conn->ncp, chaos_now());
		chaos_conn_unlock(cs->conn);
	}
	return 0;
}

/* Options that are times, in milliseconds. */
static const struct time_option {
	int name;
	size_t offset;		/* in struct ncp_times */
	int min, max;
} time_options[] = {
	{ CHAOS_RTO_MIN, offsetof(struct ncp_times, rto_min), 10, 60 * 1000 },
	{ CHAOS_RTO_MAX, offsetof(struct ncp_times, rto_max), 10, 60 * 1000 },
	{ CHAOS_PROBE,	 offsetof(struct ncp_times, probe),   10, 3600 * 1000 },
	{ CHAOS_IDLE,	 offsetof(struct ncp_times, idle),    10, 3600 * 1000 },
	{ CHAOS_TIMEOUT, offsetof(struct ncp_times, timeout), 1000, 3600 * 1000 },
};

static const struct time_option *time_option(int name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(time_options); i++)
		if (time_options[i].name == name)
			return &time_options[i];
	return NULL;
}

static u32 *time_of(struct chaos_sock *cs, const struct time_option *opt)
{
	return (u32 *)((char *)&cs->times + opt->offset);
}

static int set_time(struct chaos_sock *cs, const struct time_option *opt, sockptr_t val,
		    unsigned int len)
{
	int ms, err;

	err = int_value(&ms, val, len, opt->min, opt->max);
	if (err)
		return err;
	*time_of(cs, opt) = ms * NCP_MS;
	if (cs->conn) {
		chaos_conn_lock(cs->conn);
		ncp_set_times(&cs->conn->ncp, &cs->times, chaos_now());
		chaos_conn_unlock(cs->conn);
	}
	return 0;
}

/* The words of our final CLS. */
static int set_reason(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	struct chaos_conn *conn = cs->conn;
	const char *old;
	char *text;

	if (!conn)
		return -ENOTCONN;
	if (len > CHAOS_DATA_MAX)
		return -EMSGSIZE;
	text = kzalloc(len + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	if (copy_from_sockptr(text, val, len)) {
		kfree(text);
		return -EFAULT;
	}
	chaos_conn_lock(conn);
	old = conn->ncp.farewell;
	conn->ncp.farewell = text;
	chaos_conn_unlock(conn);
	kfree(old);
	return 0;
}

static int set_follow(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int follow, err;

	err = int_value(&follow, val, len, 0, CHAOS_FOLLOW_MAX);
	if (!err)
		cs->follow = follow;
	return err;
}

static int set_recverr(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int recverr, err;

	err = int_value(&recverr, val, len, INT_MIN, INT_MAX);
	if (err)
		return err;
	WRITE_ONCE(cs->recverr, recverr);
	if (!recverr)
		skb_queue_purge(&cs->sk.sk_error_queue);
	return 0;
}

static int set_subnets(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	u8 *subnets = NULL;

	if (len) {
		if (len < CHAOS_SUBNET_MAP)
			return -EINVAL;
		subnets = memdup_sockptr(val, CHAOS_SUBNET_MAP);
		if (IS_ERR(subnets))
			return PTR_ERR(subnets);
	}
	kfree(cs->subnets);
	cs->subnets = subnets;
	return 0;
}

/**
 * chaos_setsockopt() - setsockopt() at level SOL_CHAOS
 * @sock: socket
 * @level: must be SOL_CHAOS
 * @name: CHAOS_*
 * @val: value in user space
 * @len: its length
 *
 * Return: 0 or a negative errno.
 */
int chaos_setsockopt(struct socket *sock, int level, int name, sockptr_t val, unsigned int len)
{
	const struct time_option *opt = time_option(name);
	struct sock *sk = sock->sk;
	int err = -ENOPROTOOPT;

	if (level != SOL_CHAOS)
		return err;
	lock_sock(sk);
	if (opt)
		err = set_time(chaos_sk(sk), opt, val, len);
	switch (name) {
	case CHAOS_REASON:
		err = set_reason(chaos_sk(sk), val, len);
		break;
	case CHAOS_NODELAY:
		err = set_nodelay(chaos_sk(sk), val, len);
		break;
	case CHAOS_RFC_DATA:
		err = set_rfc_data(chaos_sk(sk), val, len);
		break;
	case CHAOS_WINDOW:
		err = set_window(chaos_sk(sk), val, len);
		break;
	case CHAOS_DEFER:
		err = set_defer(chaos_sk(sk), val, len);
		break;
	case CHAOS_FOLLOW:
		err = set_follow(chaos_sk(sk), val, len);
		break;
	case CHAOS_SUBNETS:
		err = set_subnets(chaos_sk(sk), val, len);
		break;
	case CHAOS_RECVERR:
		err = set_recverr(chaos_sk(sk), val, len);
		break;
	case CHAOS_OPEN:
	case CHAOS_ANSWER:
	case CHAOS_REJECT:
	case CHAOS_FORWARD:
		err = chaos_decide(chaos_sk(sk), name, val, len);
		break;
	}
	release_sock(sk);
	return err;
}

static int give(char __user *val, int __user *lenp, int len, const void *data, int data_len)
{
	len = min(len, data_len);
	if (copy_to_user(val, data, len) || put_user(len, lenp))
		return -EFAULT;
	return 0;
}

/**
 * chaos_end_text() - why a connection ended, when the peer has said nothing
 * @end: enum ncp_end
 *
 * Return: a text for CHAOS_REASON, perhaps empty.
 */
const char *chaos_end_text(u8 end)
{
	switch (end) {
	case NCP_END_TIMEOUT:
		return "No answer from the host";
	case NCP_END_UNREACHABLE:
		return "The next host on the way does not answer";
	case NCP_END_NOT_SIMPLE:
		return "The server wants a stream connection";
	default:
		return "";
	}
}

/* The text of what ended the connection, with a NUL. */
static int get_reason(struct chaos_sock *cs, char __user *val, int __user *lenp, int len)
{
	char text[CHAOS_DATA_MAX + 1] = "";
	const struct sk_buff *skb;

	if (cs->conn) {
		chaos_conn_lock(cs->conn);
		skb = cs->conn->final;
		if (skb && chaos_pkt(skb)->hdr.op != CHAOS_OP_ANS)
			memcpy(text, skb->data, chaos_pkt(skb)->hdr.len);
		else
			strscpy(text, chaos_end_text(cs->conn->ncp.end), sizeof(text));
		chaos_conn_unlock(cs->conn);
	} else {
		spin_lock_bh(&cs->queue_lock);
		skb = chaos_sk_reason(cs);
		if (skb)
			memcpy(text, skb->data, chaos_pkt(skb)->hdr.len);
		else
			strscpy(text, chaos_end_text(cs->failed), sizeof(text));
		spin_unlock_bh(&cs->queue_lock);
	}
	return give(val, lenp, len, text, strlen(text) + 1);
}

static int get_info(struct chaos_sock *cs, char __user *val, int __user *lenp, int len)
{
	struct chaos_info info = {
		.ci_local_addr = cs->bound,
		.ci_rcv_window = chaos_sk_window(cs),
	};

	if (cs->conn) {
		chaos_conn_lock(cs->conn);
		ncp_info(&cs->conn->ncp, &info, chaos_now());
		chaos_conn_unlock(cs->conn);
	} else if (cs->listener && cs->listener->offer) {
		info.ci_state = CHAOS_LISTENING;
	}
	return give(val, lenp, len, &info, sizeof(info));
}

/* Of an accepted connection the peer's RFC, else what was set. */
static int get_rfc_data(struct chaos_sock *cs, char __user *val, int __user *lenp, int len)
{
	const struct sk_buff *rfc = cs->conn ? cs->conn->rfc : NULL;

	if (rfc && !cs->conn->ncp.asked)
		return give(val, lenp, len, rfc->data, chaos_pkt(rfc)->hdr.len);
	/* It had no arguments. */
	if (cs->conn && !cs->conn->ncp.asked)
		return give(val, lenp, len, chaos_sk_target(cs)->data, chaos_sk_target(cs)->len);
	return give(val, lenp, len, cs->rfc_data, cs->rfc_len);
}

/* Where the FWD that ended a request sends us. */
static int get_forward(struct chaos_sock *cs, char __user *val, int __user *lenp, int len)
{
	struct sockaddr_chaos sa;
	const struct sk_buff *fwd;
	int err = -ENODATA;

	if (cs->conn)
		chaos_conn_lock(cs->conn);
	else
		spin_lock_bh(&cs->queue_lock);
	fwd = cs->conn ? cs->conn->final : chaos_sk_reason(cs);
	if (fwd && chaos_pkt(fwd)->hdr.op == CHAOS_OP_FWD) {
		chaos_name_fill(&sa, chaos_pkt(fwd)->hdr.ack, 0, fwd->data,
				chaos_pkt(fwd)->hdr.len);
		err = 0;
	}
	if (cs->conn)
		chaos_conn_unlock(cs->conn);
	else
		spin_unlock_bh(&cs->queue_lock);
	return err ?: give(val, lenp, len, &sa, sizeof(sa));
}

/* Options that are an int. */
static int get_int(struct chaos_sock *cs, int name, int *value)
{
	const struct time_option *opt = time_option(name);

	switch (name) {
	case CHAOS_WINDOW:
		*value = cs->window;
		return 0;
	case CHAOS_NODELAY:
		*value = cs->nodelay;
		return 0;
	case CHAOS_DEFER:
		*value = cs->defer;
		return 0;
	case CHAOS_FOLLOW:
		*value = cs->follow;
		return 0;
	case CHAOS_RECVERR:
		*value = cs->recverr;
		return 0;
	}
	if (!opt)
		return -ENOPROTOOPT;
	*value = *time_of(cs, opt) / (u32)NCP_MS;
	return 0;
}

/**
 * chaos_getsockopt() - getsockopt() at level SOL_CHAOS
 * @sock: socket
 * @level: must be SOL_CHAOS
 * @name: CHAOS_*
 * @val: where to put the value
 * @lenp: room there; how much was used
 *
 * Return: 0 or a negative errno.
 */
int chaos_getsockopt(struct socket *sock, int level, int name, char __user *val, int __user *lenp)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	int len, value, err;

	if (level != SOL_CHAOS)
		return -ENOPROTOOPT;
	if (get_user(len, lenp))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	lock_sock(sk);
	switch (name) {
	case CHAOS_RFC_DATA:
		err = get_rfc_data(cs, val, lenp, len);
		break;
	case CHAOS_REASON:
		err = get_reason(cs, val, lenp, len);
		break;
	case CHAOS_INFO:
		err = get_info(cs, val, lenp, len);
		break;
	case CHAOS_FORWARD:
		err = get_forward(cs, val, lenp, len);
		break;
	case CHAOS_SUBNETS:
		err = give(val, lenp, len, cs->subnets, cs->subnets ? CHAOS_SUBNET_MAP : 0);
		break;
	default:
		err = get_int(cs, name, &value) ?:
		      give(val, lenp, len, &value, sizeof(value));
	}
	release_sock(sk);
	return err;
}
