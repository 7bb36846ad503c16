// What kernels do differently that only this TCP asks for, beside the table of all that the machine knows (changes.ts).
import { hasChange, type Change } from '../../../tree.ts';
import type { MainSock } from './tcp_main_sock.ts';

/** Seen in 7.2.13 and not in 6.12.117; in which release between them was not looked up. */
const BEHIND_6_12: Change = { mainline: '7.2', backports: [] };

/** An ACK of what was never sent is answered by a challenge. @kernel net/ipv4/tcp_input.c tcp_ack: SKB_DROP_REASON_TCP_ACK_UNSENT_DATA */
export const CHALLENGES_UNSENT: Change = { ...BEHIND_6_12 };

/** What was ever offered may be sent, even if less is offered now. @kernel include/net/tcp.h tcp_max_receive_window */
export const MAX_RECEIVE_WINDOW: Change = { ...BEHIND_6_12 };

/** A FIN may stand behind the window. @kernel net/ipv4/tcp_input.c tcp_sequence */
export const FIN_BEYOND_WINDOW: Change = { ...BEHIND_6_12 };

/** A RST that is not exact is challenged before the connection is established: in 6.1.192, 6.12.117 and 7.2.13. @kernel net/ipv4/tcp_minisocks.c tcp_reqsk_send_challenge_ack */
export const CHALLENGES_REQUEST: Change = { mainline: '7.2', backports: ['6.1.192', '6.12.117'] };

/** For what happens seldom: it is not looked up beforehand. */
export function changed(sk: MainSock, change: Change): boolean {
  return hasChange(sk.k.era.tree, change);
}
