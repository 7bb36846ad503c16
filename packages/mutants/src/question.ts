// All mutants of all designs: an isolate for each design.
import type { MutantsDesign, MutantsDocument } from '@lastref/report';
import {
  UsageError,
  findEra,
  isApart,
  isForeign,
  sourceOf,
  type DesignFile,
  type Question,
  type Source,
} from '@lastref/runner';
import type { Spoiling } from './of-design.ts';

export interface MutantsPlan {
  readonly designs: readonly DesignFile[];
  /** The designs under which operations are spoiled; null: those that keep most of them. */
  readonly under: readonly string[] | null;
  readonly era: string;
}

export interface MutantsAsk {
  readonly source: Source;
  readonly era: string;
  readonly operations: Spoiling;
}

export const question: Question<MutantsPlan, MutantsAsk, MutantsDesign, MutantsDocument> = {
  kind: 'mutants',
  brief: true,
  endless: true,
  asks: ({ designs, under, era }) =>
    designs.map((d) => ({
      source: sourceOf(d),
      era,
      operations: under === null ? 'where kept' : under.includes(d.design.id),
    })),
  sources: (ask) => [ask.source],
  cells: () => ['its mutants'],
  when: () => '',
  about: ({ design }) => design,
  async answer({ source, era, operations }, _cell, isolate) {
    const { mutantsOf } = await import('./of-design.ts');
    if (isApart(source))
      throw new UsageError(
        `${source.name} is not ours, and to spoil its hooks its class has to be here: add --trust`,
      );
    const { raw } = await isolate.subject(source);
    return mutantsOf(raw, findEra(era), operations, !isForeign(source));
  },
  merge: async (plan, answers) => (await import('./document.ts')).mutantsDocument(plan, answers),
};
