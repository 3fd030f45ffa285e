#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of the command line in bash, with a chaosctl that shows what is made
# up here.  Prints TAP.
#
# usage: test_completion.sh CHAOSCTL
#
# shellcheck source-path=SCRIPTDIR source=completion.bash

program=$(realpath "${1:?usage: test_completion.sh CHAOSCTL}")
. "$(dirname "$0")/completion.bash"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
count=0
failed=0

# Answers what the kernel would be asked for.
cat >"$dir/chaosctl" <<EOF
#!/bin/sh
[ "\$1" != -n ] || { namespace="\$2-"; shift 2; }
case "\$*" in
"-j link") echo '[{"ifindex":1,"dev":"'\$namespace'eth7","cost":11},{"dev":"a\$(b"}]' ;;
"-j addr") echo '[{"addr":"401","dev":"eth7"}]' ;;
"-j neigh") echo '[{"addr":"402","lladdr":"02:00:00:00:00:01"},{"addr":"403","lladdr":"02:00:00:00:00:02"}]' ;;
"-j route") echo '[{"subnet":"6","via":"1001","cost":20},{"host":"2001","via":"402"}]' ;;
"-j rule") echo '[{"number":10,"action":"drop"},{"number":25,"action":"allow"}]' ;;
-j*) exit 2 ;;
*) exec "$program" "\$@" ;;
esac
EOF
chmod +x "$dir/chaosctl"

# completes LINE WORD...: exactly these are offered at the end of the line.
completes()
{
	local line=$1 expected
	shift
	expected=$(printf '%s\n' "$@" | sort)
	COMP_LINE=$line
	COMP_POINT=${#line}
	_chaosctl "$dir/chaosctl"
	count=$((count + 1))
	if [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort)" = "$expected" ]; then
		echo "ok $count - $line"
	else
		failed=$((failed + 1))
		echo "not ok $count - $line"
		printf '# %s\n' "expected: ${expected//$'\n'/ }" "offered:  ${COMPREPLY[*]}"
	fi
}

# offers LINE WORD...: these are among what is offered.
offers()
{
	local line=$1 word
	shift
	COMP_LINE=$line
	COMP_POINT=${#line}
	_chaosctl "$dir/chaosctl"
	count=$((count + 1))
	for word; do
		[[ " ${COMPREPLY[*]} " == *" $word "* ]] && continue
		failed=$((failed + 1))
		echo "not ok $count - $line"
		printf '# %s\n' "missing: $word" "offered: ${COMPREPLY[*]}"
		return
	done
	echo "ok $count - $line"
}

offers "chaosctl " link addr route neigh rule conn stat net set show save restore ping help
completes "chaosctl ro" route
completes "chaosctl x"
offers "chaosctl -" -n --netns -j --json -b --batch -f -c --color -V
completes "chaosctl --js" --json
completes "chaosctl help ro" route
completes "chaosctl addr " show add delete flush help
completes "chaosctl -j addr a" add
completes "chaosctl addr add " 401 402 403 1001 2001 dev
completes "chaosctl addr add 3040 " dev
offers "chaosctl addr add 3040 dev " eth7 lo
completes "chaosctl -n blue addr add 3040 dev " blue-eth7 'a\$\(b'
completes "chaosctl --netns=blue addr add 3040 dev b" blue-eth7
completes "chaosctl addr add dev eth7 20" 2001
completes "chaosctl route add subnet " 6
completes "chaosctl r a s " 6
offers "chaosctl route add subnet 6 " via dev cost
completes "chaosctl route add subnet 6 via 4" 401 402 403
completes "chaosctl route add subnet 6 via 402 c" cost
completes "chaosctl route add subnet 6 via 402 cost "
completes "chaosctl route get 4" 401 402 403
completes "chaosctl neigh add 402 lladdr " 02:00:00:00:00:01 02:00:00:00:00:02
COMP_WORDBREAKS=" :"
completes "chaosctl neigh add 402 lladdr 02:00:00:0" 00:00:01 00:00:02
completes "chaosctl link set eth7 rut " off listen on
completes "chaosctl link set eth7 rut l" listen
completes "chaosctl link set eth7 rut listen po" poison
completes "chaosctl link add chaos0 ty" type
completes "chaosctl link add chaos0 type " chaos ip
completes "chaosctl link add chaos0 type chaos peer 4" 401 402 403
offers "chaosctl link add chaos0 type chaos user " root
completes "chaosctl link set chaos0 group roo" root
completes "chaosctl link set eth7 ty"
completes "chaosctl rule add number 5 from " any host subnet local self broadcast
completes "chaosctl rule add from host " 401 402 403 1001 2001
completes "chaosctl rule add from subnet " 6
completes "chaosctl rule add from local rej" reject
completes "chaosctl rule delete " 10 25
completes "chaosctl set f" forwarding
completes "chaosctl set forwarding " on off
completes "chaosctl show " name
offers "chaosctl monitor " all link addr
completes "chaosctl ping 4" 401 402 403
offers "chaosctl ping -" -c -i
completes "chaosctl ping -c 3 4" 401 402 403
touch "$dir/file one"
completes "chaosctl restore $dir/fi" "$dir/file one"
completes "chaosctl -b $dir/fi" "$dir/file one"

complete -p chaosctl >/dev/null
status=$?
count=$((count + 1))
if [ $status = 0 ]; then
	echo "ok $count - it is registered"
else
	failed=$((failed + 1))
	echo "not ok $count - it is registered"
fi

echo "1..$count"
[ "$failed" = 0 ]
