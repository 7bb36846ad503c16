// The scripts of the tests, and how one is played.
import { ERAS } from '@lastref/kernel';
import { design } from '@lastref/strategies/msg-zerocopy';
import { readFileSync, readdirSync } from 'node:fs';
import { play, type Verdict } from '../src/index.ts';

const DIR = new URL('scripts/', import.meta.url);

export const SCRIPTS = readdirSync(DIR)
  .filter((name) => name.endsWith('.pkt'))
  .sort();

export function scriptText(name: string): string {
  return readFileSync(new URL(name, DIR), 'utf8');
}

/** On the newest kernel. */
export function played(source: string): Verdict {
  return play(source, design, ERAS.at(-1)!);
}
