// SPDX-License-Identifier: GPL-2.0-only
/* /dev/chaos: reading what a link sends, writing what it receives. */

#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>

#include "cdev.h"
#include "iface.h"
#include "link_tap.h"
#include "packet.h"
#include "skb.h"
#include "stats.h"
#include "trailer.h"
#include "vdev.h"

#define WRITE_BURST	64	/* packets received without a break */

static bool io_nonblocking(const struct kiocb *iocb)
{
	return iocb->ki_flags & IOCB_NOWAIT || iocb->ki_filp->f_flags & O_NONBLOCK;
}

/* If so, the flags may be looked at. */
static bool io_attached(const struct chaos_tap *tap)
{
	bool attached = rcu_access_pointer(tap->dev);

	smp_rmb();	/* pairs with rcu_assign_pointer() in chaos_tap_bind() */
	return attached;
}

/* -------------------------------------------------------------------- reading */

/* The first packet not yet read; read_lock is held. */
static struct sk_buff *read_first(struct chaos_tap *tap)
{
	struct sk_buff *skb = skb_peek(&tap->unread);

	if (skb)
		return skb;
	spin_lock_bh(&tap->queue.lock);
	skb_queue_splice_tail_init(&tap->queue, &tap->unread);
	spin_unlock_bh(&tap->queue.lock);
	/* Out of the link's hands: their senders may send more. */
	skb_queue_walk(&tap->unread, skb)
		skb_orphan(skb);
	return skb_peek(&tap->unread);
}

static bool read_put(const void *from, size_t len, struct iov_iter *to)
{
	return copy_to_iter(from, len, to) == len;
}

/* Copies one record, the length before it if wanted. */
static int read_copy(const struct sk_buff *skb, struct iov_iter *to, bool batch)
{
	const struct chaos_tap_cb *cb = chaos_tap_cb(skb);
	u16 len = skb->len + CHAOS_TRAILER_LEN;
	struct chaos_trailer trailer;

	if (iov_iter_count(to) < len + (batch ? sizeof(len) : 0))
		return -EMSGSIZE;
	chaos_trailer_build(&trailer, skb->data, skb->len, cb->hw_dst, cb->hw_src);
	if ((batch && !read_put(&len, sizeof(len), to)) ||
	    !read_put(skb->data, skb->len, to) || !read_put(&trailer, sizeof(trailer), to))
		return -EFAULT;
	return 0;
}

/* What there is, in whole records; read_lock is held. */
static ssize_t read_records(struct chaos_tap *tap, struct iov_iter *to)
{
	bool batch = tap->flags & CHAOS_ATTACH_BATCH;
	size_t room = iov_iter_count(to), done = 0;
	struct sk_buff *skb;
	int err = -EAGAIN;

	/* What comes meanwhile is for the next call: a buffer may be huge. */
	while ((skb = done ? skb_peek(&tap->unread) : read_first(tap))) {
		err = read_copy(skb, to, batch);
		if (err)
			break;
		done = room - iov_iter_count(to);
		__skb_unlink(skb, &tap->unread);
		consume_skb(skb);
		if (!batch)
			break;
	}
	return done ?: err;
}

static int read_wait(struct chaos_tap *tap)
{
	return wait_event_interruptible(tap->wait,
					!skb_queue_empty_lockless(&tap->queue) ||
					!skb_queue_empty_lockless(&tap->unread) ||
					!io_attached(tap));
}

/**
 * chaos_cdev_read() - read packets that the link sends
 * @iocb: the file
 * @to: where to
 *
 * Return: bytes of whole records, 0 if there is no room at all; -EAGAIN, -EINTR; -EMSGSIZE
 * if the first packet does not fit and -EFAULT if it cannot be put there: it stays; -EBADFD
 * if the file feeds no link.
 */
ssize_t chaos_cdev_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct chaos_tap *tap = iocb->ki_filp->private_data;
	ssize_t done;

	do {
		if (!io_attached(tap))
			return -EBADFD;
		if (!iov_iter_count(to))
			return 0;
		if (iocb->ki_flags & IOCB_NOWAIT) {
			if (!mutex_trylock(&tap->read_lock))
				return -EAGAIN;
		} else if (mutex_lock_interruptible(&tap->read_lock)) {
			return -ERESTARTSYS;
		}
		done = read_records(tap, to);
		mutex_unlock(&tap->read_lock);
		if (done != -EAGAIN || io_nonblocking(iocb))
			return done;
		done = read_wait(tap);
	} while (!done);
	return done;
}

/* -------------------------------------------------------------------- writing */

/* Takes a record of @len bytes: a packet buffer with the trailer still in it. */
static struct sk_buff *write_copy(struct iov_iter *from, unsigned int len, gfp_t gfp)
{
	struct sk_buff *skb;

