// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each kind of packet does in each state: one row each.  The rule says why, and
 * which section of AIM 628 says so: 3.8 flow and error control, 4.1 connection
 * establishment, 4.2 status, 4.3 data, 4.4 end-of-data, 4.5 broadcast, 4.6 low-level.
 *
 * Our numbers begin at 100, the peer's at 200 (hexadecimal); both windows are 13.
 */

#include <kunit/test.h>

#include "endpoint.h"

/* Where a connection can be when the packet arrives. */
enum place {
	OFFERED,	/* RFC-received: RFC 200, not decided on */
	ASKED,		/* RFC-sent: RFC 100 */
	SIMPLE,		/* the same, for a simple transaction */
	OPEN,		/* we asked; DAT 101 is not receipted */
	ACCEPTED,	/* we were asked; OPN 100 is not receipted, DAT 101 waits for it */
	CLOSING,	/* safe close: DAT 101 and EOF 102 are not acknowledged */
	CALLED,		/* Broadcast-sent: BRD 100, for the first to open */
	CALLED_SIMPLE,	/* the same, for answers */
	CLOSED,		/* by CLS of ours */
	LOST,		/* by LOS of theirs */
	INCOMPLETE,	/* by silence */
	PLACES
};

static const char * const place_names[] = {
	[OFFERED] = "RFC-received", [ASKED] = "RFC-sent", [SIMPLE] = "RFC-sent simple",
	[OPEN] = "open", [ACCEPTED] = "open, OPN not receipted", [CLOSING] = "open, closing",
	[CALLED] = "Broadcast-sent", [CALLED_SIMPLE] = "Broadcast-sent simple",
	[CLOSED] = "closed", [LOST] = "lost", [INCOMPLETE] = "incomplete",
};

struct row {
	enum place place;
	u8 op;
	u16 num, ack;
	u16 receipt;		/* OPN and STS; their window is 13 */
	enum ncp_verdict verdict;
	const char *effects;	/* see ep_take() */
	const char *rule;
};

#define DAT	CHAOS_OP_DAT
#define DWD	CHAOS_OP_DWD
#define OP(op)	CHAOS_OP_##op

