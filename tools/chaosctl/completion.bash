# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion of chaosctl's command line for bash.  The words are taken from
# chaosctl's own help, devices and addresses from what it shows as JSON: there is
# nothing here that could be forgotten when chaosctl changes.
#
# These functions share variables: chaosctl (the command, with its namespace),
# netns, object, current (the word to complete), takes (for each keyword what must
# follow it, or nothing), bare (what may stand without a keyword).

# Among what may stand somewhere: names of files.
_chaosctl_files=/

# _chaosctl_shown KEY WORDS...: the values of a key in what the words show.
_chaosctl_shown()
{
	local key=$1
	shift
	"${chaosctl[@]}" -j "$@" 2>/dev/null |
		grep -oE "\"$key\":(\"[^\"]*\"|[0-9]+)" | cut -d: -f2- | tr -d '"'
}

_chaosctl_devices()
{
	local path

	_chaosctl_shown dev link
	# Those of other namespaces are not there to see.
	[[ -z $netns ]] || return
	for path in /sys/class/net/*; do
		echo "${path##*/}"
	done
}

_chaosctl_addresses()
{
	_chaosctl_shown addr addr
	_chaosctl_shown addr neigh
	_chaosctl_shown '(host|via)' route
}

# _chaosctl_values WHAT KEYWORD: what may stand for a word of the help, as ADDRESS,
# or off|listen|on.
_chaosctl_values()
{
	local what

	for what in ${1//|/ }; do
		case $what in
		DEV) _chaosctl_devices ;;
		ADDRESS | HOST) _chaosctl_addresses ;;
		SUBNET*) _chaosctl_shown subnet route ;;
		N) case $2 in
			subnet) _chaosctl_shown subnet route ;;
			cost) ;;
			*) [[ $object != rule ]] || _chaosctl_shown number rule ;;
			esac ;;
		MAC) _chaosctl_shown lladdr neigh ;;
		TYPE) printf '%s\n' local direct learned fixed ;;
		WHO) printf '%s\n' any host subnet local self broadcast ;;
		USER) compgen -u ;;
		GROUP) compgen -g ;;
		FILE) echo "$_chaosctl_files" ;;
		*[[:upper:]]*) ;;
		*) echo "$what" ;;
		esac
	done
}

# _chaosctl_learn USAGE: fills takes and bare.
_chaosctl_learn()
{
	local -a tokens
	local token word keyword=

	# shellcheck disable=SC2001
	read -ra tokens < <(sed 's/[][{}]/ & /g' <<<"$1")
	for token in "${tokens[@]}"; do
		case $token in
		[][{}] | \| | ...) keyword= ;;
		-*)	takes[$token]=
			keyword=$token ;;
		*[[:upper:]]* | *?\|?*)
			if [[ -n $keyword ]]; then
				takes[$keyword]=$token
				keyword=
				continue
			fi ;;&
		*[[:upper:]]*) bare+=" $token" ;;
		*)	for word in ${token//|/ }; do
				takes[$word]=${takes[$word]-}
				keyword=$word
			done ;;
		esac
	done
	# Which are lists themselves.
	[[ $1 != *WHO* ]] || takes+=([host]=ADDRESS [subnet]=SUBNET)
}

# _chaosctl_keyword WORD: sets keyword to what the word abbreviates.
_chaosctl_keyword()
{
	local name

	keyword=
	for name in "${!takes[@]}"; do
		[[ $name != "$1" ]] || { keyword=$name; return; }
		[[ -z $1 || $name != "$1"* ]] || keyword=$name
	done
	[[ -n $keyword ]]
}

