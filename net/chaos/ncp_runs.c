// SPDX-License-Identifier: GPL-2.0-only
/*
 * NCP engine: runs of packets that have arrived behind a gap.
 *
 * A receipt tells of what has arrived without a gap.  While there is one, our STS have more
 * words after receipt and window: the first and the last number of each run of packets
 * behind it, in order.  Other programs ignore what comes after the window; one like us sends
 * again just what is missing, all of it at once, instead of one packet in each round trip.
 * It keeps what has arrived until there is a receipt: only that is a promise.
 */

#include <linux/kernel.h>

#include "ncp.h"

/**
 * ncp_put_runs() - tell which packets have arrived behind a gap
 * @c: engine
 * @words: room for 2 * NCP_RUNS_MAX words
 *
 * Those that are missing next come first.
 *
 * Return: how many words there are.
 */
unsigned int ncp_put_runs(const struct ncp *c, u16 *words)
{
	const struct ncp_pkt *pkt;
	unsigned int n = 0;

	list_for_each_entry(pkt, &c->early, list) {
		if (n && pkt->hdr.num == (u16)(words[n - 1] + 1)) {
			words[n - 1]++;
			continue;
		}
		if (n == 2 * NCP_RUNS_MAX)
			break;
		words[n++] = pkt->hdr.num;
		words[n++] = pkt->hdr.num;
	}
	return n;
}

/* Whoever puts something else there does not mean us: all must be right. */
static bool ncp_are_runs(const struct ncp *c, const u8 *data, unsigned int words, u16 receipt)
{
	u16 end = receipt;
	unsigned int i;

	for (i = 0; i < words; i += 2) {
		u16 first = chaos_get_word(data, i), last = chaos_get_word(data, i + 1);

		if (!chaos_num_after(first, end + 1) || chaos_num_before(last, first) ||
		    chaos_num_after(last, c->snd_last))
			return false;
		end = last;
	}
	return true;
}

/**
 * ncp_take_runs() - use what an STS tells after the window
 * @c: engine in CHAOS_OPENED
 * @data: these words
 * @len: bytes of @data; may be anything
 * @receipt: that of the STS
 *
 * What has arrived once is never missing again, so an STS may be late.
 */
void ncp_take_runs(struct ncp *c, const u8 *data, unsigned int len, u16 receipt)
{
	unsigned int words = len / 2, i = 0;
	u16 known = c->snd_arrived;
	struct ncp_pkt *pkt;

	if (!words || len % 4 || !ncp_are_runs(c, data, words, receipt))
		return;
	list_for_each_entry(pkt, &c->sendq, list) {
		if (!pkt->tries)
			break;
		while (i < words && chaos_num_after(pkt->hdr.num, chaos_get_word(data, i + 1)))
			i += 2;
		if (i == words)
			break;
		if (pkt->arrived || chaos_num_before(pkt->hdr.num, chaos_get_word(data, i)))
			continue;
		pkt->arrived = true;
		c->snd_arrived++;
	}
	ncp_loss_gain(c, c->snd_arrived - known);
}
