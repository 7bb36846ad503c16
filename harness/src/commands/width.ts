// How wide a terminal is.
import { WIDTH } from '@lastref/report';

/** No output is good in fewer. */
const LEAST = 60;

/** Of a pipe what COLUMNS says, or a width that a page can take. */
export function terminalWidth(): number {
  const said = process.stdout.columns ?? Number(process.env['COLUMNS']);
  return Number.isInteger(said) && said > 0 ? Math.max(LEAST, said) : WIDTH;
}
