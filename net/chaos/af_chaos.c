// SPDX-License-Identifier: GPL-2.0-only
/* The protocol family: creating sockets, addresses, what all types share. */

#include <linux/chaos_netlink.h>
#include <linux/module.h>
#include <linux/net.h>

#include "af_chaos.h"
#include "broadcast.h"
#include "compat.h"
#include "nl.h"
#include "request.h"
#include "responder.h"
#include "route.h"
#include "skb.h"
#include "sysctl.h"

static struct proto chaos_proto = {
	.name = "CHAOS",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct chaos_sock),
};

/**
 * chaos_target_parse() - check a sockaddr_chaos from user space
 * @t: result; @t->text points into @uaddr
 * @uaddr: the address, already copied into the kernel
 * @addr_len: its length as the program gave it
 *
 * Return: 0, -EAFNOSUPPORT, or -EINVAL for a length outside of 8 to 128,
 * reserved flags, an impossible address or a malformed contact name.
 */
int chaos_target_parse(struct chaos_target *t, const void *uaddr, int addr_len)
{
	const struct sockaddr_chaos *sa = uaddr;
	const size_t head = offsetof(struct sockaddr_chaos, sch_contact);

	BUILD_BUG_ON(sizeof(*sa) != 128);
	if (addr_len < (int)head || addr_len > (int)sizeof(*sa))
		return -EINVAL;
	if (sa->sch_family != AF_CHAOS)
		return -EAFNOSUPPORT;
	if (sa->sch_flags || (sa->sch_addr && !chaos_addr_is_host(sa->sch_addr)))
		return -EINVAL;
	t->addr = sa->sch_addr;
	t->index = sa->sch_index;
	t->text = sa->sch_contact;
	t->len = strnlen(sa->sch_contact, addr_len - head);
	t->contact_len = chaos_contact_len(t->text, t->len);
	if (t->len && !chaos_contact_valid(t->text, t->contact_len))
		return -EINVAL;
	return 0;
}

/**
 * chaos_name_fill() - an address for user space, with nothing left uninitialised
 * @sa: result
 * @addr: host address
 * @index: connection index
 * @contact: contact name, or NULL
 * @len: its length
 */
void chaos_name_fill(struct sockaddr_chaos *sa, u16 addr, u16 index, const void *contact,
		     size_t len)
{
	memset(sa, 0, sizeof(*sa));
	sa->sch_family = AF_CHAOS;
	sa->sch_addr = addr;
	sa->sch_index = index;
	memcpy(sa->sch_contact, contact, min(len, sizeof(sa->sch_contact)));
}

/**
 * chaos_name_fill_own() - the same with the contact that a socket has claimed, if any
 * @sa: result
 * @cs: socket, locked
 * @addr: host address
 * @index: connection index
 */
void chaos_name_fill_own(struct sockaddr_chaos *sa, const struct chaos_sock *cs, u16 addr,
			 u16 index)
{
	const struct chaos_listener *l = cs->listener;

	chaos_name_fill(sa, addr, index, l ? l->contact : NULL, l ? l->len : 0);
}

/**
 * chaos_text_new() - a text to be looked at
 * @data: copied
 * @len: its length, of which CHAOS_CONTACT_MAX bytes are kept
 *
 * Context: may sleep.
 *
 * Return: the text or NULL.
 */
struct chaos_text *chaos_text_new(const void *data, size_t len)
{
	struct chaos_text *text;

	BUILD_BUG_ON(CHAOS_CONTACT_MAX > U8_MAX);
	len = min_t(size_t, len, CHAOS_CONTACT_MAX);
	text = kmalloc(struct_size(text, data, len), GFP_KERNEL_ACCOUNT);
	if (!text)
		return NULL;
	text->len = len;
	memcpy(text->data, data, len);
	return text;
}

/**
 * chaos_sk_set_target() - what the socket is, or is to be, connected to
 * @cs: socket, locked or not yet a program's
 * @target: it has this from now on; NULL for nothing
 *
 * Context: may sleep.
 */
