// SPDX-License-Identifier: GPL-2.0-or-later
/* The code under test, in the test module. */

#include <linux/module.h>

#include "../../net/chaos/packet.c"
#include "../../net/chaos/trailer.c"
#include "../../net/chaos/rule.c"
#include "../../net/chaos/ncp.c"
#include "../../net/chaos/ncp_act.c"
#include "../../net/chaos/ncp_recv.c"
#include "../../net/chaos/ncp_runs.c"
#include "../../net/chaos/ncp_send.c"
#include "../../net/chaos/ncp_timer.c"

MODULE_DESCRIPTION("Tests of the Chaosnet packet code and NCP engine");
MODULE_LICENSE("GPL");
