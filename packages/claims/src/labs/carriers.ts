// What pages are lent over in this model: a claim about something else cannot be settled by it.
import { WORKLOADS } from '@lastref/workloads';
import type { Lab } from './index.ts';

/** 'tcp', 'udp', 'device' … */
export const carrierLab: Lab<readonly string[]> = () => [
  ...new Set(WORKLOADS.flatMap((w) => (w.lends === undefined ? [] : [w.lends.over as string]))),
];