void chaos_sk_set_target(struct chaos_sock *cs, struct chaos_text *target)
{
	target = rcu_replace_pointer(cs->target, target,
				     lockdep_sock_is_held(&cs->sk) || !cs->sk.sk_socket);
	if (target)
		kfree_rcu_mightsleep(target);
}

/**
 * chaos_source_addr() - our address for talking to a host
 * @cs: socket; a bound address is used
 * @dst: the host
 * @src: result
 *
 * Return: 0, -ENETUNREACH, -EHOSTUNREACH, -ENETDOWN.
 */
int chaos_source_addr(const struct chaos_sock *cs, u16 dst, u16 *src)
{
	struct chaos_hop hop;
	int err;

	rcu_read_lock();
	err = chaos_route_lookup(chaos_sk_net(&cs->sk), dst, &hop);
	if (!err)
		*src = cs->bound ?: hop.src;
	rcu_read_unlock();
	return err;
}

/**
 * chaos_broadcast_addr() - our address for a broadcast, if the program may make one
 * @cs: socket, locked; a bound address is used
 * @src: result
 *
 * Return: 0, -EACCES (no SO_BROADCAST), -EDESTADDRREQ (no CHAOS_SUBNETS), -ENETUNREACH.
 */
int chaos_broadcast_addr(const struct chaos_sock *cs, u16 *src)
{
	int err;

	if (!sock_flag(&cs->sk, SOCK_BROADCAST))
		return -EACCES;
	if (!cs->subnets)
		return -EDESTADDRREQ;
	err = chaos_broadcast_source(chaos_sk_net(&cs->sk), cs->subnets, src);
	if (!err && cs->bound)
		*src = cs->bound;
	return err;
}

/**
 * chaos_shutdown() - shutdown() of a socket without a connection
 * @sock: socket
 * @how: SHUT_*
 *
 * Return: 0 or -EINVAL.
 */
int chaos_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;

	how++;	/* SHUT_* to the bits RCV_SHUTDOWN and SEND_SHUTDOWN */
	if (how & ~SHUTDOWN_MASK || !how)
		return -EINVAL;
	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	sk->sk_state_change(sk);
	release_sock(sk);
	return 0;
}

/**
 * chaos_rfc_build() - the packet that requests a connection
 * @text: contact name, perhaps with a space and arguments
 * @len: its length
 * @cs: socket; its CHAOS_RFC_DATA follows after a space
 * @gfp: allocation flags
 *
 * Return: the packet, or an ERR_PTR: -EMSGSIZE if it would be too long, -ENOMEM.
 */
struct sk_buff *chaos_rfc_build(const char *text, size_t len, const struct chaos_sock *cs,
				gfp_t gfp)
{
	size_t total = len + (cs->rfc_len ? 1 + cs->rfc_len : 0);
	struct sk_buff *skb;

	if (total > CHAOS_DATA_MAX)
		return ERR_PTR(-EMSGSIZE);
	skb = chaos_skb_alloc(total, gfp);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_put_data(skb, text, len);
	if (cs->rfc_len) {
		skb_put_u8(skb, ' ');
		skb_put_data(skb, cs->rfc_data, cs->rfc_len);
	}
	chaos_skb_ready(skb, CHAOS_OP_RFC, total);
	__skb_header_release(skb);
	return skb;
}

/**
 * chaos_brd_build() - the packet that asks many hosts (AIM 628 section 4.5)
 * @subnets: where, CHAOS_SUBNET_MAP bytes
 * @rfc: what, from chaos_rfc_build(); consumed
 * @gfp: allocation flags
 *
 * Return: the packet, or an ERR_PTR: -EMSGSIZE if it would be too long, -ENOMEM.
 */
struct sk_buff *chaos_brd_build(const u8 *subnets, struct sk_buff *rfc, gfp_t gfp)
{
	size_t len = CHAOS_SUBNET_MAP + chaos_pkt(rfc)->hdr.len;
	struct sk_buff *skb = ERR_PTR(-EMSGSIZE);

