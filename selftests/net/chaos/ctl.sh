# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests of chaosctl share, after lib.sh.
#
# shellcheck disable=SC2154 # ns_prefix is of lib.sh

# ctl HOST WORDS...: with chaosctl's own -n, which is quicker than ip's exec.
ctl()
{
	local host=$1
	shift
	chaosctl -n "$ns_prefix$host" "$@"
}

# shows DESCRIPTION EXPECTED HOST WORDS...: exactly this output, and success.
shows()
{
	local description=$1 expected=$2
	shift 2
	check_equal "$description" "$expected" "$(ctl "$@" 2>&1 || echo "status $?")"
}

# refused DESCRIPTION TEXT HOST WORDS...: the kernel's words, and status 2.
refused()
{
	local description=$1 text=$2
	shift 2
	shows "$description" "chaosctl: $text
status 2" "$@"
}

# wrong DESCRIPTION TEXT HOST WORDS...: a complaint about the words, and status 1.
wrong()
{
	local description=$1 text=$2 output status
	shift 2
	output=$(ctl "$@" 2>&1 >/dev/null)
	status=$?
	check_equal "$description" "chaosctl: $text, status 1" "${output%%$'\n'*}, status $status"
}

# looks DESCRIPTION STATUS HOST WORDS... <EXPECTED: the command ends with this
# status and prints, line by line, what the extended regular expressions of the
# input describe; complaints come after the rest.
looks()
{
	local description=$1 expected=$2 output status lines line i
	shift 2
	output=$(ctl "$@" 2>&1)
	status=$?
	mapfile -t lines <<<"$output"
	i=0
	while read -r line; do
		[[ $i -lt ${#lines[@]} && ${lines[i]} =~ ^$line$ ]] || break
		i=$((i + 1))
		line=
	done
	if [ "$status" = "$expected" ] && [ -z "$line" ] && [ $i -eq ${#lines[@]} ]; then
		tap_pass "$description"
	else
		tap_fail "$description" "\$ chaosctl -n $*" "$output" "status $status" \
			"expected status $expected; line $((i + 1)): ${line:-no more}"
	fi
}

# has HOST WORDS REGEX: a condition; a line of the output is this.
has()
{
	# shellcheck disable=SC2086 # they are words
	ctl "$1" $2 | grep -Eqx "$3"
}
