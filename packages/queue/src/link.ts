// One connection to Redis: what is said when there is none at the beginning, and how long is waited when it goes away
// later. Messages name no password.
import { Redis } from 'ioredis';
import { CouldNot, UsageError, isSystemError, systemReason } from '@lastref/runner';

const CONNECT_MS = 5_000;
const RETRY_MS = 250;

/** Where a queue is. */
export interface Address {
  readonly url: string;
  /** The same for people: without a password. */
  readonly shown: string;
}

/** Throws UsageError for what is no address of a Redis. */
export function addressOf(text: string): Address {
  const wrong = (what: string): never => {
    throw new UsageError(
      `--queue ${withoutPassword(text)}: ${what}; it takes redis://HOST:PORT or redis://HOST:PORT/DB (rediss:// for TLS)`,
    );
  };
  if (!URL.canParse(text)) return wrong('this is no URL');
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    return wrong(`'${url.protocol}//' is no scheme of Redis`);
  if (url.hostname === '') return wrong('it names no host');
  if (!/^(\/\d{0,4})?$/.test(url.pathname))
    return wrong(`'${url.pathname}' is no number of a database`);
  if (url.search !== '' || url.hash !== '') return wrong('it ends in something that is not read');
  return { url: text, shown: withoutPassword(text) };
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^@/]*@/, '//');
}

export interface LinkOptions {
  /** Whoever speaks: `campaign`, `work`. */
  readonly who: string;
  /** So many seconds is waited for a Redis that went away. */
  readonly patience: number;
  /** Told what happens to the connection, a line each. */
  readonly say: (line: string) => void;
}

/** A connection that comes back by itself. */
export class Link {
  readonly address: Address;
  readonly redis: Redis;
  /** Times that it came back: what was in Redis may be gone since. */
  returns = 0;
  private readonly options: LinkOptions;
  private readonly lost: Promise<never>;
  private giveUp!: (error: Error) => void;
  private timer: NodeJS.Timeout | null = null;
  private over = false;

  private constructor(address: Address, redis: Redis, options: LinkOptions) {
    this.address = address;
    this.redis = redis;
    this.options = options;
    this.lost = new Promise((_, reject) => (this.giveUp = reject));
    this.lost.catch(() => {}); // whoever waits is told
    redis.on('close', () => this.away());
    redis.on('ready', () => this.back());
  }

  /** Throws UsageError for a wrong address or password, CouldNot where no Redis answers. */
  static async open(text: string, options: LinkOptions): Promise<Link> {
    const address = addressOf(text);
    let connected = false;
    const redis = new Redis(address.url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      maxRetriesPerRequest: null, // what was asked is asked again when it is back
      retryStrategy: () => (connected ? RETRY_MS : null),
    });
    let last: Error | null = null;
    redis.on('error', (error) => (last = error));
    try {
      await redis.connect();
      await redis.select(Number(new URL(address.url).pathname.slice(1))); // said here; a client alone would take 0
    } catch (error) {
      redis.disconnect();
      throw refused(address, last ?? error);
    }
    connected = true;
    return new Link(address, redis, options);
  }

  /** What `asked` answers. Throws CouldNot when Redis is away for longer than is waited, and for what it refuses. */
  async wait<T>(asked: Promise<T>): Promise<T> {
    try {
      return await Promise.race([asked, this.lost]);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ReplyError') throw error;
      throw new CouldNot(`${this.address.shown}: it refuses what it was asked: ${error.message}`, {
        cause: error, // somebody else keeps something by the same name, or it has no room
      });
    }
  }

  get isAway(): boolean {
    return this.timer !== null;
  }

  close(): void {
    this.over = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.redis.disconnect();
  }

  private away(): void {
    if (this.over || this.timer !== null) return;
    const { who, say, patience } = this.options;
    const { shown } = this.address;
    say(`${who}: ${shown} went away; waiting up to ${patience} s for it`);
    const late = (): void =>
      this.giveUp(new CouldNot(`${shown} went away and did not come back within ${patience} s`));
    this.timer = setTimeout(late, patience * 1000);
  }

  private back(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.returns++;
    this.options.say(`${this.options.who}: ${this.address.shown} is back`);
  }
}

/** Why there is no connection. */
function refused({ shown }: Address, error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (/^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/.test(text)) {
    const wanted = text.startsWith('NOAUTH') ? 'it wants a password' : 'the password is wrong';
    return new UsageError(
      `${shown}: ${wanted}; the address with one is redis://:PASSWORD@HOST:PORT`,
    );
  }
  if (/DB index is out of range/.test(text))
    return new UsageError(`${shown}: it has no database of this number`);
  const other = text.startsWith('Unknown RESP type')
    ? 'whoever is there speaks something else'
    : text;
  const why = isSystemError(error) ? systemReason(error) : other.split('\n')[0];
  return new CouldNot(
    `${shown}: no Redis answers there: ${why}; is redis-server (or valkey-server) running?`,
    { cause: error },
  );
}
