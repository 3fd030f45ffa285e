// SPDX-License-Identifier: GPL-2.0-only
/* Chaosnet: the module's beginning and end. */

#include <linux/module.h>
#include <net/genetlink.h>

#include "af_chaos.h"
#include "cdev.h"
#include "conn.h"
#include "iface.h"
#include "link_ip.h"
#include "link_tap.h"
#include "net.h"
#include "nl.h"

static int __init chaos_init(void)
{
	int err;

	err = chaos_conn_init();
	if (err)
		return err;
	chaos_xmit_init();
	err = chaos_net_register();
	if (err)
		goto exit_conn;
	err = chaos_iface_register();
	if (err)
		goto unregister_net;
	err = chaos_tap_register();
	if (err)
		goto unregister_iface;
	err = chaos_ip_register();
	if (err)
		goto unregister_tap;
	err = chaos_nl_register();
	if (err)
		goto unregister_ip;
	err = chaos_cdev_register();
	if (err)
		goto unregister_nl;
	err = chaos_sockets_register();
	if (err)
		goto unregister_cdev;
	return 0;

unregister_cdev:
	chaos_cdev_unregister();
unregister_nl:
	chaos_nl_unregister();
unregister_ip:
	chaos_ip_unregister();
unregister_tap:
	chaos_tap_unregister();
unregister_iface:
	chaos_iface_unregister();
unregister_net:
	chaos_net_unregister();
	rcu_barrier();
exit_conn:
	chaos_conn_exit();
	return err;
}

static void __exit chaos_exit(void)
{
	chaos_sockets_unregister();
	chaos_cdev_unregister();
	chaos_nl_unregister();
	chaos_ip_unregister();
	chaos_tap_unregister();
	chaos_iface_unregister();
	chaos_net_unregister();
	chaos_xmit_exit();
	/* Callbacks of ours may still be due. */
	rcu_barrier();
	chaos_conn_exit();
}

module_init(chaos_init);
module_exit(chaos_exit);

MODULE_DESCRIPTION("Chaosnet protocol family");
MODULE_AUTHOR("Chaosnet for Linux");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY("chaos");
