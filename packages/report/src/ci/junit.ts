// JUnit's XML, as Ant writes it and CI servers read it: a suite for each design, a case for each cell, failed by the
// findings that count, in error where a candidate was stopped. Cells are not timed one by one, so every time is 0.
import { kindText, type JudgedCell, type JudgedRun, type StoppedCell } from './judged.ts';

export function junitXml(run: JudgedRun): string {
  const designs = [...new Set([...run.cells, ...run.stopped].map((c) => c.design))];
  const suites = designs.map((design, id) => suite(run, design, id));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(run: JudgedRun, design: string, id: number): string[] {
  const cells = run.cells.filter((c) => c.design === design);
  const cases = [
    ...cells.map((cell) => testcase(run, cell)),
    ...run.stopped.filter((c) => c.design === design).map(stoppedCase),
  ];
  const count = (what: string): number => cases.filter((c) => c.what === what).length;
  const properties: readonly (readonly [string, string])[] = [
    ['tool', `lastref ${run.version}`],
    ['commit', run.commit],
    ['command', run.command],
    ['time', 'not measured cell by cell'],
  ];
  return [
    ` <testsuite${attributes({
      name: design,
      package: 'lastref',
      id,
      timestamp: run.at.slice(0, 19),
      hostname: 'localhost',
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: 0,
    })}>`,
    '  <properties>',
    ...properties.map(([name, value]) => `   <property${attributes({ name, value })}/>`),
    '  </properties>',
    ...cases.flatMap((c) => c.lines),
    '  <system-out></system-out>',
    '  <system-err></system-err>',
    ' </testsuite>',
  ];
}

interface Case {
  readonly what: 'passed' | 'failure' | 'error' | 'skipped';
  readonly lines: readonly string[];
}

function headOf(design: string, name: string): string {
  return attributes({ name, classname: `lastref.${design}`, time: 0 });
}

function stoppedCase({ design, where, text }: StoppedCell): Case {
  const error = `   <error${attributes({ message: text, type: 'stopped' })}></error>`;
  const head = headOf(design, where ?? 'its file');
  return { what: 'error', lines: [`  <testcase${head}>`, error, '  </testcase>'] };
}

function testcase(run: JudgedRun, cell: JudgedCell): Case {
  const head = headOf(cell.design, cell.era === '' ? cell.on : `${cell.on}, ${cell.era}`);
  const of = (standing: string) => cell.findings.filter((f) => run.standing(cell, f) === standing);
  const counting = of('counts');
  const known = of('known');
  const holding = (what: Case['what'], tag: string, props: string, text: string): Case => ({
    what,
    lines: [`  <testcase${head}>`, `   <${tag}${props}>${escaped(text)}</${tag}>`, '  </testcase>'],
  });
  const [first] = counting;
  if (first !== undefined) {
    const text = counting.map((f) =>
      [`${kindText(f)}: ${f.text}`, ...(f.token === null ? [] : [`  ${run.replay(f.token)}`])].join(
        '\n',
      ),
    );
    const message = counting.map(kindText).join(', ');
    return holding(
      'failure',
      'failure',
      attributes({ message, type: first.property }),
      `\n${text.join('\n')}\n`,
    );
  }
  const why =
    cell.notJudged ?? (known.length > 0 ? `known: ${known.map(kindText).join(', ')}` : null);
  if (why !== null) return holding('skipped', 'skipped', attributes({ message: why }), '');
  return { what: 'passed', lines: [`  <testcase${head}/>`] };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value).replace(/\s+/g, ' '))}"`)
    .join('');
}

// What XML 1.0 has no place for at all: most control characters, and halves of pairs.
const UNFIT = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escaped(text: string): string {
  return text
    .replace(UNFIT, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
