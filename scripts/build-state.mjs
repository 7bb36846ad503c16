// What a build was made of and came to: is it that of the sources as they are?
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';

const RECORD = 'node_modules/.lastref-built';
/** Directories of packages, below the root of the repository. */
export const packagesOf = (root) => [
  ...readdirSync(`${root}/packages`).map((name) => `packages/${name}`),
  'strategies',
  'harness',
];

/** A line per file: path, size and time of the last change. */
export function stamp(root, files) {
  const line = (file) => {
    const { size, mtimeMs } = statSync(`${root}/${file}`);
    return `${file} ${size} ${mtimeMs}`;
  };
  const there = files.filter((file) => existsSync(`${root}/${file}`));
  return [process.platform, process.arch, ...there.map(line)].join('\n');
}

function sourcesAndOutputs(root) {
  const skipped = /(^|\/)(node_modules|test|data)(\/|$)|\.(test|d)\.ts$|\.tsbuildinfo$/;
  const files = (dir) =>
    readdirSync(`${root}/${dir}`, { withFileTypes: true }).flatMap((entry) => {
      const path = `${dir}/${entry.name}`;
      if (skipped.test(path)) return [];
      return entry.isDirectory() ? files(path) : [path];
    });
  return ['harness/tsup.config.ts', 'tsconfig.base.json', ...packagesOf(root).flatMap(files)];
}

const state = (root) => stamp(root, sourcesAndOutputs(root));
export const recorded = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

export const isBuilt = (root) => {
  const record = recorded(`${root}/${RECORD}`);
  return record !== '' && record === state(root);
};

/** To be called when a build has come to its end. */
export const recordBuild = (root) => writeFileSync(`${root}/${RECORD}`, state(root));
