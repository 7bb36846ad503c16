import { mutantsText } from '@lastref/report';
import pc from 'picocolors';
import { knownDesigns } from '../candidate/known.ts';
import { mutants } from '../mutants/document.ts';
import { findEra, select } from '../registry.ts';

interface MutantsFlags {
  readonly designs?: string | undefined;
  readonly operations?: string | undefined;
  readonly era?: string | undefined;
  readonly with: string[];
  readonly json?: true | undefined;
}

export async function mutantsCommand(flags: MutantsFlags): Promise<void> {
  const era = findEra(flags.era);
  const { all } = await knownDesigns(flags.with);
  const designs = select('design', all, (d) => d.design.id, flags.designs);
  const under =
    flags.operations === undefined
      ? null
      : select('design', designs, (d) => d.design.id, flags.operations).map((d) => d.design.id);
  const doc = await mutants(designs, under, era.id);
  process.stdout.write(flags.json === true ? `${JSON.stringify(doc)}\n` : mutantsText(doc, pc));
}
