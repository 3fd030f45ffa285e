/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Links of type "chaos": a program on the other side, at a file of /dev/chaos.
 *
 * Life: a struct chaos_tap is the file and lives as long; a device points at the tap that
 * feeds it and the tap at its device, both under RTNL, both cleared by whichever of the two
 * goes first.  Readers of either pointer are in RCU sections: the device's own unregistering
 * waits for them, and the file waits before it frees the tap.
 */
#ifndef _NET_CHAOS_LINK_TAP_H
#define _NET_CHAOS_LINK_TAP_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/uidgid.h>
#include <linux/wait.h>

/**
 * struct chaos_tap - a file of /dev/chaos
 * @net: the opener's namespace; a reference is held
 * @dev: the link it feeds; written under RTNL
 * @flags: CHAOS_ATTACH_*; set before @dev
 * @queue: packets to be read, each with a struct chaos_tap_cb; its lock guards it
 * @wait: readers and pollers
 * @read_lock: guards @unread
 * @unread: what a reader has taken from @queue, to copy it without that lock
 * @pid: who attached it; written under RTNL
 * @comm: the name of that program; likewise
 */
struct chaos_tap {
	struct net *net;
	struct net_device __rcu *dev;
	u32 flags;
	struct sk_buff_head queue;
	wait_queue_head_t wait;
	struct mutex read_lock;		/* @unread */
	struct sk_buff_head unread;
	struct pid *pid;
	char comm[TASK_COMM_LEN];
};

/* Packets in a tap have their link addresses in skb->cb. */
struct chaos_tap_cb {
	u16 hw_dst;
	u16 hw_src;
};

static inline struct chaos_tap_cb *chaos_tap_cb(const struct sk_buff *skb)
{
	return (struct chaos_tap_cb *)skb->cb;
}

bool chaos_tap_is_link(const struct net_device *dev);
struct net_device *chaos_tap_create(struct net *net, const char *name);
bool chaos_tap_is_fed(const struct net_device *dev);
void chaos_tap_bind(struct chaos_tap *tap, struct net_device *dev);
void chaos_tap_unbind(struct chaos_tap *tap);
bool chaos_tap_may_feed(const struct net_device *dev);

bool chaos_tap_persists(const struct net_device *dev);
void chaos_tap_set_persist(struct net_device *dev, bool persist);

int chaos_tap_register(void);
void chaos_tap_unregister(void);

#endif /* _NET_CHAOS_LINK_TAP_H */