# _chaosctl_next USAGE WORDS...: what may follow these words of a command.
_chaosctl_next()
{
	local -A takes=() given=()
	local bare='' keyword name

	_chaosctl_learn "$1"
	[[ $1 != *WHO* ]] || given=([host]=1 [subnet]=1)
	shift
	while [[ $# -gt 0 ]]; do
		if ! _chaosctl_keyword "$1"; then
			bare=
		elif [[ -n ${takes[$keyword]} && $# -eq 1 ]]; then
			_chaosctl_values "${takes[$keyword]}" "$keyword"
			return
		else
			given[$keyword]=1
			# WHO may be two words.
			[[ -z ${takes[$keyword]} || ${takes[$keyword]} == WHO ]] || shift
		fi
		shift
	done
	for name in "${!takes[@]}"; do
		[[ -n ${given[$name]-} || ( $name == -* && $current != -* ) ]] || echo "$name"
	done
	for name in $bare; do
		_chaosctl_values "$name" ""
	done
}

# _chaosctl_command WORDS...: what may follow an object and perhaps its command.
_chaosctl_command()
{
	local help
	local -a words

	help=$("${chaosctl[@]}" "$1" help 2>/dev/null) || return
	object=$1
	shift
	if [[ $help != 'chaosctl '* && $# -eq 0 ]]; then
		sed -n 's/^  chaosctl [a-z]* \([a-z]*\).*/\1/p' <<<"$help"
		echo help
		return
	elif [[ $help != 'chaosctl '* ]]; then
		object=$(sed -n 's/^  chaosctl \([a-z]*\) .*/\1/p;T;q' <<<"$help")
		help=$("${chaosctl[@]}" "$object" "$1" help 2>/dev/null) || return
		shift
	fi
	# Without the names of the object and the command.
	read -ra words <<<"$help"
	help="${words[*]:2} "
	[[ $help != [a-z]* ]] || help=${help#* }
	_chaosctl_next "$help" "$@"
}

# _chaosctl_options: the global ones.
_chaosctl_options()
{
	"${chaosctl[@]}" help 2>/dev/null | sed -n '/^Options/,/^$/s/^  \(-.*\)   *.*/\1/p' |
		grep -oE -- '--?[a-z]+|-[A-Z]'
}

_chaosctl_objects()
{
	"${chaosctl[@]}" help 2>/dev/null | sed -n '/^Objects/,/^$/s/^  \([a-z]*\) .*/\1/p'
	echo help
}

# _chaosctl_candidates WORDS...: all that may stand at the end of these.
_chaosctl_candidates()
{
	local netns='' object=''
	local -a words=()

	while [[ $# -gt 0 ]]; do
		case $1 in
		-n | --netns)
			[[ $# -gt 1 ]] || { ls /run/netns 2>/dev/null; return; }
			netns=$2
			shift ;;
		--netns=*) netns=${1#*=} ;;
		-b | --batch)
			[[ $# -gt 1 ]] || { echo "$_chaosctl_files"; return; }
			shift ;;
		-*) [[ ${words[0]-} != @(ping|trace) ]] || words+=("$1") ;;
		*) words+=("$1") ;;
		esac
		shift
	done
	[[ -z $netns ]] || chaosctl+=(-n "$netns")
	if [[ $current == -* && ${words[0]-} != @(ping|trace) ]]; then
		_chaosctl_options
	elif [[ ${#words[@]} -eq 0 || ( ${words[0]} == help && ${#words[@]} -eq 1 ) ]]; then
		_chaosctl_objects
	else
		_chaosctl_command "${words[@]}"
	fi
}

_chaosctl()
{
	local line=${COMP_LINE:0:COMP_POINT} current='' candidate
	local -a chaosctl=("$1") before=()

	# bash takes words apart at colons; addresses of hardware have some.
	read -ra before <<<"$line"
	if [[ $line != *[[:space:]] ]]; then
		current=${before[-1]}
		unset 'before[-1]'
	fi
	COMPREPLY=()
	while read -r candidate; do
		if [[ $candidate == "$_chaosctl_files" ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		elif [[ $candidate == "$current"* ]]; then
			COMPREPLY+=("$(printf %q "$candidate")")
		fi
	done < <(_chaosctl_candidates "${before[@]:1}" | sort -u)
	if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
		COMPREPLY=("${COMPREPLY[@]#"${current%:*}:"}")
	fi
}

complete -F _chaosctl chaosctl
