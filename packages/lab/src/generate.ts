// Random scripts. The model is asked which operations may apply now, so that few steps are skipped; a script that was
// drawn is plain text, and what it means does not depend on who drew it.
import { KernelBug, type Era } from '@lastref/kernel';
import { Prng } from '@lastref/workloads';
import { SKIP, SLOTS, Desk } from './desk.ts';
import { OPERATIONS, type Operation } from './operations/index.ts';
import { pickCut } from './operations/operation.ts';
import { playLine } from './play.ts';
import { SEAMS, type Line, type Script } from './script.ts';

/**
 * Short scripts find a mistake where it is easy to see, long ones those that need a history. Full ones begin with
 * packets whose entries are nearly all in use, joined ones with two whose entries are as many as one has place for, or
 * nearly, listed ones with a frag_list, corked ones with a datagram that is put together.
 */
export type Length = 'short' | 'long' | 'full' | 'joined' | 'listed' | 'corked';
const OPERATIONS_OF: Readonly<Record<Length, readonly [min: number, max: number]>> = {
  short: [2, 8],
  long: [8, 32],
  full: [2, 8],
  joined: [1, 5],
  listed: [3, 10],
  corked: [2, 8],
};
/** Of a hundred operations that do not apply, so many stay in the script: both arms must agree on that as well. */
const KEPT_SKIPS = 10;

export interface Wanted {
  readonly era: Era;
  readonly seed: number;
  readonly count: number;
  readonly length: Length;
  /** Only these behind the setup, one at least that `era` has; null: all. */
  readonly ops: readonly string[] | null;
}

/** `count` scripts, all seams in turn; the n-th of a seed is always the same as long as the model is. */
export function generate(wanted: Wanted): Script[] {
  return Array.from({ length: wanted.count }, (_, i) => scriptNumber(wanted, i));
}

function scriptNumber({ era, seed, length, ops }: Wanted, i: number): Script {
  const seam = SEAMS[i % SEAMS.length]!;
  const random = new Prng(Math.imul(seed, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b));
  const desk = new Desk(era, seam);
  const pool = OPERATIONS.filter((op) => op.lacks?.(era) !== true);
  const drawn = ops === null ? pool : pool.filter((op) => ops.includes(op.name));
  const lines: Line[] = [];
  try {
    if (length === 'joined') joinTwo(desk, random, lines);
    else setUp(desk, random, lines, length === 'full' ? FULL : FEW);
    if (length === 'listed') joinAll(desk, random, lines);
    if (length === 'corked') putTogether(desk, random, lines);
    const [min, max] = OPERATIONS_OF[length];
    const n = min + random.below(max - min + 1);
    for (let k = 0; k < n; k++) {
      const line = draw(desk, random, drawn);
      if (line !== null) lines.push(line);
    }
  } catch (error) {
    if (!(error instanceof KernelBug)) throw error; // the line stays: the kernel shows what is right
  }
  desk.clear();
  return { id: `${seed}.${length}.${i}`, seam, lines };
}

/** What puts pages in at the beginning. */
function lendingOf(desk: Desk, random: Prng): string {
  if (desk.seam === 'zc') return 'zc';
  return desk.pooled && random.below(3) !== 0 ? 'pp' : 'frag';
}

/** How many entries a packet begins with: so many, and up to so many more. */
const FEW = [0, 4] as const;
const FULL = [4, 14] as const;

/** One to three packets, most of them with pages. */
function setUp(
  desk: Desk,
  random: Prng,
  lines: Line[],
  [least, more]: readonly [number, number],
): void {
  const byName = (name: string) => OPERATIONS.filter((op) => op.name === name);
  const [alloc] = byName('alloc');
  const lend = byName(lendingOf(desk, random));
  const packets = 1 + random.below(3);
  for (let n = 0; n < packets; n++) {
    take(desk, { op: 'alloc', args: alloc!.draw(desk, random)! }, lines);
    for (let frags = least + random.below(more); frags > 0; frags--) {
      const line = draw(desk, random, lend);
      if (line !== null) lines.push(line);
    }
  }
}

/**
 * The entries of one packet go behind those of another: as many as there is place for, one less or one more. Only one
 * without linear bytes gives its entries away.
 */
