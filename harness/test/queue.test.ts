// `lastref campaign --queue` and `lastref work`: the document of a single machine, whatever is killed meanwhile.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { REDIS, RedisServer, freePort } from '../../scripts/redis.ts';
import { Command, Disturbed, foundIn } from './house/disturbed.ts';
import { LONG } from '../../scripts/tier.ts';
import { answered } from './house/reference.ts';
import { lastref, type Ran } from './run-cli.ts';

const SMALL = ['campaign', '--designs', 'sock-wfree,rpc-reply', '--runs', '8', '--rounds', '3'];
const FEW = ['--workloads', 'sendfile-locked~2,operation-skb_clone-shared', '--json'];

describe.skipIf(REDIS === null)('on a queue (with redis-server)', () => {
  // one of what queue.long.test.ts does twenty times; what the queue itself makes of it: packages/queue
  test('a campaign finds the same bytes, though a worker, Redis and the campaign are killed', async () => {
    const undisturbed = answered(...SMALL, ...FEW);
    const run = await Disturbed.begin([...SMALL, ...FEW], { workers: 1, durable: false });
    await run.reach(2);
    await run.kill('worker');
    await run.reach(5);
    await run.kill('redis');
    await run.reach(8);
    await run.kill('campaign');
    const { stdout, stderr } = await run.end();
    expect(foundIn(stdout), stderr).toBe(foundIn(undisturbed.stdout));
  });

  // the same of a worker in this process: packages/queue
  test.runIf(LONG)('a worker that is told to stop ends with the batch in hand', async () => {
    const redis = await RedisServer.start({ durable: true });
    const campaign = new Command(...SMALL, ...FEW, '--queue', redis.url);
    const first = new Command('work', '--queue', redis.url, '--cores', '1');
    while (!first.stderr.includes('campaign ')) await once(first.child.stderr!, 'data');
    expect(await first.end('SIGINT')).toBe(130);
    expect(first.stderr).toMatch(/SIGINT: finishing the batches in hand/);
    const second = new Command('work', '--queue', redis.url, '--idle', '1');
    expect(await campaign.end(), campaign.stderr).toBe(0);
    expect(await second.end()).toBe(0);
    await redis.remove();
  });

  test('a wrong password, none, and a database that is not there are said in one line', async () => {
    const redis = await RedisServer.start({ durable: false, password: 'secret' });
    const at = (user: string, db = ''): string => `redis://${user}127.0.0.1:${redis.port}${db}`;
    const told = (url: string) => worked(url);
    expect(told(at('')).stderr).toMatch(/it wants a password; the address with one is redis:/);
    expect(told(at(':wrong@')).stderr).toMatch(/the password is wrong/);
    expect(told(at(':wrong@')).stderr).not.toContain('wrong@');
    expect(told(at(':secret@', '/99')).stderr).toMatch(/it has no database of this number/);
    for (const url of [at(''), at(':wrong@'), at(':secret@', '/99')]) {
      expect(told(url).code).toBe(2);
      expect(told(url).stderr).toMatch(/^lastref: [^\n]*\n$/);
    }
    await redis.remove();
  });
});

function worked(url: string): Ran {
  return lastref('work', '--queue', url, '--idle', '0');
}

test.each([
  ['http://127.0.0.1:6379', "'http://' is no scheme of Redis"],
  ['redis', 'this is no URL'],
  ['redis://', 'it names no host'],
  ['redis://127.0.0.1/seven', "'/seven' is no number of a database"],
])('%s is misuse, in one line', (url, what) => {
  for (const { stderr, code } of [worked(url), lastref(...SMALL, ...FEW, '--queue', url)]) {
    expect(stderr).toMatch(/^lastref: [^\n]*; it takes redis:\/\/HOST:PORT [^\n]*\n$/);
    expect(stderr).toContain(what);
    expect(code).toBe(2);
  }
});

test('where no Redis answers, and where something else does, it could not', async () => {
  const nobody = worked(`redis://127.0.0.1:${await freePort()}`);
  expect(nobody.stderr).toMatch(
    /^lastref: redis:[^\n]* no Redis answers there: connection refused \(ECONNREFUSED\); [^\n]*\n$/,
  );
  expect(nobody.code).toBe(3);
  const other = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const asked = new Command('work', '--queue', `redis://127.0.0.1:${port}`, '--idle', '0');
  expect(await asked.end()).toBe(3);
  expect(asked.stderr).toMatch(
    /^lastref: redis:[^\n]* no Redis answers there: whoever is there speaks something else; [^\n]*\n$/,
  );
  other.close();
});

test('a queue shares a campaign out itself', () => {
  const ran = lastref(...SMALL, ...FEW, '--queue', 'redis://127.0.0.1', '--shard', '1/2');
  expect(ran.code).toBe(2);
  expect(ran.stderr).toMatch(/^lastref: --queue and --shard do not go together\n$/);
  expect(lastref('work').stderr).toMatch(
    /^lastref: work takes its batches from a queue: [^\n]*\n$/,
  );
});
