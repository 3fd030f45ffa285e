/* SPDX-License-Identifier: GPL-2.0-only */
/* AF_CHAOS sockets: what all types share. */
#ifndef _NET_CHAOS_AF_CHAOS_H
#define _NET_CHAOS_AF_CHAOS_H

#include <net/sock.h>

#include "compat.h"
#include "conn.h"
#include "foreign.h"
#include "listen.h"

/**
 * struct chaos_text - a text that others may look at while it is replaced, under RCU
 * @len: its length
 * @data: not terminated
 *
 * Every connection has one, and it is hardly ever replaced: it has no rcu_head.
 */
struct chaos_text {
	u8 len;
	char data[];
};

/**
 * struct chaos_sock - a socket
 * @sk: must be first; freed after a grace period (SOCK_RCU_FREE)
 * @bound: address given to bind(), 0 for any
 * @window: CHAOS_WINDOW
 * @times: CHAOS_RTO_MIN and the like, for connections to come
 * @defer: CHAOS_DEFER
 * @nodelay: CHAOS_NODELAY
 * @named: bind() was called
 * @recverr: CHAOS_RECVERR
 * @follow: CHAOS_FOLLOW
 * @subnets: CHAOS_SUBNETS, CHAOS_SUBNET_MAP bytes, or NULL
 * @rfc_data: CHAOS_RFC_DATA, arguments for the next RFC, or NULL
 * @rfc_len: its length
 * @target: contact and arguments of connect(), or what the peer asked for; RCU, written
 *	under the socket lock
 * @peer_addr: host given to connect(), 0 for none
 * @listener: its claim to a contact, or NULL; changed under the socket lock only, and
 *	there before any packet comes by it
 * @channel: SOCK_DGRAM with CHAOSPROTO_UNC: its index, and the peer of connect()
 * @conn: stream types: the connection, with a reference; changed under the
 *	socket lock only, and only set once until the next connect()
 * @follow_work: to go where a FWD sends us, which is done with the socket lock
 * @follow_err: why that was given up, a negative errno
 * @undecided: accepted with CHAOS_DEFER, and nothing decided yet
 * @final_read: the packet that ended @conn was given to the user
 * @queue: listening: offered connections; SOCK_DGRAM: transactions that we began; both
 *	with a reference each
 * @queue_lock: guards @queue, @queue_len, @failed and @reason; BH; innermost
 * @queue_len: length of @queue
 * @requests: SOCK_DGRAM: how many wait for the program's answer (request.c)
 * @failed: SOCK_DGRAM: enum ncp_end of the last failed transaction
 * @reason: SOCK_DGRAM: the packet that ended it, or NULL: see chaos_sk_reason()
 */
struct chaos_sock {
	struct sock sk;
	u16 bound;
	u16 window;
	struct ncp_times times;
	bool defer;
	bool nodelay;
	bool named;
	bool recverr;
	u8 follow;
	bool undecided;
	bool final_read;
	u8 failed;
	u16 rfc_len;
	u16 peer_addr;
	s16 follow_err;
	u16 requests;
	u8 *subnets;
	u8 *rfc_data;
	struct chaos_text __rcu *target;
	struct chaos_listener *listener;
	struct chaos_conn *conn;
	union {
		struct work_struct follow_work;		/* stream types until they listen */
		struct chaos_channel channel;		/* CHAOSPROTO_UNC */
		struct {				/* listening, other SOCK_DGRAM */
			struct list_head queue;
			struct sk_buff *reason;
		};
	};

	/* Guards @queue, @queue_len, @failed and @reason. */
	spinlock_t queue_lock;
	unsigned int queue_len;
};

static inline struct chaos_sock *chaos_sk(const struct sock *sk)
{
	return (struct chaos_sock *)sk;
}

/* Of a socket that is locked. */
static inline const struct chaos_text *chaos_sk_target(const struct chaos_sock *cs)
{
	return rcu_dereference_protected(cs->target, lockdep_sock_is_held(&cs->sk));
}

