import { PageFrag, faultingSend } from './common.ts';

/** A socket whose allocations may not wait for a file system has a page of its own: sk->sk_frag. */
export const fixed = faultingSend('fixed', (k) => new PageFrag(k));
