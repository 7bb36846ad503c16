// Where a reader has got to: the steps chosen, those that an undo took back, and what each command does to them.
import { IN_THE_WORD } from '@lastref/judge';
import { storyPicture, type ExploreDocument } from '@lastref/report';
import { UsageError, absolute, writeTogether } from '@lastref/runner';
import type { ExploreAnswer, ExploreAsk } from '@lastref/runner/explore';
import type { Choice } from '@lastref/search';
import { basename, dirname } from 'node:path';
import { toolLine } from '../../origin.ts';
import { typed } from '../hint.ts';
import {
  choiceLines,
  readerLines,
  searchLines,
  stateLines,
  tokenLines,
  type Looks,
} from './text.ts';

type Asking = Pick<ExploreAsk, 'picks' | 'goOn' | 'draw'>;
export type Ask = (asking: Asking) => Promise<ExploreAnswer>;

/** What a reader may type, for one who typed something else. */
const COMMANDS = 'a number of the list, u, j N, w, f, p, t, s FILE.svg, l or q';

export class Expedition {
  private readonly ask: Ask;
  private answer: ExploreAnswer;
  /** All that was chosen; what an undo took back stays, to jump forward to. */
  private picks: readonly Choice[] = [];

  private constructor(ask: Ask, answer: ExploreAnswer) {
    this.ask = ask;
    this.answer = answer;
  }

  static async begin(ask: Ask): Promise<Expedition> {
    return new Expedition(ask, await ask({ picks: [], goOn: 'look', draw: false }));
  }

  get doc(): ExploreDocument {
    return this.answer.doc;
  }

  private get at(): number {
    return this.answer.picks.length;
  }

  /**
   * What to print; null: the reader goes. In a script (`where`: its line) a line that is no command throws UsageError,
   * a person is told.
   */
  async command(text: string, where: string | null, looks: Looks): Promise<string[] | null> {
    try {
      return await this.obey(text, looks);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (where === null) return [error.message];
      throw new UsageError(`${where}: ${error.message}`);
    }
  }

  private async obey(text: string, looks: Looks): Promise<string[] | null> {
    const [word = '', ...rest] = text.split(/\s+/);
    const argument = rest.join(' ');
    if (/^\d+$/.test(word) && argument === '') return this.choose(Number(word), looks);
    if (word === 's') return this.draw(argument);
    if (word === 'j') return this.jump(argument, looks);
    if (argument === '') {
      switch (word) {
        case 'u':
          return this.jump(String(this.at - 1), looks);
        case 'w':
          return this.doc.readers.length === 0
            ? ['      nobody: no loan is open']
            : readerLines(this.doc);
        case 'f':
          return this.search(looks);
        case 'p':
          return this.go({ picks: this.answer.picks, goOn: 'clock' }, looks);
        case 't':
          return tokenLines(this.doc, looks);
        case 'l':
          return choiceLines(this.doc);
        case 'q':
          return null;
      }
    }
    throw new UsageError(`'${text}' is no command of explore: it takes ${COMMANDS}`);
  }

  private choose(n: number, looks: Looks): Promise<string[]> {
    const { choices } = this.answer;
    const choice = choices[n - 1];
    if (choice === undefined)
      throw new UsageError(
        choices.length === 0
          ? `there is no ${n}: nothing is left to choose; u undoes`
          : `there is no ${n}: the list goes from 1 to ${choices.length}`,
      );
    return this.go({ picks: [...this.answer.picks, choice], goOn: 'look' }, looks);
  }

  private async jump(text: string, looks: Looks): Promise<string[]> {
    const n = Number(text);
    if (text === '' || !Number.isInteger(n) || n < 0 || n > this.picks.length)
      throw new UsageError(
        this.picks.length === 0
          ? 'no step was chosen yet: there is nowhere to go back to'
          : `'${text}': a jump goes to a number of chosen steps, 0 to ${this.picks.length}`,
      );
    const all = this.picks;
    await this.go({ picks: all.slice(0, n), goOn: 'look' }, looks);
    this.picks = all;
    const { before, steps } = this.doc;
    return [
      `${n} of ${all.length} chosen steps are taken.`,
      ...stateLines(this.doc, Math.max(steps.length - 1, before + 1), looks),
    ];
  }

  private async search(looks: Looks): Promise<string[]> {
    if (this.doc.findings.some((f) => IN_THE_WORD.includes(f.property)))
      throw new UsageError('a finding is there already: u takes steps back, t prints its token');
    const lines = await this.go({ picks: this.answer.picks, goOn: 'search' }, looks);
    return [...searchLines(this.doc), ...lines];
  }

  private draw(file: string): Promise<string[]> {
    if (!/\.svg$/i.test(file))
      throw new UsageError(`'s ${file}': the diagram goes to a file, such as s story.svg`);
    return this.drawTo(file);
  }

  private async drawTo(file: string): Promise<string[]> {
    const { side } = await this.ask({ picks: this.answer.picks, goOn: 'look', draw: true });
    if (side === null)
      throw new UsageError('no page was lent yet: there is nothing to draw; choose a step first');
    const { design, workload, era, token } = this.doc;
    const picture = storyPicture(
      side,
      `${design} on ${workload}, era ${era}`,
      `${toolLine()}; replay ${token}`,
    );
    const path = absolute(file);
    writeTogether(dirname(path), [{ name: basename(path), data: picture }]);
    return [`Written: ${typed(path)}`];
  }

  /** Goes there; the steps that are new, and what may come next. */
  private async go(asking: Omit<Asking, 'draw'>, looks: Looks): Promise<string[]> {
    const seen = this.doc.steps.length - (this.doc.over ? 1 : 0);
    this.answer = await this.ask({ ...asking, draw: false });
    this.picks = this.answer.picks;
    return stateLines(this.doc, Math.min(seen, this.doc.before + 1 + this.picks.length), looks);
  }
}
