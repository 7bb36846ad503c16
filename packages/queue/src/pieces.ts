// What of a campaign is one job: enough cells that starting an isolate and asking the queue cost little beside them.
import {
  askOf,
  asksOf,
  question,
  type BatchRecord,
  type CampaignWork,
  type SwarmAsk,
} from '@lastref/runner/campaign';
import { isForeign, type Question, type Source } from '@lastref/runner';
import type { Head, Piece } from './head.ts';

/** Runs of a job, more or less: ten seconds of work, as an isolate takes one to start. */
export const RUNS = 6_000;

/**
 * Everything of `work` that is not kept, by the name of its job: the same campaign has the same jobs. A candidate's
 * cells of one round are one job, as one isolate answers them: what it spoils there it spoils anywhere.
 */
export function piecesOf(work: CampaignWork): Map<string, Piece> {
  const { plan } = work;
  const size = Math.max(1, Math.ceil(RUNS / plan.options.runs));
  const place = new Map(plan.workloads.map((id, i) => [id, i]));
  const pieces = new Map<string, Piece & { readonly workloads: string[] }>();
  for (const ask of asksOf(work)) {
    const design = ask.source.name;
    for (const workload of ask.workloads) {
      const part = isForeign(ask.source) ? 0 : Math.floor(place.get(workload)! / size);
      const job = `${ask.round}.${design}.${part}`;
      const piece = pieces.get(job) ?? { round: ask.round, design, workloads: [] };
      piece.workloads.push(workload);
      pieces.set(job, piece);
    }
  }
  return pieces;
}

/** What a worker asks for a piece. */
export function askFor({ plan, corpus }: Head, source: Source, piece: Piece): SwarmAsk {
  return askOf(plan, source, piece.round, piece.workloads, corpus);
}

/** The campaign's question, of asks that are there already: the answers as they are. */
export const batches: Question<readonly SwarmAsk[], SwarmAsk, BatchRecord, readonly BatchRecord[]> =
  {
    ...question,
    asks: (asks) => asks,
    merge: (_, answers) => answers,
  };
