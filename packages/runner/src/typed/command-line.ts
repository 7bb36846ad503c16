// The command as it was typed, as outputs name it.
import { quoted } from './hint.ts';

/** Options that say where results go and how a run gets there, not what they are; true: a value follows. */
const ELSEWHERE: Readonly<Record<string, boolean>> = {
  '--out': true,
  '--queue': true,
  '--patience': true,
  '--resume': false,
};

/** The command as it was typed, by the name that the tool has everywhere, but for where it wrote. */
export function commandLine(): string {
  const words = process.argv.slice(2);
  const said = words.filter(
    (word, i) => ELSEWHERE[word.split('=')[0]!] === undefined && ELSEWHERE[words[i - 1]!] !== true,
  );
  return ['./lastref', ...said.map(quoted)].join(' ');
}

/** Flags that decide what is run, in the order in which a command names them. */
export interface Deciding {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly capture?: string | undefined;
  readonly flow?: string | undefined;
  readonly driverDelay?: number | undefined;
  readonly era?: string | undefined;
  readonly seed?: number;
  readonly repeat?: number;
  readonly with: readonly string[];
}

/** The command that makes a page again, on any machine: files by their names alone, and nothing that goes without saying. */
export function again(name: string, flags: Deciding): string {
  const { designs, workloads, capture, flow, driverDelay, era, seed = 1, repeat = 1 } = flags;
  const base = (file: string): string => file.split('/').at(-1)!;
  const said: readonly (readonly [flag: string, value: string | number | undefined])[] = [
    ['--designs', designs],
    ['--workloads', workloads],
    ['--capture', capture && base(capture)],
    ['--flow', flow && `'${flow}'`],
    ['--driver-delay', driverDelay],
    ['--era', era],
    ['--seed', seed === 1 ? undefined : seed],
    ['--repeat', repeat === 1 ? undefined : repeat],
    ...flags.with.map((file) => ['--with', base(file)] as const),
  ];
  const words = said.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${value}`]));
  return ['./lastref', name, ...words].join(' ');
}
