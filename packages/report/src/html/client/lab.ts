// The model beside running kernels.
import type { LabData } from '../data.ts';
import { copyButton, h, section } from './dom.ts';
import { dataTable } from './table.ts';

export function labSection(data: LabData): HTMLElement {
  return section(
    'lab',
    'The model beside kernels',
    `The same scripts of buffer operations on the model and on real, unmodified kernels, compared after every step, ${data.date}. ${data.notCompared} operations of the matrix are not compared.`,
    dataTable<LabData['kernels'][number]>({
      caption: `${data.kernels.length} kernels`,
      rows: data.kernels,
      columns: [
        { title: 'kernel', kind: 'text', value: (k) => k.version },
        { title: 'era', kind: 'text', value: (k) => k.era },
        { title: 'sequences', kind: 'number', value: (k) => k.sequences },
        { title: 'agree', kind: 'number', value: (k) => k.agree },
        { title: 'steps', kind: 'number', value: (k) => k.steps },
        { title: 'skipped', kind: 'number', value: (k) => k.skipped },
      ],
    }),
    h('p', {}, h('code', {}, `./${data.command}`), copyButton(`./${data.command}`, 'the command')),
  );
}
