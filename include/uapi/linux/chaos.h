/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Chaosnet sockets: what a program needs for socket(AF_CHAOS, ...).
 *
 * Addresses, indices and packet numbers are in host byte order everywhere in
 * this interface; the kernel converts at the wire.  The manual page chaos(7)
 * describes the semantics.  All structures have the same layout for 32-bit and
 * 64-bit programs.
 */
#ifndef _UAPI_LINUX_CHAOS_H
#define _UAPI_LINUX_CHAOS_H

#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/socket.h>

/* The number was AF_ASH, for which Linux never had an implementation. */
#define AF_CHAOS	18
#define PF_CHAOS	AF_CHAOS
#define SOL_CHAOS	16

#ifndef ETH_P_CHAOS
#define ETH_P_CHAOS	0x0804		/* Chaosnet on Ethernet, and its ARP protocol */
#endif

/* Protocols, the third argument of socket(); 0 is the NCP, connections and transactions. */
#define CHAOSPROTO_UNC	015		/* SOCK_DGRAM: foreign protocols in UNC packets */

#define CHAOS_DATA_MAX		488	/* data bytes in a packet */
#define CHAOS_CONTACT_MAX	120	/* sch_contact, with or without a final NUL */

/* Opcodes (AIM 628 section 4), named as the specification names them. */
enum chaos_opcode {
	CHAOS_OP_RFC = 1,
	CHAOS_OP_OPN,
	CHAOS_OP_CLS,
	CHAOS_OP_FWD,
	CHAOS_OP_ANS,
	CHAOS_OP_SNS,
	CHAOS_OP_STS,
	CHAOS_OP_RUT,
	CHAOS_OP_LOS,
	CHAOS_OP_LSN,
	CHAOS_OP_MNT,
	CHAOS_OP_EOF,
	CHAOS_OP_UNC,
	CHAOS_OP_BRD,
	CHAOS_OP_DAT = 0200,		/* 0200-0277: 8-bit data */
	CHAOS_OP_DWD = 0300,		/* 0300-0377: 16-bit data */
};

/**
 * struct sockaddr_chaos - a Chaosnet host and what is wanted there
 * @sch_family: AF_CHAOS
 * @sch_addr: host address, subnet in the high byte; 0 when bound to any
 * @sch_index: connection index; 0 in a new request
 * @sch_flags: must be 0
 * @sch_contact: contact name, in connect() optionally followed by a space and
 *	arguments; ends at the first NUL or at the end of the address length
 *
 * The address length counts from 8 (no contact) to 128.
 */
struct sockaddr_chaos {
	__kernel_sa_family_t	sch_family;
	__u16			sch_addr;
	__u16			sch_index;
	__u16			sch_flags;
	char			sch_contact[CHAOS_CONTACT_MAX];
};

/* Socket options, level SOL_CHAOS. */
enum {
	CHAOS_RFC_DATA = 1,	/* bytes: arguments of our RFC; contact and arguments of theirs */
	CHAOS_REASON,		/* string: get the peer's words when it ended; set ours for then */
	CHAOS_INFO,		/* struct chaos_info, get only, cut to the caller's length */
	CHAOS_WINDOW,		/* int, 1-1024: packets we let the peer send ahead */
	CHAOS_NODELAY,		/* int: do not wait to fill packets */
	CHAOS_DEFER,		/* int: accept() leaves the decision about an RFC to the program */
	CHAOS_OPEN,		/* no value, set only: decide to open */
	CHAOS_ANSWER,		/* bytes, set only: decide to answer with ANS */
	CHAOS_REJECT,		/* string, set only: decide to refuse with CLS, for this reason */
	CHAOS_FORWARD,		/* struct sockaddr_chaos; set: decide to send it elsewhere;
				 * get: where the server sent us
				 */
	CHAOS_FOLLOW,		/* int, 0-16: how often to go where a server sends us */
	CHAOS_SUBNETS,		/* __u8[32]: where a broadcast goes; subnet n is bit n % 8 of
				 * byte n / 8
				 */
	CHAOS_RECVERR,		/* int: queue what becomes of failed transactions; also the
				 * type of the control message, a struct sock_extended_err
				 */
	CHAOS_RTO_MIN,		/* int, ms: shortest retransmission timeout */
	CHAOS_PROBE,		/* int, ms: between probes of a silent peer */
	CHAOS_TIMEOUT,		/* int, ms: silence that breaks the connection */
	CHAOS_RTO_MAX,		/* int, ms: longest retransmission timeout */
	CHAOS_IDLE,		/* int, ms: silence before probes begin */
};

/* sock_extended_err.ee_origin when ee_type, the opcode of a packet of the peer, says why. */
#define CHAOS_EE_ORIGIN	0103

/* Control messages, level SOL_CHAOS. */
enum {
	CHAOS_OPCODE = 32,	/* int: opcode of the packet sent or received */
	CHAOS_TID,		/* __u32: names a transaction in its answer and errors */
	CHAOS_UNC,		/* struct chaos_unc: header fields of a foreign protocol */
	CHAOS_DEST,		/* struct chaos_dest: where an unclaimed packet was sent */
};

