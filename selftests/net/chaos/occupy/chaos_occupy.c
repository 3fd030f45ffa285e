// SPDX-License-Identifier: GPL-2.0-only
/* Another owner of IP protocol 16, for the test ip_occupied: it takes all and does nothing. */

#include <linux/init.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <net/protocol.h>

#define OCCUPY_PROTOCOL	16

static bool ipv4 = true;
module_param(ipv4, bool, 0444);
MODULE_PARM_DESC(ipv4, "take the protocol of IPv4");

static bool ipv6 = true;
module_param(ipv6, bool, 0444);
MODULE_PARM_DESC(ipv6, "take the protocol of IPv6");

static int occupy_rcv(struct sk_buff *skb)
{
	kfree_skb(skb);
	return 0;
}

static const struct net_protocol occupy_ip4 = {
	.handler = occupy_rcv,
};

static const struct inet6_protocol occupy_ip6 = {
	.handler = occupy_rcv,
	.flags = INET6_PROTO_FINAL,
};

static int __init occupy_init(void)
{
	if (ipv4 && inet_add_protocol(&occupy_ip4, OCCUPY_PROTOCOL))
		return -EBUSY;
	if (ipv6 && inet6_add_protocol(&occupy_ip6, OCCUPY_PROTOCOL)) {
		if (ipv4)
			inet_del_protocol(&occupy_ip4, OCCUPY_PROTOCOL);
		return -EBUSY;
	}
	return 0;
}

static void __exit occupy_exit(void)
{
	if (ipv6)
		inet6_del_protocol(&occupy_ip6, OCCUPY_PROTOCOL);
	if (ipv4)
		inet_del_protocol(&occupy_ip4, OCCUPY_PROTOCOL);
}

module_init(occupy_init);
module_exit(occupy_exit);

MODULE_DESCRIPTION("Another owner of IP protocol 16, for a test");
MODULE_LICENSE("GPL");