	if (len < CHAOS_RECORD_MIN || len > CHAOS_RECORD_MAX || len & 1)
		return ERR_PTR(-EINVAL);
	if (iov_iter_count(from) < len)
		return ERR_PTR(-EINVAL);
	skb = alloc_skb(CHAOS_HEADROOM + len, gfp);
	if (!skb)
		return ERR_PTR(gfp & __GFP_DIRECT_RECLAIM ? -ENOMEM : -EAGAIN);
	skb_reserve(skb, CHAOS_HEADROOM);
	if (!copy_from_iter_full(skb_put(skb, len), len, from)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	return skb;
}

static struct sk_buff *write_next(struct iov_iter *from, bool batch, gfp_t gfp)
{
	u16 len;

	if (!batch)
		return write_copy(from, min_t(size_t, iov_iter_count(from), U16_MAX), gfp);
	if (iov_iter_count(from) < sizeof(len))
		return ERR_PTR(-EINVAL);
	if (!copy_from_iter_full(&len, sizeof(len), from))
		return ERR_PTR(-EFAULT);
	return write_copy(from, len, gfp);
}

/* Some records, the bytes they took, and why there are not more. */
static ssize_t write_collect(struct iov_iter *from, bool batch, gfp_t gfp,
			     struct sk_buff_head *skbs, int *err)
{
	size_t room = iov_iter_count(from), done = 0;
	struct sk_buff *skb;

	*err = 0;
	do {
		skb = write_next(from, batch, gfp);
		if (IS_ERR(skb)) {
			*err = PTR_ERR(skb);
			break;
		}
		__skb_queue_tail(skbs, skb);
		done = room - iov_iter_count(from);
	} while (batch && iov_iter_count(from) && skb_queue_len(skbs) < WRITE_BURST);
	return done;
}

/* RCU read side.  In a namespace that goes, the device may be a link no more. */
static void write_bad_checksum(struct net_device *dev, struct sk_buff *skb)
{
	struct chaos_iface *iface = chaos_iface_by_dev(chaos_net(dev_net(dev)), dev);
	struct chaos_hdr hdr;

	DEV_STATS_INC(dev, rx_crc_errors);
	DEV_STATS_INC(dev, rx_errors);
	if (!iface) {
		kfree_skb(skb);
		return;
	}
	chaos_hdr_parse(&hdr, skb->data, skb->len);
	chaos_iface_count(iface, CHAOS_LINK_STAT_CRC, 1);
	chaos_drop(iface->cn, skb, CHAOS_STAT_DROP_CHECKSUM, &hdr);
}

static void write_rcv(struct net_device *dev, struct sk_buff *skb, bool check)
{
	struct chaos_trailer trailer;

	memcpy(&trailer, skb_tail_pointer(skb) - sizeof(trailer), sizeof(trailer));
	if (check && !chaos_trailer_check(skb->data, skb->len)) {
		write_bad_checksum(dev, skb);
		return;
	}
	__skb_trim(skb, skb->len - sizeof(trailer));
	chaos_vdev_rcv(dev, skb, le16_to_cpu(trailer.dst), le16_to_cpu(trailer.src));
}

/* Lets the link receive them, or drops them all. */
static int write_deliver(struct chaos_tap *tap, struct sk_buff_head *skbs)
{
	bool check = !(tap->flags & CHAOS_ATTACH_NOCHECK);
	struct net_device *dev;
	struct sk_buff *skb;
	int err = 0;

	local_bh_disable();
	rcu_read_lock();
	dev = rcu_dereference(tap->dev);
	if (!dev)
		err = -EBADFD;
	else if (!netif_running(dev))
		err = -ENETDOWN;
	while (!err && (skb = __skb_dequeue(skbs)))
		write_rcv(dev, skb, check);
	rcu_read_unlock();
	local_bh_enable();
	__skb_queue_purge(skbs);
	return err;
}

/**
 * chaos_cdev_write() - write packets that the link is to receive
 * @iocb: the file
 * @from: where from
 *
 * Return: bytes of whole records taken; -EINVAL if the first has an odd or impossible
 * length, -EFAULT if it cannot be read, -EBADFD if the file feeds no link, -ENETDOWN if
 * that is down, -ENOMEM, and -EAGAIN instead when asked not to wait.
 */
ssize_t chaos_cdev_write(struct kiocb *iocb, struct iov_iter *from)
{
	gfp_t gfp = iocb->ki_flags & IOCB_NOWAIT ? GFP_NOWAIT | __GFP_NOWARN : GFP_KERNEL;
	struct chaos_tap *tap = iocb->ki_filp->private_data;
	struct sk_buff_head skbs;
	ssize_t done = 0;
	ssize_t taken;
	int stop, err;
	bool batch;

	if (!io_attached(tap))
		return -EBADFD;
	batch = tap->flags & CHAOS_ATTACH_BATCH;
	__skb_queue_head_init(&skbs);
	do {
		taken = write_collect(from, batch, gfp, &skbs, &stop);
		err = taken ? write_deliver(tap, &skbs) : stop;
		if (err)
			break;
		done += taken;
		cond_resched();
	} while (!stop && iov_iter_count(from) && !signal_pending(current));
	return done ?: err;
}
