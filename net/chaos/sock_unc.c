// SPDX-License-Identifier: GPL-2.0-only
/* SOCK_DGRAM with CHAOSPROTO_UNC: foreign protocols (AIM 628 chapter 6). */

#include <asm/ioctls.h>
#include <linux/net.h>
#include <linux/poll.h>

#include "af_chaos.h"
#include "compat.h"
#include "foreign.h"
#include "output.h"
#include "skb.h"

/* Parse the address of a peer: a host and an index there, 0 for any; no contact. */
static int unc_parse_peer(struct chaos_target *t, const void *uaddr, int addr_len)
{
	int err = chaos_target_parse(t, uaddr, addr_len);

	if (!err && (!t->addr || t->len))
		err = -EINVAL;
	return err;
}

/* The channel opens when it is first needed, if bind() has not opened it. */
static int unc_open(struct chaos_sock *cs)
{
	struct chaos_channel *ch = &cs->channel;

	return ch->index ? 0 : chaos_foreign_open(chaos_sk_net(&cs->sk), ch, 0, 0);
}

static int unc_bind(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	struct chaos_net *cn = chaos_sk_net(sock->sk);
	struct chaos_target t;
	int err;

	err = chaos_target_parse(&t, uaddr, addr_len);
	if (err)
		return err;
	if (t.len)
		return -EINVAL;
	if (t.addr && !chaos_addr_is_local(cn, t.addr))
		return -EADDRNOTAVAIL;

	lock_sock(sock->sk);
	err = -EINVAL;
	if (!cs->channel.index)
		err = chaos_foreign_open(cn, &cs->channel, t.addr, t.index);
	if (!err)
		cs->bound = t.addr;
	release_sock(sock->sk);
	return err;
}

/* Only packets from this peer, and to it what has no address; AF_UNSPEC undoes it. */
static int unc_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len, int flags)
{
	struct chaos_sock *cs = chaos_sk(sock->sk);
	struct chaos_target t = {};
	int err = 0;
	u16 src;

	if (addr_len < (int)sizeof(uaddr->sa_family))
		return -EINVAL;
	if (uaddr->sa_family != AF_UNSPEC) {
		err = unc_parse_peer(&t, uaddr, addr_len);
		if (err)
			return err;
	}
	lock_sock(sock->sk);
	if (t.addr)
		err = chaos_source_addr(cs, t.addr, &src) ?: unc_open(cs);
	if (!err) {
		WRITE_ONCE(cs->channel.peer, (u32)t.addr << 16 | t.index);
		sock->state = t.addr ? SS_CONNECTED : SS_UNCONNECTED;
	}
	release_sock(sock->sk);
	return err;
}

/* Receive what is for indices that nobody has, too. */
static int unc_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	int err;

	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	lock_sock(sk);
	err = unc_open(cs) ?: chaos_foreign_claim(chaos_sk_net(sk), &cs->channel);
	release_sock(sk);
	return err;
}

static int unc_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_chaos *sa = (struct sockaddr_chaos *)uaddr;
	const struct chaos_channel *ch = &chaos_sk(sock->sk)->channel;
	int err = sizeof(*sa);

	lock_sock(sock->sk);
	if (!peer)
		chaos_name_fill(sa, ch->addr, ch->index, NULL, 0);
	else if (ch->peer)
		chaos_name_fill(sa, chaos_channel_peer_addr(ch->peer),
				chaos_channel_peer_index(ch->peer), NULL, 0);
	else
		err = -ENOTCONN;
	release_sock(sock->sk);
	return err;
}

/* Sending. */

/* Addresses and indices: to where the program says, or to the peer. */
static int unc_address(struct chaos_sock *cs, struct msghdr *msg, struct chaos_hdr *hdr)
{
	struct chaos_target t = {
		.addr = chaos_channel_peer_addr(cs->channel.peer),
		.index = chaos_channel_peer_index(cs->channel.peer),
	};
	int err = 0;

	if (msg->msg_namelen)
		err = unc_parse_peer(&t, msg->msg_name, msg->msg_namelen);
	else if (!t.addr)
		err = -EDESTADDRREQ;
	if (!err)
		err = chaos_source_addr(cs, t.addr, &hdr->src) ?: unc_open(cs);
	hdr->dst = t.addr;
	hdr->didx = t.index;
	hdr->sidx = cs->channel.index;
	return err;
}

