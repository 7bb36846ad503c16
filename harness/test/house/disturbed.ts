// A campaign by a queue, as processes: the campaign, workers that are replaced when they are killed, and a Redis.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RedisServer } from '../../../scripts/redis.ts';
import { launcher } from '../run-cli.ts';

/** A command in a process of its own. */
export class Command {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  private readonly ended: Promise<unknown>;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [launcher, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.child.stdout!.on('data', (text: Buffer) => (this.stdout += text));
    this.child.stderr!.on('data', (text: Buffer) => (this.stderr += text));
    this.ended = once(this.child, 'close');
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal !== undefined) this.child.kill(signal);
    await this.ended;
    return this.child.exitCode;
  }
}

/** What can be killed. */
export type Victim = 'worker' | 'redis' | 'campaign';

export class Disturbed {
  readonly redis: RedisServer;
  campaign: Command;
  private readonly workers: Command[] = [];
  private readonly args: readonly string[];
  private readonly out = join(mkdtempSync(join(tmpdir(), 'lastref-test-')), 'campaign');

  private constructor(redis: RedisServer, workers: number, args: readonly string[]) {
    this.redis = redis;
    this.args = [...args, '--queue', redis.url, '--out', this.out];
    this.campaign = new Command(...this.args);
    for (let i = 0; i < workers; i++) this.workers.push(this.worker());
  }

  /** `args`: of the campaign that the queue runs. `durable`: does Redis keep what it answered? */
  static async begin(
    args: readonly string[],
    { workers, durable }: { readonly workers: number; readonly durable: boolean },
  ): Promise<Disturbed> {
    return new Disturbed(await RedisServer.start({ durable }), workers, args);
  }

  private worker(): Command {
    return new Command('work', '--queue', this.redis.url, '--cores', '1', '--lease', '2');
  }

  /** Batches that the campaign has collected. */
  get batches(): number {
    const journal = join(this.out, 'campaign.jsonl');
    return existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0;
  }

  /** Until so many are collected. */
  async reach(batches: number): Promise<void> {
    while (this.batches < batches && !this.campaign.isOver) await pause(20);
  }

  /** kill -9, and a new one in its place. */
  async kill(victim: Victim, which = 0): Promise<void> {
    if (victim === 'redis') {
      await this.redis.kill();
      await this.redis.start();
    } else if (victim === 'worker') {
      await this.workers[which]!.end('SIGKILL');
      this.workers[which] = this.worker();
    } else {
      await this.campaign.end('SIGKILL');
      this.campaign = new Command(...this.args, '--resume');
    }
  }

  /** The campaign's end; nothing is left running. */
  async end(): Promise<Command> {
    await this.campaign.end();
    await Promise.all(this.workers.map((worker) => worker.end('SIGKILL')));
    await this.redis.remove();
    return this.campaign;
  }
}

/** What a document says, but for the command that made it: through a queue that is another one. */
export function foundIn(stdout: string): string {
  const { made, ...rest } = JSON.parse(stdout) as { readonly made: unknown };
  if (made === undefined) throw new Error('the document does not say what made it');
  return JSON.stringify(rest);
}
