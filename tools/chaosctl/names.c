// SPDX-License-Identifier: GPL-2.0-or-later
/* What values are called. */
#include "names.h"

const char *const switch_names[N_SWITCH_NAMES] = { "off", "on" };

const char *const rut_names[N_RUT_NAMES] = {
	[CHAOS_RUT_OFF]		= "off",
	[CHAOS_RUT_LISTEN]	= "listen",
	[CHAOS_RUT_ON]		= "on",
};

const char *const proxy_arp_names[N_PROXY_ARP_NAMES] = {
	[CHAOS_PROXY_ARP_OFF]	= "off",
	[CHAOS_PROXY_ARP_HOSTS]	= "hosts",
	[CHAOS_PROXY_ARP_ALL]	= "all",
};

const char *const route_type_names[N_ROUTE_TYPE_NAMES] = {
	[CHAOS_ROUTE_LOCAL]	= "local",
	[CHAOS_ROUTE_DIRECT]	= "direct",
	[CHAOS_ROUTE_BRIDGE]	= "bridge",
	[CHAOS_ROUTE_FIXED]	= "fixed",
};

/* Kinds of virtual device, as the kernel calls them. */
const char *const link_kind_names[N_LINK_KIND_NAMES] = { "chaos", "ip" };
