// The shapes of what scripts measure of this repository and keep in results/: beside those of the commands (`SCHEMAS`), which
// are for everybody.
import { z } from 'zod';

const count = z.number().int().nonnegative();

const mutant = z.object({
  file: z.string(),
  line: z.number().int().positive(),
  mutator: z.string(),
  replacement: z.string().describe('At most 120 characters of it.'),
  code: z.string().describe('The line, at most 120 characters of it.'),
  status: z.enum(['Survived', 'NoCoverage']),
  reason: z.string().nullable().describe('Of an equivalent one: why it changes nothing.'),
});

export const mutationSchema = z
  .object({
    schema: z.literal('lastref.mutation/1'),
    rows: z.array(
      z.object({
        group: z.enum(['judge', 'search', 'runner', 'core']),
        mutants: count.describe('All of the group.'),
        drawn: count,
        killed: count.describe('A test failed, or took far longer than it does.'),
        survived: count,
        uncovered: count.describe('Of those that survived: no test reaches them.'),
        equivalent: z.array(mutant).describe('Drawn, and neither killed nor survived.'),
        static: count.describe('Run once, while a module is loaded: drawn, and not tried.'),
        disabled: count,
        score: z.number().min(0).max(100).nullable().describe('%'),
        interval: z
          .object({ low: z.number(), high: z.number() })
          .nullable()
          .describe('95 %, Wilson'),
        aim: z.number().nullable(),
        command: z.string(),
        tests: z.array(z.string()),
        survivors: z.array(mutant),
      }),
    ),
    digest: z.string(),
  })
  .meta({ title: 'What `npm run mutate` keeps' });

const kills = z.object({
  kills: count,
  old: count.describe('The files of before were there.'),
  part: count,
  whole: count.describe('The new files were there.'),
  settled: count.describe('Who read ended what was begun.'),
  litter: count,
  wrong: z.array(z.string()),
});

export const faultsSchema = z
  .object({
    schema: z.literal('lastref.faults/1'),
    command: z.string(),
    seed: z.number(),
    rows: z.array(
      z.object({
        id: z.string(),
        ms: z.number().positive(),
        steps: count.describe('File operations of the command.'),
        moments: kills.describe('Killed at random moments.'),
        operations: kills.describe('Killed at its file operations.'),
        faults: z.partialRecord(
          z.enum(['full disk', 'not writable', 'closed output', 'clock jumps', 'two at once']),
          z.array(z.string()).describe('What did not hold.'),
        ),
      }),
    ),
    digest: z.string(),
  })
  .meta({ title: 'What `npm run faults` keeps' });

export const MEASUREMENTS = { 'mutation.json': mutationSchema, 'faults.json': faultsSchema };
