import { ERAS, byBranch, changeAt, sinceText, type ByBranch, type Since } from '@lastref/kernel';
import type { ListDocument } from '@lastref/report';
import { Command } from '@commander-js/extra-typings';
import { OPERATIONS, type Operation } from '@lastref/operations';
import { knownDesigns } from '@lastref/runner/known';
import { digestOfDocument, allWorkloads, type DesignFile } from '@lastref/runner';
import { RUNTIME_WORKLOADS, type Workload } from '@lastref/workloads';
import { house } from '../house.ts';
import { trustOption, withOption } from './flags.ts';
import { sayDocument, sayText } from './say.ts';
import Table from 'cli-table3';

function branches(since: Since | null): ByBranch | null {
  return since === null ? null : byBranch(changeAt(since));
}

/** `2.6.12 on`, `2.6.17 until 6.5` */
function age({ since, until }: Operation): string {
  return `${sinceText(since)} ${until === null ? 'on' : `until ${sinceText(until)}`}`;
}

function cardLine({ design }: DesignFile): ListDocument['designs'][number] {
  const { id, title, year, source, status, summary } = design;
  return { id, title, year, source, status, summary };
}

function workloadLine({ id, title, story }: Workload): ListDocument['workloads'][number] {
  return { id, title, story };
}

async function listCommand(options: {
  json?: true | undefined;
  with: string[];
  trust?: true | undefined;
}): Promise<void> {
  const known = await knownDesigns(house, options.with, undefined, options.trust, 'both');
  const content = {
    schema: 'lastref.list/2' as const,
    designs: known.all.map(cardLine),
    workloads: allWorkloads().map(workloadLine),
    runtimes: known.runtimes.map(cardLine),
    runtimeWorkloads: RUNTIME_WORKLOADS.map(workloadLine),
    movers: OPERATIONS.map(({ id, file, since, until, refs, carries }) => ({
      id,
      file,
      since: byBranch(changeAt(since)),
      until: branches(until),
      refs,
      carries: carries.map((c) => ({
        what: c.what,
        since: branches(c.since),
        until: branches(c.until),
      })),
    })),
    eras: ERAS.map((e) => e.id),
  };
  const doc: ListDocument = { ...content, digest: digestOfDocument(content) };
  if (options.json === true) {
    sayDocument(doc);
    return;
  }
  const section = (title: string, rows: string[][]): void => {
    const table = new Table({
      chars: {
        top: '',
        'top-mid': '',
        'top-left': '',
        'top-right': '',
        bottom: '',
        'bottom-mid': '',
        'bottom-left': '',
        'bottom-right': '',
        left: ' ',
        'left-mid': '',
        mid: '',
        'mid-mid': '',
        right: '',
        'right-mid': '',
        middle: ' ',
      },
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
    });
    table.push(...rows);
    process.stdout.write(`${title}\n${table.toString()}\n\n`);
  };
  section(
    'Designs',
    doc.designs.map((d) => [d.id, String(d.year), d.title]),
  );
  section(
    'Workloads',
    doc.workloads.map((w) => [w.id, w.title]),
  );
  section(
    'Runtimes: programs above a socket',
    doc.runtimes!.map((d) => [d.id, String(d.year), d.title]),
  );
  section(
    'Workloads for runtimes',
    doc.runtimeWorkloads!.map((w) => [w.id, w.title]),
  );
  section(
    'Movers',
    OPERATIONS.map((m) => [m.id, m.file, age(m)]),
  );
  sayText(`Eras: ${doc.eras.join(', ')}`);
}

export const command = new Command('list')
  .description('designs, runtimes, workloads, movers and eras, one line each')
  .addOption(withOption())
  .addOption(trustOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText('after', '\nExamples:\n  lastref list\n  lastref list --json')
  .action(listCommand);
