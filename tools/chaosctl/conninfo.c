// SPDX-License-Identifier: GPL-2.0-or-later
/* The inside of a connection: struct chaos_info. */
#include <stdio.h>
#include <string.h>

#include "conninfo.h"

/**
 * conninfo_copy() - take struct chaos_info out of an answer
 * @info: result; fields that an older kernel does not have are 0
 * @attr: attribute of any length, or NULL
 */
void conninfo_copy(struct chaos_info *info, struct nlattr *attr)
{
	memset(info, 0, sizeof(*info));
	if (attr)
		nla_memcpy(info, attr, sizeof(*info));
}

/* Milliseconds in plain form, microseconds in JSON. */
static void show_us(struct show *s, const char *key, const char *before, uint32_t us)
{
	char text[24];

	if (s->json) {
		show_num(s, key, before, us);
		return;
	}
	snprintf(text, sizeof(text), "%u.%03u", us / 1000, us % 1000);
	show_text(s, before);
	show_text(s, text);
}

static void show_windows(struct show *s, const struct chaos_info *info)
{
	show_num(s, "rcv_window", "    rcvwin:", info->ci_rcv_window);
	show_num(s, "snd_window", " sndwin:", info->ci_snd_window);
	show_num(s, "snd_cwnd", " cwnd:", info->ci_snd_cwnd);
	show_num(s, "snd_unacked", " unacked:", info->ci_snd_unacked);
	show_num(s, "snd_unreceipted", " unreceipted:", info->ci_snd_unreceipted);
	show_num(s, "snd_queued", " queued:", info->ci_snd_queued);
	show_num(s, "rcv_unread", " unread:", info->ci_rcv_unread);
	show_num(s, "rcv_ooo", " ooo:", info->ci_rcv_ooo);
	show_line_end(s);
}

/* A round trip of 0 has not been measured. */
static void show_times(struct show *s, const struct chaos_info *info)
{
	show_text(s, "   ");
	if (info->ci_rtt_us) {
		show_us(s, "rtt_us", " rtt:", info->ci_rtt_us);
		show_us(s, "rttvar_us", "/", info->ci_rttvar_us);
		show_text(s, "ms");
	}
	show_us(s, "rto_us", " rto:", info->ci_rto_us);
	show_num(s, "last_tx_ms", "ms lastsnd:", info->ci_last_tx_ms);
	show_num(s, "last_rx_ms", "ms lastrcv:", info->ci_last_rx_ms);
	show_text(s, "ms");
	show_line_end(s);
}

static void show_counts(struct show *s, const struct chaos_info *info)
{
	show_num(s, "pkts_sent", "    sent:", info->ci_pkts_sent);
	show_num(s, "bytes_sent", "/", info->ci_bytes_sent);
	show_num(s, "pkts_rcvd", "B rcvd:", info->ci_pkts_rcvd);
	show_num(s, "bytes_rcvd", "/", info->ci_bytes_rcvd);
	show_num(s, "retrans", "B retrans:", info->ci_retrans);
	show_num(s, "dups_rcvd", " dups:", info->ci_dups_rcvd);
	show_num(s, "ooo_rcvd", " early:", info->ci_ooo_rcvd);
	show_num(s, "gaps_rcvd", " gaps:", info->ci_gaps_rcvd);
	show_num(s, "beyond_window", " beyond:", info->ci_beyond_window);
	show_line_end(s);
}

/**
 * conninfo_show() - print what is inside a connection
 * @s: printer; in JSON an object is open
 * @info: the connection
 */
void conninfo_show(struct show *s, const struct chaos_info *info)
{
	show_object_open(s, "info");
	show_windows(s, info);
	show_times(s, info);
	show_counts(s, info);
	show_object_close(s);
}
