// The cells of documents in which a kernel is asked: its scripts, its answers to ours, its recordings, its sources.
import type { Harm, Property } from '@lastref/judge';
import type { LabDocument } from '../lab.ts';
import type { LiveDocument } from '../live.ts';
import type { PacketdrillDocument } from '../packetdrill-document.ts';
import type { RecordedBuffer, RecordingDocument } from '../recording-document.ts';
import type { SitesDocument } from '../sites.ts';
import { many } from '../words.ts';
import type { JudgedCell, JudgedFinding, OtherKind } from './judged.ts';

const other = (property: OtherKind, text: string): JudgedFinding => ({
  property,
  harm: null,
  text,
  token: null,
});

/** A script in a kernel. */
export function cellsOfPacketdrill({ rows }: PacketdrillDocument): JudgedCell[] {
  return rows.map(({ script, era, result, reason }) => ({
    design: script,
    on: era,
    era,
    notJudged: result === 'skipped' ? reason : null,
    findings: result === 'failed' ? [other('failed', reason!)] : [],
    file: script,
  }));
}

/** An operation on a kernel. */
export function cellsOfLab({ rows, kernels, disagreements }: LabDocument): JudgedCell[] {
  return rows.map(({ op, kernel }) => ({
    design: op,
    on: kernel,
    era: kernels.find(({ id }) => id === kernel)!.era,
    notJudged: null,
    findings: disagreements
      .filter((d) => d.op === op && d.kernel === kernel)
      .map(({ seam, count, script, differs }) =>
        other(
          'disagrees',
          `${seam}: ${many(count, 'script')} differ here, the shortest is ${script.trim().split('\n').join('; ')}: ${differs.join('; ')}`,
        ),
      ),
    file: 'packages/lab/src/operations',
  }));
}

/** An arm of a scenario on a kernel. */
export function cellsOfLive({ rows, kernels }: LiveDocument): JudgedCell[] {
  return rows.map(({ scenario, arm, kernel, runs, wire, delivered, verdict, finds }) => {
    const seen = `read by a device in ${wire ?? 0} and delivered in ${delivered} of ${runs} runs`;
    const model = finds.length === 0 ? 'nobody' : finds.join(', ');
    const text = `${kernel}: ${seen}; by the model: ${model}`;
    const property = { agrees: null, 'not seen': 'not-seen', contradicts: 'contradicts' } as const;
    const found = property[verdict];
    return {
      design: scenario,
      on: arm,
      era: kernels.find(({ id }) => id === kernel)!.era,
      notJudged: null,
      findings: found === null ? [] : [other(found, text)],
      file: 'packages/lab/src/live',
    };
  });
}

/** What the recorded kernel told of a page, and what each design would have. */
export function cellsOfRecording({ buffers, era, notJudged }: RecordingDocument): JudgedCell[] {
  return buffers.flatMap((buffer) => [
    {
      design: 'kernel',
      on: buffer.page,
      era,
      notJudged: buffer.kernel.says === 'not-judged' ? notJudged : null,
      findings: toldByKernel(buffer),
    },
    ...buffer.designs.map(({ design, says, reason, findings }) => ({
      design,
      on: buffer.page,
      era,
      notJudged: says === 'not-judged' ? (reason ?? notJudged) : null,
      findings: findings.map(({ property, harm, text }) => ({
        property: property as Property,
        harm: harm as Harm,
        text,
        token: null,
      })),
    })),
  ]);
}

function toldByKernel({ kernel: { says, readers, told } }: RecordedBuffer): JudgedFinding[] {
  if (says !== 'early') return [];
  const where = readers.map((r) => r.where).join(', ');
  const text = `told at event ${told!}, when it could still be read: ${where}`;
  return [{ property: 'early', harm: null, text, token: null }];
}

/** A function and the hook that it has not got; an operation of the registry that the tree has otherwise. */
export function cellsOfSites({ tree, patch, mismatches }: SitesDocument): JudgedCell[] {
  const era = tree ?? '';
  const cell = (design: string, on: string, found: JudgedFinding, file: string): JudgedCell => ({
    design,
    on,
    era,
    notJudged: null,
    findings: [found],
    file,
  });
  return [
    ...(patch?.rows ?? []).map(({ file, name, line, kind, hook }) =>
      cell(name, hook, other('unhooked', `${file}:${line}: ${kind}, without ${hook}`), file),
    ),
    ...mismatches.map(({ operation, says, found }) =>
      cell(
        operation,
        'registry',
        other('mismatch', `${operation} ${says}; found: ${found}`),
        'packages/operations/src/recipes',
      ),
    ),
  ];
}
