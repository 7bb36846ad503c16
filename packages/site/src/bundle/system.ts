// What takes the place of Node in a page: files of browser/ for the modules that the model uses, and for all others of
// Node's, and for compilers, a module whose parts throw when they are called.
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const here = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

const IN_PLACE: Readonly<Record<string, string>> = {
  'node:fs': 'browser/fs.ts',
  'node:path': 'browser/path.ts',
  'node:url': 'browser/url.ts',
  'node:crypto': 'browser/crypto.ts',
  'node:util': 'browser/util.ts',
  'node:worker_threads': 'browser/worker-threads.ts',
};

const ABSENT = `module.exports = new Proxy({ __esModule: true }, {
  get: (_, name) => name === '__esModule' ? true : function () { throw new Error('there is no ' + String(name) + ' in a page'); },
});`;

/** `leftOut`: packages that nothing calls here. */
export function system(leftOut: readonly string[]): Plugin {
  return {
    name: 'system',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
        if (kind === 'entry-point') return null;
        if (path === './module-of.ts' && importer.endsWith('runner/src/registry.ts'))
          return { path: here('model/module-of.ts') };
        if (path === './compiler.ts' && importer.includes('runner/src/candidates/'))
          return { path: here('compiler/typescript.ts') };
        const name = builtinModules.includes(path) ? `node:${path}` : path;
        const own = IN_PLACE[name];
        if (own !== undefined) return { path: here(own) };
        if (name.startsWith('node:') && path !== 'buffer')
          return { path: name, namespace: 'absent' };
        return leftOut.includes(path) ? { path, namespace: 'absent' } : null;
      });
      build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
        contents: ABSENT,
        loader: 'js',
      }));
    },
  };
}

export const INJECTED = here('browser/globals.ts');
