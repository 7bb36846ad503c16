// Everything that was found, and what the sources claim.
import type { FindingData, ReportData } from '../data.ts';
import { duration } from '../../words.ts';
import { copyButton, h, section } from './dom.ts';
import { dataTable } from './table.ts';
import { verdict, type OpenStory } from './verdict.ts';

export function findingSection(data: ReportData, open: OpenStory): HTMLElement {
  return section(
    'findings',
    'Findings',
    'Each finding once per cause, at its first step. Its token replays it on any machine.',
    dataTable<FindingData>({
      caption: `${data.findings.length} findings; times in µs when filtering`,
      rows: data.findings,
      columns: [
        { title: 'design', kind: 'text', value: (f) => f.design },
        { title: 'workload', kind: 'text', value: (f) => f.workload },
        { title: 'property', kind: 'text', value: (f) => f.property },
        {
          title: 'harm',
          kind: 'verdict',
          value: (f) => f.harm,
          show: (f) =>
            verdict(
              f.harm === 'hazard' ? f.property : f.harm,
              f.story,
              `${f.design} on ${f.workload}, ${f.property}`,
              open,
            ),
        },
        { title: 'what comes of it', kind: 'text', value: (f) => f.damage },
        { title: 'by whom', kind: 'text', value: (f) => f.who },
        { title: 'where', kind: 'text', value: (f) => f.where },
        { title: 'times', kind: 'number', value: (f) => f.count },
        { title: 'step', kind: 'number', value: (f) => f.step },
        { title: 'at', kind: 'number', value: (f) => f.tick, show: (f) => duration(f.tick) },
        { title: 'what', kind: 'text', value: (f) => f.text },
        {
          title: 'token',
          kind: 'text',
          value: (f) => f.token,
          show: (f) => copyButton(`./lastref replay ${f.token}`, 'copy'),
        },
      ],
    }),
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
