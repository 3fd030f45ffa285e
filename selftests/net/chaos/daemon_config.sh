#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the daemons say about mistakes in their configurations: each with file and line, all
# of them, and before anything is opened.  Their examples and systemd units are good.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
make_scratch
config=$scratch/config

udp=$tree/userspace/udp/chaos-udp
chaosd=$tree/userspace/chaosd/chaosd
tls=$tree/userspace/tls/chaos-tls
need "$udp" "$chaosd" "$tls"

# good DAEMON TEXT: a configuration without mistakes.
good()
{
	printf '%b\n' "$2" >"$config"
	check "${1##*/}: ${2//$'\n'/ }" "$1" --check-config -c "$config"
}

# bad TEXT LINE WORDS: there is a mistake in this line of the text.  Such texts are collected
# in one configuration, all of whose mistakes are told: see bad_told.
bad()
{
	printf '%b\n' "$1" >>"$scratch/bad"
	bad_texts+=("${1//$'\n'/ }")
	bad_lines+=($((bad_next + $2 - 1)))
	bad_words+=("$3")
	bad_next=$(($(wc -l <"$scratch/bad") + 1))
}

bad_begin()
{
	: >"$scratch/bad"
	bad_next=1 bad_texts=() bad_lines=() bad_words=()
}

# bad_told DAEMON: what it says about all of them.
bad_told()
{
	local i line complaint
	local -A told=()

	"$1" --check-config -c "$scratch/bad" >"$scratch/told" 2>&1
	check_equal "${1##*/}: mistakes are an error" 2 $?
	while IFS=: read -r _ line complaint; do
		told[${line:-none}]=$complaint
	done <"$scratch/told"
	for i in "${!bad_texts[@]}"; do
		complaint=${told[${bad_lines[i]}]-}
		if [[ $complaint == *"${bad_words[i]}"* ]]; then
			tap_pass "${1##*/}: ${bad_texts[i]}"
		else
			tap_fail "${1##*/}: ${bad_texts[i]}" "line ${bad_lines[i]}: $complaint" \
				"should have said: ${bad_words[i]}"
		fi
	done
}

# bad_whole DAEMON TEXT LINE WORDS: each line is right, but not all of it; exactly one
# mistake, told with its line; 0: with none.
bad_whole()
{
	local output status where=$config:$3:

	[ "$3" != 0 ] || where=
	printf '%b\n' "$2" >"$config"
	output=$("$1" --check-config -c "$config" 2>&1)
	status=$?
	if [ $status -eq 2 ] && [[ $output == "$where"*"$4"* ]] && [[ $output != *$'\n'* ]]; then
		tap_pass "${1##*/}: ${2//$'\n'/ }"
	else
		tap_fail "${1##*/}: ${2//$'\n'/ }" "$output" "exit status $status" \
			"should have said: $where ... $4"
	fi
}

# ------------------------------------------------------------ of all daemons

