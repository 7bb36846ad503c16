// A redis-server of one's own, on loopback, for tests and measurements.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** The program's version; null: it is not installed. */
export const REDIS: string | null =
  spawnSync('redis-server', ['--version'], {
    encoding: 'utf8',
  }).stdout?.trim() || null;

/** What to say of a test that is skipped. */
export const NO_REDIS = 'redis-server is not installed';

export interface RedisOptions {
  /** Everything that was answered is on the disk (appendfsync always); else a kill makes it forget all. */
  readonly durable: boolean;
  readonly password?: string;
}

export class RedisServer {
  readonly port: number;
  private readonly dir = mkdtempSync(join(tmpdir(), 'lastref-redis-'));
  private readonly options: RedisOptions;
  private child: ChildProcess | null = null;

  private constructor(port: number, options: RedisOptions) {
    this.port = port;
    this.options = options;
  }

  static async start(options: RedisOptions): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child!.pid!;
  }

  /** Again on the same port with what is on the disk. */
  async start(): Promise<void> {
    const { durable, password } = this.options;
    const args = [
      '--bind',
      '127.0.0.1',
      '--port',
      String(this.port),
      '--dir',
      this.dir,
      '--save',
      '',
    ];
    if (durable) args.push('--appendonly', 'yes', '--appendfsync', 'always');
    if (password !== undefined) args.push('--requirepass', password);
    this.child = spawn('redis-server', args, { stdio: 'ignore' });
    for (let n = 0; n < 600; n++) {
      if (await answers(this.port)) return;
      await pause(50);
    }
    throw new Error(`redis-server does not answer on port ${this.port}`);
  }

  /** CPU that it has used. */
  async cpuSeconds(): Promise<number> {
    const socket = connect(this.port, '127.0.0.1');
    socket.write('INFO cpu\r\n');
    let text = '';
    while (!/used_cpu_user:.*\r\n/.test(text)) {
      const [data] = (await once(socket, 'data')) as [Buffer];
      text += String(data);
    }
    socket.destroy();
    const of = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(text)![1]);
    return of('used_cpu_sys') + of('used_cpu_user');
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
