// SPDX-License-Identifier: GPL-2.0-only
/* Socket options of level SOL_CHAOS. */

#include <linux/net.h>
#include <linux/slab.h>

#include "af_chaos.h"
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

static int set_window(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int window;

	if (len != sizeof(window))
		return -EINVAL;
	if (copy_from_sockptr(&window, val, sizeof(window)))
		return -EFAULT;
	if (window < 1 || window > NCP_WINDOW_MAX)
		return -EINVAL;
	WRITE_ONCE(cs->window, window);
	if (cs->conn) {
		chaos_conn_lock(cs->conn);
		ncp_set_window(&cs->conn->ncp, chaos_sk_window(cs), chaos_now());
		chaos_conn_unlock(cs->conn);
	}
	return 0;
}

static int set_defer(struct chaos_sock *cs, sockptr_t val, unsigned int len)
{
	int defer;

	if (len != sizeof(defer))
		return -EINVAL;
	if (copy_from_sockptr(&defer, val, sizeof(defer)))
		return -EFAULT;
	cs->defer = defer;
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
	struct sock *sk = sock->sk;
	int err = -ENOPROTOOPT;

	if (level != SOL_CHAOS)
		return err;
	lock_sock(sk);
	switch (name) {
	case CHAOS_RFC_DATA:
		err = set_rfc_data(chaos_sk(sk), val, len);
		break;
	case CHAOS_WINDOW:
		err = set_window(chaos_sk(sk), val, len);
		break;
	case CHAOS_DEFER:
		err = set_defer(chaos_sk(sk), val, len);
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

/* Why a connection ended, when the peer has said nothing. */
static const char *end_text(u8 end)
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
			strscpy(text, end_text(cs->conn->ncp.end), sizeof(text));
		chaos_conn_unlock(cs->conn);
	} else {
		spin_lock_bh(&cs->queue_lock);
		if (cs->reason)
			memcpy(text, cs->reason->data, chaos_pkt(cs->reason)->hdr.len);
		else
			strscpy(text, end_text(cs->failed), sizeof(text));
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
	} else if (cs->listener.len && READ_ONCE(cs->listener.offer)) {
		info.ci_state = CHAOS_LISTENING;
	}
	return give(val, lenp, len, &info, sizeof(info));
}

/* Of an accepted connection the peer's RFC, else what was set. */
static int get_rfc_data(struct chaos_sock *cs, char __user *val, int __user *lenp, int len)
{
	const struct sk_buff *rfc = cs->conn ? cs->conn->rfc : NULL;

	if (rfc)
		return give(val, lenp, len, rfc->data, chaos_pkt(rfc)->hdr.len);
	return give(val, lenp, len, cs->rfc_data, cs->rfc_len);
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
	int len, value, err = -ENOPROTOOPT;

	if (level != SOL_CHAOS)
		return err;
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
	case CHAOS_WINDOW:
		value = cs->window;
		err = give(val, lenp, len, &value, sizeof(value));
		break;
	case CHAOS_DEFER:
		value = cs->defer;
		err = give(val, lenp, len, &value, sizeof(value));
		break;
	}
	release_sock(sk);
	return err;
}
