// The model checker rumur on the same scopes: the race in the language of Murphi, from which rumur makes a verifier.
// What is measured is that verifier alone, on one thread. It has no partial-order reduction.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Anchor } from '../anchors.ts';
import type { RaceCell } from '../cells.ts';
import { timed } from './measure.ts';
import { Release, type Scope } from './model.ts';
import { scopeOf, type Size, type Task } from './sizes.ts';

/** Exit code of a verifier that found an error. */
const FOUND = 1;

/** The transition system of model.ts, each step a rule. */
export function murphi(scope: Scope): string {
  const { pages, retransmissions, queue, segments, wire } = scope;
  const byReference = scope.release === Release.LAST_REFERENCE;
  return `
const
  PAGES: ${pages};
  RETRANSMISSIONS: ${retransmissions};
  QUEUE: ${queue};
  SEGMENTS: ${segments};
  WIRE: ${wire};
  -- of the retransmission queue, of the device's queue, and the one in the device
  SLOTS: PAGES + QUEUE + 1;
type
  page: 0 .. PAGES - 1;
  slot: 0 .. SLOTS - 1;
  segment: 0 .. SEGMENTS;
var
  content: array[page] of 0 .. SEGMENTS + 1;
  pref: array[page] of 0 .. SLOTS;
  owned: array[page] of boolean;
  unacked: array[page] of boolean;
  tries: array[page] of 0 .. RETRANSMISSIONS;
  original: array[page] of slot;
  dataref: array[slot] of 0 .. QUEUE + 2;
  seq: array[slot] of segment;
  next, una, expected: segment;
  ahead: array[segment] of boolean;
  written: boolean;
  -- entries behind the last one are 0
  waiting: array[0 .. QUEUE - 1] of slot;
  queued: 0 .. QUEUE;
  onwire: array[0 .. WIRE - 1] of segment;
  wired: 0 .. WIRE;
  device: enum { FREE, TAKEN, HALF, WHOLE, GONE };
  indevice: slot;
  receiver: enum { RESTS, RECEIVED, ANSWERS };
  arrived: segment;
  -- the number plus one; 0 is none
  ack, ackhere: 0 .. SEGMENTS + 1;

function as_sent(s: slot): boolean;
begin
  return content[seq[s] % PAGES] = seq[s] / PAGES + 1;
end;

procedure drop_reference(s: slot);
begin
  dataref[s] := dataref[s] - 1;
  if dataref[s] = 0 then
    assert "a page loses a reference that it has" pref[seq[s] % PAGES] > 0;
    pref[seq[s] % PAGES] := pref[seq[s] % PAGES] - 1;
    if ${byReference} & pref[seq[s] % PAGES] = 0 then owned[seq[s] % PAGES] := true; end;
    seq[s] := 0;
  end;
end;

procedure wait_for_device(s: slot);
begin
  waiting[queued] := s;
  queued := queued + 1;
end;

startstate begin
  clear content; clear pref; clear tries; clear original; clear dataref; clear seq;
  clear waiting; clear onwire; clear device; clear indevice; clear receiver; clear arrived;
  next := 0; una := 0; expected := 0; queued := 0; wired := 0; ack := 0; ackhere := 0;
  written := false;
  for p: page do owned[p] := true; unacked[p] := false; end;
  for s: segment do ahead[s] := false; end;
end;

rule "rewrite" !written & next < SEGMENTS & owned[next % PAGES] ==> begin
  content[next % PAGES] := content[next % PAGES] + 1;
  written := true;
end;

rule "send" written & queued < QUEUE ==>
var s: 0 .. SLOTS;
begin
  s := 0;
  while dataref[s] != 0 do s := s + 1; end;
  dataref[s] := 2;
  seq[s] := next;
  pref[next % PAGES] := pref[next % PAGES] + 1;
  owned[next % PAGES] := false;
  unacked[next % PAGES] := true;
  original[next % PAGES] := s;
  wait_for_device(s);
  next := next + 1;
  written := false;
end;

ruleset p: page do
  rule "retransmit" unacked[p] & queued < QUEUE & tries[p] < RETRANSMISSIONS ==> begin
    tries[p] := tries[p] + 1;
    dataref[original[p]] := dataref[original[p]] + 1;
    wait_for_device(original[p]);
  end;
end;

rule "take" device = FREE & queued > 0 ==> begin
  indevice := waiting[0];
  for i: 0 .. QUEUE - 2 do waiting[i] := waiting[i + 1]; end;
  waiting[QUEUE - 1] := 0;
  queued := queued - 1;
  device := TAKEN;
end;

rule "read, first half" device = TAKEN ==> begin
  assert "first half as sent" as_sent(indevice);
  device := HALF;
end;

rule "read, second half" device = HALF ==> begin
  assert "second half as sent" as_sent(indevice);
  device := WHOLE;
end;

rule "frame out" device = WHOLE & wired < WIRE ==> begin
  onwire[wired] := seq[indevice];
  wired := wired + 1;
  device := GONE;
end;

rule "frame lost" device = WHOLE ==> begin device := GONE; end;

rule "tx done" device = GONE ==>
var s: slot;
begin
  s := indevice;
  indevice := 0;
  device := FREE;
  drop_reference(s);
end;

rule "frame in" receiver = RESTS & wired > 0 ==> begin
  arrived := onwire[0];
  for i: 0 .. WIRE - 2 do onwire[i] := onwire[i + 1]; end;
  onwire[WIRE - 1] := 0;
  wired := wired - 1;
  receiver := RECEIVED;
end;

rule "reassemble" receiver = RECEIVED ==> begin
  if arrived >= expected then ahead[arrived - expected] := true; end;
  while ahead[0] do
    for i: 0 .. SEGMENTS - 1 do ahead[i] := ahead[i + 1]; end;
    ahead[SEGMENTS] := false;
    expected := expected + 1;
  end;
  arrived := 0;
  receiver := ANSWERS;
end;

rule "ack out" receiver = ANSWERS & ack = 0 ==> begin
  ack := expected + 1;
  receiver := RESTS;
end;

rule "ack lost" receiver = ANSWERS ==> begin receiver := RESTS; end;

rule "ack in" ackhere = 0 & ack != 0 ==> begin
  ackhere := ack;
  ack := 0;
end;

rule "ack applies" ackhere != 0 ==>
var p: page;
begin
  while una < ackhere - 1 do
    p := una % PAGES;
    unacked[p] := false;
    tries[p] := 0;
    drop_reference(original[p]);
    original[p] := 0;
    if ${!byReference} then owned[p] := true; end;
    una := una + 1;
  end;
  ackhere := 0;
end;
`;
}

