#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of chaos's command line in bash.  Prints TAP.
#
# usage: completion_test.sh PROGRAM
#
# shellcheck source-path=SCRIPTDIR source=../completion.bash

program=$(realpath "${1:?usage: completion_test.sh PROGRAM}")
. "$(dirname "$0")/../completion.bash"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export CHAOS_HOSTS=$dir/hosts
printf '402 beta second # not this\n# nor this\n477\n' >"$CHAOS_HOSTS"
count=0
failed=0

# result DESCRIPTION STATUS
result()
{
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		failed=$((failed + 1))
		echo "not ok $count - $1"
		echo "# offered: ${COMPREPLY[*]}"
	fi
}

# complete_line LINE: what is offered at its end.
complete_line()
{
	read -ra COMP_WORDS <<<"$1"
	[[ $1 != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_chaos "$program"
}

# completes LINE WORD...: exactly these are offered.
completes()
{
	local line=$1
	shift
	complete_line "$line"
	[ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$(printf '%s\n' "$@" | sort)" ]
	result "$line" $?
}

# offers LINE WORD...: these are among what is offered.
offers()
{
	local line=$1 word missing=0
	shift
	complete_line "$line"
	for word; do
		[[ " ${COMPREPLY[*]} " == *" $word "* ]] || missing=1
	done
	result "$line" $missing
}

offers "chaos " status call listen dump perf help
completes "chaos pe" perf
completes "chaos help pe" perf
completes "chaos x"
completes "chaos status " 402 beta second 477
completes "chaos status be" beta
completes "chaos status --" --timeout --json --help
completes "chaos status -t "
completes "chaos status -t 5 s" second
completes "chaos call beta "
completes "chaos listen "
offers "chaos call -" -t --timeout -w --window -l -N -q --help
offers "chaos dump -" -c --count -r --read -w --write --print -A
offers "chaos dump " lo host op
offers "chaos perf -" -R --reverse --bidir -P --parallel -j -s --server --max-tests
completes "chaos perf --mode " stream packet transaction
completes "chaos perf -R -m p" packet
completes "chaos perf -j 4" 402 477
completes "chaos perf --ask ST" STATUS
completes "chaos perf -m stream 402 "
touch "$dir/file one"
completes "chaos dump -r $dir/fi" "$dir/file\\ one"
complete -p chaos >/dev/null
result "it is registered" $?

echo "1..$count"
[ "$failed" = 0 ]
