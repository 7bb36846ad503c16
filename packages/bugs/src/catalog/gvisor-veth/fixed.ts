import { skbCopy } from '@lastref/kernel';
import { vethThenNat } from './common.ts';

export const fixed = vethThenNat('(fixed)', skbCopy);
