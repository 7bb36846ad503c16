// Writes the site into a directory: node …/main.ts [DIRECTORY], by default `dist/site/` in the repository.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROOT } from '@lastref/runner';
import { siteFiles } from './site.ts';

const out = resolve(process.argv[2] ?? join(ROOT, 'dist/site'));
const files = await siteFiles();
if (process.argv[2] === undefined) rmSync(out, { recursive: true, force: true });
for (const [path, data] of files) {
  const file = join(out, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
}
let bytes = 0;
for (const data of files.values()) bytes += data.length;
console.log(
  `${files.size} files, ${(bytes / 1e6).toFixed(1)} MB in ${out}; any static server shows them`,
);
