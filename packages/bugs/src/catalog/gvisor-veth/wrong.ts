import { cloned, vethThenNat } from './common.ts';

export const wrong = vethThenNat('(wrong)', cloned);