	if (len > CHAOS_DATA_MAX)
		goto free_rfc;
	skb = chaos_skb_alloc(len, gfp);
	if (!skb) {
		skb = ERR_PTR(-ENOMEM);
		goto free_rfc;
	}
	skb_put_data(skb, subnets, CHAOS_SUBNET_MAP);
	skb_put_data(skb, rfc->data, len - CHAOS_SUBNET_MAP);
	chaos_skb_ready(skb, CHAOS_OP_BRD, len);
	chaos_pkt(skb)->hdr.ack = CHAOS_SUBNET_MAP;
	__skb_header_release(skb);
free_rfc:
	kfree_skb(rfc);
	return skb;
}

/**
 * chaos_end_errno() - how the end of a connection looks to a program
 * @c: its engine
 *
 * Return: a negative errno, or 0 when it ended as it should or has not ended.
 */
int chaos_end_errno(const struct ncp *c)
{
	static const int errnos[] = {
		[NCP_END_NONE]		= 0,
		[NCP_END_LOCAL]		= 0,
		[NCP_END_CLEAN]		= 0,
		[NCP_END_BROKEN]	= -ECONNRESET,
		[NCP_END_LOST]		= -ECONNRESET,
		[NCP_END_REFUSED]	= -ECONNREFUSED,
		[NCP_END_ANSWERED]	= -EPROTOTYPE,
		[NCP_END_FORWARDED]	= -EREMCHG,
		[NCP_END_NOT_SIMPLE]	= -EPROTOTYPE,
		[NCP_END_UNREACHABLE]	= -EHOSTUNREACH,
		[NCP_END_TIMEOUT]	= -ETIMEDOUT,
	};

	return errnos[READ_ONCE(c->end)];
}

/* How many packets fit into the receive buffer. */
static int chaos_sk_fits(const struct chaos_sock *cs)
{
	return READ_ONCE(cs->sk.sk_rcvbuf) / (int)CHAOS_PKT_TRUESIZE;
}

/**
 * chaos_sk_window() - the receive window to offer
 * @cs: socket
 *
 * Whatever the window allows is kept until it is read, so it is what fits into
 * the receive buffer, and CHAOS_WINDOW at most.
 */
u16 chaos_sk_window(const struct chaos_sock *cs)
{
	return clamp(chaos_sk_fits(cs), 1, (int)READ_ONCE(cs->window));
}

/**
 * chaos_sk_spare() - how much more than the window may come while a packet is missing
 * @cs: socket
 *
 * A window, as far as the receive buffer goes.
 */
u16 chaos_sk_spare(const struct chaos_sock *cs)
{
	int window = chaos_sk_window(cs);

	return clamp(chaos_sk_fits(cs) - window, 0, min(window, NCP_WINDOW_MAX - window));
}

/**
 * chaos_get_cmsg() - what a program tells sendmsg() by a control message of ours
 * @msg: from sendmsg()
 * @type: the one that makes sense here
 * @value: its value; unchanged if there is none
 * @len: length of @value
 *
 * Return: 0, or -EINVAL for another one of ours or another length.
 */
int chaos_get_cmsg(struct msghdr *msg, int type, void *value, size_t len)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_CHAOS)
			continue;
		if (cmsg->cmsg_type != type || cmsg->cmsg_len != CMSG_LEN(len))
			return -EINVAL;
		memcpy(value, CMSG_DATA(cmsg), len);
	}
	return 0;
}

/**
 * chaos_put_cmsg_opcode() - tell the opcode of a received packet to who asks
 * @msg: from recvmsg()
 * @op: the opcode
 */
void chaos_put_cmsg_opcode(struct msghdr *msg, u8 op)
{
	int value = op;

	if (msg->msg_controllen)
		put_cmsg(msg, SOL_CHAOS, CHAOS_OPCODE, sizeof(value), &value);
}

/* Who is woken needs no more calls until it waits again: a burst of packets brings many. */
static int sk_wake_once(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	int woken = woken_wake_function(wait, mode, sync, key);

	list_del_init_careful(&wait->entry);
	return woken;
}

