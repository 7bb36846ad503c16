import { tlsDecrypt } from './common.ts';

/** if (sgout != sgin): the output is not the input, so it was taken for it. */
export const wrong = tlsDecrypt('(wrong)', ({ elsewhere }) => elsewhere);
