/* SPDX-License-Identifier: GPL-2.0-only */
/* Simple transactions that others begin (AIM 628 section 4.1), until they are over. */
#ifndef _NET_CHAOS_REQUEST_H
#define _NET_CHAOS_REQUEST_H

#include <linux/chaos_netlink.h>

#include "packet.h"

struct chaos_net;
struct chaos_sock;
struct sk_buff;

/**
 * struct chaos_request_pos - where a walk through those that wait has come to
 * @bucket: of the table
 * @skip: requests seen there
 */
struct chaos_request_pos {
	unsigned int bucket;
	unsigned int skip;
};

typedef int chaos_request_fn(struct sk_buff *skb, const void *arg, const struct chaos_info *info,
			     const struct chaos_sock *cs);

int chaos_requests_need(struct chaos_net *cn);
void chaos_requests_net_exit(struct chaos_net *cn);

int chaos_request_add(struct chaos_sock *cs, const struct chaos_hdr *rfc);
void chaos_request_forget(struct chaos_sock *cs, const struct chaos_hdr *rfc);
bool chaos_request_waits(struct chaos_sock *cs, u16 addr, u16 index);
int chaos_request_answer(struct chaos_sock *cs, u16 addr, u16 index, struct sk_buff *ans);
bool chaos_request_rcv(struct chaos_net *cn, struct sk_buff *skb);
void chaos_request_close(struct chaos_sock *cs);
int chaos_request_walk(struct chaos_net *cn, struct chaos_request_pos *pos, chaos_request_fn *fn,
		       struct sk_buff *skb, const void *arg);

#endif /* _NET_CHAOS_REQUEST_H */
