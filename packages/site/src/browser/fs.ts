// Files where there are none: texts by path. What the model reads of the disk in Node (sources, for their digests) it
// reads here; nothing else is there.

const texts = new Map<string, string>();

/** Puts a text where `readFileSync` finds it. */
export function place(path: string, text: string): void {
  texts.set(path, text);
}

function missing(path: string): never {
  throw new Error(`${path}: there is no such file in the page`);
}

export function readFileSync(file: string | URL): string {
  const path = typeof file === 'string' ? file : file.pathname;
  return texts.get(path) ?? missing(path);
}

export function existsSync(path: string): boolean {
  return texts.has(path);
}

interface Listing {
  readonly recursive?: boolean;
  readonly withFileTypes?: boolean;
}

/** Names below a directory: those in it, or with `recursive` all paths. */
export function readdirSync(dir: string, { recursive = false }: Listing = {}): string[] {
  const below = dir.endsWith('/') ? dir : `${dir}/`;
  const names = [...texts.keys()]
    .filter((path) => path.startsWith(below))
    .map((path) => path.slice(below.length))
    .filter((name) => recursive || !name.includes('/'));
  return names.length > 0 ? names : missing(dir);
}

const absent = (name: string) => (): never => {
  throw new Error(`${name}: a page has no disk`);
};

export const writeFileSync = absent('writeFileSync');
export const mkdtempSync = absent('mkdtempSync');
export const mkdirSync = absent('mkdirSync');
export const rmSync = absent('rmSync');
export const renameSync = absent('renameSync');
export const constants = {};
export const fstatSync = absent('fstatSync');
export const readlinkSync = absent('readlinkSync');
export const realpathSync = absent('realpathSync');
export const statSync = absent('statSync');
export const lstatSync = absent('lstatSync');
export const openSync = absent('openSync');
export const readSync = absent('readSync');
export const writeSync = absent('writeSync');
export const closeSync = absent('closeSync');
export const fsyncSync = absent('fsyncSync');
export const ftruncateSync = absent('ftruncateSync');
export const truncateSync = absent('truncateSync');
export const unlinkSync = absent('unlinkSync');
export const linkSync = absent('linkSync');
export const createReadStream = absent('createReadStream');
export const createWriteStream = absent('createWriteStream');