function joinTwo(desk: Desk, random: Prng, lines: Line[]): void {
  const alloc = OPERATIONS.find((op) => op.name === 'alloc')!;
  const [target, source] = [0, 1];
  const entries = 1 + random.below(desk.k.era.maxSkbFrags - 1);
  const lending = lendingOf(desk, random);
  const beside = desk.k.era.maxSkbFrags - entries + random.below(3) - 1;
  for (const [slot, wanted] of [
    [target, entries],
    [source, Math.max(1, beside)],
  ] as const) {
    const args = alloc.draw(desk, random)!;
    if (slot === source) args[2] = 0;
    take(desk, { op: 'alloc', args }, lines);
    fillUp(desk, random, lines, { lending, slot, entries: wanted });
  }
  if (random.below(3) === 0) take(desk, { op: 'clone', args: [source, SLOTS - 1] }, lines);
  const from = desk.at(source)!;
  const op = ['coal', 'coal', 'shift', 'shift', 'gro'][random.below(5)]!;
  const bytes = op === 'shift' ? [pickCut(from, random)] : [];
  if (from.len > 0) take(desk, { op, args: [target, source, ...bytes] }, lines);
}

/** Entries for one packet, until it has so many. */
function fillUp(
  desk: Desk,
  random: Prng,
  lines: Line[],
  { lending, slot, entries }: { lending: string; slot: number; entries: number },
): void {
  const op = OPERATIONS.find(({ name }) => name === lending)!;
  for (let tries = 0; tries < 40 && desk.at(slot)!.shinfo.nrFrags < entries; tries++) {
    const args = op.draw(desk, random);
    if (args === null) continue;
    const line: Line = { op: op.name, args: [slot, ...args.slice(1)] };
    if (playLine(desk, line).result !== SKIP) lines.push(line);
  }
}

/** All packets go on the list of one of them; some have another holder. */
function joinAll(desk: Desk, random: Prng, lines: Line[]): void {
  const alloc = OPERATIONS.find((op) => op.name === 'alloc')!;
  for (let n = 1 + random.below(2); n > 0; n--)
    take(desk, { op: 'alloc', args: alloc.draw(desk, random)! }, lines);
  const first = desk.slots.findIndex((skb) => skb !== null);
  desk.slots.forEach((skb, slot) => {
    if (skb === null || slot === first) return;
    if (random.below(3) === 0) take(desk, { op: 'clone', args: [slot, SLOTS - 1] }, lines);
    take(desk, { op: 'grolist', args: [first, slot] }, lines);
    if (desk.at(SLOTS - 1) !== null) take(desk, { op: 'free', args: [SLOTS - 1] }, lines);
  });
}

/** Several calls of a socket; mostly all there will be of the datagram. */
function putTogether(desk: Desk, random: Prng, lines: Line[]): void {
  const byName = (...names: string[]) => OPERATIONS.filter((op) => names.includes(op.name));
  const [cork, cork6] = byName('cork', 'cork6');
  const begun = random.below(3) === 0 ? cork6! : cork!;
  take(desk, { op: begun.name, args: begun.draw(desk, random)! }, lines);
  const parts = byName('udp', 'udppage');
  for (let n = 2 + random.below(6); n > 0; n--) {
    const line = draw(desk, random, parts);
    if (line !== null) lines.push(line);
  }
  const last = random.below(4) === 0 ? null : draw(desk, random, byName('udpsend'));
  if (last !== null) lines.push(last);
}

function take(desk: Desk, line: Line, lines: Line[]): void {
  lines.push(line);
  playLine(desk, line);
}

/** A line that applies, mostly; it has been played. Throws KernelBug where the model stops. */
function draw(desk: Desk, random: Prng, pool: readonly Operation[]): Line | null {
  for (let tries = 0; tries < 20; tries++) {
    const op = weighted(random, pool);
    const args = op.draw(desk, random);
    if (args === null) continue;
    const line: Line = { op: op.name, args };
    if (playLine(desk, line).result !== SKIP || random.below(100) < KEPT_SKIPS) return line;
  }
  return null;
}

function weighted(random: Prng, pool: readonly Operation[]): Operation {
  const total = pool.reduce((sum, op) => sum + op.weight, 0);
  let at = random.below(total);
  for (const op of pool) if ((at -= op.weight) < 0) return op;
  return pool[0]!;
}
