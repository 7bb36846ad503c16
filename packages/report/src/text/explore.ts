// What a reader sees after each choice: the steps that are new, who could still read, what may happen next.
import { IN_THE_WORD } from '@lastref/judge';
import type { ExploreDocument } from '../document.ts';
import type { Paint } from '../tables.ts';
import { many, threatText, wrapped, type Replay } from '../words.ts';

/** How a terminal shows it. */
export interface Looks {
  readonly width: number;
  readonly paint: Paint;
  readonly replay: Replay;
}

/** `seen`: steps that were shown before. */
export function stateLines(doc: ExploreDocument, seen: number, { width, paint }: Looks): string[] {
  const out: string[] = [];
  if (seen === 0)
    out.push(
      paint.bold(`${doc.design} on ${doc.workload}, era ${doc.era}: you choose what happens next`),
      `${many(doc.before, 'step')} by the clock, to the moment just before the first page is lent; there the clock stands still.`,
    );
  const first = Math.max(seen, doc.before + 1);
  for (const { n, text } of doc.steps.slice(first))
    out.push(...wrapped(`${String(n).padStart(4)}  ${text}`, width, '      '));
  out.push(...readerLines(doc));
  out.push(...choiceLines(doc, paint));
  return out;
}

export function readerLines({ readers }: ExploreDocument): string[] {
  return readers.map(({ loan, text }) => `      loan ${loan}: ${text}`);
}

export function choiceLines(doc: ExploreDocument, paint: Paint): string[] {
  if (doc.over)
    return [
      ...verdictLines(doc, paint),
      'Nothing is left to do. u undoes, s FILE.svg draws it, q ends.',
    ];
  return [
    ...verdictLines(doc, paint),
    'What may happen next:',
    ...doc.choices.map(
      ({ text, what }, i) =>
        `${String(i + 1).padStart(4)}  ${text}${what === null ? '' : paint.dim(` (${what})`)}`,
    ),
  ];
}

/** What was found; of a run that is over, also that nothing was. */
function verdictLines({ findings, over }: ExploreDocument, paint: Paint): string[] {
  const inWord = findings.filter((f) => IN_THE_WORD.includes(f.property));
  if (inWord.length === 0) return over ? ['Nothing was found in this run.'] : [];
  return inWord.map((f) =>
    paint.bold(
      `Found at step ${f.step}: ${f.property} (${f.harm}; ${threatText(f)}), ${f.where}: ${f.text}`,
    ),
  );
}

/** What a search from here came to. */
export function searchLines({ search }: ExploreDocument): string[] {
  if (search === null) return [];
  const { result, states, executions, property, harm, text, reason, exercised } = search;
  const work = `${many(states, 'state')}, ${many(executions, 'step')}`;
  switch (result) {
    case 'refuted':
      return [`The search finds ${property} (${harm}): ${text} (${work}). It went this way:`];
    case 'exhausted':
      return [
        `From here no order within the bound shows a finding (${work}); what could have been refuted: ${exercised.join(', ') || 'nothing'}.`,
      ];
    case 'bound-reached':
      return [`Nothing found in ${work}: the bound was reached (raise --states).`];
    case 'not-a-proof':
      return [`Nothing found in ${work}, and not a proof: ${reason}.`];
  }
}

export function tokenLines({ token }: ExploreDocument, { replay }: Looks): string[] {
  return [token, `  ${replay(token)}`];
}
