// Everything that was found, and what the sources claim.
import type { FindingData, ReportData } from '../data.ts';
import { duration } from '../../words.ts';
import { copyButton, h, section } from './dom.ts';
import { dataTable, type Column } from './table.ts';
import { verdict, type OpenStory } from './verdict.ts';

/** Findings of one design that are one property, done to one holder, with one harm: likely of one cause. */
interface Cause {
  /** The one with the fewest steps. */
  readonly shortest: FindingData;
  readonly workloads: readonly string[];
  readonly count: number;
}

function grouped(findings: readonly FindingData[]): Map<string, FindingData[]> {
  const groups = new Map<string, FindingData[]>();
  for (const f of findings) {
    const key = [f.design, f.property, f.harm, f.where].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), f]);
  }
  return groups;
}

function causesOf(findings: readonly FindingData[]): Cause[] {
  const groups = grouped(findings);
  return [...groups.values()].map((all) => ({
    shortest: all.reduce((a, b) => (b.step < a.step ? b : a)),
    workloads: [...new Set(all.map((f) => f.workload))],
    count: all.reduce((n, f) => n + f.count, 0),
  }));
}

/** What a finding is, apart from where it was. */
function columnsOf<Row>(of: (row: Row) => FindingData, open: OpenStory): Column<Row>[] {
  return [
    { title: 'property', kind: 'text', value: (r) => of(r).property },
    {
      title: 'harm',
      kind: 'verdict',
      value: (r) => of(r).harm,
      show: (r) => {
        const f = of(r);
        const word = f.harm === 'hazard' ? f.property : f.harm;
        return verdict(word, f.story, `${f.design} on ${f.workload}, ${f.property}`, open);
      },
    },
    { title: 'what comes of it', kind: 'text', value: (r) => of(r).damage },
    { title: 'by whom', kind: 'text', value: (r) => of(r).who },
    { title: 'where', kind: 'text', value: (r) => of(r).where },
  ];
}

function endsOf<Row>(of: (row: Row) => FindingData): Column<Row>[] {
  return [
    { title: 'step', kind: 'number', value: (r) => of(r).step },
    { title: 'at', kind: 'number', value: (r) => of(r).tick, show: (r) => duration(of(r).tick) },
    { title: 'what', kind: 'text', value: (r) => of(r).text },
    {
      title: 'token',
      kind: 'text',
      value: (r) => of(r).token,
      show: (r) => copyButton(`./lastref replay ${of(r).token}`, 'copy'),
    },
  ];
}

export function findingSection(data: ReportData, open: OpenStory): HTMLElement {
  const causes = causesOf(data.findings);
  const each = (f: FindingData): FindingData => f;
  const shortest = (c: Cause): FindingData => c.shortest;
  const all = h('details', {}, h('summary', {}, `Each of the ${data.findings.length} by itself`));
  const fill = (): void => {
    if (all.childElementCount > 1) return;
    all.append(
      dataTable<FindingData>({
        caption: `${data.findings.length} findings; times in µs when filtering`,
        rows: data.findings,
        columns: [
          { title: 'design', kind: 'text', value: (f) => f.design },
          { title: 'workload', kind: 'text', value: (f) => f.workload },
          ...columnsOf(each, open),
          { title: 'times', kind: 'number', value: (f) => f.count },
          ...endsOf(each),
        ],
      }),
    );
  };
  all.addEventListener('toggle', fill);
  addEventListener('beforeprint', fill);
  return section(
    'findings',
    'Findings',
    'By design, property, harm and place, with the shortest run to each. A token replays on any machine.',
    h(
      'details',
      {},
      h('summary', {}, `${causes.length} causes behind ${data.findings.length} findings`),
      dataTable<Cause>({
        caption: `${causes.length} causes; times in µs when filtering`,
        rows: causes,
        columns: [
          { title: 'design', kind: 'text', value: (c) => c.shortest.design },
          ...columnsOf(shortest, open),
          {
            title: 'workloads',
            kind: 'number',
            value: (c) => c.workloads.length,
            show: (c) => h('span', { title: c.workloads.join(', ') }, String(c.workloads.length)),
          },
          { title: 'times', kind: 'number', value: (c) => c.count },
          { title: 'shortest on', kind: 'text', value: (c) => c.shortest.workload },
          ...endsOf(shortest),
        ],
      }),
    ),
    all,
  );
}

export function claimSection(data: ReportData, open: OpenStory): HTMLElement {
  return section(
    'claims',
    'Claims',
    'What the sources say, and what an experiment made of it.',
    dataTable({
      caption: `${data.claims.length} claims`,
      rows: data.claims,
      columns: [
        { title: 'claim', kind: 'text', value: (c) => c.id },
        {
          title: 'verdict',
          kind: 'verdict',
          value: (c) => c.verdict,
          show: (c) => verdict(c.verdict, c.story, `claim ${c.id}`, open),
        },
        { title: 'what is claimed', kind: 'text', value: (c) => c.text },
        { title: 'within', kind: 'text', value: (c) => c.scope },
        {
          title: 'token',
          kind: 'text',
          value: (c) => c.token,
          show: (c) => (c.token === '' ? '' : copyButton(`./lastref replay ${c.token}`, 'copy')),
        },
      ],
    }),
    h('p', {}),
  );
}