static int unc_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct chaos_hdr hdr = { .op = CHAOS_OP_UNC, .len = len };
	struct sock *sk = sock->sk;
	struct chaos_unc unc = {};
	struct sk_buff *skb;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (len > CHAOS_DATA_MAX)
		return -EMSGSIZE;
	err = chaos_get_cmsg(msg, CHAOS_UNC, &unc, sizeof(unc));
	if (err)
		return err;
	hdr.num = unc.cu_number;
	hdr.ack = unc.cu_ack;
	lock_sock(sk);
	err = unc_address(chaos_sk(sk), msg, &hdr);
	release_sock(sk);
	if (err)
		return err;

	skb = sock_alloc_send_skb(sk, CHAOS_HEADROOM + len + 1, msg->msg_flags & MSG_DONTWAIT,
				  &err);
	if (!skb)
		return err;
	skb_reserve(skb, CHAOS_HEADROOM);
	if (!copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		kfree_skb(skb);
		return -EFAULT;
	}
	chaos_skb_ready(skb, CHAOS_OP_UNC, len);
	chaos_skb_push_hdr(skb, &hdr);
	return chaos_output(chaos_sk_net(sk), skb, hdr.dst) ?: (int)len;
}

/* Receiving. */

static void unc_put_cmsgs(struct sock *sk, struct msghdr *msg, const struct chaos_hdr *hdr)
{
	struct chaos_unc unc = { .cu_number = hdr->num, .cu_ack = hdr->ack };
	struct chaos_dest dest = { .cd_addr = hdr->dst, .cd_index = hdr->didx };

	if (!msg->msg_controllen)
		return;
	put_cmsg(msg, SOL_CHAOS, CHAOS_UNC, sizeof(unc), &unc);
	chaos_put_cmsg_opcode(msg, hdr->op);
	if (hdr->didx != READ_ONCE(chaos_sk(sk)->channel.index))
		put_cmsg(msg, SOL_CHAOS, CHAOS_DEST, sizeof(dest), &dest);
}

static int unc_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	const struct chaos_hdr *hdr;
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int copied, err;

	if (flags & (MSG_OOB | MSG_ERRQUEUE))
		return -EOPNOTSUPP;
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	copied = min_t(size_t, len, skb->len);
	if (len < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err)
		goto free_skb;
	hdr = &chaos_pkt(skb)->hdr;
	if (msg->msg_name) {
		chaos_name_fill(msg->msg_name, hdr->src, hdr->sidx, NULL, 0);
		msg->msg_namelen = sizeof(struct sockaddr_chaos);
	}
	unc_put_cmsgs(sk, msg, hdr);
	sock_recv_cmsgs(msg, sk, skb);
	err = flags & MSG_TRUNC ? (int)skb->len : copied;
free_skb:
	skb_free_datagram(sk, skb);
	return err;
}

/* The rest. */

/* There are none to set. */
static int unc_setsockopt(struct socket *sock, int level, int name, sockptr_t val, unsigned int len)
{
	return -ENOPROTOOPT;
}

static int unc_getsockopt(struct socket *sock, int level, int name, char __user *val,
			  int __user *lenp)
{
	struct sock *sk = sock->sk;
	struct chaos_info info;
	int len;

	if (level != SOL_CHAOS || name != CHAOS_INFO)
		return -ENOPROTOOPT;
	if (get_user(len, lenp))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	lock_sock(sk);
	chaos_foreign_info(&chaos_sk(sk)->channel, &info);
	release_sock(sk);
	len = min_t(int, len, sizeof(info));
	if (copy_to_user(val, &info, len) || put_user(len, lenp))
		return -EFAULT;
	return 0;
}

static int unc_first_len(struct sock *sk)
{
	const struct sk_buff *skb;
	int len;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb = skb_peek(&sk->sk_receive_queue);
	len = skb ? skb->len : 0;
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return len;
}

static int unc_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;

	switch (cmd) {
	case SIOCINQ:
		return put_user(unc_first_len(sk), (int __user *)arg);
	case SIOCOUTQ:
		return put_user(sk_wmem_alloc_get(sk), (int __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static int unc_release(struct socket *sock)
{
	struct sock *sk = sock->sk;

	if (!sk)
		return 0;
	lock_sock(sk);
	chaos_foreign_close(chaos_sk_net(sk), &chaos_sk(sk)->channel);
	sock_orphan(sk);
	sock->sk = NULL;
	release_sock(sk);
	/* What is queued meanwhile goes with the socket. */
	skb_queue_purge(&sk->sk_receive_queue);
	sock_put(sk);
	return 0;
}

const struct proto_ops chaos_unc_ops = {
	.family = PF_CHAOS,
	.owner = THIS_MODULE,
	.release = unc_release,
	.bind = unc_bind,
	.connect = unc_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = unc_getname,
	.poll = datagram_poll,
	.ioctl = unc_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = unc_listen,
	.shutdown = chaos_shutdown,
	.setsockopt = unc_setsockopt,
	.getsockopt = unc_getsockopt,
	.sendmsg = unc_sendmsg,
	.recvmsg = unc_recvmsg,
	.mmap = sock_no_mmap,
};
