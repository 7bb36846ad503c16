// The row that every other one is held against: a packet is in flight, and no operation meets it.
import type { Operation } from '../operation.ts';

export const CONTROL: Operation = {
  id: 'control',
  who: 'remote peer',
  file: 'no operation',
  since: '2.6.12',
  until: null,
  refs: 'none',
  carries: [],
  apply: (b) => {
    b.packet(b.first);
  },
};
