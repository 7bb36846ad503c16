// A finding as a program in C.
import { CouldNot, type Token } from '@lastref/runner';
import { printable } from '@lastref/report/words';
import { liveFormOf } from '../live/form.ts';
import { reproducer } from '../live/reproducer.ts';

/** `again`: the command that shows the steps. Throws CouldNot where it has no live form. */
export function programInC(token: Token, again: string): string {
  const scenario = liveFormOf(token);
  if (typeof scenario === 'string') throw new CouldNot(`--as c: ${scenario}`);
  const [arm] = scenario.arms;
  return reproducer(
    scenario,
    [
      `${token.design} on ${token.workload}, era ${token.era}; the model's steps: ${again}`,
      `Live scenario ${scenario.id}, ${arm!.name}: ${scenario.about}`,
      '',
      'gcc -O2 -Wall -o finding finding.c && sudo ./finding 30      (runs; 30 unless said)',
      'It makes network namespaces and devices of its own; that of mtu-probe raises net.core.optmem_max as well. Exit code 1: changed',
      'bytes were read; 0: none were; 3: it could not (a module is missing). What other kernels showed: results/live.md.',
    ].map(printable),
  );
}
