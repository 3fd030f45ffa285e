/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up privileges once everything that needs them is open. */
#ifndef TUNNEL_PRIVS_H
#define TUNNEL_PRIVS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * privs_have() - look whether we have a privilege
 * @cap: CAP_*
 */
bool privs_have(int cap);

/**
 * privs_drop() - give up what is not needed any more
 * @user: who to become, with their groups; NULL: stay who we are.  Only root can
 *	become somebody else; others may name themselves.
 * @keep: capabilities to keep (CAP_*) if we have them
 * @n: their number
 *
 * Programs that are run cannot gain privileges afterwards either.  Called before there
 * are threads.
 *
 * Return: 0, or -1 after an error was logged: the program must end then.
 */
int privs_drop(const char *user, const int *keep, size_t n);

#endif /* TUNNEL_PRIVS_H */
