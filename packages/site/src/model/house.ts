// The questions that the page asks, and those whose workloads and designs its tokens may name.
import type { House } from '@lastref/runner';

export const house: House = {
  worker: new URL('file:///no-worker'),
  questions: {
    compare: () => import('@lastref/runner/compare'),
    check: () => import('@lastref/runner/check'),
    movers: () => import('@lastref/operations/question'),
    bugs: () => import('@lastref/bugs/question'),
  },
};
