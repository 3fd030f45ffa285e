/* SPDX-License-Identifier: GPL-2.0-only */
/* SOCK_STREAM and SOCK_SEQPACKET: between sock_stream.c and stream_io.c. */
#ifndef _NET_CHAOS_STREAM_H
#define _NET_CHAOS_STREAM_H

#include "af_chaos.h"

static inline u8 chaos_stream_state(const struct chaos_sock *cs)
{
	return cs->conn ? READ_ONCE(cs->conn->ncp.state) : CHAOS_CLOSED;
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

int chaos_stream_queue_eof(struct chaos_sock *cs);
int chaos_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int chaos_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
int chaos_stream_inq(struct chaos_sock *cs);
int chaos_stream_outq(struct chaos_sock *cs);
bool chaos_stream_enough(const struct sock *sk, struct chaos_conn *conn);

#endif /* _NET_CHAOS_STREAM_H */
