// A script on the model's arm, and what stands there behind its last step.
import { eraOf } from '@lastref/kernel';
import { parseScripts, play, type Answer, type Seam } from '../src/index.ts';

/** `text`: lines, or lines with '; ' between. */
export function played(text: string, seam: Seam, era = '7.2.13'): Answer {
  return play(parseScripts(`# x ${seam}\n${text.replaceAll('; ', '\n')}\n`)[0]!, eraOf(era)!);
}

/** How long the packets are and which pages they have; behind that what the normal form says by the names `also`. */
export function packets(answer: Answer, ...also: string[]): string[] {
  return answer.steps
    .at(-1)!
    .state.slice(0, -1)
    .map((line) => {
      const [what = '', rest = ''] = line.trim().split(' dig=');
      const told = also.map((name) => ` ${new RegExp(`\\b${name}=\\d+`).exec(rest)![0]}`).join('');
      return what.replaceAll(/u=\d (len=\d+ dl=\d+) .*? (?=\[)/g, '$1 ') + told;
    });
}

export function refs(answer: Answer): string {
  return answer.steps.at(-1)!.state.at(-1)!;
}
