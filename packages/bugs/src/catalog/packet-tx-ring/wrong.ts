import { program } from '../../lib.ts';
import { FrameInDestructor } from './common.ts';

export const wrong = program(
  'packet-tx-ring-wrong',
  'a frame that is free when the destructor has run',
  2009,
  (k) => new FrameInDestructor(k),
);
