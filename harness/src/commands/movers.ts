import { MATRIX_LEGEND, many, matrixTable } from '@lastref/report';
import pc from 'picocolors';
import { loadCandidate } from '../candidate.ts';
import { movers } from '../movers.ts';
import { replayHint } from './hint.ts';
import { absolute, allDesigns, findEra, select } from '../registry.ts';

interface MoversFlags {
  readonly designs?: string | undefined;
  readonly era?: string | undefined;
  readonly faults?: true | undefined;
  readonly with: string[];
  readonly json?: true | undefined;
}

export async function moversCommand(flags: MoversFlags): Promise<void> {
  const era = findEra(flags.era);
  const candidates = await Promise.all(flags.with.map((f) => loadCandidate(absolute(f))));
  const designs = select(
    'design',
    [...(await allDesigns()), ...candidates],
    (d) => d.design.id,
    flags.designs,
  );
  const doc = await movers(designs, era.id, flags.faults === true);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(doc)}\n`);
    return;
  }
  const refuted = doc.rows.flatMap((r) =>
    doc.designs
      .map((d) => ({ design: d, mover: r.mover, cell: r.cells[d]! }))
      .filter((c) => c.cell.token !== null),
  );
  const out = [
    pc.bold(
      `Every operation that moves a fragment, under ${many(doc.designs.length, 'design')}, era ${doc.era}`,
    ),
    matrixTable(doc, pc),
    MATRIX_LEGEND,
    `${doc.runs} runs: each cell rests on every order in which the holders let go, shared and as sole owner${doc.faults ? ', without a failure and with each allocation of the operation failing once' : ''}.`,
  ];
  const shown = refuted.find((r) => r.cell.property === 'corrupt') ?? refuted[0];
  if (shown !== undefined)
    out.push(
      `For one: ${shown.design} under ${shown.mover}`,
      `  ${replayHint(shown.cell.token!, flags.with)}`,
    );
  process.stdout.write(`${out.join('\n')}\n`);
}
