// Structs as a compiler lays them out: a row for each cache line, a block for each field.
import type { BufferData, ReportData, StructPicture } from '../data.ts';
import { h, section, svg } from './dom.ts';
import { dataTable } from './table.ts';

const LINE = 64;
const BYTE = 13;
const ROW = 26;
const LEFT = 34;

export function layoutSection(data: ReportData): HTMLElement {
  const names = [...new Set(data.structs.map((s) => s.struct))];
  return section(
    'layouts',
    'Struct layouts',
    'A row is one 64-byte cache line on x86-64, a block a field. What a design adds or makes larger is framed, holes are dashed.',
    ...names.map((name) => {
      const pictures = data.structs.filter((s) => s.struct === name);
      const grown = pictures.filter((p) => p.design !== null);
      return h(
        'details',
        { open: name === 'skb_shared_info' },
        h(
          'summary',
          {},
          h('code', {}, `struct ${name}`),
          ` ${grown.map((p) => `${p.design} +${p.growth}`).join(', ')}`,
        ),
        ...pictures.map(picture),
      );
    }),
    h('h3', {}, 'The data buffer for one received frame of 1500 bytes'),
    bufferTable(data.buffers),
  );
}

function picture(s: StructPicture): HTMLElement {
  const whose = s.design === null ? 'as the kernel has it' : `with ${s.design}`;
  const growth =
    s.design === null ? '' : s.growth === 0 ? ', fits in a hole' : `, ${s.growth} more`;
  const rows = Math.ceil(s.bytes / LINE);
  const width = LEFT + LINE * BYTE + 2;
  const drawn = svg('svg', {
    class: 'struct',
    viewBox: `0 0 ${width} ${rows * ROW + 2}`,
    role: 'img',
    'aria-label': `${s.struct} ${whose}: ${s.bytes} bytes in ${s.lines} cache lines${growth}`,
  });
  for (let row = 0; row < rows; row++) {
    const bytes = Math.min(LINE, s.bytes - row * LINE);
    drawn.append(
      svg('text', { class: 'axis', x: LEFT - 6, y: row * ROW + 17 }, String(row * LINE)),
      svg('rect', {
        class: 'hole',
        x: LEFT,
        y: row * ROW + 1,
        width: bytes * BYTE,
        height: ROW - 3,
      }),
    );
  }
  for (const field of s.fields) {
    let widest = { x: 0, y: 0, width: 0 };
    for (let at = field.offset; at < field.offset + field.bytes;) {
      const row = Math.floor(at / LINE);
      const end = Math.min(field.offset + field.bytes, (row + 1) * LINE);
      const part = {
        x: LEFT + (at - row * LINE) * BYTE,
        y: row * ROW + 1,
        width: (end - at) * BYTE,
      };
      drawn.append(
        svg(
          'rect',
          { class: field.added ? 'field added' : 'field', ...part, height: ROW - 3 },
          svg(
            'title',
            {},
            `${field.type} ${field.name}: offset ${field.offset}, ${field.bytes} bytes`,
          ),
        ),
      );
      if (part.width > widest.width) widest = part;
      at = end;
    }
    const room = Math.floor((widest.width - 5) / 6.2);
    const short = field.name.split('.').at(-1)!;
    const name = short.length <= room ? short : room > 3 ? `${short.slice(0, room - 1)}…` : '';
    if (name !== '')
      drawn.append(
        svg(
          'text',
          { class: field.added ? 'name added' : 'name', x: widest.x + 4, y: widest.y + 16 },
          name,
        ),
      );
  }
  return h(
    'figure',
    { class: 'plot' },
    h('figcaption', {}, `${s.era}, ${whose}: ${s.bytes} bytes, ${s.lines} cache lines${growth}`),
    drawn,
  );
}

function bufferTable(buffers: readonly BufferData[]): HTMLElement {
  return dataTable({
    caption: 'Bytes asked of the allocator, and the kmalloc class that gives them',
    rows: buffers,
    columns: [
      { title: 'era', kind: 'text', value: (b) => b.era },
      { title: 'data', kind: 'number', value: (b) => b.data },
      { title: 'shared info', kind: 'number', value: (b) => b.shinfo },
      { title: 'bytes', kind: 'number', value: (b) => b.bytes },
      { title: 'class', kind: 'number', value: (b) => b.sizeClass },
      { title: 'designs', kind: 'text', value: (b) => b.designs.join(', ') },
    ],
  });
}
