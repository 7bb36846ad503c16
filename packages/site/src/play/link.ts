// What a link holds, all of it in the hash, which no server sees: the source (deflated), the token of a story, its
// step, the second design, the kernel, and the steps that were chosen in the explorer.
import type { Way } from './exploring.ts';

export interface Place {
  /** A shipped design, as it is; null: `source` is there. */
  readonly design: string | null;
  readonly source: string | null;
  readonly token: string | null;
  readonly step: number | null;
  readonly beside: string | null;
  readonly era: string | null;
  readonly way: Way | null;
}

export const NOWHERE: Place = {
  design: null,
  source: null,
  token: null,
  step: null,
  beside: null,
  era: null,
  way: null,
};

/** Longer sources are refused: no design is near it. */
const SOURCE_MAX = 1 << 18;

async function through(
  bytes: BlobPart,
  by: ReadableWritablePair<Uint8Array, BufferSource>,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(by);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function packed(text: string): Promise<string> {
  const bytes = await through(text, new CompressionStream('deflate-raw'));
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

async function unpacked(text: string): Promise<string> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  const source = await through(bytes, new DecompressionStream('deflate-raw'));
  if (source.length > SOURCE_MAX) throw new Error('it holds more than any design is long');
  return new TextDecoder('utf-8', { fatal: true }).decode(source);
}

/** `#design=rpc-reply&t=lr2…&step=24&beside=copy-always`, or with `source=` in place of the design. */
export async function hashOf(place: Place): Promise<string> {
  const parts: string[] = [];
  const put = (name: string, value: string | number | null): void => {
    if (value !== null) parts.push(`${name}=${encodeURIComponent(value)}`);
  };
  put('design', place.design);
  put('source', place.source === null ? null : await packed(place.source));
  put('t', place.token);
  put('step', place.step);
  put('beside', place.beside);
  put('era', place.era);
  put('way', place.way === null ? null : textOf(place.way));
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

/** Throws with what is wrong with it. */
export async function placeOf(hash: string): Promise<Place> {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  const known = ['design', 'source', 't', 'step', 'beside', 'era', 'way'];
  const strange = [...params.keys()].find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new Error(
      `this link has a part '${strange}' that means nothing here; known: ${known.join(', ')}`,
    );
  const source = params.get('source');
  const step = params.get('step');
  if (step !== null && !/^\d{1,9}$/.test(step)) throw new Error(`'${step}' is no number of a step`);
  return {
    design: params.get('design'),
    source: source === null ? null : await sourceIn(source),
    token: params.get('t'),
    step: step === null ? null : Number(step),
    beside: params.get('beside'),
    era: params.get('era'),
    way: wayIn(params.get('way')),
  };
}

/** `nfs-odirect~2:3.0.1-4.0.2`: place, verb and item of each step. */
function textOf({ workload, operations, picks }: Way): string {
  const steps = picks.map(({ place, verb, item }) => `${place}.${verb}.${item}`);
  return `${workload}~${operations}:${steps.join('-')}`;
}

function wayIn(text: string | null): Way | null {
  if (text === null) return null;
  const match = /^([a-z0-9-]+)~([1-4]):((?:\d{1,9}\.\d{1,9}\.\d{1,9}(?:-(?=\d)|$))*)$/.exec(text);
  if (match === null) throw new Error(`'${text}' is no way through a workload`);
  const [, workload, operations, steps] = match;
  const picks = steps!.split('-').filter((step) => step !== '');
  return {
    workload: workload!,
    operations: Number(operations),
    picks: picks.map((step) => {
      const [place, verb, item] = step.split('.').map(Number);
      return { place: place!, verb: verb!, item: item! };
    }),
  };
}

async function sourceIn(text: string): Promise<string> {
  try {
    return await unpacked(text);
  } catch (error) {
    throw new Error(
      `the source in this link cannot be read (was it cut?): ${(error as Error).message}`,
    );
  }
}