/** Has rumur make a verifier in `dir` and compiles it. Its path. */
export function rumurVerifier(dir: string, cc: string, scope: Scope): string {
  const work = mkdtempSync(join(dir, 'rumur-'));
  const here = { cwd: work, stdio: 'pipe' } as const;
  writeFileSync(join(work, 'race.m'), murphi(scope));
  const options = ['--threads', '1', '--deadlock-detection', 'off', '--output', 'race.c'];
  execFileSync('rumur', [...options, 'race.m'], here);
  const libraries = ['-lpthread', '-latomic'];
  execFileSync(cc, ['-std=c11', '-w', '-O3', '-o', 'race', 'race.c', ...libraries], here);
  return join(work, 'race');
}

/** A verifier for a task; it searches breadth first, so its first failure is a shortest one. */
function anchor(dir: string, cc: string, size: Size, task: Task): Anchor {
  const verifier = rumurVerifier(dir, cc, scopeOf(size, task));
  return {
    id: `rumur/${size}/${task}`,
    title: `rumur on the race model, one thread${task === 'refute' ? '' : ', no reduction'}`,
    cells: (cell) => cell.kind === 'race' && cell.size === size && cell.task === task,
    measure: async () => {
      const [ms, out] = await timed(verifier, [], dir, FOUND);
      return read(task, ms, out);
    },
  };
}

/** What a finished verifier says, in the cell's unit; it rounds its own seconds to whole ones, so all are the process's. */
function read(task: Task, ms: number, out: string): number {
  if (/No error found/.test(out) === (task === 'refute'))
    throw new Error(`rumur disagrees on ${task}: ${out.slice(-400)}`);
  if (task !== 'states') return ms;
  const states = /(\d+) states, \d+ rules fired/.exec(out)?.[1];
  if (states === undefined) throw new Error('rumur printed no number of states');
  return Number(states) / (ms / 1e3);
}

/** Is rumur there? */
export function rumurInstalled(): boolean {
  try {
    execFileSync('rumur', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A verifier for each cell but those of the search alone, built in `dir`. */
export function rumurAnchors(dir: string, cc: string, cells: readonly RaceCell[]): Anchor[] {
  return cells
    .filter(({ task }) => task !== 'search')
    .map(({ size, task }) => anchor(dir, cc, size, task));
}
