// Loaded before a command: counts what it does to files in one directory, and ends it there by kill -9 at the n-th, before
// it is done or with half of the bytes written. Or sets the clock, which jumps.
//   NODE_OPTIONS=--import=…/saboteur.mjs LASTREF_SABOTAGE='{"dir":"/tmp/x","at":7}' lastref …
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * @typedef {object} Sabotage
 * @property {string} dir  of the files
 * @property {number} [at]  kill there; none: count
 * @property {string} [tally]  a file for what was done, outside of `dir`
 * @property {boolean} [group]  the processes that it started go with it; else they are left alone
 * @property {boolean} [clock]  each look at the clock is an hour off, forth and back
 */

const told = process.env['LASTREF_SABOTAGE'];
if (told !== undefined && isMainThread) {
  delete process.env['LASTREF_SABOTAGE']; // processes that it starts are not counted
  /** @type {Sabotage} */
  const sabotage = JSON.parse(told);
  if (sabotage.clock === true) jump();
  else watch(sabotage);
}

function jump() {
  const now = Date.now;
  let looks = 0;
  Date.now = () => now() + [0, 3_600_000, -3_600_000][looks++ % 3];
  const Real = Date;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, to) =>
      Reflect.construct(target, args.length === 0 ? [Real.now()] : args, to),
  });
}

/** @param {Sabotage} sabotage */
function watch({ dir, at, tally, group }) {
  const inside = (path) => typeof path === 'string' && resolve(path).startsWith(dir);
  const files = new Set();
  const done = [];
  const kill = () => {
    process.kill(group === true ? -process.pid : process.pid, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // it comes, but not at once
  };
  /** One more thing is about to be done. */
  const step = (what, half) => {
    if (done.push(what) !== at) return;
    half?.();
    kill();
  };
  const { openSync, closeSync, writeSync } = fs;
  fs.openSync = (path, ...rest) => {
    if (!inside(path)) return openSync(path, ...rest);
    step('open');
    const fd = openSync(path, ...rest);
    files.add(fd);
    return fd;
  };
  fs.closeSync = (fd) => {
    files.delete(fd);
    closeSync(fd);
  };
  for (const name of ['writeFileSync', 'appendFileSync']) {
    const real = fs[name];
    fs[name] = (to, data, ...rest) => {
      if (files.has(to) || inside(to))
        step(data.length > 0 ? 'write' : 'make', () => {
          const fd =
            typeof to === 'number' ? to : openSync(to, name === 'writeFileSync' ? 'w' : 'a');
          const bytes = Buffer.from(data);
          writeSync(fd, bytes, 0, bytes.length >> 1);
        });
      return real(to, data, ...rest);
    };
  }
  for (const name of [
    'fsyncSync',
    'ftruncateSync',
    'truncateSync',
    'renameSync',
    'linkSync',
    'rmSync',
    'mkdirSync',
  ]) {
    const real = fs[name];
    fs[name] = (first, ...rest) => {
      if (files.has(first) || inside(first)) step(name.replace('Sync', ''));
      return real(first, ...rest);
    };
  }
  syncBuiltinESMExports();
  if (tally !== undefined)
    process.on('exit', () => {
      const fd = openSync(join(tally), 'w');
      writeSync(fd, done.join());
      closeSync(fd);
    });
}
