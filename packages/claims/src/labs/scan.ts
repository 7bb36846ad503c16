// What sock_wfree has to look through, by the number of requests that are outstanding.
import type { Design, Loan, Services } from '@lastref/kernel';
import { play, story, wholePages } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const OUTSTANDING = [1, 2, 4, 8, 16, 32];

export interface Scan {
  readonly requests: number;
  /** Times that the callback ran. */
  readonly frees: number;
  /** Requests that it looked at, in all, and at most in one call. */
  readonly looked: number;
  readonly most: number;
}

export const scanLab: Lab<readonly Scan[]> = (design, era) =>
  OUTSTANDING.map((requests) => {
    const seen = { requests, frees: 0, looked: 0, most: 0 };
    let queued = 0;
    let own = 0; // holds of producers
    const watched: Design = {
      ...design,
      create(services) {
        const lifetime = design.create(
          listening(services, {
            hold: () => queued++,
            drop: () => queued--,
          }),
        );
        const released = lifetime.released.bind(lifetime);
        lifetime.released = (loan: Loan) => {
          own++;
          released(loan); // drops what is no entry of the queue
        };
        const destructor = lifetime.skbDestructor.bind(lifetime);
        lifetime.skbDestructor = (skb) => {
          const length = queued + own;
          seen.frees++;
          seen.looked += length;
          seen.most = Math.max(seen.most, length);
          destructor(skb);
        };
        return lifetime;
      },
    };
    const operations = Array.from({ length: requests }, (_, i) => wholePages(1, i));
    const told = story('', { id: 'scan', why: '', operations }, ({ writer, acks }) => {
      acks.areHeldBack();
      for (let i = 0; i < requests; i++) writer.lends(i);
      acks.arrive();
    });
    const cell = new Cell({ design: watched, workload: told.workload, era, seed: 1 });
    play(told.script, cell.k, cell.recorder, () => cell.judge.afterStep());
    return seen;
  });

/** `services`, with somebody who is told of some calls. */
function listening(
  services: Services,
  told: Readonly<Partial<Record<keyof Services, () => void>>>,
): Services {
  return new Proxy(services, {
    get(target, name) {
      const own = target[name as keyof Services] as (...args: unknown[]) => unknown;
      const call = own.bind(target);
      const tell = told[name as keyof Services];
      if (tell === undefined) return call;
      return (...args: unknown[]) => {
        tell();
        return call(...args);
      };
    },
  });
}
