// Plays a script on the model: the answer after each step, as the guest prints it.
import { KernelBug, expectNoMemory, type Era } from '@lastref/kernel';
import { SKIP, Desk } from './desk.ts';
import { normalForm } from './normal-form.ts';
import { operationOf } from './operations/index.ts';
import { lineText, type Line, type Script } from './script.ts';

/** What one arm said of one step. */
export interface Step {
  readonly line: Line;
  /** What the operation answered; SKIP: it did not apply. */
  readonly result: number;
  /** Every packet, page and ubuf_info afterwards; nothing where the operation did not apply. */
  readonly state: readonly string[];
}

export interface Answer {
  readonly id: string;
  readonly seam: Script['seam'];
  readonly steps: readonly Step[];
  /** The same once everybody has let go of everything. */
  readonly end: readonly string[];
}

/** @kernel include/uapi/asm-generic/errno-base.h ENOMEM */
const ENOMEM = -12;

export function playLine(desk: Desk, line: Line): Step {
  const operation = operationOf(line.op);
  const there = operation !== undefined && operation.lacks?.(desk.k.era) !== true;
  if (!there || operation.args.length !== line.args.length)
    return { line, result: SKIP, state: [] };
  desk.poison();
  let result = ENOMEM;
  try {
    result = operation.play(desk, ...line.args);
  } catch (error) {
    expectNoMemory(error);
  }
  return { line, result, state: result === SKIP ? [] : normalForm(desk) };
}

/** A model that stops itself has no state: its complaint stands in the place of it, and differs from any kernel's. */
function stopped(line: Line, error: unknown): Step {
  if (!(error instanceof KernelBug)) throw error;
  return { line, result: 0, state: [` ${error.message}`] };
}

export function play({ id, seam, lines }: Script, era: Era): Answer {
  const desk = new Desk(era, seam);
  const steps: Step[] = [];
  for (const line of lines) {
    try {
      steps.push(playLine(desk, line));
    } catch (error) {
      steps.push(stopped(line, error));
      return { id, seam, steps, end: [] };
    }
  }
  desk.finish();
  const end = normalForm(desk);
  desk.clear();
  return { id, seam, steps, end };
}

/** As the guest writes it. */
export function answerText({ id, seam, steps, end }: Answer): string {
  const lines = [`# ${id} ${seam}`];
  for (const { line, result, state } of steps) {
    if (result === SKIP) lines.push(`${lineText(line)} = skip`);
    else lines.push(`${lineText(line)} = ${result}`, ...state);
  }
  lines.push('end', ...end);
  return `${lines.join('\n')}\n`;
}
