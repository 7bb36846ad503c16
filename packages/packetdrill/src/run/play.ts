// One script, event by event: time passes, packets arrive and are expected, calls are made, assertions asked.
import { NoMemory, NotInEra, tcpInfo, type Design, type Era } from '@lastref/kernel';
import type { Call, Script, ScriptEvent, Shell, Time } from '../ast.ts';
import { Differs, NotKnown, ScriptError } from '../errors.ts';
import { parse } from '../parser.ts';
import { printExpression, printSeconds } from '../print.ts';
import { runCode, type Names } from '../python.ts';
import { settings } from '../shell.ts';
import { numberOf } from '../values.ts';
import { DATA_CALLS } from './calls-data.ts';
import { OPTION_CALLS } from './calls-options.ts';
import { POLL_CALLS } from './calls-poll.ts';
import { SETUP_CALLS } from './calls-setup.ts';
import { Context, type Attempt, type Outcome } from './context.ts';
import { Machine } from './machine.ts';
import { Wire } from './packets.ts';
import { apply } from './settings.ts';
import { mustBeThere } from './since.ts';

/** How a script came out. Passed: all of it was played, and nothing differed. */
export interface Verdict {
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What differed or is not known, with the line; null where it passed. */
  readonly reason: string | null;
}

const CALLS = { ...SETUP_CALLS, ...OPTION_CALLS, ...DATA_CALLS, ...POLL_CALLS };
/** How long a packet is waited for beyond its time. @source google/packetdrill run_packet.c tolerance_secs */
const PATIENCE = 2_000_000;
const CA_STATES = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss'];

/** Plays `source` on a machine of `era` under `design`. Does not throw, whatever the text is. */
export function play(source: string, design: Design, era: Era): Verdict {
  let script: Script;
  try {
    script = parse(source);
  } catch (error) {
    if (error instanceof ScriptError) return { result: 'skipped', reason: error.message };
    throw error;
  }
  const player = new Player(script, design, era);
  try {
    player.run();
    return { result: 'passed', reason: null };
  } catch (error) {
    const where = player.where();
    if (error instanceof NotKnown)
      return { result: 'skipped', reason: `${where}not known here: ${error.message}` };
    if (error instanceof NotInEra)
      return { result: 'skipped', reason: `${where}not in this kernel: ${error.message}` };
    if (error instanceof NoMemory)
      return { result: 'skipped', reason: `${where}it takes more memory than the machine has` };
    if (error instanceof Differs) return { result: 'failed', reason: `${where}${error.message}` };
    throw error;
  }
}

interface Blocked {
  readonly call: Call;
  readonly event: ScriptEvent;
  readonly attempt: Attempt;
  readonly due: number;
  readonly begun: number;
}

/** Plays events, those of a script or such that somebody makes up on the way. */
export class Player {
  private readonly script: Script;
  readonly machine: Machine;
  readonly ctx: Context;
  readonly wire: Wire;
  private readonly names: Names = new Map();
  private tolerance = 4000;
  private percent = 12.5;
  private event: ScriptEvent | null = null;
  private lastTime = 0;
  private blocked: Blocked | null = null;

  constructor(script: Script, design: Design, era: Era) {
    this.script = script;
    this.machine = new Machine(design, era);
    const stamp = script.options.find((o) => o.name === 'tolerance_usecs')?.value;
    if (stamp !== undefined && /^\d+$/.test(stamp ?? '')) this.tolerance = Number(stamp);
    this.ctx = new Context(this.machine, this.tolerance);
    this.wire = new Wire(this.machine);
    this.wire.tolerance = this.tolerance;
  }

  /** `12: ` for the line that is being played; '' before the first. */
  where(): string {
    return this.event === null ? '' : `line ${this.event.at.line}: `;
  }

  run(): void {
    this.options();
    this.shell(this.script.init);
    for (const event of this.script.events) this.feed(event);
    this.finishBlocked();
    this.shell(this.script.cleanup);
  }

  feed(event: ScriptEvent): void {
    this.event = event;
    this.step(event);
    this.lastTime = this.machine.now;
  }

  private options(): void {
    for (const { name, value } of this.script.options) {
      const number = (): number => {
        if (value === null || !/^\d+(\.\d+)?$/.test(value))
          throw new NotKnown(`the option --${name}=${value ?? ''}`);
        return Number(value);
      };
      if (name === 'tolerance_usecs') number();
      else if (name === 'tolerance_percent') this.percent = number();
      else if (name === 'tcp_ts_tick_usecs') this.wire.tsTick = number();
      else if (name === 'mss') this.machine.host.rxSegment = number();
      else if (name === 'strict_segments') this.wire.strict = true;
      else if (name === 'ip_version' && value === 'ipv4') continue;
      else if (name === 'send_omit_free') continue;
      else throw new NotKnown(`the option --${name}${value === null ? '' : `=${value}`}`);
    }
  }

  private shell(shell: Shell | null): void {
    if (shell === null) return;
    for (const setting of settings(shell.text)) apply(setting, this.machine, this.ctx);
  }

