// Paths as POSIX has them, as far as the model and its runner ask.

export const sep = '/';

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

export function join(...parts: string[]): string {
  return normal(parts.join('/'));
}

export function resolve(...parts: string[]): string {
  const from = parts.findLastIndex(isAbsolute);
  return normal(`/${parts.slice(Math.max(0, from)).join('/')}`);
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

export function dirname(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function extname(path: string): string {
  return /.(\.[^./]*)$/.exec(basename(path))?.[1] ?? '';
}

export function relative(from: string, to: string): string {
  const parts = (path: string): string[] =>
    resolve(path)
      .split('/')
      .filter((part) => part !== '');
  const [before, after] = [parts(from), parts(to)];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  return [...before.slice(same).map(() => '..'), ...after.slice(same)].join('/');
}
