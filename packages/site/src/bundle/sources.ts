// In place of model/brought.ts: every design and its helpers, as texts for digests and as modules to run.
import { readFileSync, readdirSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { ROOT } from '@lastref/runner';

/** Where sources lie in the page. */
const THERE = '/lastref/';
/** Folders with designs, below the root. */
const FOLDERS = ['strategies', 'strategies/lib', 'strategies/canaries', 'strategies/runtimes'];

/** Of pictures, and where the module that reads them believes to lie, as all of ours do (bundle.ts). */
const SHEETS = ['client/style.css', 'client/diagram.css'];
const BELIEVED = `${THERE}packages/runner/src/`;

function filesIn(folder: string): string[] {
  return readdirSync(`${ROOT}${folder}`)
    .filter((f) => f.endsWith('.ts') && !/\.(test|d|config)\.ts$/.test(f) && f !== 'index.ts')
    .sort()
    .map((f) => `${folder}/${f}`);
}

/** `modules`: to run them, too. */
export function sources(modules: boolean): Plugin {
  return {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /[\\/]model[\\/]brought\.ts$/ }, () => {
        const files = FOLDERS.flatMap(filesIn);
        const text = Object.fromEntries(
          files.map((f) => [`${THERE}${f}`, readFileSync(`${ROOT}${f}`, 'utf8')]),
        );
        for (const sheet of SHEETS)
          text[`${BELIEVED}${sheet}`] = readFileSync(
            `${ROOT}packages/report/src/html/${sheet}`,
            'utf8',
          );
        const imports = files.map((f, i) => `import * as m${i} from ${JSON.stringify(`./${f}`)};`);
        const list = files.map((f, i) => `${JSON.stringify(`${THERE}${f}`)}: m${i},`);
        const contents = [
          ...(modules ? imports : []),
          `export const texts = ${JSON.stringify(text)};`,
          `export const modules = {${modules ? list.join('\n') : ''}};`,
        ].join('\n');
        return { contents, loader: 'ts', resolveDir: ROOT };
      });
    },
  };
}
