#!/bin/sh
# SPDX-License-Identifier: MIT
# Who can read which page, by trace-cmd: kprobe events at the sites where sk_buffs share, move, hold or let go of pages.
#
#   lastref-trace-cmd.sh my.dat [COMMAND...]     as root; records COMMAND, or until Ctrl-C
#   trace-cmd report my.dat > my.recording       then: lastref recording my.recording
#
# Linux 6.9 or newer. A kprobe event cannot add skb->end to skb->head, so a shared info is looked for at ENDS of the head (those
# that TCP sends and probes from). Of packets whose head ends elsewhere no page is recorded: those are counted, and lastref says so.
# HEAD, END, LEN and DATA_LEN are offsets in struct sk_buff (lastref layout --struct sk_buff, or pahole); these are 6.12's. In the shared info: +2
# nr_frags, +40 ubuf_info, +48 frags[17], each a page and its length and offset.
set -e
out=${1:?a file to write is wanted}
shift
ENDS=${ENDS:-320 704 1728}
HEAD=${HEAD:-200} END=${END:-192} LEN=${LEN:-112} DATA_LEN=${DATA_LEN:-116}
T=/sys/kernel/tracing
[ -w $T/kprobe_events ] || { echo "$T/kprobe_events cannot be written: root and tracefs are needed" >&2; exit 1; }

# event NAME KIND SITE ARGUMENT [all]: one for each end of the head, and one for all others; all: also without pages, for sites
# that may have taken the last one
event() {
	if ! grep -q " $3\$" /proc/kallsyms; then
		echo "no $3 in this kernel: not recorded" >&2
		return 0
	fi
	meta="skb=$4:x64 head=+$HEAD($4):x64 end=+$END($4):u32 len=+$LEN($4):u32"
	others=
	pages=' && nr > 0'
	[ "$5" != all ] || pages=
	for end in $ENDS; do
		words=
		n=0
		while [ $n -lt 34 ]; do # one by one: of an array trace-cmd report printed nothing but zeros
			words="$words f$n=+$((end + 48 + 8 * n))(+$HEAD($4)):x64"
			n=$((n + 1))
		done
		echo "$2:lastref/$1_at$end $3 $meta nr=+$((end + 2))(+$HEAD($4)):u8" \
			"ubuf=+$((end + 40))(+$HEAD($4)):x64$words" >> $T/kprobe_events
		events="$events -e lastref:$1_at$end -f 'end == $end$pages'"
		others="$others${others:+ && }end != $end"
	done
	echo "$2:lastref/$1_pages $3 $meta data=+$DATA_LEN($4):u32" >> $T/kprobe_events
	events="$events -e lastref:$1_pages -f '$others && data > 0'"
}

echo 0 > $T/events/enable
events='-e net:net_dev_start_xmit -e lastref:__msg_zerocopy_callback'
for old in $T/events/lastref/*/; do
	if [ -d "$old" ]; then echo "-:lastref/$(basename "$old")" >> $T/kprobe_events; fi
done
for site in __dev_queue_xmit packet_rcv tpacket_rcv tcp_v4_rcv skb_release_data skb_copy_datagram_iter; do
	event $site p $site '$arg1'
done
for site in __tcp_transmit_skb tcp_queue_rcv tcp_data_queue; do
	event $site p $site '$arg2'
done
event pskb_expand_head r pskb_expand_head '$arg1'
for site in skb_copy_ubufs __pskb_pull_tail; do
	event $site r $site '$arg1' all
done
# where pages are put in: before, and behind
event skb_splice_from_iter_first p skb_splice_from_iter '$arg1'
event skb_splice_from_iter_other r skb_splice_from_iter '$arg1'
event skb_zerocopy_iter_stream_first p skb_zerocopy_iter_stream '$arg2'
event skb_zerocopy_iter_stream_other r skb_zerocopy_iter_stream '$arg2'
for site in skb_clone __pskb_copy_fclone; do
	event ${site}_first r $site '$arg1'
	event ${site}_other r $site '$retval'
done
for site in skb_split skb_shift skb_try_coalesce; do
	event ${site}_first r $site '$arg1' all
	event ${site}_other r $site '$arg2' all
done
echo 'p:lastref/__msg_zerocopy_callback __msg_zerocopy_callback uarg=$arg1:x64' >> $T/kprobe_events

[ $# -gt 0 ] || echo "recording to $out until Ctrl-C" >&2
# trace-cmd clears the filters that it is not given itself
eval "exec trace-cmd record -q -b 8192 $events -o \"\$out\" \"\$@\""
