// IP, UDP, ESP, AH and rxrpc.
import { at, backported, type KnownChange } from './change.ts';

export const IP = {
  pageFragRefill: at(
    '3.7',
    'copied bytes of a socket go to a page that is kept over datagrams: begun anew when nobody else has it, left when less than 32 bytes are free (sk_page_frag_refill)',
    'commit 5640f7685831',
  ),
  corkSumsNow: at(
    '4.4',
    'what MSG_MORE says is not all of a datagram is summed as it comes, whatever the device can do',
    'commit d749c9cbffd6; not in 3.18, in 5.10.223',
  ),
  udpSendpageCopies: backported(
    null,
    ['6.1.72'],
    'udp_sendpage asks udp_sendmsg for MSG_SPLICE_PAGES, which copies there: ip_append_data knows no such flag before 6.5',
    'commit 7ac7c987850c, in the pushes for 6.1.72 (Jan 2024); net/ipv4/udp.c of 6.1.158 and 6.1.192, and a running 6.1.192 does; not in 5.10.223',
  ),
  fragmentsWantRoom: at(
    '4.13',
    'a chain of fragments goes out as it is only where each packet has the room in front that its device wants, and not only that of a header',
    'net/ipv4/ip_output.c ip_do_fragment: in 4.13.4, 4.14.74, 4.16.13 and 4.18, not in 4.9, 4.12 and 4.12.4; net/ipv6/ip6_output.c ip6_fragment in 4.13.4 and 4.12',
  ),
  defragCoalesces: at(
    '3.5',
    'reassembly moves frags to the first fragment where it can',
    'commit 3cc4949269e0',
  ),
  defragChains: at(
    '4.3',
    'IPv4 reassembly chains all fragments again, so that a router can send them on as they came',
    'commit 14fe22e33462; net/ipv4/ip_fragment.c of 3.17, 4.1.3 and 4.2.8, which coalesce, and of 4.3.3, 4.4.1 and 4.9, which do not',
  ),
  defragCoalescesLocally: at(
    '5.3',
    'reassembly for this host moves frags to the first fragment where it can',
    'patch of 2 Aug 2019 (inet: frags: re-introduce skb coalescing for local delivery); net/ipv4/inet_fragment.c of 5.3.1, not of 5.2.1',
  ),
  espInPlace: at(
    '4.11',
    'ESP decrypts frags in place if nobody shares them',
    'commit cac2661c53f3',
  ),
  ahAsync: at(
    '2.6.33',
    'AH takes its sums by ahash: of a packet that it has made its own, at once or later',
    'commit dff3bb06267d; net/ipv4/ah4.c of 3.6; before, it summed the frags as they were and wrote into headers alone',
  ),
  espInTcp: at(
    '5.6',
    'a stream of TCP may carry ESP (espintcp)',
    'commit e27cca96cd68; net/xfrm/espintcp.c of 5.10.198, no such file in 5.3.1; over IPv6 since 26333c37fc28 (27 Apr 2020)',
  ),
  espGro: at(
    '4.11',
    'GRO hands ESP packets to esp_input before __netif_receive_skb_core has seen them (esp4_gro_receive)',
    'commit 7785bba299a8',
  ),
  espUnrefsPool: backported(
    '6.9',
    ['6.1.192'],
    'ESP puts what it encrypted as pools want it',
    'commit c3198822c6cb; esp_ssg_unref in net/ipv4/esp4.c of 6.1.192, not of 5.10.198; from which point of 6.1.y on was not looked up',
  ),
  espCountsTrailer: backported(
    '7.1',
    ['6.1.192', 'debian-6.12.117'],
    'ESP encrypts into a page of its own what fits there with the trailer; before, its payload and its trailer each had to fit',
    'commit dfa0d7b0ff1e, CVE-2026-63912; esp_output_head in net/ipv4/esp4.c of 6.1.192, 6.12.117 and 7.2.13, not of 5.10.198; the first releases of the branches were not looked up',
  ),
  espFailureUnrefs: backported(
    '7.1',
    ['7.0.13'],
    'where esp_output_tail fails after it has taken the pages from the packet, it puts them',
    'commit 2982e599fff6, CVE-2026-63872',
  ),
  espAsksMarker: backported(
    '7.1',
    ['5.10.255', '6.1.171', '6.12.87'],
    'ESP does not decrypt in place where SKBFL_SHARED_FRAG is set',
    'commit f4c50a4034e6; the points of the branches are those of the record of CVE-2026-43284 (6.1.172 beside 6.1.171)',
  ),
  rxrpcUnshares: at(
    '5.3',
    'rxrpc decrypts where a packet stands unless it is cloned (skb_unshare), in place of skb_cow_data',
    'commit d0d5c0cd1e71; net/rxrpc of 4.10 and 5.10.223',
  ),
  rxrpcCopiesPaged: backported(
    null,
    ['6.1.192'],
    'rxrpc copies a packet that has pages before it decrypts it (CVE-2026-43500)',
    'net/rxrpc/input.c of 6.1.192, not of 5.10.223; the first release that has it was not looked up',
  ),
  rxrpcBuffer: backported(
    '7.2',
    ['debian-6.12.117'],
    'rxrpc decrypts in a buffer of the call, and the packet stays as it is (CVE-2026-43500)',
    'net/rxrpc/recvmsg.c of 6.12.117 and 7.2.13, not of 6.1.192; the first releases that have it were not looked up',
  ),
} as const satisfies Record<string, KnownChange>;
