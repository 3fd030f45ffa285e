// SPDX-License-Identifier: GPL-2.0-only
/* Set-up and removal of the Chaosnet part of each network namespace. */

#include <linux/ctype.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/siphash.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include <net/netns/generic.h>

#include "broadcast.h"
#include "conn.h"
#include "filter.h"
#include "foreign.h"
#include "iface.h"
#include "listen.h"
#include "net.h"
#include "reply.h"
#include "request.h"
#include "route.h"
#include "rut.h"
#include "seen.h"
#include "stats.h"
#include "sysctl.h"

unsigned int chaos_net_id __read_mostly;

/**
 * chaos_net() - the Chaosnet part of a namespace
 * @net: namespace
 *
 * Return: NULL while @net is being set up and we have not had our turn; that
 * concerns only the callbacks of devices.
 */
struct chaos_net *chaos_net(const struct net *net)
{
	return net_generic(net, chaos_net_id);
}

/**
 * chaos_hash() - keyed hash, so that strangers cannot aim at a hash chain
 * @a: key
 * @b: key
 *
 * Context: any.
 */
u32 chaos_hash(u32 a, u32 b)
{
	static siphash_key_t secret __read_mostly;

	get_random_once(&secret, sizeof(secret));
	return siphash_2u32(a, b, &secret);
}

/* A number for each byte that nobody can guess, several times: see net.h. */
u32 chaos_scramblers[CHAOS_SCRAMBLERS][256] __read_mostly;

/**
 * chaos_scramblers_init() - there will be an address, and then what they are needed for
 *
 * Not earlier: when the module is loaded there may be little that is random.
 *
 * Context: may sleep.
 */
void chaos_scramblers_init(void)
{
	get_random_sleepable_once(chaos_scramblers, sizeof(chaos_scramblers));
}

/**
 * chaos_random_u16() - an initial packet number or index nobody can guess
 *
 * Context: any.
 */
u16 chaos_random_u16(void)
{
	return get_random_u16();
}

/* Host names were upper case; STATUS carries at most 32 bytes of them. */
static void net_default_name(struct chaos_net *cn)
{
	char *p;

	strscpy_pad(cn->name, init_utsname()->nodename, sizeof(cn->name));
	for (p = cn->name; *p; p++)
		*p = toupper(*p);
}

static int net_attach_loopback(struct chaos_net *cn)
{
	struct chaos_iface *iface;

	rtnl_lock();
	iface = chaos_iface_attach(cn, cn->net->loopback_dev, NULL);
	rtnl_unlock();
	return PTR_ERR_OR_ZERO(iface);
}

/* Links come last and go first: packets may arrive once there is one. */
static int __net_init net_init(struct net *net)
{
	struct chaos_net *cn = chaos_net(net);
	int err;

	cn->net = net;
	cn->boot = ktime_get_boottime_ns();
	net_default_name(cn);
	chaos_conf_init(cn);
	INIT_LIST_HEAD(&cn->ifaces);
	chaos_route_net_init(cn);
	chaos_rut_net_init(cn);

	cn->stats = netdev_alloc_pcpu_stats(struct chaos_stats);
	if (!cn->stats)
		return -ENOMEM;
	err = chaos_conn_net_init(cn);
	if (err)
		goto free_stats;
	chaos_listen_net_init(cn);
	chaos_foreign_net_init(cn);
	chaos_reply_net_init(cn);
	chaos_broadcast_net_init(cn);
	err = chaos_seen_net_init(cn);
	if (err)
		goto exit_conn;
	err = chaos_sysctl_net_init(cn);
	if (err)
		goto exit_seen;
	err = net_attach_loopback(cn);
	if (err)
		goto exit_sysctl;
	return 0;

exit_sysctl:
	chaos_sysctl_net_exit(cn);
	chaos_rut_net_exit(cn);		/* who wrote there may have set it going */
exit_seen:
	chaos_seen_net_exit(cn);
exit_conn:
	chaos_conn_net_exit(cn);
free_stats:
	free_percpu(cn->stats);
	return err;
}

static void __net_exit net_exit(struct net *net)
{
	struct chaos_net *cn = chaos_net(net);

	chaos_iface_net_exit(cn);
	chaos_rut_net_exit(cn);
	chaos_sysctl_net_exit(cn);
	chaos_seen_net_exit(cn);
	chaos_conn_net_exit(cn);
	chaos_requests_net_exit(cn);
	chaos_route_net_exit(cn);
	chaos_filter_flush(cn);
	free_percpu(cn->stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &chaos_net_id,
	.size = sizeof(struct chaos_net),
};

/**
 * chaos_net_register() - start serving all namespaces
 *
 * As a "device" of the namespace, not a subsystem: these are set up after lo
 * exists, which we attach, and exit before the kernel takes the namespace's
 * devices away, so that our links let go of them first.
 *
 * Return: 0 or a negative errno.
 */
int chaos_net_register(void)
{
	return register_pernet_device(&net_ops);
}

/**
 * chaos_net_unregister() - end it; nothing may use a struct chaos_net any more
 */
void chaos_net_unregister(void)
{
	unregister_pernet_device(&net_ops);
}
