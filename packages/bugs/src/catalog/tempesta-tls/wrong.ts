import { encryptAndSend } from './common.ts';

/** Whatever waits in the write queue is taken for the server's own. */
export const wrong = encryptAndSend('(wrong)', () => {});
