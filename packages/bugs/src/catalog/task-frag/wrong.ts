import { faultingSend } from './common.ts';

/** Every send of a task copies to the task's page. */
export const wrong = faultingSend('wrong', (_k, task) => task);
