import { tlsDecrypt } from './common.ts';

/** if (dctx->free_sgout): whoever has taken references says so. */
export const fixed = tlsDecrypt('(fixed)', ({ referenced }) => referenced);
