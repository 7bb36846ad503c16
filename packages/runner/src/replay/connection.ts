// A finding on one TCP connection, as what a packetdrill script is made of: the sender's calls, its peer's packets as they
// arrive, and what is told, written and read in between. What the sender's host sends is left to whoever plays it.
import { Judge } from '@lastref/judge';
import {
  CONTEXT_NAMES,
  NoProbe,
  Nic,
  PageHome,
  TcpFlag,
  TcpHeader,
  TcpHost,
  TcpState,
  readHeader,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
  type TcpSock,
} from '@lastref/kernel';
import { Cell, type CellInput } from '@lastref/search';
import { StreamProducer, TracePicker, takesTwoProcessors } from '@lastref/workloads';
import { captureOfToken } from '../captures.ts';
import { UsageError } from '../errors.ts';
import type { Token } from '../token.ts';

/** Bytes of the stream are counted from 0. */
export type Happening =
  /** A call took so many bytes. */
  | { readonly kind: 'send'; readonly tick: number; readonly bytes: number }
  /** A packet of the peer arrives, without payload. `retransmits`: how many the sender has sent again so far. */
  | {
      readonly kind: 'arrives';
      readonly tick: number;
      readonly ack: number;
      readonly sacks: readonly (readonly [number, number])[];
      readonly window: number;
      readonly reset: boolean;
      readonly retransmits: number;
    }
  | { readonly kind: 'note'; readonly tick: number; readonly text: string };

/** `loan`: of which it tells; 0: of none. */
interface Note {
  readonly kind: 'note';
  readonly tick: number;
  readonly text: string;
  readonly loan: number;
}

export interface ConnectionStory {
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  readonly seed: number;
  /** Pages come out of a file and through a pipe; else a program sends its own. */
  readonly fromFile: boolean;
  /** Ticks from the SYN to its answer. */
  readonly handshake: number;
  /** The peer's window in bytes when the connection begins. */
  readonly window: number;
  readonly happenings: readonly Happening[];
}

/** Plays `token`. Throws UsageError, with the reason, where the finding has no form of one connection's script. */
export function connectionStory(input: CellInput, token: Token): ConnectionStory {
  refuse(unfitWorkload(input, token));
  const tape = new Tape();
  const judge = new Judge();
  const cell = new Cell(input, judge, tape);
  refuse(unfitMachine(cell, token));
  cell.prepare(token.trace);
  const host = senderOf(cell.k)!;
  tape.listen(cell.k, host);
  const picker = new TracePicker(token.trace);
  let found = 0;
  const news = (n: number): void => {
    for (const { property, harm, text } of judge.everything.slice(found))
      tape.note(`step ${n}: ${property} (${harm}): ${text}`);
    found = judge.everything.length;
  };
  while (picker.step(cell.k.agenda)) {
    const n = judge.step;
    judge.afterStep();
    refuse(tape.after(n, picker.describe ?? ''));
    news(n);
  }
  cell.over();
  news(judge.step);
  if (!tape.isOpen) refuse('its connection is not established before the token ends');
  const { design, workload, era, seed } = token;
  const producer = cell.scenario.participants[0] as StreamProducer;
  return {
    design,
    workload,
    era,
    seed,
    fromFile: producer.options.pipe,
    ...tape.heard(new Set(judge.everything.map((f) => f.loan))),
  };
}

function refuse(reason: string | null): void {
  if (reason !== null)
    throw new UsageError(
      `this finding is no packetdrill script, which is one TCP connection of one program: ${reason}`,
    );
}

function unfitWorkload({ workload }: CellInput, { workload: id }: Token): string | null {
  if (captureOfToken(id) !== null) return 'a capture drives it, packet by packet';
  const { lends } = workload;
  if (lends === undefined) return null; // a miniature does not say
  if (lends.over !== 'tcp') return `${id} lends over ${lends.over}`;
  if (lends.by === 'stream') return null;
  return `on ${id} ${lends.by} have their own protocol on top of TCP, which a script does not speak`;
}

function unfitMachine({ k, scenario }: Cell, { trace, workload }: Token): string | null {
  if (takesTwoProcessors(k.agenda, trace)) return 'its steps are of two processors';
  const { participants } = scenario;
  const [producer] = participants;
  if (participants.length !== 1)
    return `${workload} has ${participants.length} senders, each with its connection`;
  if (!(producer instanceof StreamProducer))
    return `${producer!.name} of ${workload} sends nothing that is lent on one stream`;
  if (producer.options.home === PageHome.USER) return 'packetdrill has no vmsplice';
  const nics = nicsOf(k);
  if (nics.some(({ taps }) => taps.length > 0))
    return 'a tap reads its packets, and a script has none';
  const host = senderOf(k);
  if (nics.length !== 2 || host === null || host.sockets.length !== 1)
    return `${workload} is not two hosts with one wire and one connection between them`;
  if (!host.sockets[0]!.route.sg)
    return 'its device has no scatter/gather, and that of packetdrill has';
  return null;
}

