// Reads what a guest wrote: answers to scripts, one behind another.
import { SKIP } from './desk.ts';
import type { Answer, Step } from './play.ts';
import { SEAMS, ScriptError, parseLine, type Line } from './script.ts';

interface Building {
  id: string;
  seam: Answer['seam'];
  steps: { line: Line; result: number; state: string[] }[];
  end: string[];
}

/** Throws ScriptError where the text is none of a guest. */
export function parseAnswers(text: string): Answer[] {
  const answers: Building[] = [];
  let state: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line === '# done' || line.startsWith('# linux ')) continue;
    const current = answers.at(-1);
    if (line.startsWith('# ')) {
      const [, id = '', word] = line.split(' ');
      const seam = SEAMS.find((s) => s === word);
      if (seam === undefined) throw new ScriptError(`'${line}': no seam of that name`);
      answers.push({ id, seam, steps: [], end: [] });
    } else if (current === undefined) {
      throw new ScriptError(`'${line.slice(0, 60)}' stands before the first sequence`);
    } else if (line.startsWith(' ') || line.startsWith('!')) {
      state.push(line);
    } else if (line === 'end') {
      state = current.end;
    } else {
      const step = parseStep(line);
      current.steps.push(step);
      ({ state } = step);
    }
  }
  return answers;
}

function parseStep(line: string): Step & { state: string[] } {
  const [what = '', result = ''] = line.split(' = ');
  return { line: parseLine(what), result: result === 'skip' ? SKIP : Number(result), state: [] };
}