  private step(event: ScriptEvent): void {
    const { time, action } = event;
    const offset = time.kind === 'relative' ? this.machine.now : 0;
    if (action.kind === 'packet' && action.direction === 'out') {
      const limit = time.kind === 'any' ? Infinity : offset + (time.until ?? time.from) + PATIENCE;
      const sentAt = this.wire.expect(action, () => this.advanceToPacket(limit));
      this.checkTime(time, offset, sentAt, 'the packet was sent');
      return;
    }
    if (time.kind !== 'any') this.advance(Math.max(this.machine.now, offset + time.from));
    if (action.kind === 'packet') {
      this.wire.inject(action);
      this.retry();
    } else if (action.kind === 'shell') this.shell(action);
    else if (action.kind === 'code') runCode(action.text, (name) => this.lookup(name), this.names);
    else this.call(event, action, offset);
  }

  /** Lets time pass, and blocked calls come back when they can. */
  private advance(tick: number): void {
    this.machine.runUntil(tick, () => {
      this.retry();
      return false;
    });
    this.retry();
  }

  private advanceToPacket(limit: number): boolean {
    this.machine.runUntil(limit, () => {
      this.retry();
      return this.machine.sent.length > 0;
    });
    return this.machine.sent.length > 0;
  }

  private checkTime(time: Time, offset: number, actual: number, what: string): void {
    if (time.kind === 'any') return;
    const from = offset + time.from;
    const until = offset + (time.until ?? time.from);
    const slack = Math.max(this.tolerance, (this.percent / 100) * (from - this.lastTime));
    if (actual >= from - slack && actual <= until + slack) return;
    const wanted =
      time.until === null ? printSeconds(from) : `${printSeconds(from)} to ${printSeconds(until)}`;
    throw new Differs(`${what} at ${printSeconds(actual)} s, expected at ${wanted} s`);
  }

  private lookup(name: string): number | undefined {
    const state = CA_STATES.indexOf(name.replace('TCP_CA_', ''));
    if (name.startsWith('TCP_CA_') && state >= 0) return state;
    const { underTest } = this.ctx;
    mustBeThere(this.machine.k.era, name);
    if (underTest === null) return undefined;
    if (name === 'SK_MEMINFO_RCVBUF') return underTest.rcvbuf;
    const info = tcpInfo(underTest);
    return Object.hasOwn(info, name) ? info[name] : undefined;
  }

  private call(event: ScriptEvent, call: Call, offset: number): void {
    if (!Object.hasOwn(CALLS, call.name)) throw new NotKnown(`the call ${call.name}`);
    const handler = CALLS[call.name]!;
    if (call.until !== null && this.blocked !== null) this.finishBlocked();
    const attempt = handler(call, this.ctx);
    const outcome = attempt();
    if (call.until !== null) {
      const due = offset + call.until;
      const blocked = { call, event, attempt, due, begun: this.machine.now };
      if (outcome === null) this.blocked = blocked;
      else this.cameBack(blocked, outcome);
      return;
    }
    if (outcome !== null) {
      this.check(call, outcome);
      return;
    }
    throw new Differs(`${call.name} blocks, ${expected(call)} is expected at once`);
  }

  private retry(): void {
    const { blocked } = this;
    if (blocked === null) return;
    const outcome = blocked.attempt();
    if (outcome === null) return;
    this.blocked = null;
    this.cameBack(blocked, outcome);
  }

  private cameBack({ call, event, due, begun }: Blocked, outcome: Outcome): void {
    const playing = this.event;
    this.event = event;
    this.check(call, outcome);
    const slack = Math.max(this.tolerance, (this.percent / 100) * (due - begun));
    const { now } = this.machine;
    if (Math.abs(now - due) > slack)
      throw new Differs(
        `${call.name} came back at ${printSeconds(now)} s, expected at ${printSeconds(due)} s`,
      );
    this.event = playing;
  }

  private finishBlocked(): void {
    const { blocked } = this;
    if (blocked === null) return;
    this.advance(Math.max(this.machine.now, blocked.due));
    if (this.blocked === null) return;
    this.event = blocked.event;
    throw new Differs(`${blocked.call.name} still blocks at ${printSeconds(blocked.due)} s`);
  }

  private check(call: Call, outcome: Outcome): void {
    const { result, errno } = call;
    const got = outcome.errno === undefined ? String(outcome.value) : `-1 ${outcome.errno}`;
    const differ = (): never => {
      throw new Differs(`${call.name}: expected ${expected(call)}, got ${got}`);
    };
    if (result.kind === 'any' && outcome.made === undefined) return;
    const value = numberOf(result);
    if (outcome.made !== undefined) {
      if (value < 0 || errno !== null) differ();
      this.ctx.fds.set(value, outcome.made);
      return;
    }
    if (value !== outcome.value || (errno ?? undefined) !== outcome.errno) differ();
  }
}

function expected({ result, errno }: Call): string {
  return errno === null ? printExpression(result) : `${printExpression(result)} ${errno}`;
}
