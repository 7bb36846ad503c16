// The race of zero-copy transmission by itself, small enough to try every order of its steps:
//   application   writes a page that is its own anew and sends it as one segment
//   timer         sends a segment that was not acknowledged once more: a clone joins the device's queue
//   device        takes a clone, reads the page in two halves, puts a frame on the wire or loses it, frees the clone
//   receiver      takes frames in any order of segments and answers with a cumulative ACK, or loses it
//   acknowledgement   frees the originals that it covers
// The same transition system as a Promela model that the SPIN model checker runs: without reduction both count the
// same states and transitions. docs/search.md says how it relates to the machine.
// A state is a few dozen bytes, and there is nothing beside them: it is copied, compared and kept as words.

/** When a page is the application's own again. */
export const Release = { ACKED: 0, LAST_REFERENCE: 1 } as const;
export type Release = (typeof Release)[keyof typeof Release];

export interface Scope {
  readonly release: Release;
  /** Pages, which bound the segments in flight: 1 to 4. */
  readonly pages: number;
  /** Retransmissions of each segment: 0 to 3. */
  readonly retransmissions: number;
  /** Clones that wait for the device: 1 to 3. */
  readonly queue: number;
  /** Segments in all: 1 to 8. */
  readonly segments: number;
  /** Frames on the wire: 1 or 2. */
  readonly wire: number;
}

/** What may happen next. */
export const Step = {
  REWRITE: 0,
  SEND: 1,
  /** Of page 0; the next three are those of pages 1 to 3. */
  RETRANSMIT: 2,
  TAKE: 6,
  READ_FIRST: 7,
  READ_SECOND: 8,
  FRAME_OUT: 9,
  FRAME_LOST: 10,
  TX_DONE: 11,
  FRAME_IN: 12,
  REASSEMBLE: 13,
  ACK_OUT: 14,
  ACK_LOST: 15,
  ACK_IN: 16,
  ACK_APPLY: 17,
} as const;

export const STEPS = 18;

/** States of the device and of the receiver; the device takes them in turn. */
export const IDLE = 0;
export const READ_NONE = 1;
export const READ_HALF = 2;
export const READ_ALL = 3;
export const SENT = 4;
const RECEIVED = 1;
export const ANSWERING = 2;

// Where everything is. Arrays have room for the largest scope; what a scope does not use stays 0.
const PAGES_MAX = 4;
const SLOTS_MAX = 8;
export const CONTENT = 0; // by page: how often it was written
const PREF = CONTENT + PAGES_MAX; // by page: references that fragments hold
const TRIES = PREF + PAGES_MAX; // by page: retransmissions of its segment
export const ORIGINAL = TRIES + PAGES_MAX; // by page: slot of its segment's original
export const DATAREF = ORIGINAL + PAGES_MAX; // by slot of a data area
export const SEQ = DATAREF + SLOTS_MAX; // by slot: the segment it carries
const QUEUE = SEQ + SLOTS_MAX; // slots that wait for the device
const WIRE = QUEUE + 4; // segments on the wire
const QUEUED = WIRE + 2;
const WIRED = QUEUED + 1;
const OWNED = WIRED + 1; // a bit a page: the application may write
const UNACKED = OWNED + 1; // a bit a page: its segment's original is kept
const NEXT = UNACKED + 1; // the segment that is sent next
const UNA = NEXT + 1; // the first one that is not acknowledged
const EXPECTED = UNA + 1; // the first one that the receiver lacks
const AHEAD = EXPECTED + 1; // a bit for each one from there that it has
const WRITTEN = AHEAD + 1; // the application has written the page of the next segment
const DEVICE = WRITTEN + 1;
const DEVICE_SLOT = DEVICE + 1;
const RECEIVER = DEVICE_SLOT + 1;
const RECEIVER_SEQ = RECEIVER + 1;
const ACK = RECEIVER_SEQ + 1; // on its way: the number plus one; 0 is none
const ACK_HERE = ACK + 1; // arrived and not applied: the number plus one; 0 is none
const BYTES = ACK_HERE + 1;

/** Words of a state; even, as fingerprints want it. */
export const WORDS = Math.ceil(BYTES / 8) * 2;

/** One state, the steps that are possible in it, and what they do. */
export class Race {
  readonly words = new Int32Array(WORDS);
  readonly scope: Scope;
  protected readonly b = new Uint8Array(this.words.buffer);
  private readonly pages: number;
  private readonly queue: number;
  private readonly segments: number;
  private readonly wire: number;
  private readonly retransmissions: number;
  private readonly byReference: boolean;
  /** A data area takes the slot of its segment's number, not the first that is free. */
  private readonly named: boolean;

