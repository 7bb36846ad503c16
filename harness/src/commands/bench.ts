import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellsOf, BASELINE, BENCH_DESIGNS } from '../bench/cells.ts';
import { markdown, noiseWarning, terminalText, versusText } from '../bench/render.ts';
import { bench, jsonText } from '../bench/run.ts';
import { scenarioOf } from '../bench/document.ts';
import { readBench, versus } from '../bench/versus.ts';
import { UsageError } from '../errors.ts';
import { ORDER, ROOT, absolute, allDesigns, near, select } from '../registry.ts';

interface BenchFlags {
  readonly designs?: string | undefined;
  readonly scenarios?: string | undefined;
  readonly rounds?: number | undefined;
  readonly quick?: true | undefined;
  readonly out?: string | undefined;
  readonly compare?: string | undefined;
  readonly json?: true | undefined;
}

const ROUNDS = 5;
const QUICK_ROUNDS = 2;

export async function benchCommand(newer: string | undefined, flags: BenchFlags): Promise<void> {
  if (flags.compare !== undefined) return compareRuns(flags.compare, newer, flags.json === true);
  if (newer !== undefined)
    throw new UsageError(`'${newer}' is too much; did you mean --compare OLD ${newer}?`);
  const quick = flags.quick === true;
  const cells = scenarios(cellsOf(await designs(flags.designs, quick)), flags.scenarios);
  const rounds = flags.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS);
  const doc = await bench({ cells, rounds, quick });
  const chosen = quick || flags.designs !== undefined || flags.scenarios !== undefined;
  const out =
    flags.out === undefined
      ? chosen
        ? null
        : join(ROOT, 'results', 'bench')
      : absolute(flags.out);
  if (out !== null) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'bench.json'), jsonText(doc));
    writeFileSync(join(out, 'README.md'), markdown(doc));
  }
  process.stdout.write(flags.json === true ? jsonText(doc) : terminalText(doc));
  const warning = noiseWarning(doc);
  if (warning !== null) process.stderr.write(`bench: ${warning}\n`);
}

/** The designs to measure; the baseline is always among them. */
async function designs(wanted: string | undefined, quick: boolean): Promise<string[]> {
  const ids = (await allDesigns()).map((d) => d.design.id);
  const named = quick ? BENCH_DESIGNS : ORDER;
  const picked = wanted === undefined ? named : select('design', ids, (id) => id, wanted);
  return ids.filter((id) => id === BASELINE || picked.includes(id));
}

/** `cycle`, `bulk/0%` and `race/s/verdict` each name all scenarios that begin so. */
function scenarios<C extends { id: string; design: string }>(
  cells: readonly C[],
  wanted: string | undefined,
): C[] {
  if (wanted === undefined) return [...cells];
  const known = [...new Set(cells.map(scenarioOf))];
  const names = wanted.split(',').map((name) => name.trim());
  const begins = (scenario: string, name: string): boolean =>
    scenario === name || scenario.startsWith(`${name}/`);
  for (const name of names)
    if (!known.some((scenario) => begins(scenario, name)))
      throw new UsageError(`unknown scenario '${name}'; ${near(name, known)}`);
  return cells.filter((cell) => names.some((name) => begins(scenarioOf(cell), name)));
}

function compareRuns(old: string, newer: string | undefined, json: boolean): void {
  if (newer === undefined)
    throw new UsageError('--compare takes two files: --compare OLD.json NEW.json');
  const doc = versus(readBench(absolute(old)), readBench(absolute(newer)));
  process.stdout.write(json ? `${JSON.stringify(doc)}\n` : versusText(doc));
}