/* Has the socket transactions? */
static inline bool chaos_sk_asks(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM && sk->sk_protocol != CHAOSPROTO_UNC;
}

static inline struct sk_buff *chaos_sk_reason(const struct chaos_sock *cs)
{
	return chaos_sk_asks(&cs->sk) ? cs->reason : NULL;
}

static inline struct chaos_net *chaos_sk_net(const struct sock *sk)
{
	return chaos_net(sock_net(sk));
}

/**
 * struct chaos_target - a checked sockaddr_chaos
 * @addr: sch_addr
 * @index: sch_index
 * @text: sch_contact: contact name, and in connect() arguments; not terminated
 * @len: its length
 * @contact_len: length of the contact name alone, 0 if there is none
 */
struct chaos_target {
	u16 addr;
	u16 index;
	const char *text;
	u8 len;
	u8 contact_len;
};

int chaos_target_parse(struct chaos_target *t, const void *uaddr, int addr_len);
int chaos_source_addr(const struct chaos_sock *cs, u16 dst, u16 *src);
int chaos_broadcast_addr(const struct chaos_sock *cs, u16 *src);
int chaos_shutdown(struct socket *sock, int how);
struct sk_buff *chaos_rfc_build(const char *text, size_t len, const struct chaos_sock *cs,
				gfp_t gfp);
struct sk_buff *chaos_brd_build(const u8 *subnets, struct sk_buff *rfc, gfp_t gfp);
int chaos_end_errno(const struct ncp *c);
const char *chaos_end_text(u8 end);
u16 chaos_sk_window(const struct chaos_sock *cs);
u16 chaos_sk_spare(const struct chaos_sock *cs);
int chaos_get_cmsg(struct msghdr *msg, int type, void *value, size_t len);
void chaos_put_cmsg_opcode(struct msghdr *msg, u8 op);

/* Waiting with the socket lock released. */
typedef bool chaos_ready_fn(struct sock *sk);
int chaos_sk_wait(struct sock *sk, long *timeo, chaos_ready_fn *ready);

struct sock *chaos_sk_alloc(struct net *net, struct socket *sock, int type, int protocol,
			    int kern);
int chaos_sk_claim(struct chaos_sock *cs, chaos_offer_fn *offer, u16 addr, const u8 *contact,
		   size_t len);
int chaos_bind(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len);
int chaos_getsockopt(struct socket *sock, int level, int name, char __user *val,
		     int __user *len);
int chaos_setsockopt(struct socket *sock, int level, int name, sockptr_t val, unsigned int len);
struct chaos_text *chaos_text_new(const void *data, size_t len);
void chaos_sk_set_target(struct chaos_sock *cs, struct chaos_text *target);
void chaos_name_fill_own(struct sockaddr_chaos *sa, const struct chaos_sock *cs, u16 addr,
			 u16 index);
void chaos_name_fill(struct sockaddr_chaos *sa, u16 addr, u16 index, const void *contact,
		     size_t len);

/* Deciding about an RFC: decide.c. */
int chaos_decide(struct chaos_sock *cs, int name, sockptr_t val, unsigned int len);
struct sk_buff *chaos_opn_build(const struct chaos_conn *conn);

/* Socket types: sock_stream.c (SOCK_STREAM, SOCK_SEQPACKET), sock_dgram.c. */
extern const struct proto_ops chaos_stream_ops;
void chaos_stream_follow(struct work_struct *work);
int chaos_stream_init(void);
void chaos_stream_exit(void);
extern const struct proto_ops chaos_dgram_ops;
extern const struct proto_ops chaos_unc_ops;	/* CHAOSPROTO_UNC: sock_unc.c */
void chaos_dgram_offer(struct sock *sk, struct sk_buff *skb);

int chaos_sockets_register(void);
void chaos_sockets_unregister(void);

#endif /* _NET_CHAOS_AF_CHAOS_H */
