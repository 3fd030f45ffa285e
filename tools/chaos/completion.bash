# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of chaos's command line for bash.  Commands and options are taken from
# chaos's own help, names of hosts from the file that it reads.

# _chaos_commands: all of them.
_chaos_commands()
{
	"$chaos" help 2>/dev/null | sed -n '/^Commands/,/^$/s/^  \([a-z]*\) .*/\1/p'
	echo help
}

# _chaos_options COMMAND: its options, one a line, and what follows one that takes a
# word: "-t SECONDS".
_chaos_options()
{
	"$chaos" "$1" --help 2>/dev/null |
		sed -nE 's/^ +(-[^ ,]+)(, (--[^ ]+))?( ([A-Z][^ ]*))?( .*|$)/\1 \5\n\3 \5/p' |
		grep '^-'
	echo "--help"
}

# _chaos_hosts: names and addresses.
_chaos_hosts()
{
	sed 's/#.*//' "${CHAOS_HOSTS:-/etc/chaosnet/hosts}" 2>/dev/null | tr -s '[:space:]' '\n'
}

# _chaos_values WHAT: what may stand for a word of the help.
_chaos_values()
{
	case $1 in
	MODE) printf '%s\n' stream packet transaction ;;
	CONTACT) printf '%s\n' STATUS TIME UPTIME ;;
	FILE) compgen -f -- "$current" ;;
	COMMAND) compgen -c -- "$current" ;;
	esac
}

# _chaos_words COMMAND WORDS...: what may follow these words of a command.
_chaos_words()
{
	local command=$1 options what operands=0
	shift
	options=$(_chaos_options "$command")
	while [[ $# -gt 0 ]]; do
		what=
		if [[ $1 == -* ]]; then
			what=$(sed -n "s/^$1 \(.*[^ ]\)$/\1/p" <<<"$options")
			# The last word before the one to complete.
			if [[ -n $what && $# -eq 1 ]]; then
				_chaos_values "$what"
				return
			fi
			[[ -z $what ]] || shift
		else
			operands=$((operands + 1))
		fi
		shift
	done
	if [[ $current == -* ]]; then
		cut -d' ' -f1 <<<"$options"
	elif [[ $command == dump ]]; then
		ls /sys/class/net
		printf '%s\n' host op contact dev subnet
		_chaos_hosts
	elif [[ $command != listen && $operands -eq 0 ]]; then
		_chaos_hosts
	fi
}

_chaos()
{
	local chaos=$1 current=${COMP_WORDS[COMP_CWORD]}
	local -a before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")

	if [[ ${#before[@]} -eq 0 || ( ${before[0]} == help && ${#before[@]} -eq 1 ) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_chaos_commands)" -- "$current")
		return
	fi
	mapfile -t COMPREPLY < <(_chaos_words "${before[@]}" | sort -u |
				 while IFS= read -r word; do
		[[ $word != "$current"* ]] || printf '%q\n' "$word"
	done)
}

complete -F _chaos chaos
