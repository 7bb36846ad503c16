// Reads a page of documentation as a newcomer does: its commands are run, its patches applied, its code is looked up.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
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

/** A page's commands in a directory of their own, with `root` on the path. */
export class Newcomer {
  private readonly dir: string;
  private readonly root: string;
  /** The file that code and patches mean, unless they name another. */
  private readonly file: string;
  /** What is wrong with the page, but for its output. */
  readonly complaints: string[] = [];

  constructor(dir: string, root: string, file: string) {
    this.dir = dir;
    this.root = root;
    this.file = file;
  }

  /** Does what `page` says, and returns the page with the output that came where another was promised. */
  follow(page: string): string {
    let out = '';
    let done = 0;
    for (const block of blocks(page)) {
      const text = this.do(block);
      out += page.slice(done, block.from) + text;
      done = block.to;
    }
    return out + page.slice(done);
  }

  private do({ words, text }: Block): string {
    const named = words.find((w) => w.startsWith('file='))?.slice('file='.length);
    const file = join(this.dir, named ?? this.file);
    if (words[0] === 'console') return this.type(text);
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

  private type(text: string): string {
    const [command, ...promised] = text.split('\n');
    const { stdout } = spawnSync('bash', ['-c', command!.replace(/^\$ /, '')], {
      cwd: this.dir,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${process.env['PATH']}${delimiter}${this.root}`,
        NO_COLOR: '1',
      },
    });
    const same = pattern(promised.join('\n')).test(stdout);
    return same ? text : `${command}\n${stdout}`;
  }
}

/** A line with `…` alone stands for any lines, one within a line for anything on it. */
function pattern(promised: string): RegExp {
  const literal = promised.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/^…\n/gm, '(?:.*\\n)*?').replace(/…/g, '.*')}$`);
}
