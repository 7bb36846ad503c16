// The cells of documents in which something else is found than a property: bugs of history, claims, mutants, captures,
// exercises.
import type { BugsDocument, ExerciseDocument } from '../bugs.ts';
import type { CaptureDocument } from '../capture-document.ts';
import type { ClaimsDocument } from '../claims.ts';
import type { MutantsDocument } from '../document.ts';
import type { JudgedCell, JudgedFinding } from './judged.ts';

/** Of each bug two: the wrong version, in which it is to be found, and the fixed one, in which it is not. */
export function cellsOfBugs({ rows }: BugsDocument): JudgedCell[] {
  return rows.flatMap(({ id, property, wrong, fixed }) => {
    const { harm, token } = wrong;
    const seen = { property, harm, text: wrong.text ?? '', token };
    const missed = {
      property: 'not-found' as const,
      harm: null,
      text: `the search of the wrong version ends with ${wrong.result}`,
      token: null,
    };
    const there = { property, harm: null, text: 'the fixed version shows it too', token: null };
    const instead = fixed.also === null ? [] : [{ ...fixed.also, token: null }];
    const file = `packages/bugs/src/catalog/${id}`;
    return [
      {
        design: id,
        on: 'wrong',
        era: wrong.era,
        notJudged: null,
        findings: [wrong.result === 'refuted' ? seen : missed],
        file,
      },
      {
        design: id,
        on: 'fixed',
        era: fixed.era,
        notJudged: ['exhausted', 'refuted'].includes(fixed.result)
          ? null
          : (fixed.reason ?? fixed.result),
        findings: fixed.result === 'refuted' ? [there] : instead,
        file,
      },
    ];
  });
}

/** A claim is a cell of its source. */
export function cellsOfClaims({ rows }: ClaimsDocument): JudgedCell[] {
  return rows.map(({ id, source, verdict, text, saw, missing, token }) => ({
    design: source,
    on: id,
    era: '',
    notJudged: verdict === 'not-settled' ? (missing ?? verdict) : null,
    findings:
      verdict === 'refuted'
        ? [{ property: 'refuted' as const, harm: null, text: `${text} Seen: ${saw}`, token }]
        : [],
    file: 'packages/claims/src/sources',
  }));
}

/** A changed hook is a cell; of operations all mutants of one in one situation. */
export function cellsOfMutants({ designs, era }: MutantsDocument): JudgedCell[] {
  const survived = (by: string): JudgedFinding => ({
    property: 'survived',
    harm: null,
    text: by,
    token: null,
  });
  return designs.flatMap(({ design, hooks, operations }) => [
    ...hooks.map((m) => ({
      design,
      on: `${m.hook} ${m.change}`,
      era,
      notJudged: null,
      findings: m.verdict === 'survived' ? [survived(m.by)] : [],
    })),
    ...operations.map((o) => ({
      design,
      on: `${o.mover} ${o.situation}`,
      era,
      notJudged: null,
      findings: o.rest
        .filter((m) => m.verdict === 'survived')
        .map((m) => survived(`${m.call} ${m.change}: ${m.by}`)),
    })),
  ]);
}

/** The file and each of its connections. `uri`: where the file is. */
export function cellsOfCapture(
  { file, connections, unknown }: CaptureDocument,
  uri: string,
): JudgedCell[] {
  const cell = (on: string, lines: readonly string[]): JudgedCell => ({
    design: file.split('/').at(-1)!,
    on,
    era: '',
    notJudged: null,
    findings: lines.map((text) => ({ property: 'unread', harm: null, text, token: null })),
    file: uri,
  });
  return [cell('file', unknown), ...connections.map((c) => cell(`connection ${c.id}`, c.unknown))];
}

/** Each mark of a repair. */
export function cellsOfExercise({ design, marks }: ExerciseDocument): JudgedCell[] {
  return marks.map(({ what, passed, why, token }) => ({
    design,
    on: what,
    era: '',
    notJudged: null,
    findings: passed ? [] : [{ property: 'not-repaired', harm: null, text: why, token }],
  }));
}
