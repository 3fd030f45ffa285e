// SPDX-License-Identifier: GPL-2.0-only
/* Virtual net_devices: making them, and what is in their frames. */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "link.h"
#include "packet.h"
#include "vdev.h"

#define VDEV_QUEUE_LEN	500

static void vdev_mac(u8 mac[ETH_ALEN], u16 addr)
{
	const u8 made[ETH_ALEN] = { 0x02, 0x43, 0x48, 0x00, addr >> 8, addr & 0xff };

	ether_addr_copy(mac, made);
}

/* Not 0 for a MAC that is none of ours: that of a host 0, which there is not. */
static u16 vdev_mac_addr(const u8 mac[ETH_ALEN])
{
	return mac[4] << 8 | mac[5];
}

static void vdev_free(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

/**
 * chaos_vdev_setup() - fill in a new net_device
 * @dev: device, whose private part begins with a struct chaos_vdev; the caller adds
 *	netdev_ops
 * @link_ops: the kind of link it is
 */
void chaos_vdev_setup(struct net_device *dev, const struct chaos_link_ops *link_ops)
{
	u8 mac[ETH_ALEN];

	ether_setup(dev);
	vdev_mac(mac, 0);
	eth_hw_addr_set(dev, mac);
	dev->mtu = CHAOS_MTU;
	dev->min_mtu = CHAOS_MTU;
	dev->max_mtu = CHAOS_MTU;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;	/* what we are given, we queue */
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->tx_queue_len = VDEV_QUEUE_LEN;
	dev->addr_assign_type = NET_ADDR_SET;
	dev->needs_free_netdev = true;
	dev->priv_destructor = vdev_free;
	chaos_dev_set_lltx(dev);
	netif_carrier_off(dev);
	chaos_vdev(dev)->link_ops = link_ops;
}

/**
 * chaos_vdev_init() - ndo_init of all of them
 * @dev: device
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_vdev_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

/**
 * chaos_vdev_validate() - what "ip link add" must not ask for
 * @tb: attributes
 * @data: attributes of this kind of device
 * @extack: where to say why not
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int chaos_vdev_validate(struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS] || tb[IFLA_BROADCAST]) {
		NL_SET_ERR_MSG(extack, "the hardware address is made from the Chaosnet address");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * chaos_vdev_create() - make and register a device
 * @net: namespace
 * @name: its name, may have a "%d"
 * @size: of its private part
 * @setup: of the kind of device
 * @rtnl_ops: likewise
 *
 * Context: process, RTNL held.
 * Return: the device, which is a link of ours already, or an ERR_PTR(): -EEXIST,
 * -EINVAL (name), -ENFILE (no number left for the "%d"), -ENOMEM.
 */
struct net_device *chaos_vdev_create(struct net *net, const char *name, unsigned int size,
				     void (*setup)(struct net_device *dev),
				     const struct rtnl_link_ops *rtnl_ops)
{
	unsigned char assigned = strchr(name, '%') ? NET_NAME_ENUM : NET_NAME_USER;
	struct net_device *dev;
	int err;

	ASSERT_RTNL();
	dev = alloc_netdev(size, name, assigned, setup);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev_net_set(dev, net);
	dev->rtnl_link_ops = rtnl_ops;
	err = register_netdevice(dev);
	if (err) {
		free_netdev(dev);
		return ERR_PTR(err);
	}
	return dev;
}

/**
 * chaos_vdev_link_ops() - the kind of link that a virtual device of ours is
 * @dev: any device
 *
 * Return: NULL if it is none of ours.
 */
const struct chaos_link_ops *chaos_vdev_link_ops(const struct net_device *dev)
{
	return dev->priv_destructor == vdev_free ? chaos_vdev(dev)->link_ops : NULL;
}

/**
 * chaos_vdev_addr() - the address that a device has on its link
 * @dev: device
 *
 * Context: any.
 */
u16 chaos_vdev_addr(const struct net_device *dev)
{
	return vdev_mac_addr(dev->dev_addr);
}

/**
 * chaos_vdev_sent() - look into a frame that the device was given to send
 * @dev: device
 * @skb: frame; afterwards linear, from the Chaosnet header to the end of the data
 * @nexthop: result: for whom on the link, 0 for all
 *
 * Context: the transmit path.
 * Return: false if this is no Chaosnet packet or there is no memory: the caller drops it.
 */
bool chaos_vdev_sent(struct net_device *dev, struct sk_buff *skb, u16 *nexthop)
{
	const struct ethhdr *eth;
	struct chaos_hdr hdr;

	if (skb->len < ETH_HLEN + CHAOS_HDR_LEN || !pskb_may_pull(skb, ETH_HLEN))
		return false;
	eth = (const struct ethhdr *)skb->data;
	if (eth->h_proto != htons(ETH_P_CHAOS))
		return false;
	*nexthop = is_multicast_ether_addr(eth->h_dest) ? 0 : vdev_mac_addr(eth->h_dest);

	__skb_pull(skb, ETH_HLEN);
	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, CHAOS_PKT_MAX)) ||
	    chaos_hdr_parse(&hdr, skb->data, skb_headlen(skb)) != CHAOS_PARSE_OK)
		return false;
	return !pskb_trim(skb, chaos_wire_len(&hdr));
}

