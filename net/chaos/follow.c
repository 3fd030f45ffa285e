// SPDX-License-Identifier: GPL-2.0-only
/* Going where a server sends us: the next RFC, and no going in circles. */

#include <linux/ctype.h>
#include <linux/slab.h>

#include "follow.h"
#include "net.h"
#include "skb.h"

/* Host and contact, whatever its case; arguments do not matter. */
static u32 follow_hash(u16 host, const struct sk_buff *rfc)
{
	size_t len = chaos_contact_len(rfc->data, chaos_pkt(rfc)->hdr.len);
	u32 hash = host;
	size_t i;

	for (i = 0; i < len; i++)
		hash = chaos_hash(hash, toupper(rfc->data[i]));
	return hash;
}

/* Remember that a server is asked.  Return: false if it was before. */
static bool follow_note(struct chaos_follow *f, u16 host, const struct sk_buff *rfc)
{
	u32 hash = follow_hash(host, rfc);
	unsigned int i;

	for (i = 0; i < f->n; i++)
		if (f->seen[i] == hash)
			return false;
	f->seen[f->n++] = hash;
	return true;
}

/**
 * chaos_follow_begin() - a request that may be forwarded
 * @hops: how often, 1 to CHAOS_FOLLOW_MAX
 * @host: where it goes first
 * @rfc: the RFC, described in skb->cb
 * @gfp: allocation flags
 *
 * Return: to be freed with kfree(), or NULL.
 */
struct chaos_follow *chaos_follow_begin(unsigned int hops, u16 host, const struct sk_buff *rfc,
					gfp_t gfp)
{
	struct chaos_follow *f = kzalloc(sizeof(*f), gfp);

	if (f) {
		f->left = hops;
		follow_note(f, host, rfc);
	}
	return f;
}

/* The FWD's contact, with its own arguments or else those we had. */
static struct sk_buff *follow_build(const struct sk_buff *fwd, const struct sk_buff *rfc, gfp_t gfp)
{
	size_t len = chaos_pkt(fwd)->hdr.len, old_len = chaos_pkt(rfc)->hdr.len;
	size_t contact_len = chaos_contact_len(fwd->data, len);
	size_t skip = chaos_contact_len(rfc->data, old_len);
	size_t args = contact_len == len ? old_len - skip : 0;
	struct sk_buff *skb;

	if (contact_len > CHAOS_CONTACT_MAX || !chaos_contact_valid(fwd->data, contact_len))
		return ERR_PTR(-EREMCHG);
	if (len + args > CHAOS_DATA_MAX)
		return ERR_PTR(-EMSGSIZE);
	skb = chaos_skb_alloc(len + args, gfp);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_put_data(skb, fwd->data, len);
	skb_put_data(skb, rfc->data + skip, args);
	chaos_skb_ready(skb, CHAOS_OP_RFC, len + args);
	__skb_header_release(skb);
	return skb;
}

/**
 * chaos_follow_next() - the RFC that a FWD asks for
 * @f: of the request
 * @fwd: the FWD, described in skb->cb; its acknowledgment field is the host to ask
 * @rfc: the RFC that it answers, described in skb->cb
 * @gfp: allocation flags
 *
 * Return: the RFC, or an ERR_PTR: -ELOOP (too often, or asked there before), -EREMCHG
 * (makes no sense), -EMSGSIZE, -ENOMEM.
 */
struct sk_buff *chaos_follow_next(struct chaos_follow *f, const struct sk_buff *fwd,
				  const struct sk_buff *rfc, gfp_t gfp)
{
	u16 host = chaos_pkt(fwd)->hdr.ack;
	struct sk_buff *skb;

	if (!f->left)
		return ERR_PTR(-ELOOP);
	if (!chaos_addr_is_host(host))
		return ERR_PTR(-EREMCHG);
	skb = follow_build(fwd, rfc, gfp);
	if (IS_ERR(skb))
		return skb;
	if (!follow_note(f, host, skb)) {
		kfree_skb(skb);
		return ERR_PTR(-ELOOP);
	}
	f->left--;
	return skb;
}