function nicsOf(k: Kernel): Nic[] {
  return k.holders.filter((holder) => holder instanceof Nic);
}

/** Who connects; null: nobody. */
function senderOf(k: Kernel): TcpHost | null {
  const hosts = nicsOf(k).map((nic) => nic.receiver);
  return hosts.find((h): h is TcpHost => h instanceof TcpHost && h.sockets.length > 0) ?? null;
}

const LENT = ' is lent';

/** Writes down what happens at the sender's host. */
class Tape extends NoProbe {
  private readonly happenings: (Exclude<Happening, { kind: 'note' }> | Note)[] = [];
  private readonly pagesOf = new Map<number, Set<Page>>();
  private readonly header = new TcpHeader();
  private readonly said = new Map<string, number>();
  private k: Kernel | null = null;
  private sk: TcpSock | null = null;
  /** Where the stream begins; null: the connection is not established. */
  private base: number | null = null;
  private taken = 0;
  private opened = 0;
  private window = 0;
  private scale = 0;
  /** The peer has ended the connection: what happens behind that is another one's. */
  private over = false;

  listen(k: Kernel, host: TcpHost): void {
    this.k = k;
    this.sk = host.sockets[0]!;
    const receive = host.receive.bind(host);
    host.receive = (skb, device) => {
      this.arrives(skb);
      receive(skb, device);
    };
  }

  get isOpen(): boolean {
    return this.base !== null;
  }

  /** With what is to be said of `loans`. */
  heard(loans: ReadonlySet<number>): Pick<ConnectionStory, 'handshake' | 'window' | 'happenings'> {
    const happenings = this.happenings.flatMap((h): Happening[] => {
      if (h.kind !== 'note') return [h];
      const { kind, tick, text } = h;
      return h.loan === 0 || loans.has(h.loan) ? [{ kind, tick, text }] : [];
    });
    return { handshake: this.opened, window: this.window, happenings };
  }

  /** `loan` 0: whatever the findings are about. */
  note(text: string, loan = 0): void {
    this.happenings.push({ kind: 'note', tick: this.k!.agenda.now, text, loan });
  }

  private arrives(skb: SkBuff): void {
    const { header: h, base } = this;
    const { mem, agenda } = this.k!;
    readHeader(mem, skb.data, h);
    if ((h.flags & TcpFlag.SYN) !== 0) {
      this.window = h.window;
      this.scale = Math.max(0, h.wscale);
    } else if (base !== null && !this.over) {
      const sacks = Array.from(
        { length: h.sacks },
        (_, i) => [(h.sack[2 * i]! - base) | 0, (h.sack[2 * i + 1]! - base) | 0] as const,
      );
      const reset = (h.flags & TcpFlag.RST) !== 0;
      const ack = (h.flags & TcpFlag.ACK) === 0 ? 0 : Math.max(0, (h.ack - base) | 0);
      const { retransmits } = this.sk!;
      const window = h.window << this.scale;
      this.happenings.push({
        kind: 'arrives',
        tick: agenda.now,
        ack,
        sacks,
        window,
        reset,
        retransmits,
      });
      this.over = reset;
    }
  }

  /** What step `n` has done; what ends the story before its end, or null. */
  after(n: number, step: string): string | null {
    const sk = this.sk!;
    const { now } = this.k!.agenda;
    if (this.base === null && sk.state >= TcpState.ESTABLISHED) {
      this.base = sk.writeSeq;
      this.opened = now;
    }
    if (this.base !== null && !this.over) {
      const bytes = ((sk.writeSeq - this.base) | 0) - this.taken;
      this.tell(n, LENT);
      if (bytes > 0) this.happenings.push({ kind: 'send', tick: now, bytes });
      this.taken += bytes;
      if (sk.state === TcpState.CLOSED) return `the sender gives its connection up in step ${n}`;
    }
    if (/ drops\b/.test(step)) this.said.set(step, 0);
    this.tell(n, '');
    return null;
  }

  /** Says, of what step `n` has done, that which ends with `end`. */
  private tell(n: number, end: string): void {
    for (const [text, loan] of this.said) {
      if (!text.endsWith(end)) continue;
      this.note(`step ${n}: ${text}`, loan);
      this.said.delete(text);
    }
  }

  override lent(loan: Loan, page: Page): void {
    const pages = this.pagesOf.get(loan.id);
    if (pages === undefined) this.pagesOf.set(loan.id, new Set([page]));
    else pages.add(page);
    this.said.set(`loan ${loan.id}${LENT}`, loan.id);
  }

  override completed(loan: Loan): void {
    const again = loan.completed ? ' again' : '';
    const where = CONTEXT_NAMES[this.k!.context];
    this.said.set(`the producer is told${again} that loan ${loan.id} is over (${where})`, loan.id);
  }

  override reused(page: Page): void {
    for (const [loan, pages] of this.pagesOf)
      if (pages.has(page)) this.said.set(`the pages of loan ${loan} are written anew`, loan);
  }
}
