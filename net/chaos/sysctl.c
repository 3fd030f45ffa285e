// SPDX-License-Identifier: GPL-2.0-only
/* Settings of a namespace, and their files in /proc/sys/net/chaos. */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "ncp.h"
#include "rut.h"
#include "sysctl.h"

#define HOUR_MS		(3600 * 1000)

static int one = 1;
static int ten = 10;
static int tenth_ms = 100;
static int second_ms = 1000;
static int minute_ms = 60 * 1000;
static int hour_ms = HOUR_MS;
static int window_max = NCP_WINDOW_MAX;
static int rate_max = 1000 * 1000;
static int count_max = 1000 * 1000;

#define CONF_INT(member, low, high) CONF_HOW(member, low, high, proc_dointvec_minmax)

#define CONF_HOW(member, low, high, handler)				\
	{								\
		.procname = #member,					\
		.data = (void *)offsetof(struct chaos_conf, member),	\
		.maxlen = sizeof(int),					\
		.mode = 0644,						\
		.proc_handler = handler,				\
		.extra1 = low,						\
		.extra2 = high,						\
	}

static int conf_routing(CHAOS_CTL_CONST struct ctl_table *ctl, int write, void *buffer,
			size_t *len, loff_t *pos);

/* What each is for: struct chaos_conf. */
static const struct ctl_table conf_table[] = {
	CONF_INT(window, &one, &window_max),
	CONF_INT(rto_min_ms, &ten, &minute_ms),
	CONF_INT(rto_max_ms, &ten, &minute_ms),
	CONF_INT(probe_ms, &ten, &hour_ms),
	CONF_INT(idle_ms, &ten, &hour_ms),
	CONF_INT(timeout_ms, &second_ms, &hour_ms),
	CONF_INT(reply_rate, &one, &rate_max),
	CONF_HOW(forwarding, SYSCTL_ZERO, SYSCTL_ONE, conf_routing),
	CONF_HOW(rut_interval_ms, &tenth_ms, &hour_ms, conf_routing),
	CONF_HOW(rut_expire_ms, &tenth_ms, &hour_ms, conf_routing),
	/* Limits protect the host: from here on a namespace's root may only look. */
	CONF_INT(max_halfopen, &one, &count_max),
	CONF_INT(max_orphans, SYSCTL_ZERO, &count_max),
	{
		.procname = "max_mem",
		.data = (void *)offsetof(struct chaos_conf, max_mem),
		.maxlen = sizeof(unsigned long),
		.mode = 0644,
		.proc_handler = proc_doulongvec_minmax,
	},
};

#define CONF_LIMITS	3	/* the last ones */

/* The namespace that an entry belongs to: its data is at the same place as in the model. */
static struct chaos_net *conf_net(const struct ctl_table *ctl)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(conf_table); i++)
		if (conf_table[i].procname == ctl->procname)
			break;
	return container_of((struct chaos_conf *)((char *)ctl->data -
						  (uintptr_t)conf_table[i].data),
			    struct chaos_net, conf);
}

/* Neighbours hear of it at once. */
static int conf_routing(CHAOS_CTL_CONST struct ctl_table *ctl, int write, void *buffer,
			size_t *len, loff_t *pos)
{
	int err = proc_dointvec_minmax(ctl, write, buffer, len, pos);

	if (write && !err)
		chaos_rut_changed(conf_net(ctl));
	return err;
}

/**
 * chaos_conf_init() - defaults
 * @cn: namespace
 */
void chaos_conf_init(struct chaos_net *cn)
{
	cn->conf = (struct chaos_conf) {
		.window = NCP_WINDOW_DEFAULT,
		.rto_min_ms = NCP_RTO_MIN / NCP_MS,
		.rto_max_ms = NCP_RTO_MAX / NCP_MS,
		.probe_ms = NCP_PROBE / NCP_MS,
		.idle_ms = NCP_IDLE / NCP_MS,
		.timeout_ms = NCP_TIMEOUT / NCP_MS,
		.reply_rate = 2000,
		.rut_interval_ms = 15 * 1000,	/* AIM 628 section 3.7 */
		.rut_expire_ms = 60 * 1000,
		.max_halfopen = 1024,
		.max_orphans = 1024,
		.max_mem = (totalram_pages() << PAGE_SHIFT) / 16,
	};
}

/**
 * chaos_default_times() - the times of a new socket
 * @cn: namespace
 * @times: result
 */
void chaos_default_times(const struct chaos_net *cn, struct ncp_times *times)
{
	times->rto_min = READ_ONCE(cn->conf.rto_min_ms) * NCP_MS;
	times->rto_max = READ_ONCE(cn->conf.rto_max_ms) * NCP_MS;
	times->probe = READ_ONCE(cn->conf.probe_ms) * NCP_MS;
	times->idle = READ_ONCE(cn->conf.idle_ms) * NCP_MS;
	times->timeout = READ_ONCE(cn->conf.timeout_ms) * NCP_MS;
}

/**
 * chaos_sysctl_net_init() - make the files
 * @cn: namespace
 *
 * Return: 0 or -ENOMEM.
 */
int chaos_sysctl_net_init(struct chaos_net *cn)
{
	const unsigned int n = ARRAY_SIZE(conf_table);
	struct ctl_table *table;
	unsigned int i;

	table = kcalloc(n + 1, sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;
	memcpy(table, conf_table, sizeof(conf_table));
	for (i = 0; i < n; i++) {
		table[i].data = (char *)&cn->conf + (uintptr_t)table[i].data;
		if (i >= n - CONF_LIMITS && !net_eq(cn->net, &init_net))
			table[i].mode = 0444;
	}
	cn->sysctl = register_net_sysctl_sz(cn->net, "net/chaos", table, n);
	if (!cn->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	cn->sysctl_table = table;
	return 0;
}

/**
 * chaos_sysctl_net_exit() - remove the files
 * @cn: namespace
 */
void chaos_sysctl_net_exit(struct chaos_net *cn)
{
	unregister_net_sysctl_table(cn->sysctl);
	kfree(cn->sysctl_table);
}
