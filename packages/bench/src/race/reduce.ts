// Which orders of steps need not be tried. The claim: if some order of the steps fails, one that is left fails.
//
// Failures are reads of changed bytes (only the device reads) and references dropped too often. No order is
// infinite: segments and retransmissions run out and everything else consumes what those produce. So a failing order
// may be changed a step at a time, and the changes come to an end. The changes:
//
// 1. A step that commutes with every step that another process may take before it, that nothing but its own process
//    can undo, and that no read can see, comes first, alone; an order that has no such step is as good with it.
//    - TAKE, FRAME_IN: the one reader of a channel takes its first entry. Only the writer touches the channel too,
//      at the other end, and a full channel keeps it waiting until then.
//    - REASSEMBLE: nobody else looks at what the receiver has.
//    - ACK_IN: the channel has room for one ACK, so its writer waits.
//    - TX_DONE: counts go down by one in any order; who drops the last reference gives the page back, and nobody
//      could use it before. Data areas are named by segment, so that a free name changes nobody's choice.
//    - ACK_APPLY, if no covered segment can be sent once more: then the timer, the only one to look, has no use of
//      them, and their pages are not the application's before.
// 2. REWRITE comes first. It stays possible until it is taken, and nobody but the reads looks at the bytes. A
//    segment is sent after its page was written for it, so the bytes are never older than a read expects, and
//    writing earlier makes more reads fail, none fewer.
// 3. READ_FIRST and READ_SECOND come as late as they can: right before the frame leaves. By the same token, later
//    reads fail more often. So after READ_FIRST nobody but the device moves until it has put out or lost the frame.
// 4. ACK_OUT and ACK_LOST come first, as a pair, if there is room for the ACK: nobody else writes there, and nobody
//    can take what is not there. An ACK that repeats the last one, or what was applied, is as good as lost: it adds
//    nothing but a wait. With no room, losing the ACK can wait until the receiver has another frame to take.
//
// What is left to choose from are SEND, RETRANSMIT, the reads with the fate of the frame, and an ACK_APPLY that
// forbids a retransmission.
import { Step, type Race } from './model.ts';

const bit = (step: number): number => 1 << step;

const ALONE =
  bit(Step.REWRITE) |
  bit(Step.TAKE) |
  bit(Step.TX_DONE) |
  bit(Step.FRAME_IN) |
  bit(Step.REASSEMBLE) |
  bit(Step.ACK_IN);
const DEVICE = bit(Step.READ_SECOND) | bit(Step.FRAME_OUT) | bit(Step.FRAME_LOST);
const ANSWER = bit(Step.ACK_OUT) | bit(Step.ACK_LOST);

/** Of the steps that are enabled, those that may come before all others; 0: there are none, all choices are open. */
export function first(race: Race, enabled: number): number {
  const alone = enabled & ALONE;
  if (alone !== 0) return alone & -alone;
  if ((enabled & DEVICE) !== 0) return enabled & DEVICE;
  if ((enabled & ANSWER) !== 0) {
    if (race.ackWouldRepeat()) return bit(Step.ACK_LOST);
    if ((enabled & bit(Step.ACK_OUT)) !== 0) return ANSWER;
  }
  if ((enabled & bit(Step.ACK_APPLY)) !== 0 && race.ackForbidsNothing()) return bit(Step.ACK_APPLY);
  return 0;
}

/** The steps to try from a state in which no step comes first. */
export function choices(race: Race, enabled: number): number {
  return race.frameOnItsWay() ? enabled : enabled & ~bit(Step.ACK_LOST);
}
