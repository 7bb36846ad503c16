// A layout for a reader, in the manner of pahole.
import { CACHE_LINE, type Field, type Layout } from './layout.ts';

/** One named member of a struct with its path ('page.p'); members of unnamed structs stand in their place. */
export interface FlatField {
  readonly path: string;
  readonly field: Field;
}

/** Every named member, inner ones too, in order. */
export function flatten(layout: Layout, prefix = ''): FlatField[] {
  return layout.fields.flatMap((field) => {
    const path = field.name === '' ? prefix : `${prefix}${field.name}`;
    const self = field.name === '' ? [] : [{ path, field }];
    if (field.inner === null) return self;
    return [...self, ...flatten(field.inner, field.name === '' ? prefix : `${path}.`)];
  });
}

/** Fields with offset and size, holes, cache-line boundaries; what a design added has a + in front. */
export function listing(name: string, layout: Layout): string {
  const lines: string[] = [`  struct ${name} {`];
  const boundary = { next: CACHE_LINE };
  members(layout, 1, lines, boundary, layout.kind === 'struct');
  const used = layout.bytes - layout.padding - layout.holes.reduce((sum, h) => sum + h.bytes, 0);
  const holes = layout.holes.filter((h) => h.bytes > 0);
  const parts = [
    `size: ${layout.bytes}`,
    `cache lines: ${layout.cacheLines}`,
    `used: ${used}`,
    `holes: ${holes.length}${holes.length > 0 ? ` (${holes.reduce((n, h) => n + h.bytes, 0)} bytes)` : ''}`,
    `padding: ${layout.padding}`,
    `last cache line: ${layout.bytes % CACHE_LINE || CACHE_LINE} bytes`,
  ];
  lines.push(`  }; /* ${parts.join(', ')} */`);
  return lines.join('\n');
}

function members(
  layout: Layout,
  depth: number,
  lines: string[],
  boundary: { next: number },
  top: boolean,
): void {
  const indent = '    '.repeat(depth);
  layout.fields.forEach((field, i) => {
    if (top) mark(field.offset, indent, lines, boundary);
    const left = field.added ? '+ ' : '  ';
    if (field.inner === null) {
      lines.push(`${left}${indent}${declaration(field).padEnd(52 - indent.length)}${place(field)}`);
    } else {
      lines.push(`${left}${indent}${field.inner.kind} {`);
      members(field.inner, depth + 1, lines, boundary, top && field.inner.kind === 'struct');
      const tail = `}${field.name === '' ? '' : ` ${field.name}`};`;
      lines.push(`${left}${indent}${tail.padEnd(52 - indent.length)}${place(field)}`);
    }
    for (const hole of layout.holes) {
      if (hole.after !== i) continue;
      if (hole.bits > 0) lines.push(`  ${indent}/* free: ${count(hole.bits, 'bit')} */`);
      if (hole.bytes > 0) lines.push(`  ${indent}/* hole: ${count(hole.bytes, 'byte')} */`);
    }
  });
}

function mark(offset: number, indent: string, lines: string[], boundary: { next: number }): void {
  if (offset < boundary.next) return;
  const line = Math.floor(offset / CACHE_LINE);
  const past = offset - line * CACHE_LINE;
  const where = past === 0 ? '' : `, ${count(past, 'byte')} ago`;
  lines.push(`  ${indent}/* -- cache line ${line} (${line * CACHE_LINE} bytes)${where} -- */`);
  boundary.next = (line + 1) * CACHE_LINE;
}

function declaration({ type, name, bits }: Field): string {
  if (bits !== null) return `${type} ${name}:${bits.width};`;
  if (type.startsWith('void (*)')) return `void (*${name})();`;
  const [, of, length] = /^(.*?)(\[\d*\])?$/.exec(type)!;
  return `${of}${of!.endsWith('*') ? '' : ' '}${name}${length ?? ''};`;
}

function place({ offset, bytes, bits }: Field): string {
  const at = bits === null ? `${offset}` : `${offset}:${bits.at}`;
  const size = bits === null ? `${bytes}` : `${bits.width} bit${bits.width === 1 ? '' : 's'}`;
  return `/* ${at.padStart(6)} ${size.padStart(6)} */`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
