// How deep a stack goes is a clock: a candidate that ran out of it is stopped, in whatever way it goes on.
import { describe, expect, test } from 'vitest';
import { askingCatches } from '../src/candidates/catches.ts';
import { CAUGHT, Caught, changing } from '../src/candidates/caught.ts';
import { Broken } from '../src/candidates/rules.ts';

/** What `script` does, and whether it may go on afterwards. */
function ran(script: string, Error: unknown = RangeError): { said: unknown; stopped: boolean } {
  const caught = new Caught();
  let said: unknown;
  try {
    // oxlint-disable-next-line typescript/no-implied-eval
    said = new Function(CAUGHT, 'Known', askingCatches(script))(caught, Error);
  } catch (error) {
    said = error;
  }
  return { said, stopped: caught.stopped };
}

const DEEP = 'const deep = () => 1 + deep();';

describe('out of stack or memory, it is stopped', () => {
  test.each<[string, string]>([
    ['where it catches', 'const go = () => { try { return 1 + go(); } catch { return 1; } };'],
    [
      'where it takes apart what it caught',
      'const go = () => { try { return 1 + go(); } catch ({ name = go() }) { return 1; } };',
    ],
    [
      'where a finally returns',
      'const go = () => { try { return 1 + go(); } finally { return 1; } };',
    ],
    [
      'where a finally leaves a loop',
      'const go = () => { for (;;) try { go(); } finally { break; } };',
    ],
    [
      'where a finally throws something else',
      'const d = () => { try { d(); } finally { throw 5; } }; const go = () => { try { d(); } catch {} };',
    ],
    [
      'where it runs out in a catch and a finally returns',
      'const go = () => { try { throw 1; } catch { return 1 + go(); } finally { return 1; } };',
    ],
    ['in a sort', `${DEEP} const go = () => { try { [2, 1].sort(deep); } catch {} };`],
    ['out of memory', 'const go = () => { try { new ArrayBuffer(2 ** 52); } catch {} };'],
    [
      'where a regular expression is too deep for it',
      'const go = (n) => { if (n % 100 === 0) try { new RegExp("(a)".repeat(2000) + n).test(""); } catch { return; } go(n + 1); };',
    ],
    ['by many arguments', 'const go = () => { try { Math.max(...Array(1e6)); } catch {} };'],
    [
      'in a try inside of a catch',
      `${DEEP} const go = () => { try { throw 1; } catch (e) { try { deep(); } catch (f) {} } };`,
    ],
  ])('%s', (_, script) => {
    expect(ran(`${script} go(0);`).stopped).toBe(true);
  });
});

test('that a buffer cannot grow is said of memory, and that it may not is not', () => {
  const grow = 'ArrayBuffer.prototype.resize: ';
  expect(changing(new RangeError(`${grow}Out of memory`))).toBe('how much memory there is');
  expect(changing(new RangeError(`${grow}Invalid length parameter`))).toBeNull();
});

describe('what a service threw', () => {
  const ends = 'const bug = new Error(); Known.ends(bug, 3);';
  test.each<[string, string]>([
    ['a catch throws again', `${ends} try { throw bug; } catch {}`],
    ['ends who returns in a finally', `${ends} try { throw bug; } finally { return 1; }`],
    ['ends who caught it and another one', `${ends} try { throw bug; } catch { null.x; }`],
  ])('%s', (_, script) => {
    const caught = new Caught();
    // oxlint-disable-next-line typescript/no-implied-eval
    const run = new Function(CAUGHT, 'Known', askingCatches(script)) as (...of: unknown[]) => void;
    try {
      run(caught, caught);
    } catch {
      // whatever comes out of it
    }
    expect([caught.stopped, caught.entered]).toEqual([true, 0]);
    expect(caught.ended).toMatchObject({ place: 3 });
    caught.forget();
    expect(caught.stopped).toBe(false);
  });
});

test('who broke a rule does not go on', () => {
  expect(ran('try { throw new Known("", "no", "alive"); } catch {}', Broken).stopped).toBe(true);
});

test('an error of its own is caught as ever', () => {
  const script = `const all = [];
try { null.x; } catch (e) { all.push(e.name); }
try { new Array(-1); } catch ({ name }) { all.push(name); } finally { all.push('last'); }
const f = () => { try { return 1; } finally { all.push('left'); } };
all.push(f());
try { try { throw 7; } finally { all.push('inner'); } } catch (e) { all.push(e); }
return all.join();`;
  const said = 'TypeError,RangeError,last,left,1,inner,7';
  expect(ran(script)).toEqual({ said, stopped: false });
});

test('the name by which its script asks is no name of a candidate', () => {
  expect(() => askingCatches('const $caught = 1;')).toThrow('a name that begins with $caught');
});