static const struct row rows[] = {
	{ OFFERED, OP(RFC), 0x200, 0, 0, NCP_DUPLICATE, "", "AIM 4.1: duplicate of a pending RFC" },
	{ OFFERED, OP(OPN), 0x201, 0x100, 0x100, NCP_WRONG_STATE, "",
	  "AIM 4.2: no LOS for OPN to a connection that is not RFC-sent" },
	{ OFFERED, OP(CLS), 0x201, 0, 0, NCP_ACCEPTED, "+CLS 201, =CLOSED/broken",
	  "AIM 4.1: the user withdraws" },
	{ OFFERED, OP(FWD), 0x201, 0, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ OFFERED, OP(ANS), 0x201, 0, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ OFFERED, OP(SNS), 0x201, 0xff, 0, NCP_WRONG_STATE, "",
	  "AIM 4.2: no LOS for SNS to a connection that is not open" },
	{ OFFERED, OP(STS), 0x201, 0xff, 0xff, NCP_NOT_OPEN, "", "AIM 4.2: LOS for STS" },
	{ OFFERED, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ OFFERED, OP(LOS), 0x201, 0, 0, NCP_ACCEPTED, "+LOS 201, =LOST/lost",
	  "AIM 4.2: LOS that matches both ends" },
	{ OFFERED, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ OFFERED, OP(EOF), 0x201, 0xff, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for EOF" },
	{ OFFERED, OP(UNC), 0x201, 0xff, 0, NCP_WRONG_STATE, "",
	  "AIM 4.3: only of an open connection" },
	{ OFFERED, OP(BRD), 0x200, 0, 0, NCP_DUPLICATE, "", "AIM 4.5: duplicates as for RFC" },
	{ OFFERED, DAT, 0x201, 0xff, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },
	{ OFFERED, DWD, 0x201, 0xff, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },

	{ ASKED, OP(RFC), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.1: no RFC crosses ours on one index" },
	{ ASKED, OP(OPN), 0x200, 0x100, 0x100, NCP_ACCEPTED, "=OPENED, STS 101/200 r200 w13",
	  "AIM 4.1: OPN opens, STS answers" },
	{ ASKED, OP(OPN), 0x200, 0xff, 0x100, NCP_ACCEPTED, "=OPENED, STS 101/200 r200 w13",
	  "AIM 4.2: receipt in the data, the acknowledgment may be lower" },
	{ ASKED, OP(OPN), 0x200, 0x100, 0, NCP_ACCEPTED, "=OPENED, STS 101/200 r200 w13",
	  "AIM 3.8: the acknowledgment implies receipt" },
	{ ASKED, OP(OPN), 0x200, 0xff, 0xff, NCP_MALFORMED, "", "AIM 4.1: OPN to another RFC" },
	{ ASKED, OP(CLS), 0xbeef, 0, 0, NCP_ACCEPTED, "+CLS beef, =CLOSED/refused",
	  "AIM 4.1: refused, whatever the number" },
	{ ASKED, OP(FWD), 0, 0403, 0, NCP_ACCEPTED, "+FWD 0, =CLOSED/forwarded",
	  "AIM 4.1: try another host" },
	{ ASKED, OP(ANS), 0, 0, 0, NCP_ACCEPTED, "+ANS 0, =CLOSED/answered", "AIM 4.1: answer" },
	{ ASKED, OP(SNS), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.2: no LOS for SNS to a connection that is not open" },
	{ ASKED, OP(STS), 0x201, 0x100, 0x100, NCP_NOT_OPEN, "", "AIM 4.2: LOS for STS" },
	{ ASKED, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ ASKED, OP(LOS), 0x201, 0, 0, NCP_ACCEPTED, "+LOS 201, =LOST/lost", "AIM 4.2: LOS" },
	{ ASKED, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ ASKED, OP(EOF), 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for EOF" },
	{ ASKED, OP(UNC), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.3: only of an open connection" },
	{ ASKED, OP(BRD), 0x200, 0, 0, NCP_WRONG_STATE, "", "AIM 4.5: no BRD on an index of ours" },
	{ ASKED, DAT, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },
	{ ASKED, DWD, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },

	{ SIMPLE, OP(RFC), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.1: no RFC crosses ours on one index" },
	{ SIMPLE, OP(OPN), 0x200, 0x100, 0x100, NCP_ACCEPTED,
	  "CLS 101/200 \"Simple transaction expected\", =CLOSED/not-simple",
	  "AIM 4.1: CLS to an OPN that is not wanted" },
	{ SIMPLE, OP(OPN), 0x200, 0xff, 0xff, NCP_MALFORMED, "", "AIM 4.1: OPN to another RFC" },
	{ SIMPLE, OP(CLS), 0, 0, 0, NCP_ACCEPTED, "+CLS 0, =CLOSED/refused", "AIM 4.1: refused" },
	{ SIMPLE, OP(FWD), 0, 0403, 0, NCP_ACCEPTED, "+FWD 0, =CLOSED/forwarded",
	  "AIM 4.1: try another host" },
	{ SIMPLE, OP(ANS), 0, 0, 0, NCP_ACCEPTED, "+ANS 0, =CLOSED/answered", "AIM 4.1: answer" },
	{ SIMPLE, OP(SNS), 0x201, 0x100, 0, NCP_WRONG_STATE, "", "AIM 4.2: no LOS for SNS" },
	{ SIMPLE, OP(STS), 0x201, 0x100, 0x100, NCP_NOT_OPEN, "", "AIM 4.2: LOS for STS" },
	{ SIMPLE, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ SIMPLE, OP(LOS), 0x201, 0, 0, NCP_ACCEPTED, "+LOS 201, =LOST/lost", "AIM 4.2: LOS" },
	{ SIMPLE, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ SIMPLE, OP(EOF), 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for EOF" },
	{ SIMPLE, OP(UNC), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.3: only of an open connection" },
	{ SIMPLE, OP(BRD), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.5: no BRD on an index of ours" },
	{ SIMPLE, DAT, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },
	{ SIMPLE, DWD, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },

	{ OPEN, OP(RFC), 0x1ff, 0, 0, NCP_DUPLICATE, "", "AIM 4.1: duplicate RFC of an open one" },
	{ OPEN, OP(OPN), 0x200, 0x100, 0x100, NCP_DUPLICATE, "STS 102/200 r200 w13",
	  "AIM 4.1: OPN again: the STS was lost" },
	{ OPEN, OP(CLS), 0x201, 0x100, 0, NCP_ACCEPTED, "+CLS 201, =CLOSED/clean",
	  "AIM 4.1: CLS with the next number: all has arrived" },
	{ OPEN, OP(CLS), 0x202, 0x100, 0, NCP_ACCEPTED, "+CLS 202, =CLOSED/broken",
	  "AIM 4.1: CLS with a later number: data was lost" },
	{ OPEN, OP(FWD), 0x201, 0403, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ OPEN, OP(ANS), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ OPEN, OP(SNS), 0x201, 0x100, 0, NCP_ACCEPTED, "STS 102/200 r200 w13",
	  "AIM 4.2: SNS asks for STS" },
	{ OPEN, OP(STS), 0x201, 0x101, 0x101, NCP_ACCEPTED, "", "AIM 4.2: receipt" },
	{ OPEN, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ OPEN, OP(LOS), 0x201, 0, 0, NCP_ACCEPTED, "+LOS 201, =LOST/lost", "AIM 4.2: LOS" },
	{ OPEN, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ OPEN, OP(EOF), 0x201, 0x101, 0, NCP_ACCEPTED, "+EOF 201, STS 102/201 r201 w13",
	  "AIM 4.4: its sender waits for the acknowledgment" },
	{ OPEN, OP(EOF), 0x200, 0x101, 0, NCP_DUPLICATE, "STS 102/200 r200 w13",
	  "AIM 3.8: STS on a duplicate" },
	{ OPEN, OP(EOF), 0x202, 0x101, 0, NCP_ACCEPTED, "STS 102/200 r200 w13",
	  "AIM 3.8: a gap is reported at once" },
	{ OPEN, OP(UNC), 0x201, 0x101, 0, NCP_ACCEPTED, "+UNC 201", "AIM 4.3: delivered as it is" },
	{ OPEN, OP(BRD), 0x1ff, 0, 0, NCP_DUPLICATE, "", "AIM 4.5: duplicates as for RFC" },
	{ OPEN, DAT, 0x201, 0x101, 0, NCP_ACCEPTED, "+DAT 201", "AIM 4.3: the next packet" },
	{ OPEN, DAT, 0x200, 0x101, 0, NCP_DUPLICATE, "STS 102/200 r200 w13",
	  "AIM 3.8: STS on a duplicate" },
	{ OPEN, DAT, 0x202, 0x101, 0, NCP_ACCEPTED, "STS 102/200 r200 w13",
	  "AIM 3.8: a gap is reported at once" },
	{ OPEN, DAT, 0x20d, 0x101, 0, NCP_ACCEPTED, "STS 102/200 r200 w13",
	  "AIM 3.8: the last packet of the window" },
	{ OPEN, DAT, 0x20e, 0x101, 0, NCP_BEYOND_WINDOW, "",
	  "AIM 3.8: beyond the window: discard without LOS" },
	{ OPEN, DWD, 0x201, 0x101, 0, NCP_ACCEPTED, "+DWD 201", "AIM 4.3: the next packet" },

	{ ACCEPTED, OP(RFC), 0x200, 0, 0, NCP_DUPLICATE, "",
	  "AIM 4.1: duplicate RFC of an open one" },
	{ ACCEPTED, OP(OPN), 0x201, 0xff, 0xff, NCP_DUPLICATE, "STS 101/200 r200 w13",
	  "AIM 4.1: OPN of an open connection: discard, send STS" },
	{ ACCEPTED, OP(CLS), 0x201, 0xff, 0, NCP_ACCEPTED, "+CLS 201, =CLOSED/clean",
	  "AIM 4.1: the user closes" },
	{ ACCEPTED, OP(FWD), 0x201, 0403, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ ACCEPTED, OP(ANS), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ ACCEPTED, OP(SNS), 0x201, 0xff, 0, NCP_ACCEPTED, "STS 101/200 r200 w13",
	  "AIM 4.2: SNS asks for STS" },
	{ ACCEPTED, OP(SNS), 0x201, 0x100, 0, NCP_ACCEPTED,
	  "DAT 101/200 [4], STS 102/200 r200 w13",
	  "AIM 4.1: any packet that receipts the OPN lets data go" },
	{ ACCEPTED, OP(STS), 0x201, 0x100, 0x100, NCP_ACCEPTED, "DAT 101/200 [4]",
	  "AIM 4.1: STS receipts the OPN: data goes" },
	{ ACCEPTED, OP(STS), 0x201, 0xff, 0x100, NCP_ACCEPTED, "DAT 101/200 [4]",
	  "AIM 4.2: the acknowledgment may be lower" },
	{ ACCEPTED, OP(STS), 0x201, 0xff, 0xff, NCP_ACCEPTED, "",
	  "AIM 4.1: nothing but a receipt lets data go" },
	{ ACCEPTED, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ ACCEPTED, OP(LOS), 0x201, 0, 0, NCP_ACCEPTED, "+LOS 201, =LOST/lost", "AIM 4.2: LOS" },
	{ ACCEPTED, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ ACCEPTED, OP(EOF), 0x201, 0xff, 0, NCP_ACCEPTED, "+EOF 201, STS 101/201 r201 w13",
	  "AIM 4.1: the server accepts data at once" },
	{ ACCEPTED, OP(UNC), 0x201, 0x100, 0, NCP_ACCEPTED, "+UNC 201, DAT 101/200 [4]",
	  "AIM 4.1: any packet that receipts the OPN lets data go" },
	{ ACCEPTED, OP(BRD), 0x200, 0, 0, NCP_DUPLICATE, "", "AIM 4.5: duplicates as for RFC" },
	{ ACCEPTED, DAT, 0x201, 0xff, 0, NCP_ACCEPTED, "+DAT 201",
	  "AIM 4.1: the server accepts data at once" },
	{ ACCEPTED, DAT, 0x201, 0x100, 0, NCP_ACCEPTED, "+DAT 201, DAT 101/200 [4]",
	  "AIM 4.1: any packet that receipts the OPN lets data go" },
	{ ACCEPTED, DWD, 0x201, 0xff, 0, NCP_ACCEPTED, "+DWD 201",
	  "AIM 4.1: the server accepts data at once" },

	{ CLOSING, OP(RFC), 0x1ff, 0, 0, NCP_DUPLICATE, "",
	  "AIM 4.1: duplicate RFC of an open one" },
	{ CLOSING, OP(OPN), 0x200, 0x100, 0x100, NCP_DUPLICATE, "STS 103/200 r200 w13",
	  "AIM 4.1: OPN again: the STS was lost" },
	{ CLOSING, OP(CLS), 0x201, 0x100, 0, NCP_ACCEPTED, "+CLS 201, =CLOSED/clean",
	  "AIM 4.1: the peer was faster" },
	{ CLOSING, OP(FWD), 0x201, 0403, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ CLOSING, OP(ANS), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.1: only answers an RFC" },
	{ CLOSING, OP(SNS), 0x201, 0x100, 0, NCP_ACCEPTED, "STS 103/200 r200 w13",
	  "AIM 4.2: SNS asks for STS" },
	{ CLOSING, OP(SNS), 0x201, 0x102, 0, NCP_ACCEPTED,
	  "STS 103/200 r200 w13, CLS 103/200 \"Connection closed\", =CLOSED/local",
	  "AIM 4.4: the acknowledgment in any packet counts" },
	{ CLOSING, OP(STS), 0x201, 0x101, 0x102, NCP_ACCEPTED, "",
	  "AIM 4.4: the EOF has arrived but is not acknowledged" },
	{ CLOSING, OP(STS), 0x201, 0x102, 0x102, NCP_ACCEPTED,
	  "CLS 103/200 \"Connection closed\", =CLOSED/local",
	  "AIM 4.4: CLS once the EOF is acknowledged" },
	{ CLOSING, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ CLOSING, OP(LOS), 0x201, 0, 0, NCP_ACCEPTED, "+LOS 201, =LOST/lost", "AIM 4.2: LOS" },
	{ CLOSING, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ CLOSING, OP(EOF), 0x201, 0x100, 0, NCP_ACCEPTED, "STS 103/201 r201 w13",
	  "AIM 4.4: thrown away, but acknowledged" },
	{ CLOSING, OP(UNC), 0x201, 0x100, 0, NCP_BEYOND_WINDOW, "",
	  "AIM 4.3: nobody reads it any more" },
	{ CLOSING, OP(BRD), 0x1ff, 0, 0, NCP_DUPLICATE, "", "AIM 4.5: duplicates as for RFC" },
	{ CLOSING, DAT, 0x201, 0x100, 0, NCP_ACCEPTED, "", "AIM 4.4: thrown away, all the same" },
	{ CLOSING, DAT, 0x201, 0x102, 0, NCP_ACCEPTED,
	  "CLS 103/201 \"Connection closed\", =CLOSED/local",
	  "AIM 4.4: the acknowledgment in any packet counts" },
	{ CLOSING, DWD, 0x201, 0x100, 0, NCP_ACCEPTED, "", "AIM 4.4: thrown away, all the same" },

	{ CALLED, OP(RFC), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.1: no RFC crosses ours on one index" },
	{ CALLED, OP(OPN), 0x200, 0x100, 0x100, NCP_ACCEPTED, "=OPENED, STS 101/200 r200 w13",
	  "AIM 4.5: the first OPN opens" },
	{ CALLED, OP(OPN), 0x200, 0xff, 0x100, NCP_ACCEPTED, "=OPENED, STS 101/200 r200 w13",
	  "AIM 4.2: receipt in the data, the acknowledgment may be lower" },
	{ CALLED, OP(OPN), 0x200, 0x100, 0, NCP_ACCEPTED, "=OPENED, STS 101/200 r200 w13",
	  "AIM 3.8: the acknowledgment implies receipt" },
	{ CALLED, OP(OPN), 0x200, 0xff, 0xff, NCP_MALFORMED, "", "AIM 4.5: OPN to another BRD" },
	{ CALLED, OP(CLS), 0xbeef, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.5: another host may still open" },
	{ CALLED, OP(FWD), 0, 0403, 0, NCP_WRONG_STATE, "",
	  "AIM 4.5: another host may still open" },
	{ CALLED, OP(ANS), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.5: another host may still open" },
	{ CALLED, OP(SNS), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.2: no LOS for SNS to a connection that is not open" },
	{ CALLED, OP(STS), 0x201, 0x100, 0x100, NCP_NOT_OPEN, "", "AIM 4.2: LOS for STS" },
	{ CALLED, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ CALLED, OP(LOS), 0x201, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.2: LOS matches no other end, there is none" },
	{ CALLED, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ CALLED, OP(EOF), 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for EOF" },
	{ CALLED, OP(UNC), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.3: only of an open connection" },
	{ CALLED, OP(BRD), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.5: no BRD on an index of ours" },
	{ CALLED, DAT, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },
	{ CALLED, DWD, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },

	{ CALLED_SIMPLE, OP(RFC), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.1: no RFC crosses ours on one index" },
	{ CALLED_SIMPLE, OP(OPN), 0x200, 0x100, 0x100, NCP_NOT_OPEN, "",
	  "AIM 4.5: LOS for an OPN that opens nothing" },
	{ CALLED_SIMPLE, OP(CLS), 0xbeef, 0, 0, NCP_ACCEPTED, "+CLS beef",
	  "AIM 4.5: a true negative response; more may come" },
	{ CALLED_SIMPLE, OP(FWD), 0, 0403, 0, NCP_ACCEPTED, "+FWD 0",
	  "AIM 4.5: for the user to read; more may come" },
	{ CALLED_SIMPLE, OP(ANS), 0, 0, 0, NCP_ACCEPTED, "+ANS 0",
	  "AIM 4.5: any number of answers" },
	{ CALLED_SIMPLE, OP(SNS), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.2: no LOS for SNS to a connection that is not open" },
	{ CALLED_SIMPLE, OP(STS), 0x201, 0x100, 0x100, NCP_NOT_OPEN, "", "AIM 4.2: LOS for STS" },
	{ CALLED_SIMPLE, OP(RUT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: not for a connection" },
	{ CALLED_SIMPLE, OP(LOS), 0x201, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.2: LOS matches no other end, there is none" },
	{ CALLED_SIMPLE, OP(MNT), 0, 0, 0, NCP_WRONG_STATE, "", "AIM 4.6: MNT is discarded" },
	{ CALLED_SIMPLE, OP(EOF), 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for EOF" },
	{ CALLED_SIMPLE, OP(UNC), 0x201, 0x100, 0, NCP_WRONG_STATE, "",
	  "AIM 4.3: only of an open connection" },
	{ CALLED_SIMPLE, OP(BRD), 0x200, 0, 0, NCP_WRONG_STATE, "",
	  "AIM 4.5: no BRD on an index of ours" },
	{ CALLED_SIMPLE, DAT, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },
	{ CALLED_SIMPLE, DWD, 0x201, 0x100, 0, NCP_NOT_OPEN, "", "AIM 4.2: LOS for data" },
};

static struct endpoint *go_to(struct kunit *test, enum place place)
{
	struct endpoint *ep = kunit_kzalloc(test, sizeof(*ep), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ep);
	switch (place) {
	case OFFERED:
		ep_init(ep, 13);
		ep_offer(ep, 0x200, 0x100);
		break;
	case ASKED:
	case SIMPLE:
		ep_init(ep, 13);
		ep->ncp.simple = place == SIMPLE;
		ep_connect(ep, 0x100);
		break;
	case CALLED:
	case CALLED_SIMPLE:
		ep_init(ep, 13);
		ep->ncp.simple = place == CALLED_SIMPLE;
		ep_broadcast(ep, 0x100);
		break;
	case ACCEPTED:
		ep_init(ep, 13);
		ep_offer(ep, 0x200, 0x100);
		ep_accept(ep);
		ep_send(ep, DAT, "data", 4);
		break;
	default:
		ep_open_user(ep, 13, 13);
		ep_send(ep, DAT, "data", 4);
	}
	if (place == CLOSING)
		ep_close(ep);
	if (place == CLOSED)
		ep_abort(ep);
	if (place == LOST)
		ep_rcv_op(ep, OP(LOS), 0x201, 0);
	if (place == INCOMPLETE)
		ep_run(ep, 2 * NCP_TIMEOUT);
	ep_take(ep);
	return ep;
}

static void row_desc(const struct row *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s, %03o %x/%x: %s", place_names[row->place],
		 row->op, row->num, row->ack, row->rule);
}

KUNIT_ARRAY_PARAM(row, rows, row_desc);

static void test_row(struct kunit *test)
{
	const struct row *row = test->param_value;
	struct endpoint *ep = go_to(test, row->place);
	enum ncp_verdict verdict;

	if (row->op == OP(OPN) || row->op == OP(STS))
		verdict = ep_rcv_words(ep, row->op, row->num, row->ack, row->receipt, 13);
	else
		verdict = ep_rcv_op(ep, row->op, row->num, row->ack);
	KUNIT_EXPECT_EQ(test, verdict, row->verdict);
	KUNIT_EXPECT_STREQ(test, ep_take(ep), row->effects);
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

static bool has_row(enum place place, u8 op)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].place == place && rows[i].op == op)
			return true;
	return false;
}

static void test_rows_complete(struct kunit *test)
{
	static const u8 data[] = { DAT, DWD };
	unsigned int place, op, i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_TRUE_MSG(test, !strncmp(rows[i].rule, "AIM ", 4), "%s",
				      rows[i].rule);

	for (place = 0; place < CLOSED; place++) {
		for (op = 1; op <= CHAOS_OP_BRD; op++)
			if (chaos_op_defined(op))
				KUNIT_EXPECT_TRUE_MSG(test, has_row(place, op), "%s, %03o",
						      place_names[place], op);
		for (op = 0; op < ARRAY_SIZE(data); op++)
			KUNIT_EXPECT_TRUE(test, has_row(place, data[op]));
	}
}

/*
 * A connection at its end takes nothing and says nothing, whatever comes.  Which
 * packets' senders are told so by LOS (AIM 628 section 4.2)?
 */
struct ended {
	u8 op;
	enum ncp_verdict verdict;
	const char *rule;
};

static const struct ended endeds[] = {
	{ OP(RFC), NCP_WRONG_STATE, "AIM 4.1: it is repeated, and then a new one" },
	{ OP(OPN), NCP_NOT_OPEN, "AIM 4.2: LOS for OPN to no connection" },
	{ OP(CLS), NCP_WRONG_STATE, "AIM 4.1: CLS needs no answer" },
	{ OP(FWD), NCP_WRONG_STATE, "AIM 4.5: surplus answers are discarded" },
	{ OP(ANS), NCP_WRONG_STATE, "AIM 4.5: surplus answers are discarded" },
	{ OP(SNS), NCP_NOT_OPEN, "AIM 4.2: LOS for SNS to no connection" },
	{ OP(STS), NCP_NOT_OPEN, "AIM 4.2: LOS for STS" },
	{ OP(RUT), NCP_WRONG_STATE, "AIM 4.6: not for a connection" },
	{ OP(LOS), NCP_WRONG_STATE, "AIM 4.2: no LOS for LOS" },
	{ OP(MNT), NCP_WRONG_STATE, "AIM 4.6: MNT is discarded" },
	{ OP(EOF), NCP_NOT_OPEN, "AIM 4.2: LOS for EOF" },
	{ OP(UNC), NCP_WRONG_STATE, "AIM 4.3: may be discarded" },
	{ OP(BRD), NCP_WRONG_STATE, "AIM 4.5: as RFC" },
	{ DAT, NCP_NOT_OPEN, "AIM 4.2: LOS for data" },
	{ DAT + 077, NCP_NOT_OPEN, "AIM 4.2: LOS for data" },
	{ DWD, NCP_NOT_OPEN, "AIM 4.2: LOS for data" },
	{ DWD + 077, NCP_NOT_OPEN, "AIM 4.2: LOS for data" },
};

static void ended_desc(const struct ended *row, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%03o: %s", row->op, row->rule);
}

KUNIT_ARRAY_PARAM(ended, endeds, ended_desc);

static void test_ended(struct kunit *test)
{
	static const u8 states[] = {
		[CLOSED] = CHAOS_CLOSED, [LOST] = CHAOS_LOST, [INCOMPLETE] = CHAOS_INCOMPLETE,
	};
	const struct ended *row = test->param_value;
	struct endpoint *ep;
	unsigned int place;

	for (place = CLOSED; place < PLACES; place++) {
		ep = go_to(test, place);
		KUNIT_EXPECT_EQ(test, ep_rcv_words(ep, row->op, 0x201, 0x101, 0x101, 13),
				row->verdict);
		KUNIT_EXPECT_STREQ(test, ep_take(ep), "");
		KUNIT_EXPECT_EQ(test, ep->ncp.state, states[place]);
		KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
	}
}

/* Every opcode there is has its row, and those of data behave alike. */
static void test_ended_complete(struct kunit *test)
{
	struct endpoint *ep = go_to(test, CLOSED);
	unsigned int op, i;

	for (op = 0; op < 256; op++) {
		if (!chaos_op_defined(op))
			continue;
		for (i = 0; i < ARRAY_SIZE(endeds) - 1 && endeds[i].op < op; i++)
			;
		if (op < DAT)
			KUNIT_EXPECT_EQ(test, endeds[i].op, op);
		KUNIT_EXPECT_EQ_MSG(test, ep_rcv_op(ep, op, 0x201, 0x101), endeds[i].verdict,
				    "opcode %03o", op);
	}
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

/*
 * A packet from elsewhere changes nothing.  Whoever called the engine tells its
 * sender by LOS, but for the kinds that never get one (AIM 628 section 4.2).
 */
static void check_stranger(struct kunit *test, struct endpoint *ep, u16 src, u16 sidx)
{
	struct chaos_hdr hdr = {
		.len = 4, .dst = EP_LADDR, .didx = EP_LIDX, .src = src, .sidx = sidx,
		.num = 0x201, .ack = 0x101,
	};
	const u8 state = ep->ncp.state;
	unsigned int op;

	for (op = 0; op < 256; op++) {
		if (!chaos_op_defined(op))
			continue;
		hdr.op = op;
		KUNIT_EXPECT_EQ_MSG(test, ep_rcv(ep, &hdr, "\1\1\15\0"),
				    NCP_WRONG_SOURCE, "opcode %03o", op);
		KUNIT_EXPECT_STREQ(test, ep_take(ep), "");
		KUNIT_EXPECT_EQ(test, ep->ncp.state, state);
		KUNIT_EXPECT_EQ(test, ep->ncp.snd_rcpt, EP_NUM);
		KUNIT_EXPECT_EQ(test, ep->ncp.count.pkts_rcvd, 1);
	}
}

static void test_wrong_source(struct kunit *test)
{
	struct endpoint *ep = go_to(test, OPEN);

	check_stranger(test, ep, EP_RADDR, EP_RIDX + 1);
	check_stranger(test, ep, EP_RADDR, 0);
	check_stranger(test, ep, EP_RADDR + 1, EP_RIDX);
	check_stranger(test, ep, 0, EP_RIDX);
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

static void test_wrong_host(struct kunit *test)
{
	struct chaos_hdr hdr = {
		.len = 4, .dst = EP_LADDR, .didx = EP_LIDX, .src = EP_RADDR + 1,
		.sidx = EP_RIDX, .num = 0x200, .ack = 0x100,
	};
	struct endpoint *ep = go_to(test, ASKED);
	unsigned int op;

	for (op = 0; op < 256; op++) {
		if (!chaos_op_defined(op))
			continue;
		hdr.op = op;
		KUNIT_EXPECT_EQ_MSG(test, ep_rcv(ep, &hdr, "\0\1\15\0"),
				    NCP_WRONG_SOURCE, "opcode %03o", op);
		KUNIT_EXPECT_STREQ(test, ep_take(ep), "");
	}
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

/* In RFC-sent the peer's index is not known yet (AIM 628 section 4.1). */
static void test_any_index(struct kunit *test)
{
	const struct chaos_hdr hdr = {
		.op = CHAOS_OP_ANS, .dst = EP_LADDR, .didx = EP_LIDX, .src = EP_RADDR,
	};
	struct endpoint *ep = go_to(test, SIMPLE);

	KUNIT_EXPECT_EQ(test, ep_rcv(ep, &hdr, NULL), NCP_ACCEPTED);
	KUNIT_EXPECT_STREQ(test, ep_take(ep), "+ANS 0, =CLOSED/answered");
	KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
}

/* OPN and STS of fewer than four bytes say nothing; of more, the rest is ignored. */
static void test_short_words(struct kunit *test)
{
	static const u8 ops[] = { CHAOS_OP_OPN, CHAOS_OP_STS };
	static const enum place places[] = { ASKED, OPEN };
	struct chaos_hdr hdr = {
		.dst = EP_LADDR, .didx = EP_LIDX, .src = EP_RADDR, .sidx = EP_RIDX,
		.num = 0x200, .ack = 0x100,
	};
	struct endpoint *ep;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		ep = go_to(test, places[i]);
		hdr.op = ops[i];
		for (hdr.len = 0; hdr.len < 4; hdr.len++) {
			KUNIT_EXPECT_EQ(test, ep_rcv(ep, &hdr, "\0\1\7\0"), NCP_MALFORMED);
			KUNIT_EXPECT_STREQ(test, ep_take(ep), "");
		}
		hdr.len = 7;
		KUNIT_EXPECT_EQ(test, ep_rcv(ep, &hdr, "\0\1\7\0\377\377\377"), NCP_ACCEPTED);
		KUNIT_EXPECT_EQ(test, ep->ncp.snd_window, 7);
		KUNIT_EXPECT_STREQ(test, ep_fini(ep), "");
	}
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE_PARAM(test_row, row_gen_params),
	KUNIT_CASE(test_rows_complete),
	KUNIT_CASE_PARAM(test_ended, ended_gen_params),
	KUNIT_CASE(test_ended_complete),
	KUNIT_CASE(test_wrong_source),
	KUNIT_CASE(test_wrong_host),
	KUNIT_CASE(test_any_index),
	KUNIT_CASE(test_short_words),
	{}
};

static struct kunit_suite state_suite = {
	.name = "chaos_ncp_states",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);
