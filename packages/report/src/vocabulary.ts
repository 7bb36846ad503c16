// The words that stand in cells, gravest first: the properties' from their cards, those of harm, and the few that say
// that nothing was found. Legends, colours and the order of a sort follow from here.
import {
  CARDS,
  HARMS,
  HARM_LEGEND,
  IN_THE_WORD,
  PROPERTIES,
  cardOf,
  type Harm,
  type Property,
} from '@lastref/judge';

/** How a word is painted. */
export type Tone = Harm | 'broken' | 'good' | 'copied' | 'none';

export interface Word {
  readonly word: string;
  readonly tone: Tone;
  readonly letter: string;
  readonly legend: string;
}

/** What stands for a finding in a cell. */
export function wordOf({ property, harm }: { property: Property; harm: Harm | null }): string {
  return cardOf(property).word === 'harm' && harm !== null ? harm : property;
}

/** The gravest of these by the one order; undefined: there is none. */
export function gravestOf(properties: readonly Property[]): Property | undefined {
  return PROPERTIES.find((p) => properties.includes(p));
}

const harmWord = (harm: Harm): Word => ({
  word: harm,
  tone: harm,
  letter: harm.charAt(0).toUpperCase(),
  legend: HARM_LEGEND[harm],
});

/** Words for what is wrong. */
export const FAULT_WORDS: readonly Word[] = CARDS.flatMap((card): Word[] => {
  const { id, tone, letter, legend } = card;
  if (!IN_THE_WORD.includes(id)) return [];
  if (card.word === 'id') return [{ word: id, tone, letter, legend }];
  return HARMS.filter((harm) => harm !== 'hazard')
    .reverse()
    .map(harmWord);
});

const COPIED: Word = {
  word: 'copied',
  tone: 'copied',
  letter: 'c',
  legend: 'only private copies are left behind',
};

/** Words of a comparison. */
export const COMPARE_WORDS: readonly Word[] = [
  ...FAULT_WORDS,
  { word: 'holds', tone: 'good', letter: '.', legend: 'nothing found in these runs' },
  COPIED,
  { word: '-', tone: 'none', letter: '-', legend: 'nothing was lent: nothing to find' },
  { word: 'n/a', tone: 'none', letter: ' ', legend: 'its kernel has not got what it takes' },
  { word: 'not judged', tone: 'none', letter: '?', legend: 'the input does not show it' },
];

/** Letters behind a word, of what a right design may have or no design can help. */
export const BESIDE_WORDS: readonly Word[] = CARDS.filter(
  (c) => c.stands === 'beside the word',
).map(({ id, tone, letter, legend }) => ({ word: id, tone, letter, legend }));

/** Stands for what is refuted without the operation, too. */
export const AS_CONTROL = '=';

/** Words of the matrix of operations. */
export const MATRIX_WORDS: readonly Word[] = [
  { word: 'proven', tone: 'good', letter: '.', legend: 'no order of releases shows a fault' },
  COPIED,
  { word: 'refused', tone: 'copied', letter: 'r', legend: 'the design forbids it: nothing proven' },
  {
    word: AS_CONTROL,
    tone: 'hazard',
    letter: '=',
    legend: 'refuted as in the row control: adds nothing',
  },
  { word: 'not-exercised', tone: 'none', letter: '-', legend: 'it met no lent page' },
  { word: 'n/a', tone: 'none', letter: ' ', legend: 'the kernel has no such operation' },
  ...FAULT_WORDS,
];

/** Verdicts on claims, from the worst. */
const CLAIM_WORDS: readonly Word[] = [
  { word: 'refuted', tone: 'delivered', letter: 'r', legend: 'some run contradicts it' },
  { word: 'qualified', tone: 'hazard', letter: 'q', legend: 'true under a condition' },
  { word: 'not-settled', tone: 'none', letter: '?', legend: 'the model lacks what it takes' },
  { word: 'confirmed', tone: 'good', letter: '.', legend: 'the runs bear it out' },
];

/** Every word that some table sorts by, the gravest first. */
export const WORDS: readonly Word[] = [
  ...FAULT_WORDS,
  harmWord('hazard'),
  ...CLAIM_WORDS.slice(0, 3),
  ...MATRIX_WORDS.filter((w) => [AS_CONTROL, 'refused', 'copied', 'proven'].includes(w.word)),
  ...CLAIM_WORDS.slice(3),
  ...COMPARE_WORDS.filter((w) => w.word === 'holds'),
  ...MATRIX_WORDS.filter((w) => w.word === 'n/a' || w.word === 'not-exercised'),
  ...COMPARE_WORDS.filter((w) => w.word === '-' || w.word === 'not judged'),
];

export function toneOf(word: string): Tone {
  return WORDS.find((w) => w.word === word)?.tone ?? 'broken';
}

/** A legend, `name` of each word and what it means: in two columns, or in one where `columns` are too few for two. */
export function legendLines(
  words: readonly Word[],
  name: (word: Word) => string,
  columns = 100,
): string[] {
  const half = Math.ceil(words.length / 2);
  const entry = (word: Word, names: readonly Word[]): string =>
    `${name(word).padEnd(Math.max(...names.map((w) => name(w).length)))}  ${word.legend}`;
  const left = words.slice(0, half);
  const right = words.slice(half);
  const width = Math.max(...left.map((w) => entry(w, left).length));
  const lines = left.map((w, i) => {
    const other = right[i];
    const line = entry(w, left);
    return other === undefined ? line : `${line.padEnd(width)}  ${entry(other, right)}`;
  });
  return lines.every((line) => line.length <= columns) ? lines : words.map((w) => entry(w, words));
}