  /**
   * The state in which nothing was sent. With `named`, states that differ only in the slots of their data areas
   * are one: no two live areas carry the same segment, so its number can be the area's name.
   */
  constructor(scope: Scope, named: boolean) {
    this.scope = scope;
    this.pages = scope.pages;
    this.queue = scope.queue;
    this.segments = scope.segments;
    this.wire = scope.wire;
    this.retransmissions = scope.retransmissions;
    this.byReference = scope.release === Release.LAST_REFERENCE;
    this.named = named;
    this.b[OWNED] = (1 << scope.pages) - 1;
  }

  /** The steps that are possible: a bit each. */
  enabled(): number {
    const { b } = this;
    let steps = 0;
    const room = b[QUEUED]! < this.queue;
    if (b[WRITTEN] !== 0) {
      if (room) steps |= 1 << Step.SEND;
    } else if (b[NEXT]! < this.segments && ((b[OWNED]! >> (b[NEXT]! % this.pages)) & 1) !== 0) {
      steps |= 1 << Step.REWRITE;
    }
    if (room && b[UNACKED] !== 0)
      for (let page = 0; page < this.pages; page++)
        if (((b[UNACKED]! >> page) & 1) !== 0 && b[TRIES + page]! < this.retransmissions)
          steps |= 1 << (Step.RETRANSMIT + page);
    const device = b[DEVICE]!;
    if (device === IDLE) {
      if (b[QUEUED] !== 0) steps |= 1 << Step.TAKE;
    } else if (device === READ_ALL) {
      steps |= 1 << Step.FRAME_LOST;
      if (b[WIRED]! < this.wire) steps |= 1 << Step.FRAME_OUT;
    } else if (device === SENT) {
      steps |= 1 << Step.TX_DONE;
    } else {
      steps |= device === READ_NONE ? 1 << Step.READ_FIRST : 1 << Step.READ_SECOND;
    }
    const receiver = b[RECEIVER]!;
    if (receiver === IDLE) {
      if (b[WIRED] !== 0) steps |= 1 << Step.FRAME_IN;
    } else if (receiver === RECEIVED) {
      steps |= 1 << Step.REASSEMBLE;
    } else {
      steps |= 1 << Step.ACK_LOST;
      if (b[ACK] === 0) steps |= 1 << Step.ACK_OUT;
    }
    if (b[ACK_HERE] !== 0) steps |= 1 << Step.ACK_APPLY;
    else if (b[ACK] !== 0) steps |= 1 << Step.ACK_IN;
    return steps;
  }

  /**
   * Takes a step that is possible. False: the device read other bytes than were sent, or a page lost more references
   * than it had.
   */
  take(step: number): boolean {
    const { b } = this;
    switch (step) {
      case Step.REWRITE: {
        b[CONTENT + (b[NEXT]! % this.pages)]!++;
        b[WRITTEN] = 1;
        return true;
      }
      case Step.SEND:
        this.send();
        return true;
      case Step.TAKE: {
        b[DEVICE_SLOT] = b[QUEUE]!;
        this.shift(QUEUE, --b[QUEUED]!);
        b[DEVICE] = READ_NONE;
        return true;
      }
      case Step.READ_FIRST:
      case Step.READ_SECOND: {
        b[DEVICE]!++;
        return this.asSent(b[DEVICE_SLOT]!);
      }
      case Step.FRAME_OUT: {
        b[WIRE + b[WIRED]!++] = b[SEQ + b[DEVICE_SLOT]!]!;
        b[DEVICE] = SENT;
        return true;
      }
      case Step.FRAME_LOST:
        b[DEVICE] = SENT;
        return true;
      case Step.TX_DONE: {
        const slot = b[DEVICE_SLOT]!;
        b[DEVICE_SLOT] = 0;
        b[DEVICE] = IDLE;
        return this.put(slot);
      }
      case Step.FRAME_IN: {
        b[RECEIVER_SEQ] = b[WIRE]!;
        this.shift(WIRE, --b[WIRED]!);
        b[RECEIVER] = RECEIVED;
        return true;
      }
      case Step.REASSEMBLE:
        this.reassemble();
        return true;
      case Step.ACK_OUT: {
        b[ACK] = b[EXPECTED]! + 1;
        b[RECEIVER] = IDLE;
        return true;
      }
      case Step.ACK_LOST:
        b[RECEIVER] = IDLE;
        return true;
      case Step.ACK_IN: {
        b[ACK_HERE] = b[ACK]!;
        b[ACK] = 0;
        return true;
      }
      case Step.ACK_APPLY:
        return this.acknowledge();
      default:
        this.retransmit(step - Step.RETRANSMIT);
        return true;
    }
  }

