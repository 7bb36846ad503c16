// What stands at the top of a candidate's file: asked in an isolate, as reading it runs it.
import { single, type Question } from '../question.ts';
import { cardOf, type Card } from './card.ts';
import type { Source } from './source.ts';

export const question: Question<Source, Source, Card, Card> = single({
  kind: 'card',
  sources: (source) => [source],
  cells: () => ['its card'],
  when: () => '',
  answer: async (source, _cell, isolate) => cardOf((await isolate.subject(source)).raw),
});
