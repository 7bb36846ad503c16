// The card at the top of a candidate's file, looked at before anybody prints it.
import { CARRIERS, ERAS, LENDERS, eraOf, type Design } from '@lastref/kernel';
import { z } from 'zod';
import { Broken } from './rules.ts';

const line = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'has control characters');

const FIELD_TYPES = [
  'pointer',
  'callback',
  'unsigned long',
  'int',
  'unsigned int',
  'atomic_t',
  'u64',
  'u32',
  'u16',
  'u8',
  'bit',
] as const;

const cardSchema = z.looseObject({
  id: line(32).regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'is no name such as my-design'),
  title: line(120),
  year: z.number().int().min(1969).max(9999),
  source: line(2000),
  era: z
    .object({
      id: line(32).refine(
        (id) => eraOf(id) !== undefined,
        `is no era; known: ${ERAS.map((e) => e.id).join(', ')}`,
      ),
      source: line(400),
    })
    .optional(),
  status: z.enum(['proposed', 'merged', 'out-of-tree', 'practice', 'canary']),
  summary: line(2000),
  reading: line(4000).optional(),
  repairs: line(32).optional(),
  readingOf: line(32).optional(),
  domain: z
    .object({
      by: z.array(z.enum(LENDERS)).optional(),
      over: z.array(z.enum(CARRIERS)).optional(),
      drains: z.literal(false).optional(),
      source: line(400),
    })
    .optional(),
  adds: z.array(
    z.looseObject({
      struct: line(40),
      name: line(80),
      type: z.enum(FIELD_TYPES),
      after: z.union([line(80), z.array(line(80))]).optional(),
      length: z.union([z.number().int().positive(), z.literal('MAX_SKB_FRAGS')]).optional(),
      into: z.union([line(80), z.array(line(80))]).optional(),
    }),
  ),
  hooks: z.number().int().min(0),
  home: z.number().int().optional(),
  defers: z.boolean().optional(),
  claims: z.array(line(40)),
});

/** A design's card, without its class. */
export type Card = Omit<Design, 'create'>;

/** The design that a module exports. Throws Broken with the field that is wrong. */
export function designOf(module: object): Design {
  const { design } = module as { design?: Design };
  const wrong = (what: string): never => {
    throw new Broken('its card', what, 'card');
  };
  if (typeof design !== 'object' || design === null)
    return wrong(
      `the file exports no 'design' (it exports ${Object.keys(module).join(', ') || 'nothing'})`,
    );
  if (typeof design.create !== 'function') return wrong('it has no create function');
  checkCard(design);
  return design;
}

/** Is `card` one? Throws Broken with the field that is wrong. */
function checkCard(card: unknown): void {
  const parsed = cardSchema.safeParse(card);
  if (parsed.success) return;
  const issue = parsed.error.issues[0]!;
  throw new Broken('its card', `${issue.path.join('.')}: ${issue.message}`, 'card');
}

/** A card that came as JSON from a process that may say anything. Throws Broken. */
export function cardIn(text: string): Card {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch {
    throw new Broken('its card', 'what its process wrote is no JSON', 'card');
  }
  checkCard(card);
  return card as Card;
}

/** The card alone, as data. */
export function cardOf({ create: _, ...card }: Design): Card {
  return structuredClone(card);
}

/** What the main thread knows of a candidate: its class stays in its isolate. */
export function fromCard(card: Card): Design {
  return {
    ...card,
    create: () => {
      throw new Error(`${card.id} is a candidate and runs in an isolate of its own`);
    },
  };
}