for daemon in "$udp" "$chaosd"; do
	if [ "$daemon" = "$udp" ]; then
		link='link chaos0 401'
	else
		link='link chaos0 address 401'
	fi
	bad_begin
	good "$daemon" "$link"
	good "$daemon" "# a comment\n\n  $link # another\nuser nobody\nlog debug"
	good "$daemon" "${link% *} \\\\\n${link##* }"
	good "$daemon" "${link% *} \"${link##* }\""
	bad "$link\nlnik chaos1 1001" 2 "'lnik': "
	bad "$link more" 1 "'more': "
	bad "\n\n$link\nuser" 4 "'user' lacks"
	bad "user nosuchuser\n$link" 1 "'nosuchuser': there is no such user"
	bad "log loudly\n$link" 1 "'loudly': "
	bad "$link \"chaos" 1 "a quote is not closed"
	bad "$link \\\\001" 1 "'001': "
	bad "${link/401/481}" 1 "'481': an address is octal"
	bad "${link/401/400}" 1 "'400': "
	bad "${link/401/200401}" 1 "'200401': "
	bad "${link/chaos0/a-name-that-is-too-long}" 1 "at most 15 characters"
	bad "${link/chaos0/a:b}" 1 "'a:b': "
	good "$daemon" "$link\n# a comment \\\\\nthat goes on"
	bad_told "$daemon"

	printf '%s\n\001\n' "$link" >"$config"
	check_fails "${daemon##*/}: a control character" "$config:2: " \
		"$daemon" --check-config -c "$config"
	printf '%s\nuser nobody\0\n' "$link" >"$config"
	check_fails "${daemon##*/}: a byte 0" "$config:2: " "$daemon" --check-config -c "$config"
	printf '%s\n%5000s\n' "$link" x >"$config"
	check_fails "${daemon##*/}: a long line" "$config:2: the line is longer" \
		"$daemon" --check-config -c "$config"
	head -c 2000000 /dev/zero | tr '\0' '\n' >"$config"
	check_fails "${daemon##*/}: a huge file" "the file is longer" \
		"$daemon" --check-config -c "$config"
	check_fails "${daemon##*/}: no file" "$scratch/nothing: cannot be read" \
		"$daemon" --check-config -c "$scratch/nothing"
	check_fails "${daemon##*/}: a directory" "$scratch: cannot be read" \
		"$daemon" --check-config -c "$scratch"
	# shellcheck disable=SC2086 # words
	check "${daemon##*/}: in the command line" "$daemon" --check-config $link log info
	# shellcheck disable=SC2086 # words
	check_fails "${daemon##*/}: a mistake there" "'loudly'" \
		"$daemon" --check-config $link log loudly
	check_fails "${daemon##*/}: no such option" "--help" "$daemon" --no-such-option

	printf '%s\nbad one\n%s\nbad two\nuser nosuchuser\n' "$link" "$link" >"$config"
	check_equal "${daemon##*/}: all mistakes are told" "2 4 5" \
		"$("$daemon" --check-config -c "$config" 2>&1 | sed -n "s|^$config:\([0-9]*\):.*|\1|p" |
			xargs)"
	check_fails "${daemon##*/}: nor does it start with them" "$config:2: " \
		"$daemon" -c "$config"
done

# ----------------------------------------------------------------- chaos-udp

bad_begin
link='link chaos0 401'
good "$udp" "$link persist off dynamic on max 254 age 5m\npeer 402 192.0.2.1\npeer 403 roam"
good "$udp" "listen [::1]:44042\n$link to 402\npeer 402 emulator.example:44041 roam"
good "$udp" "listen 44042\nlink chaos0 address 401\npeer 402 2001:db8::1\npeer 403 [2001:db8::1]:42043"
bad_whole "$udp" "listen 42042" 0 "no 'link'"
bad "listen 0\n$link" 1 "'0': "
bad "listen 65536\n$link" 1 "'65536': "
bad "listen localhost:42042\n$link" 1 "'localhost:42042': "
bad "listen 42042\n$link\nlisten 42043" 3 "only one 'listen'"
bad "link" 1 "'link' lacks"
bad "link chaos0" 1 "'link' lacks"
bad "link chaos%d 401" 1 "'chaos%d': "
bad_whole "$udp" "$link to 1002" 1 "1002 "
bad_whole "$udp" "$link to 401" 1 "401 "
bad "$link persist maybe" 1 "'maybe': "
bad "$link max 7" 1 "dynamic"
bad "$link dynamic on max 0" 1 "'0': "
bad "$link dynamic on max 255" 1 "'255': "
bad "$link dynamic on age 1s" 1 "'1s': "
bad "$link dynamic on age 5w" 1 "'5w': "
bad_whole "$udp" "$link to 402 dynamic on" 1 "cannot learn"
bad_whole "$udp" "$link\nlink chaos0 1001" 2 "chaos0 is there already"
bad_whole "$udp" "$link\nlink chaos1 403" 2 "subnet 1 is on link chaos0 already"
bad "$link\npeer" 2 "'peer' lacks"
bad "$link\npeer 402" 2 "'peer' lacks"
bad "$link\npeer 402 192.0.2" 2 "'192.0.2': "
bad "$link\npeer 402 192.0.2.1:0" 2 "'192.0.2.1:0': "
bad "$link\npeer 402 [192.0.2.1]:42042" 2 "'[192.0.2.1]:42042': "
bad "$link\npeer 402 -host-" 2 "'-host-': "
bad "$link\npeer 402 192.0.2.1 often" 2 "'often': "
bad_whole "$udp" "$link\npeer 1002 192.0.2.1" 2 "no link for peer 1002"
bad_whole "$udp" "$link\npeer 401 192.0.2.1" 2 "our own address"
bad_whole "$udp" "$link to 402\npeer 403 192.0.2.1" 2 "leads to 402 only"
bad_whole "$udp" "$link\npeer 402 192.0.2.1\npeer 402 roam" 3 "402 is there already"

