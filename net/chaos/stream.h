/* SPDX-License-Identifier: GPL-2.0-only */
/* SOCK_STREAM and SOCK_SEQPACKET: sock_stream.c and its parts. */
#ifndef _NET_CHAOS_STREAM_H
#define _NET_CHAOS_STREAM_H

#include "af_chaos.h"

/* Was our request answered with a FWD that is being followed? */
static inline bool chaos_stream_forwarded(struct chaos_conn *conn)
{
	bool forwarded;

	chaos_conn_lock(conn);
	forwarded = conn->follow && conn->ncp.end == NCP_END_FORWARDED;
	chaos_conn_unlock(conn);
	return forwarded;
}

/* The state as a program sees it: a request is a request, however often repeated. */
static inline u8 chaos_stream_conn_state(struct chaos_conn *conn)
{
	u8 state = READ_ONCE(conn->ncp.state);

	if (state == CHAOS_BROADCAST_SENT)
		return CHAOS_RFC_SENT;
	if (state == CHAOS_CLOSED && READ_ONCE(conn->follow) && chaos_stream_forwarded(conn))
		return CHAOS_RFC_SENT;
	/* Who sees that it has failed asks SO_ERROR why. */
	if (state != CHAOS_OPENED && smp_load_acquire(&conn->asking))
		return CHAOS_RFC_SENT;
	return state;
}

static inline u8 chaos_stream_state(const struct chaos_sock *cs)
{
	return cs->conn ? chaos_stream_conn_state(cs->conn) : CHAOS_CLOSED;
}

/* Was the connection ever open?  Then what it brought can still be read. */
static inline bool chaos_stream_was_open(const struct chaos_sock *cs)
{
	return cs->conn && READ_ONCE(cs->conn->ncp.was_open);
}

static inline bool chaos_stream_ended(const struct chaos_sock *cs)
{
	return chaos_stream_state(cs) != CHAOS_OPENED;
}

/* Must writing wait for memory?  Who has nothing under way need not wait for others. */
static inline bool chaos_stream_mem_wait(const struct sock *sk, struct chaos_conn *conn)
{
	return sk_wmem_alloc_get(sk) && chaos_mem_full(conn->cn);
}

/* Connecting: stream_connect.c. */
int chaos_stream_connect(struct socket *sock, struct sockaddr_unsized *uaddr, int addr_len,
			 int flags);
void chaos_stream_event(struct chaos_conn *conn, struct sock *sk, unsigned int events);
void chaos_stream_note_state(struct socket *sock);

/* Being connected to: stream_listen.c. */
int chaos_stream_listen(struct socket *sock, int backlog);
int chaos_stream_accept(struct socket *sock, struct socket *newsock,
			struct proto_accept_arg *arg);
bool chaos_stream_has_pending(struct sock *sk);
void chaos_stream_stop_listening(struct chaos_sock *cs);

/* Sending: stream_send.c. */
int chaos_stream_queue_eof(struct chaos_sock *cs);
int chaos_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int chaos_stream_outq(struct chaos_sock *cs);

/* Receiving: stream_recv.c. */
int chaos_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
int chaos_stream_inq(struct chaos_sock *cs);
bool chaos_stream_enough(const struct sock *sk, struct chaos_conn *conn);

#endif /* _NET_CHAOS_STREAM_H */
