// What a reader of `lastref explore` types, a line each, and what each line comes to.
import { IN_THE_WORD } from '@lastref/judge';
import { storyPicture, type ExploreDocument } from '@lastref/report';
import {
  choiceLines,
  readerLines,
  searchLines,
  stateLines,
  tokenLines,
  type Looks,
} from '@lastref/report/text/explore';
import { basename, dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import { writeTogether } from '../files.ts';
import { toolLine } from '../origin.ts';
import { absolute } from '../registry.ts';
import { Chosen, type GoOn } from './chosen.ts';
import type { ExploreAnswer, ExploreAsk } from './question.ts';

/** How lines are shown, and a path as one types it. */
export interface Reader extends Looks {
  readonly typed: (path: string) => string;
}

type Asking = Pick<ExploreAsk, 'picks' | 'goOn' | 'draw'>;
export type Ask = (asking: Asking) => Promise<ExploreAnswer>;

/** What a reader may type, for one who typed something else. */
const COMMANDS = 'a number of the list, u, j N, w, f, p, t, s FILE.svg, l or q';

export class Expedition {
  private readonly ask: Ask;
  private answer: ExploreAnswer;
  private readonly chosen = new Chosen();

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

  /**
   * What to print; null: the reader goes. In a script (`where`: its line) a line that is no command throws UsageError,
   * a person is told.
   */
  async command(text: string, where: string | null, looks: Reader): Promise<string[] | null> {
    try {
      return await this.obey(text, looks);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (where === null) return [error.message];
      throw new UsageError(`${where}: ${error.message}`);
    }
  }

  private async obey(text: string, looks: Reader): Promise<string[] | null> {
    const [word = '', ...rest] = text.split(/\s+/);
    const argument = rest.join(' ');
    if (/^\d+$/.test(word) && argument === '') return this.choose(Number(word), looks);
    if (word === 's') return this.draw(argument, looks);
    if (word === 'j') return this.jump(argument, looks);
    if (argument === '') {
      switch (word) {
        case 'u':
          return this.jump(String(this.chosen.picks.length - 1), looks);
        case 'w':
          return this.doc.readers.length === 0
            ? ['      nobody: no loan is open']
            : readerLines(this.doc);
        case 'f':
          return this.search(looks);
        case 'p':
          return this.go('clock', looks);
        case 't':
          return tokenLines(this.doc, looks);
        case 'l':
          return choiceLines(this.doc, looks.paint);
        case 'q':
          return null;
      }
    }
    throw new UsageError(`'${text}' is no command of explore: it takes ${COMMANDS}`);
  }

  private choose(n: number, looks: Reader): Promise<string[]> {
    const { choices } = this.answer;
    const choice = choices[n - 1];
    if (choice === undefined)
      throw new UsageError(
        choices.length === 0
          ? `there is no ${n}: nothing is left to choose; u undoes`
          : `there is no ${n}: the list goes from 1 to ${choices.length}`,
      );
    this.chosen.choose(choice);
    return this.go('look', looks);
  }

  private async jump(text: string, looks: Reader): Promise<string[]> {
    const n = Number(text);
    if (text === '' || !Number.isInteger(n) || n < 0 || n > this.chosen.count)
      throw new UsageError(
        this.chosen.count === 0
          ? 'no step was chosen yet: there is nowhere to go back to'
          : `'${text}': a jump goes to a number of chosen steps, 0 to ${this.chosen.count}`,
      );
    this.chosen.jump(n);
    await this.go('look', looks);
    const { before, steps } = this.doc;
    return [
      `${n} of ${this.chosen.count} chosen steps are taken.`,
      ...stateLines(this.doc, Math.max(steps.length - 1, before + 1), looks),
    ];
  }

  private async search(looks: Reader): Promise<string[]> {
    if (this.doc.findings.some((f) => IN_THE_WORD.includes(f.property)))
      throw new UsageError('a finding is there already: u takes steps back, t prints its token');
    const lines = await this.go('search', looks);
    return [...searchLines(this.doc), ...lines];
  }

  private async draw(file: string, { typed }: Reader): Promise<string[]> {
    if (!/\.svg$/i.test(file))
      throw new UsageError(`'s ${file}': the diagram goes to a file, such as s story.svg`);
    const { side } = await this.ask({ picks: this.chosen.picks, goOn: 'look', draw: true });
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
  private async go(goOn: GoOn, looks: Reader): Promise<string[]> {
    const seen = this.doc.steps.length - (this.doc.over ? 1 : 0);
    this.answer = await this.ask({ picks: this.chosen.picks, goOn, draw: false });
    const { picks } = this.answer;
    this.chosen.arrived(picks, goOn);
    return stateLines(this.doc, Math.min(seen, this.doc.before + 1 + picks.length), looks);
  }
}
