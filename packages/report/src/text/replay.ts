// A replay as a reviewer would tell it: one line a step, and only the steps of the loan that matters.
import { IN_THE_WORD } from '@lastref/judge';
import type { DiffDocument, ReplayDocument } from '../document.ts';
import { duration, many, threatText } from '../words.ts';

/** A run that was told. */
export interface Played {
  readonly doc: ReplayDocument;
  /** Per step: the loans that it touched. */
  readonly touched: readonly ReadonlySet<number>[];
  /** Numbers of the steps that somebody chose: what is not the clock's, where it is a list and no random run. */
  readonly chosen: ReadonlySet<number>;
  /** Loan of the last finding, 0: none. */
  readonly loan: number;
}

/** What stands above the steps; `differs`: what the token's maker saw otherwise, null: nothing. */
export function replayHead(doc: ReplayDocument, differs: string | null): string[] {
  const { design, workload, era, seed, steps, skipped } = doc;
  const out = [
    `${design} on ${workload}, era ${era}, seed ${seed}: ${many(steps.length, 'step')}${skipped === 0 ? '' : `; ${many(skipped, 'step')} of the token did not apply`}`,
  ];
  if (!doc.lastApplied)
    out.push('The last step of the token, which showed its finding, did not apply.');
  if (differs !== null) out.push(differs);
  return out;
}

/** `all`: every step, not only those that touch the loan of the finding and those that somebody chose. */
export function storyLines({ doc, touched, chosen, loan }: Played, all: boolean): string[] {
  const out: string[] = [];
  let left = 0;
  doc.steps.forEach((step, i) => {
    const wanted = all || loan === 0 || touched[i]!.has(loan) || chosen.has(step.n);
    if (!wanted && i < doc.steps.length - 1) {
      left++;
      return;
    }
    if (left > 0)
      out.push(
        `        … ${left === 1 ? '1 step that does' : `${left} steps that do`} not touch loan ${loan}`,
      );
    left = 0;
    out.push(
      `${String(step.n).padStart(6)}  ${duration(step.tick).padStart(8)}  ${focus(step.text, all ? 0 : loan)}`,
    );
  });
  if (doc.findings.length === 0) out.push('Nothing was found.');
  for (const f of doc.findings) {
    out.push(
      `${IN_THE_WORD.includes(f.property) ? 'Found' : 'Beside that'} at step ${f.step}: ${f.property} (${f.harm}; ${threatText(f)}), ${f.where}: ${f.text}${f.count > 1 ? ` (${f.count} times)` : ''}`,
    );
  }
  return out;
}

/** Two designs on the same steps: together as long as they do the same, then each on a line of its own. */
export function diffLines(doc: DiffDocument): string[] {
  const [one, two] = doc.designs;
  const width = Math.max(one.length, two.length) + 2;
  const out = [
    `${one} and ${two} on ${doc.workload}, era ${doc.era}: ${many(doc.steps.length, 'step')}`,
  ];
  for (const { n, texts } of doc.steps) {
    if (n === doc.partsAt) out.push('---- here they part ----');
    const at = `${String(n).padStart(6)}  `;
    if (texts[0] === texts[1]) out.push(at + texts[0]);
    else {
      out.push(`${at}${`${one}:`.padEnd(width)} ${texts[0]}`);
      out.push(`        ${`${two}:`.padEnd(width)} ${texts[1]}`);
    }
  }
  if (doc.partsAt === null) out.push('They do the same in every step.');
  doc.designs.forEach((design, i) => {
    const found = doc.findings[i]!.map((f) => `${f.property} (${f.harm}) at step ${f.step}`);
    out.push(`${design}: ${found.length === 0 ? 'nothing was found' : found.join(', ')}`);
  });
  return out;
}

/** Leaves out what a line says of other loans. */
function focus(text: string, loan: number): string {
  if (loan === 0) return text;
  return text
    .split('; ')
    .filter((part, i, all) => {
      const said = /^(?:\*\* [A-Z]+ \([a-z]+\): )?.*?loan (\d+)\b/.exec(part);
      if (said !== null) return Number(said[1]) === loan;
      // the second half of a 'readable from' pair belongs to the loan named before it
      if (part.startsWith('page refs'))
        return Number(/loan (\d+)/.exec(all[i - 1] ?? '')?.[1]) === loan;
      return true;
    })
    .join('; ');
}
