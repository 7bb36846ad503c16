// Reads a page of documentation as a newcomer does: its commands are run, its patches applied, its code is looked up.
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A fenced block: the words behind the fence, what stands in it, and where. */
interface Block {
  readonly words: readonly string[];
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

function blocks(page: string): Block[] {
  return [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map((m) => {
    const from = m.index + m[0].indexOf('\n') + 1;
    return { words: m[1]!.split(' '), text: m[2]!, from, to: from + m[2]!.length };
  });
}

/** How many commands run at a time. */
const AT_ONCE = 2;

/**
 * A page's commands in a directory of their own, with `root` on the path. The first one begins; every other one runs
 * in a copy of the directory as its reader has it by then, so that they need not wait for each other.
 */
export class Newcomer {
  private readonly dir: string;
  private readonly root: string;
  /** The file that code and patches mean, unless they name another. */
  private readonly file: string;
  private readonly copies: string[] = [];
  private readonly lanes: Promise<string>[] = [];
  /** What is wrong with the page, but for its output. */
  readonly complaints: string[] = [];

  constructor(dir: string, root: string, file: string) {
    this.dir = dir;
    this.root = root;
    this.file = file;
  }

  /** Does what `page` says, and returns the page with the output that came where another was promised. */
  async follow(page: string): Promise<string> {
    const all = blocks(page);
    const texts: Promise<string>[] = [];
    for (const block of all) {
      if (block.words[0] !== 'console') texts.push(Promise.resolve(this.edit(block)));
      else if (this.copies.length === 0) texts.push(Promise.resolve(await this.type(block.text)));
      else texts.push(this.inTurn(block.text));
    }
    let out = '';
    let done = 0;
    for (const [i, block] of all.entries()) {
      out += page.slice(done, block.from) + (await texts[i]!);
      done = block.to;
    }
    return out + page.slice(done);
  }

  /** The directory as a command saw and left it; the last one without a number. */
  at(n = this.copies.length - 1): string {
    return this.copies[n]!;
  }

  /** Types `text` when one of the commands before is over. */
  private inTurn(text: string): Promise<string> {
    const copy = `${this.dir}-${this.copies.length}`;
    cpSync(this.dir, copy, { recursive: true });
    this.copies.push(copy);
    const lane = this.copies.length % AT_ONCE;
    const typed = (this.lanes[lane] ?? Promise.resolve('')).then(() => this.run(text, copy));
    this.lanes[lane] = typed;
    return typed;
  }

  private edit({ words, text }: Block): string {
    const named = words.find((w) => w.startsWith('file='))?.slice('file='.length);
    const file = join(this.dir, named ?? this.file);
    if (words[0] === 'diff') writeFileSync(file, this.patched(readFileSync(file, 'utf8'), text));
    if (words[0] === 'ts' && !readFileSync(file, 'utf8').includes(text))
      this.complaints.push(`not in ${file}:\n${text}`);
    return text;
  }

  /** Lines of `-` and ` ` are there once; lines of `+` and ` ` take their place. */
  private patched(code: string, diff: string): string {
    const side = (sign: string): string =>
      diff
        .split('\n')
        .filter((l) => l.startsWith(' ') || l.startsWith(sign))
        .map((l) => `${l.slice(1)}\n`)
        .join('');
    const [before, after] = [side('-'), side('+')];
    if (code.split(before).length !== 2) this.complaints.push(`does not apply:\n${diff}`);
    return code.replace(before, () => after);
  }

  private type(text: string): Promise<string> {
    this.copies.push(this.dir);
    return this.run(text, this.dir);
  }

  private async run(text: string, cwd: string): Promise<string> {
    const [command, ...promised] = text.split('\n');
    const path = `${this.root}${delimiter}${process.env['PATH']}`; // in front of what npm has put there
    const stdout = await new Promise<string>((resolve) => {
      const options = { cwd, env: { ...process.env, PATH: path, NO_COLOR: '1' } };
      execFile('bash', ['-c', command!.replace(/^\$ /, '')], options, (_error, out) =>
        resolve(out),
      );
    });
    const same = pattern(promised.join('\n')).test(stdout);
    return same ? text : `${command}\n${lasting(stdout)}`;
  }
}

/** What a command prints anywhere and at any time: who printed it, and how long it took, are left out. */
export function lasting(printed: string): string {
  return printed
    .replace(/^(lastref \d[\d.]*), .*$/gm, '$1, …')
    .replace(/[\d.]+ s \(\d+ steps\/s\), ([\d.]+ MB of tables).*$/gm, '… s (… steps/s), $1…');
}

/** A line with `…` alone stands for any lines, one within a line for anything on it. */
function pattern(promised: string): RegExp {
  const literal = promised.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/^…\n/gm, '(?:.*\\n)*?').replace(/…/g, '.*')}$`);
}
