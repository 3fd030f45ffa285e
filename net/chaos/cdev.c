// SPDX-License-Identifier: GPL-2.0-only
/* /dev/chaos: opening, attaching to a link, polling, closing. */

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/rtnetlink.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "cdev.h"
#include "iface.h"
#include "link_tap.h"
#include "packet.h"
#include "route.h"
#include "vdev.h"

#define ATTACH_FLAGS	(CHAOS_ATTACH_BATCH | CHAOS_ATTACH_PERSIST | CHAOS_ATTACH_P2P | \
			 CHAOS_ATTACH_NOCHECK)

static int cdev_open(struct inode *inode, struct file *file)
{
	struct chaos_tap *tap = kzalloc(sizeof(*tap), GFP_KERNEL_ACCOUNT);

	if (!tap)
		return -ENOMEM;
	tap->net = get_net(current->nsproxy->net_ns);
	skb_queue_head_init(&tap->queue);
	skb_queue_head_init(&tap->unread);
	init_waitqueue_head(&tap->wait);
	mutex_init(&tap->read_lock);
	file->private_data = tap;
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static void cdev_detach(struct chaos_tap *tap)
{
	struct net_device *dev;

	if (!tap->pid)
		return;			/* never was attached */
	rtnl_lock();
	dev = rtnl_dereference(tap->dev);
	if (dev) {
		chaos_tap_unbind(tap);
		if (!chaos_tap_persists(dev))
			unregister_netdevice(dev);
	}
	rtnl_unlock();
	synchronize_net();
}

static int cdev_release(struct inode *inode, struct file *file)
{
	struct chaos_tap *tap = file->private_data;

	cdev_detach(tap);
	skb_queue_purge(&tap->queue);
	skb_queue_purge(&tap->unread);
	mutex_destroy(&tap->read_lock);
	put_pid(tap->pid);
	put_net(tap->net);
	kfree(tap);
	return 0;
}

/* What is wrong with a request by itself. */
static int attach_check(const struct chaos_attach *req)
{
	bool p2p = req->ca_flags & CHAOS_ATTACH_P2P;

	if (req->ca_flags & ~ATTACH_FLAGS ||
	    memchr_inv(req->ca_reserved, 0, sizeof(req->ca_reserved)) ||
	    strnlen(req->ca_name, sizeof(req->ca_name)) == sizeof(req->ca_name))
		return -EINVAL;
	if (req->ca_addr && !chaos_addr_is_host(req->ca_addr))
		return -EINVAL;
	if (p2p ? !chaos_addr_is_host(req->ca_peer) : req->ca_peer)
		return -EINVAL;
	return 0;
}

/* Does the request change what the link is?  Its owner may not. */
static bool attach_changes(const struct net_device *dev, const struct chaos_iface *iface,
			   const struct chaos_attach *req)
{
	return (req->ca_peer && chaos_vdev(dev)->peer != req->ca_peer) ||
	       (req->ca_addr && (iface->addr != req->ca_addr || !netif_running(dev))) ||
	       (req->ca_flags & CHAOS_ATTACH_PERSIST && !chaos_tap_persists(dev));
}

/* Would the link be its own peer? */
static bool attach_to_itself(const struct net_device *dev, const struct chaos_iface *iface,
			     const struct chaos_attach *req)
{
	u16 peer = req->ca_peer ?: chaos_vdev(dev)->peer;

	return peer && peer == (req->ca_addr ?: iface->addr);
}

/* A link that may not have another address keeps the one it has. */
static int attach_set_addr(struct chaos_iface *iface, u16 addr)
{
	u16 old = iface->addr;
	int err;

	if (old == addr)
		return 0;
	if (chaos_addr_is_local(iface->cn, addr))
		return -EADDRINUSE;
	if (old)
		chaos_iface_clear_addr(iface);
	err = chaos_iface_set_addr(iface, addr, NULL);
	if (err && old)
		chaos_iface_set_addr(iface, old, NULL);
	return err;
}

static int attach_configure(struct net_device *dev, struct chaos_iface *iface,
			    const struct chaos_attach *req)
{
	struct chaos_vdev *vdev = chaos_vdev(dev);
	u16 old = vdev->peer;
	int err;

	/* First the peer: it may have had the address. */
	WRITE_ONCE(vdev->peer, req->ca_peer ?: old);
	err = req->ca_addr ? attach_set_addr(iface, req->ca_addr) : 0;
	if (err) {
		WRITE_ONCE(vdev->peer, old);
		return err;
	}
	if (req->ca_flags & CHAOS_ATTACH_PERSIST)
		chaos_tap_set_persist(dev, true);
	return 0;
}

/* To a link that is there. */
static int attach_to(struct chaos_tap *tap, struct net_device *dev,
		     const struct chaos_attach *req)
{
	struct chaos_iface *iface = chaos_iface_by_dev(chaos_net(tap->net), dev);
	int err;

	if (!iface)
		return -ENODEV;		/* on its way out */
	if (attach_changes(dev, iface, req) &&
	    !ns_capable(tap->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (chaos_tap_is_fed(dev))
		return -EBUSY;
	if (attach_to_itself(dev, iface, req))
		return -EINVAL;
	err = attach_configure(dev, iface, req);
	if (err)
		return err;
	tap->flags = req->ca_flags;
	chaos_tap_bind(tap, dev);
	/* With its carrier, so that it can send at once. */
	err = req->ca_addr ? dev_open(dev, NULL) : 0;
	if (err) {
		/* Nothing was sent by a device that is down: it may attach again. */
		chaos_tap_unbind(tap);
		put_pid(tap->pid);
		tap->pid = NULL;
	}
	return err;
}

static int attach_new(struct chaos_tap *tap, const struct chaos_attach *req)
{
	struct net_device *dev;
	int err;

	if (!ns_capable(tap->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	dev = chaos_tap_create(tap->net, req->ca_name[0] ? req->ca_name : "chaos%d");
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	chaos_tap_set_persist(dev, req->ca_flags & CHAOS_ATTACH_PERSIST);
	err = attach_to(tap, dev, req);
	if (err)
		unregister_netdevice(dev);
	return err;
}

static int attach(struct chaos_tap *tap, const struct chaos_attach *req)
{
	struct net_device *dev = NULL;

	/* Once in a file's life: what it has not read yet is of that link. */
	if (tap->pid)
		return -EBUSY;
	if (req->ca_name[0] && !strchr(req->ca_name, '%'))
		dev = __dev_get_by_name(tap->net, req->ca_name);
	if (!dev)
		return attach_new(tap, req);
	if (!chaos_tap_is_link(dev))
		return -EINVAL;
	return chaos_tap_may_feed(dev) ? attach_to(tap, dev, req) : -EPERM;
}

static void attach_result(const struct chaos_tap *tap, struct chaos_attach *result)
{
	const struct net_device *dev = rtnl_dereference(tap->dev);
	const struct chaos_iface *iface = chaos_iface_by_dev(chaos_net(tap->net), dev);

	*result = (struct chaos_attach) {
		.ca_flags = tap->flags & ~(CHAOS_ATTACH_PERSIST | CHAOS_ATTACH_P2P),
		.ca_addr = iface ? iface->addr : 0,
		.ca_peer = chaos_vdev(dev)->peer,
	};
	strscpy_pad(result->ca_name, dev->name, sizeof(result->ca_name));
	if (chaos_tap_persists(dev))
		result->ca_flags |= CHAOS_ATTACH_PERSIST;
	if (result->ca_peer)
		result->ca_flags |= CHAOS_ATTACH_P2P;
}

static long cdev_attach(struct chaos_tap *tap, struct chaos_attach __user *arg)
{
	struct chaos_attach req;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	err = attach_check(&req);
	if (err)
		return err;

	rtnl_lock();
	err = attach(tap, &req);
	if (!err)
		attach_result(tap, &req);
	rtnl_unlock();
	if (!err && copy_to_user(arg, &req, sizeof(req)))
		err = -EFAULT;		/* attached nevertheless */
	return err;
}

static long cdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	BUILD_BUG_ON(sizeof(struct chaos_attach) != 40);
	if (cmd != CHAOS_ATTACH)
		return -ENOTTY;
	return cdev_attach(file->private_data, (void __user *)arg);
}

static __poll_t cdev_poll(struct file *file, poll_table *wait)
{
	struct chaos_tap *tap = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &tap->wait, wait);
	if (!skb_queue_empty_lockless(&tap->queue) || !skb_queue_empty_lockless(&tap->unread))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!rcu_access_pointer(tap->dev))
		mask |= EPOLLERR | EPOLLHUP;
	return mask;
}

static const struct file_operations cdev_fops = {
	.owner = THIS_MODULE,
	.open = cdev_open,
	.release = cdev_release,
	.read_iter = chaos_cdev_read,
	.write_iter = chaos_cdev_write,
	.poll = cdev_poll,
	.unlocked_ioctl = cdev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice cdev_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "chaos",
	.mode = 0666,
	.fops = &cdev_fops,
};

/**
 * chaos_cdev_register() - make /dev/chaos
 *
 * Return: 0 or a negative errno.
 */
int chaos_cdev_register(void)
{
	return misc_register(&cdev_misc);
}

/**
 * chaos_cdev_unregister() - remove it; no file is open
 */
void chaos_cdev_unregister(void)
{
	misc_deregister(&cdev_misc);
}
