/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: every dropped packet, with the reason. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM chaos

#if !defined(_NET_CHAOS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NET_CHAOS_TRACE_H

#include <linux/tracepoint.h>
#include <linux/chaos_netlink.h>

#include "packet.h"

TRACE_EVENT(chaos_drop,
	TP_PROTO(enum chaos_stat reason, const struct chaos_hdr *hdr),
	TP_ARGS(reason, hdr),
	TP_STRUCT__entry(
		__field(u32, reason)
		__field_struct(struct chaos_hdr, hdr)
	),
	TP_fast_assign(
		__entry->reason = reason;
		__entry->hdr = hdr ? *hdr : (struct chaos_hdr) {};
	),
	TP_printk("reason=%u op=%o %o.%04x > %o.%04x num=%04x ack=%04x len=%u",
		  __entry->reason, __entry->hdr.op,
		  __entry->hdr.src, __entry->hdr.sidx,
		  __entry->hdr.dst, __entry->hdr.didx,
		  __entry->hdr.num, __entry->hdr.ack, __entry->hdr.len)
);

#endif /* _NET_CHAOS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