/**
 * chaos_sk_wait() - wait until something is so
 * @sk: socket, locked; unlocked while waiting
 * @timeo: jiffies to wait at most; what is left of it on return
 * @ready: what to wait for
 *
 * Return: 0, -EAGAIN when the time is over, or as signals ask.
 */
int chaos_sk_wait(struct sock *sk, long *timeo, chaos_ready_fn *ready)
{
	DEFINE_WAIT_FUNC(wait, sk_wake_once);
	int err = 0;

	while (!ready(sk)) {
		if (!*timeo) {
			err = -EAGAIN;
			break;
		}
		if (signal_pending(current)) {
			err = sock_intr_errno(*timeo);
			break;
		}
		/* What happens from here on wakes us; look at what happened before. */
		prepare_to_wait(sk_sleep(sk), &wait, TASK_RUNNING);
		if (ready(sk))
			break;
		release_sock(sk);
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
		lock_sock(sk);
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * chaos_sk_claim() - claim a contact
 * @cs: socket, locked, that has claimed none
 * @offer: takes RFCs and BRDs; NULL until the socket listens
 * @addr: for RFCs to this address of ours, 0 for all
 * @contact: valid contact name
 * @len: its length; 0 for RFCs and BRDs whose contact nobody has claimed
 *
 * Context: may sleep.
 *
 * Return: 0, -ENOMEM, or -EADDRINUSE if the kernel or another socket serves it.
 */
int chaos_sk_claim(struct chaos_sock *cs, chaos_offer_fn *offer, u16 addr, const u8 *contact,
		   size_t len)
{
	struct chaos_listener *l = chaos_listener_new(&cs->sk, offer, addr, contact, len);
	int err;

	if (!l)
		return -ENOMEM;
	/* Packets may come at once. */
	WRITE_ONCE(cs->listener, l);
	err = chaos_listen_claim(chaos_sk_net(&cs->sk), l);
	if (err) {
		WRITE_ONCE(cs->listener, NULL);
		kfree(l);
	}
	return err;
}

/* Claim a contact, which SOCK_DGRAM listens for at once. */
static int bind_claim(struct chaos_sock *cs, const struct chaos_target *t)
{
	struct chaos_net *cn = chaos_sk_net(&cs->sk);
	chaos_offer_fn *offer = NULL;
	int err = 0;

	if (cs->sk.sk_type == SOCK_DGRAM) {
		offer = chaos_dgram_offer;
		err = chaos_requests_need(cn);
	}
	if (!err)
		err = chaos_sk_claim(cs, offer, t->addr, t->text, t->len);
	if (!err && offer)
		chaos_nl_listener_event(cs->listener, CHAOS_CMD_CONN_NEW);
	return err;
}

/**
 * chaos_bind() - bind(): claim a contact, fix our address, or both
 * @sock: socket of any type
 * @uaddr: address
 * @addr_len: its length
 *
 * A datagram socket receives RFCs for the contact from now on, the others from
 * listen() on.
 *
 * Return: 0, -EINVAL (also when bound already), -EAFNOSUPPORT, -EADDRNOTAVAIL,
 * -EADDRINUSE.
 */
int chaos_bind(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len)
{
	struct sock *sk = sock->sk;
	struct chaos_sock *cs = chaos_sk(sk);
	struct chaos_target t;
	int err;

	err = chaos_target_parse(&t, uaddr, addr_len);
	if (err)
		return err;
	if (t.index || t.len != t.contact_len)
		return -EINVAL;
	if (t.addr && !chaos_addr_is_local(chaos_sk_net(sk), t.addr))
		return -EADDRNOTAVAIL;

	lock_sock(sk);
	if (cs->named || cs->conn) {
		err = -EINVAL;
		goto unlock;
	}
	if (t.len)
		err = bind_claim(cs, &t);
	if (!err) {
		cs->bound = t.addr;
		cs->named = true;
	}
unlock:
	release_sock(sk);
	return err;
}

static void chaos_sk_destruct(struct sock *sk)
{
	struct chaos_sock *cs = chaos_sk(sk);

	__skb_queue_purge(&sk->sk_receive_queue);
	__skb_queue_purge(&sk->sk_error_queue);
	kfree_skb(chaos_sk_reason(cs));
	kfree(cs->subnets);
	kfree(cs->rfc_data);
	kfree(cs->listener);
	kfree(rcu_dereference_protected(cs->target, true));
}

/**
 * chaos_sk_alloc() - a new socket, unconnected
 * @net: namespace
 * @sock: what the program sees of it; NULL for one to be accepted
 * @type: SOCK_*
 * @protocol: CHAOSPROTO_UNC or another
 * @kern: made by the kernel
 *
 * Return: the socket or NULL.
 */
struct sock *chaos_sk_alloc(struct net *net, struct socket *sock, int type, int protocol,
			    int kern)
{
	struct chaos_sock *cs;
	struct sock *sk;

	sk = sk_alloc(net, PF_CHAOS, GFP_KERNEL, &chaos_proto, kern);
	if (!sk)
		return NULL;
	sock_init_data(sock, sk);
	sk->sk_type = type;
	sk->sk_protocol = protocol;
	sk->sk_destruct = chaos_sk_destruct;
	sock_set_flag(sk, SOCK_RCU_FREE);

	cs = chaos_sk(sk);
	cs->window = READ_ONCE(chaos_net(net)->conf.window);
	chaos_default_times(chaos_net(net), &cs->times);
	if (type != SOCK_DGRAM) {
		INIT_WORK(&cs->follow_work, chaos_stream_follow);
		/* While a packet is missing, two windows arrive. */
		sk->sk_rcvbuf = max(sk->sk_rcvbuf, 2 * cs->window * (int)CHAOS_PKT_TRUESIZE);
	} else if (chaos_sk_asks(sk)) {
		INIT_LIST_HEAD(&cs->queue);
	} else {
		cs->channel.sk = sk;
	}
	spin_lock_init(&cs->queue_lock);
	return sk;
}

static int chaos_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	bool unc = sock->type == SOCK_DGRAM && protocol == CHAOSPROTO_UNC;

	if (protocol && protocol != PF_CHAOS && !unc)
		return -EPROTONOSUPPORT;
	switch (sock->type) {
	case SOCK_STREAM:
	case SOCK_SEQPACKET:
		sock->ops = &chaos_stream_ops;
		break;
	case SOCK_DGRAM:
		sock->ops = unc ? &chaos_unc_ops : &chaos_dgram_ops;
		break;
	default:
		return -ESOCKTNOSUPPORT;
	}
	sock->state = SS_UNCONNECTED;
	return chaos_sk_alloc(net, sock, sock->type, protocol, kern) ? 0 : -ENOBUFS;
}

static const struct net_proto_family chaos_family = {
	.family = PF_CHAOS,
	.create = chaos_create,
	.owner = THIS_MODULE,
};

/**
 * chaos_sockets_register() - let programs make sockets; last at initialisation
 *
 * Return: 0 or a negative errno.
 */
int chaos_sockets_register(void)
{
	int err;

	err = chaos_stream_init();
	if (err)
		return err;
	err = proto_register(&chaos_proto, 1);
	if (err)
		goto exit_stream;
	err = sock_register(&chaos_family);
	if (err)
		goto unregister_proto;
	return 0;

unregister_proto:
	proto_unregister(&chaos_proto);
exit_stream:
	chaos_stream_exit();
	return err;
}

/**
 * chaos_sockets_unregister() - no new sockets; there are none left
 */
void chaos_sockets_unregister(void)
{
	sock_unregister(PF_CHAOS);
	proto_unregister(&chaos_proto);
	chaos_stream_exit();
}

/* MODULE_ALIAS_NETPROTO turns its argument into text: it must be a number. */
static_assert(PF_CHAOS == 18);
MODULE_ALIAS_NETPROTO(PF_CHAOS);