/**
 * struct chaos_unc - what foreign protocols use of the header (AIM 628 section 6)
 * @cu_number: packet number field
 * @cu_ack: acknowledgment field: 0100000 Internet, 0100001 PUP, from 0140000 private
 */
struct chaos_unc {
	__u16	cu_number;
	__u16	cu_ack;
};

/**
 * struct chaos_dest - where a packet was sent that no index here claims
 * @cd_addr: our address
 * @cd_index: the index
 */
struct chaos_dest {
	__u16	cd_addr;
	__u16	cd_index;
};

/* States of a connection (AIM 628 section 4.7). */
enum chaos_state {
	CHAOS_CLOSED,
	CHAOS_LISTENING,
	CHAOS_RFC_RECEIVED,
	CHAOS_RFC_SENT,
	CHAOS_OPENED,
	CHAOS_LOST,
	CHAOS_INCOMPLETE,
	CHAOS_BROADCAST_SENT,
	CHAOS_FOREIGN,
};

/*
 * struct chaos_info - state of a connection, from CHAOS_INFO and chaosctl
 *
 * New fields are only ever appended.
 */
struct chaos_info {
	__u8	ci_state;		/* enum chaos_state */
	__u8	ci_reserved;
	__u16	ci_local_addr;
	__u16	ci_local_index;
	__u16	ci_peer_addr;
	__u16	ci_peer_index;
	__u16	ci_rcv_window;		/* packets: what we offer */
	__u16	ci_snd_window;		/* packets: what the peer offers */
	__u16	ci_snd_cwnd;		/* packets: our own limit, not above the peer's */
	__u16	ci_snd_unacked;		/* packets sent and not yet read by the peer */
	__u16	ci_snd_unreceipted;	/* packets sent and not known to have arrived */
	__u16	ci_snd_queued;		/* packets waiting for the window */
	__u16	ci_rcv_unread;		/* packets arrived in order and not yet read */
	__u16	ci_rcv_ooo;		/* packets waiting for an earlier one */
	__u16	ci_reserved2[3];
	__u32	ci_rtt_us;		/* smoothed round trip, 0: not measured */
	__u32	ci_rttvar_us;
	__u32	ci_rto_us;		/* retransmission timeout now in force */
	__u32	ci_last_rx_ms;		/* since the last packet received */
	__u32	ci_last_tx_ms;		/* since the last packet sent */
	__u32	ci_reserved3;
	__u64	ci_pkts_sent;		/* packets handed to the link, all opcodes */
	__u64	ci_pkts_rcvd;		/* packets that matched this connection */
	__u64	ci_bytes_sent;		/* user data, first transmissions only */
	__u64	ci_bytes_rcvd;		/* user data delivered in order */
	__u64	ci_retrans;		/* controlled packets sent again */
	__u64	ci_dups_rcvd;		/* controlled packets that had arrived before */
	__u64	ci_ooo_rcvd;		/* controlled packets that arrived too early */
	__u64	ci_gaps_rcvd;		/* reports of a gap from the peer */
	__u64	ci_beyond_window;	/* packets discarded for exceeding our window */
};

/*
 * /dev/chaos: links whose other side is a program, as in chaos(4).
 *
 * A packet is passed with its trailer, in the LSB-first layout: the header of 16
 * bytes, data padded to an even length, link destination, link source, checksum
 * (AIM 628 section 2.5).  One is read or written per call or, with
 * CHAOS_ATTACH_BATCH, any number, each after its length, a __u16 in host order that
 * does not count itself.
 */
#define CHAOS_TRAILER_LEN	6
#define CHAOS_RECORD_MIN	(16 + CHAOS_TRAILER_LEN)
#define CHAOS_RECORD_MAX	(16 + CHAOS_DATA_MAX + CHAOS_TRAILER_LEN)

/**
 * struct chaos_attach - which link a file of /dev/chaos is to feed
 * @ca_name: the net_device; empty or with a "%d": one is made, and its name returned
 * @ca_flags: CHAOS_ATTACH_*; returned: those in force
 * @ca_addr: address for the link, 0: leave it as it is; returned: the link's.  With an
 *	address the device is brought up, too.
 * @ca_peer: with CHAOS_ATTACH_P2P the only other host there; else 0, and left as it is;
 *	returned: the link's
 * @ca_reserved: must be 0
 */
struct chaos_attach {
	char	ca_name[16];
	__u32	ca_flags;
	__u16	ca_addr;
	__u16	ca_peer;
	__u32	ca_reserved[4];
};

#define CHAOS_ATTACH_BATCH	0x1	/* many packets per call */
#define CHAOS_ATTACH_PERSIST	0x2	/* the link outlives the file */
#define CHAOS_ATTACH_P2P	0x4	/* there is one host on the other side, ca_peer */
#define CHAOS_ATTACH_NOCHECK	0x8	/* checksums of what is written are not looked at */

/* A file attaches to one link, once. */
#define CHAOS_ATTACH	_IOWR(0xBC, 1, struct chaos_attach)

#endif /* _UAPI_LINUX_CHAOS_H */
