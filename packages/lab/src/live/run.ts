// Runs of scenarios in a guest, beside what the model says.
import type { LiveDocument, LiveRow } from '@lastref/report';
import type { Guest } from '../guest/guest.ts';
import { KERNELS } from '../guest/kernels.ts';
import { LabError } from '../guest/process.ts';
import { eraBeside } from '../era-beside.ts';
import { modelOf, verdictOf, type ModelAnswer, type Designs, type ReadBy } from './model.ts';
import { SCENARIOS, type Arm, type Scenario } from './scenarios.ts';

/** One kernel's part. */
export interface LiveResult {
  readonly kernel: LiveDocument['kernels'][number];
  readonly rows: readonly LiveRow[];
}

/** A boot plays so many arms or a few more. */
const ARMS_A_BOOT = 32;

interface Task {
  readonly scenario: Scenario;
  readonly arm: Arm;
  readonly answer: ModelAnswer;
}

/** Every arm of every scenario that the kernel has. Throws LabError where a run came to nothing. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  guest: Guest,
  runs: number,
  designs: Designs,
  date: string,
): Promise<LiveResult> {
  const era = eraBeside(guest).era.id;
  const tasks = scenarios.flatMap((scenario) =>
    scenario.arms.flatMap((arm): Task[] => {
      const answer = modelOf(arm, era, designs);
      return answer === null ? [] : [{ scenario, arm, answer }];
    }),
  );
  const rows: LiveRow[] = [];
  for (let at = 0; at < tasks.length; at += ARMS_A_BOOT) {
    const some = tasks.slice(at, at + ARMS_A_BOOT);
    const lines = some.map((task) => lineOf(task, runs));
    const parts = partsOf(await guest.play(lines.join('')));
    for (const [n, task] of some.entries())
      rows.push(rowOf(guest.id, task, runs, parts.get(lines[n]!.trimEnd()) ?? ''));
  }
  const { version, sha256 } = guest;
  return { kernel: { id: guest.id, version, sha256, era, date }, rows };
}

function lineOf({ scenario, arm }: Task, runs: number): string {
  return `# live ${scenario.guest ?? scenario.id} ${runs} ${arm.args}\n`;
}

/** What stands behind each command line. */
function partsOf(text: string): Map<string, string> {
  const parts = text.split(/^(?=# live )/m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}

function rowOf(
  kernel: string,
  { scenario, arm, answer }: Task,
  runs: number,
  text: string,
): LiveRow {
  const got = runsOf(text);
  const what = `${kernel}: ${scenario.id}, ${arm.name}`;
  if (got.length !== runs)
    throw new LabError(`${what}: ${got.length} of ${runs} runs came to their end\n${text}`);
  const many = (is: (run: Run) => boolean): number => got.filter(is).length;
  const told = many((run) => run.told > 0);
  if (told < runs) throw new LabError(`${what}: nobody was told in ${runs - told} of ${runs} runs`);
  const looked = (of: 'early' | 'wire'): number | null =>
    got[0]![of] === null ? null : many((run) => run[of]! > 0);
  const wire = looked('wire');
  const delivered = many((run) => run.delivered > 0);
  const seen: ReadBy[] = [];
  if (wire !== null && wire > 0) seen.push('wire');
  if (delivered > 0) seen.push('delivered');
  return {
    scenario: scenario.id,
    kernel,
    arm: arm.name,
    runs,
    early: looked('early'),
    wire,
    delivered,
    cell: answer.cell,
    finds: [...answer.finds],
    verdict: verdictOf(seen, answer.finds),
  };
}

interface Run {
  readonly told: number;
  /** Sends announced before they were acknowledged; null: not looked at. */
  readonly early: number | null;
  readonly wire: number | null;
  readonly delivered: number;
}

/** `run 1 told 1 wire 0 delivered 1023`, one line for each. */
export function runsOf(text: string): Run[] {
  return [...text.matchAll(/^run \d+ (.*)$/gm)].flatMap(([, words]) => {
    const of = (name: string): number | null => {
      const value = new RegExp(`\\b${name} (\\d+)`).exec(words!)?.[1];
      return value === undefined ? null : Number(value);
    };
    const delivered = of('delivered');
    if (delivered === null) return []; // it ended in the midst of the line
    const told = of('told') ?? of('announced') ?? 0;
    return [{ told, early: of('early'), wire: of('wire'), delivered }];
  });
}

export function liveDocument(
  command: string,
  got: readonly LiveResult[],
): Omit<LiveDocument, 'digest'> {
  const rows = got.flatMap((g) => g.rows);
  const scenarios = SCENARIOS.filter((s) => rows.some((r) => r.scenario === s.id));
  return {
    schema: 'lastref.live/2',
    command,
    kernels: got.map((g) => g.kernel),
    scenarios: scenarios.map(({ id, about }) => ({ id, about })),
    rows: scenarios.flatMap((s) => rows.filter((r) => r.scenario === s.id)),
    sum: sumOf(rows),
  };
}

/** Documents of different scenarios, on the same kernels or others, as one. */
export function mergeLive(docs: readonly LiveDocument[]): Omit<LiveDocument, 'digest'> {
  const rows = docs.flatMap((d) => d.rows);
  const arms = rows.map((r) => `${r.scenario} ${r.arm} on ${r.kernel}`);
  const twice = arms.find((arm, i) => arms.indexOf(arm) !== i);
  if (twice !== undefined) throw new LabError(`${twice} is in two of these: each run counts once`);
  const kernels = new Map<string, LiveDocument['kernels'][number]>();
  for (const kernel of docs.flatMap((d) => d.kernels)) {
    const known = kernels.get(kernel.id);
    if (known !== undefined && known.sha256 !== kernel.sha256)
      throw new LabError(`two images of ${kernel.id}: ${known.sha256} and ${kernel.sha256}`);
    const dates = new Set([...(known?.date.split(', ') ?? []), kernel.date]);
    kernels.set(kernel.id, { ...kernel, date: [...dates].sort().join(', ') });
  }
  const scenarios = SCENARIOS.filter((s) => rows.some((r) => r.scenario === s.id));
  const ids = scenarios.length === SCENARIOS.length ? 'all' : scenarios.map((s) => s.id).join();
  const known = KERNELS.flatMap(({ id }) => kernels.get(id) ?? []);
  const others = [...kernels.values()].filter((k) => !known.includes(k));
  const all = [...known, ...others];
  const names = all.map((k) => k.id).join();
  const runs = Math.min(...rows.map((r) => r.runs));
  return liveDocument(
    `lastref lab --live ${ids} --kernel ${names} --runs ${runs}`,
    all.map((kernel) => ({ kernel, rows: rows.filter((r) => r.kernel === kernel.id) })),
  );
}

export function sumOf(rows: readonly LiveRow[]): LiveDocument['sum'] {
  const count = (is: (row: LiveRow) => boolean): number => rows.filter(is).length;
  const harmful = (row: LiveRow): boolean => row.finds.length > 0;
  const shown = (row: LiveRow): boolean => (row.wire ?? 0) + row.delivered > 0;
  return {
    cells: rows.length,
    harmful: count(harmful),
    seen: count((row) => harmful(row) && shown(row)),
    notSeen: count((row) => row.verdict === 'not seen'),
    contradicts: count((row) => row.verdict === 'contradicts'),
  };
}