bad_told "$udp"

# -------------------------------------------------------------------- chaosd

bad_begin
link='link chaos0 address 401'
good "$chaosd" "ether 1\nlisten unix\n$link\nether 2\nlisten tcp 127.0.0.1:4002"
good "$chaosd" "connect unix /var/tmp/chaosd_server\n$link persist\nqueue 99\nstall 1m\nmembers 9"
good "$chaosd" "listen unix /tmp/ether mode 0666 group users\nconnect tcp ether.example:4042"
bad "ether" 1 "'ether' lacks"
bad "ether 0" 1 "'0': "
bad "ether 8" 1 "'8': "
bad "ether 400" 1 "'400': "
bad "listen" 1 "'listen' lacks"
bad "listen udp 127.0.0.1:4002" 1 "'udp': "
bad "listen unix ./here" 1 "'./here': "
bad "listen unix mode 0999" 1 "'0999': "
bad "listen unix mode" 1 "lacks"
bad "listen tcp 127.0.0.1" 1 "'127.0.0.1': "
bad "listen tcp localhost:4002" 1 "'localhost:4002': "
bad "listen tcp 0.0.0.0:4002" 1 "exposed"
bad "connect tcp 192.0.2.1" 1 "'192.0.2.1': "
bad_whole "$chaosd" "$link\nlink chaos1 address 402" 2 "this ether has a link"
bad_whole "$chaosd" "ether 2\n$link" 2 "not an address on subnet 2"
bad "link chaos0 401" 1 "'address ADDRESS' must follow"
bad_whole "$chaosd" "ether 1\nlisten unix\nether 2\nlisten unix" 4 "cannot be together"
bad_whole "$chaosd" "listen unix\nconnect unix" 2 "cannot be together"
bad_whole "$chaosd" "ether 1\n$link\nether 1\nlisten tcp 127.0.0.1:4002" 3 "described twice"
bad "members 0" 1 "'0': "
bad "queue 0" 1 "'0': "
bad "queue many" 1 "'many': "
bad "stall 0" 1 "'0': "

bad_told "$chaosd"

# ------------------------------------------------------- what comes with them

for example in "$tree"/userspace/{udp,chaosd,tls}/*.conf; do
	daemon=$udp
	[[ $example != */chaosd/* ]] || daemon=$chaosd
	[[ $example != */tls/* ]] || daemon=$tls
	check "example: ${example##*/}" "$daemon" --check-config -c "$example"
done

for unit in "$tree"/userspace/{udp,chaosd,tls}/*.service; do
	if type systemd-analyze >/dev/null 2>&1; then
		sed "s|@SBINDIR@|${unit%/*}|" "$unit" >"$scratch/${unit##*/}"
		check_equal "unit: ${unit##*/}" "" \
			"$(systemd-analyze verify --man=no "$scratch/${unit##*/}" 2>&1)"
	else
		tap_skip "unit: ${unit##*/}" "no systemd-analyze here"
	fi
done

tap_done
