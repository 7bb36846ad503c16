// SARIF 2.1.0 (OASIS), which code hosts read as annotations: a rule for each property, a result for each finding, in
// the file of the design that it is about.
import { createHash } from 'node:crypto';
import { KINDS, kindText, type JudgedCell, type JudgedFinding, type JudgedRun } from './judged.ts';

export function sarifJson(run: JudgedRun): string {
  const results = run.cells.flatMap((cell) => cell.findings.map((f) => result(run, cell, f)));
  const log = {
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'lastref',
            version: run.version,
            rules: KINDS.map(rule),
            properties: { commit: run.commit },
          },
        },
        invocations: [
          {
            executionSuccessful: run.stopped.length === 0,
            commandLine: run.command,
            endTimeUtc: run.at,
            toolExecutionNotifications: run.stopped.map(({ text }) => ({
              level: 'error',
              message: { text },
            })),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

function rule({ id, legend, says, saysNot }: (typeof KINDS)[number]): object {
  return {
    id,
    shortDescription: { text: legend },
    fullDescription: { text: `Refuted when ${says}.` },
    help: { text: `It does not say ${saysNot}.` },
  };
}

function result(run: JudgedRun, cell: JudgedCell, finding: JudgedFinding): object {
  const standing = run.standing(cell, finding);
  const { design, on, era } = cell;
  const { property, harm, text, token } = finding;
  const way = token === null ? '' : ` Replay: ${run.replay(token)}`;
  return {
    ruleId: property,
    ruleIndex: KINDS.findIndex((kind) => kind.id === property),
    level: levelOf(standing, finding),
    message: {
      text: `${design} on ${on}${era === '' ? '' : `, era ${era}`}: ${kindText(finding)}: ${text.replace(/\.$/, '')}.${way}`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: cell.file ?? run.fileOf(design) },
          region: { startLine: 1 },
        },
        logicalLocations: [{ name: design, fullyQualifiedName: `${design}/${on}`, kind: 'type' }],
      },
    ],
    // The same finding after the next commit: what it is and where, not how it is said.
    partialFingerprints: { 'lastref/v1': digest(design, on, era, property, harm ?? '') },
    ...(standing === 'known'
      ? { suppressions: [{ kind: 'external', justification: 'excluded by --exclude' }] }
      : {}),
    properties: { era, harm, token },
  };
}

function levelOf(standing: string, { harm }: JudgedFinding): 'note' | 'warning' | 'error' {
  if (standing === 'beside') return 'note';
  return harm === 'hazard' ? 'warning' : 'error';
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}
