// A checker of Stryker: of the mutants that lie within a drawn one only the drawn ones are tried.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

class Sample {
  drawn = new Set();

  async init() {
    this.drawn = new Set(JSON.parse(readFileSync(process.env['LASTREF_DRAWN'], 'utf8')));
  }

  async group(mutants) {
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants) {
    const answer = ({ fileName, location: { start, end }, replacement }) => {
      const place = [start.line, start.column, end.line, end.column];
      const key = [relative(process.cwd(), fileName), ...place, replacement].join(' ');
      return this.drawn.has(key)
        ? { status: 'passed' }
        : { status: 'compileError', reason: 'not drawn' };
    };
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, answer(mutant)]));
  }
}

export const strykerPlugins = [{ kind: 'Checker', name: 'sample', injectableClass: Sample }];