  /** Nothing waits for something that cannot come: only the application and the receiver may rest, between steps. */
  atRest(): boolean {
    const { b } = this;
    return b[WRITTEN] === 0 && b[DEVICE] === IDLE && b[RECEIVER] === IDLE && b[ACK_HERE] === 0;
  }

  // What a reduction asks.

  /** The newest ACK on its way or arrived says no less than the receiver would say now. */
  ackWouldRepeat(): boolean {
    const { b } = this;
    const last = b[ACK] !== 0 ? b[ACK]! : b[ACK_HERE]!;
    return last !== 0 ? last === b[EXPECTED]! + 1 : b[EXPECTED]! <= b[UNA]!;
  }

  frameOnItsWay(): boolean {
    return this.b[WIRED] !== 0;
  }

  /** The arrived ACK covers no segment that the timer could still send once more. */
  ackForbidsNothing(): boolean {
    const { b } = this;
    for (let seq = b[UNA]!; seq < b[ACK_HERE]! - 1; seq++)
      if (b[TRIES + (seq % this.pages)]! < this.retransmissions) return false;
    return true;
  }

  // What steps do.

  /** Does the page hold what was written for the segment in this slot? */
  protected asSent(slot: number): boolean {
    const seq = this.b[SEQ + slot]!;
    return this.b[CONTENT + (seq % this.pages)] === ((seq / this.pages) | 0) + 1;
  }

  /** Moves what follows the first of a channel's entries, `left` of them, one place down. */
  private shift(channel: number, left: number): void {
    const { b } = this;
    for (let i = channel; i < channel + left; i++) b[i] = b[i + 1]!;
    b[channel + left] = 0;
  }

  private send(): void {
    const { b } = this;
    const seq = b[NEXT]!;
    const page = seq % this.pages;
    let slot = this.named ? seq : 0;
    while (b[DATAREF + slot] !== 0) slot++;
    b[DATAREF + slot] = 2; // the original and its clone
    b[SEQ + slot] = seq;
    b[PREF + page]!++;
    b[OWNED]! &= ~(1 << page);
    b[UNACKED]! |= 1 << page;
    b[ORIGINAL + page] = slot;
    b[QUEUE + b[QUEUED]!++] = slot;
    b[NEXT] = seq + 1;
    b[WRITTEN] = 0;
  }

  protected retransmit(page: number): void {
    const { b } = this;
    const slot = b[ORIGINAL + page]!;
    b[TRIES + page]!++;
    b[DATAREF + slot]!++;
    b[QUEUE + b[QUEUED]!++] = slot;
  }

  private reassemble(): void {
    const { b } = this;
    const seq = b[RECEIVER_SEQ]!;
    if (seq >= b[EXPECTED]!) b[AHEAD]! |= 1 << (seq - b[EXPECTED]!);
    while ((b[AHEAD]! & 1) !== 0) {
      b[AHEAD]! >>= 1;
      b[EXPECTED]!++;
    }
    b[RECEIVER_SEQ] = 0;
    b[RECEIVER] = ANSWERING;
  }

  private acknowledge(): boolean {
    const { b } = this;
    const upTo = b[ACK_HERE]! - 1;
    let right = true;
    for (; b[UNA]! < upTo; b[UNA]!++) {
      const page = b[UNA]! % this.pages;
      b[UNACKED]! &= ~(1 << page);
      b[TRIES + page] = 0;
      if (!this.put(b[ORIGINAL + page]!)) right = false;
      b[ORIGINAL + page] = 0;
      if (!this.byReference) b[OWNED]! |= 1 << page;
    }
    b[ACK_HERE] = 0;
    return right;
  }

  /** Drops a reference on a data area; the last one drops the page's. False: the page had none. */
  private put(slot: number): boolean {
    const { b } = this;
    if (--b[DATAREF + slot]! !== 0) return true;
    const page = b[SEQ + slot]! % this.pages;
    if (b[PREF + page] === 0) return false;
    if (--b[PREF + page]! === 0 && this.byReference) b[OWNED]! |= 1 << page;
    b[SEQ + slot] = 0;
    return true;
  }
}
