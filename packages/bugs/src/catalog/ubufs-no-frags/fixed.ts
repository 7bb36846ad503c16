import { program } from '../../lib.ts';
import { VhostUbuf } from './common.ts';

export const fixed = program(
  'ubufs-no-frags-fixed',
  'a record that is let go of, with frags or without',
  2017,
  (k) => new VhostUbuf(k),
);