/* Whom a packet that arrived is for, as a hardware address.  Some senders do not
 * know our address, and say 0 or only the subnet.
 */
static void vdev_rcv_dest(const struct net_device *dev, u16 pkt_dst, u16 hw_dst,
			  u8 mac[ETH_ALEN])
{
	if (chaos_addr_is_host(hw_dst) && !READ_ONCE(chaos_vdev(dev)->peer))
		vdev_mac(mac, hw_dst);
	else if (pkt_dst)
		ether_addr_copy(mac, dev->dev_addr);
	else
		eth_broadcast_addr(mac);
}

/**
 * chaos_vdev_rcv() - a packet came out of the tunnel
 * @dev: device
 * @skb: packet from the Chaosnet header on, at least that long, with room for an
 *	Ethernet header before it; consumed
 * @hw_dst: link destination, from the trailer
 * @hw_src: link source
 *
 * Context: BH disabled, RCU read side; no locks that output takes.
 */
void chaos_vdev_rcv(struct net_device *dev, struct sk_buff *skb, u16 hw_dst, u16 hw_src)
{
	u16 pkt_dst = chaos_get_word(skb->data, CHAOS_WORD_DST);
	struct ethhdr *eth = skb_push(skb, ETH_HLEN);

	vdev_rcv_dest(dev, pkt_dst, hw_dst, eth->h_dest);
	vdev_mac(eth->h_source, hw_src);
	eth->h_proto = htons(ETH_P_CHAOS);
	dev_sw_netstats_rx_add(dev, skb->len - ETH_HLEN);
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	netif_receive_skb(skb);
}

/**
 * chaos_vdev_link_init() - .init of struct chaos_link_ops
 * @iface: link
 */
int chaos_vdev_link_init(struct chaos_iface *iface)
{
	iface->pt.type = htons(ETH_P_CHAOS);
	iface->pt.func = chaos_link_rcv;
	return 0;
}

/**
 * chaos_vdev_link_addr() - .addr_changed: the hardware address follows
 * @iface: link
 */
void chaos_vdev_link_addr(struct chaos_iface *iface)
{
	struct net_device *dev = iface->dev;
	u8 mac[ETH_ALEN];

	vdev_mac(mac, iface->addr);
	if (ether_addr_equal(mac, dev->dev_addr))
		return;
	eth_hw_addr_set(dev, mac);
	if (dev->reg_state == NETREG_REGISTERED)
		call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
}

/* The hardware address of a next hop, made in @mac if it is a host's. */
static const u8 *vdev_nexthop_mac(struct net_device *dev, u16 nexthop, u8 mac[ETH_ALEN])
{
	if (!nexthop)
		return dev->broadcast;
	vdev_mac(mac, READ_ONCE(chaos_vdev(dev)->peer) ?: nexthop);
	return mac;
}

/**
 * chaos_vdev_link_xmit() - .xmit
 * @iface: link
 * @skb: packet from the Chaosnet header on; consumed
 * @nexthop: for whom, 0 for all
 */
void chaos_vdev_link_xmit(struct chaos_iface *iface, struct sk_buff *skb, u16 nexthop)
{
	u8 mac[ETH_ALEN];

	chaos_link_send(iface, skb, vdev_nexthop_mac(iface->dev, nexthop, mac));
}

/**
 * chaos_vdev_link_xmit_list() - .xmit_list
 * @iface: link
 * @list: packets from the Chaosnet header on; empty afterwards
 * @nexthop: for whom, 0 for all
 */
void chaos_vdev_link_xmit_list(struct chaos_iface *iface, struct sk_buff_head *list,
			       u16 nexthop)
{
	u8 mac[ETH_ALEN];

	chaos_link_send_list(iface, list, vdev_nexthop_mac(iface->dev, nexthop, mac));
}

/**
 * chaos_vdev_link_delete() - .delete
 * @iface: link; freed
 */
void chaos_vdev_link_delete(struct chaos_iface *iface)
{
	unregister_netdevice(iface->dev);
}
