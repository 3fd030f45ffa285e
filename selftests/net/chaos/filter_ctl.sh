#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl rule and the kernel: what is added is shown, what is shown can be added,
# what is wrong is said.  Hosts without links.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl

# add_all: add the rules that are read, one a line, without "rule add".
add_all()
{
	sed 's/^/rule add /' | ctl alpha -b -
}

ns_add alpha beta || tap_skip_all "cannot make network namespaces"
make_scratch

shows "no rules" "" alpha rule
shows "add" "" alpha rule add contact FILE from subnet 6 reject reason "Go away."
shows "add, shortened" "" alpha ru a h i fr h 401,3040 t l d
shows "add before it" "" alpha rule add number 5 to self allow
shows "show, in order" 'number 5 to self allow
number 10 contact FILE from subnet 6 reject reason "Go away."
number 20 hook input from host 401,3040 to local drop' alpha rule
shows "show one" "number 5 to self allow" alpha rule show 5
shows "show, with packets" "number 5 to self allow
    packets 0" alpha -s rule show 5
refused "add, number in use" "there is a rule of this number" alpha rule add number 5 drop
shows "replace" "" alpha rule replace number 5 to self drop
shows "replace what is not there" "" alpha rule replace number 7 contact A forward 402 contact B
shows "show, replaced" "number 5 to self drop" alpha rule show 5
shows "show, new" "number 7 contact A forward 402 contact B" alpha rule show 7
shows "delete" "" alpha rule del 7
refused "delete, not there" "there is no rule of this number" alpha rule del 7
refused "show, not there" "there is no rule of this number" alpha rule show 7
shows "flush" "" alpha rule flush
shows "none is left" "" alpha rule show
shows "flush again" "" alpha rule flush

refused "contact with a space" \
	"a contact name is printable ASCII without spaces, and not empty" \
	alpha rule add contact "A B" drop
refused "empty contact" "a contact name is printable ASCII without spaces, and not empty" \
	alpha rule add contact "" drop
refused "empty reason" "the reason is empty" alpha rule add reject reason ""
refused "reason with a newline" "the reason must be printable ASCII" \
	alpha rule add reject reason $'a\nb'
shows "the last number" "" alpha rule add number 4294967295 drop
refused "no number left" "no numbers are left after the last rule: choose one" alpha rule add drop
ctl alpha rule flush

# ------------------------------------------------ all that can be said

cat >"$scratch/rules" <<'END'
number 1 allow
number 2 drop
number 3 reject
number 4 hook input reject reason Closed
number 5 hook forward reject reason "  \"Closed\" on 'Sundays' \\ #1 $x `y`  "
number 6 forward 3040
number 7 contact SUPDUP forward 177777 contact TELNET
number 8 contact "\"'\\#;$!" drop
number 9 from host 401 drop
number 10 from host 401,402,3040,177777 to host 1001 allow
number 11 from subnet 1 drop
number 12 from subnet 1,2,377 to subnet 6 allow
number 13 from local to self allow
number 14 from self to local allow
number 15 contact EVAL to broadcast drop
number 4294967295 hook input contact LAST from local to broadcast drop
END

check "add every kind of rule" add_all <"$scratch/rules"
ctl alpha rule show >"$scratch/shown"
check "what is shown is what was added" diff "$scratch/rules" "$scratch/shown"
ctl alpha -j rule show >"$scratch/json"
ctl alpha rule flush
check "what is shown can be added" add_all <"$scratch/shown"
check "and gives the same" eval "ctl alpha rule show | diff $scratch/shown -"
if type python3 >/dev/null 2>&1; then
	check "JSON is valid" python3 -m json.tool "$scratch/json" /dev/null
else
	tap_skip "JSON is valid" "no python3 here"
fi
check "JSON: rules are objects" grep -qF '{"number":12,"hook":"both","from":{"match":"subnet","list":["1","2","377"]},"to":{"match":"subnet","list":["6"]},"action":"allow"}' \
	"$scratch/json"
check_equal "other namespaces have their own" "" "$(on beta chaosctl rule)"

tap_done
