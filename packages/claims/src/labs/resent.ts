// The capture of a real exchange in which ten calls were sent twice: what the wire saw, and what the model makes of
// the same packets under a design.
import {
  followTcp,
  readCapture,
  rpcRecords,
  segmentsSent,
  type RpcExchange,
} from '@lastref/capture';
import { readFileSync } from 'node:fs';
import { Cell } from '@lastref/search';
import { bundledCapture, bundledWorkload } from '@lastref/runner';
import type { Lab } from './index.ts';
import { Completions } from './completions.ts';

export interface ResentCall {
  readonly xid: string;
  /** In the capture: bytes of the second copy that differ from the first. */
  readonly differ: number;
  /** In the capture: bytes of the second copy that had not left when the answer to the first came. */
  readonly unsent: number;
  /** In the model: who could read the pages when the producer was told; empty: nobody. */
  readonly readers: readonly string[];
  /** In the model: changed bytes of it went out. */
  readonly changed: boolean;
  /** Ticks from the answer to the first copy to the completion; -1: never. */
  readonly toldAfter: number;
  /** No new call was sent after its answer: nobody had new data for its pages. */
  readonly last: boolean;
}

export interface Resent {
  readonly calls: readonly ResentCall[];
  /** Calls that were sent once, and of them those completed while somebody could read. */
  readonly once: number;
  readonly onceEarly: number;
}

export const resentLab: Lab<Resent> = (design, era) => {
  const source = bundledCapture();
  const exchanges = writesIn(source.file);
  const cell = new Cell({ design, workload: bundledWorkload(), era, seed: 1 });
  const completions = new Completions(cell.judge);
  cell.runByClock();
  const calls: ResentCall[] = [];
  const seen = { once: 0, onceEarly: 0 };
  for (const { exchange, unsent } of exchanges) {
    const told = completions.ends.get(exchange.id);
    const readers = told?.readers ?? [];
    if (exchange.copies.length === 1) {
      seen.once++;
      if (readers.length > 0) seen.onceEarly++;
      continue;
    }
    const answered = exchange.replies[0]?.tick ?? 0;
    calls.push({
      xid: `0x${exchange.xid.toString(16)}`,
      differ: differing(exchange),
      unsent,
      readers,
      changed: told !== undefined && completions.changed.wire.has(told.loan),
      toldAfter: told === undefined ? -1 : told.tick - answered,
      last: exchanges.every((e) => e.exchange.copies[0]!.firstTick <= answered),
    });
  }
  return { calls, ...seen };
};

/** The calls that lend pages, and how much of each second copy had not left when its first copy was answered. */
function writesIn(file: string): { exchange: RpcExchange; unsent: number }[] {
  const connections = followTcp(readCapture(readFileSync(file), file));
  return connections.flatMap((connection) => {
    const sent = segmentsSent(connection, connection.dataSender);
    return rpcRecords(connection)
      .exchanges.filter((e) => e.copies[0]!.bytes.length >= 4096)
      .map((exchange) => {
        const copy = exchange.copies[1];
        const answered = exchange.replies[0]?.tick ?? Infinity;
        let out = 0;
        for (const s of sent)
          if (copy !== undefined && s.segment.tick <= answered && !s.retransmission)
            out += Math.max(0, Math.min(s.end, copy.end) - Math.max(s.start, copy.start));
        return { exchange, unsent: copy === undefined ? 0 : copy.end - copy.start - out };
      });
  });
}

function differing({ copies }: RpcExchange): number {
  const [first, second] = [copies[0]!.bytes, copies[1]!.bytes];
  let n = 0;
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) n++;
  return n;
}
