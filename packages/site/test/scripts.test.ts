// The playground's scripts where there is no Node: what they would ask of it at once ends them before they hear anything.
import { createContext, runInContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import { bundleScripts, type Scripts } from '../src/bundle/bundle.ts';

let scripts: Scripts;

beforeAll(async () => {
  scripts = await bundleScripts();
});

/** A worker of a page, as far as its script sees it while it is loaded. */
function worker() {
  const heard: string[] = [];
  const listen = (event: string): number => heard.push(event);
  const given = { TextEncoder, TextDecoder, URL, performance, structuredClone, queueMicrotask };
  const scope: Record<string, unknown> = {
    ...given,
    addEventListener: listen,
    postMessage: () => undefined,
    location: new URL('http://localhost/play.html'),
    navigator: { userAgent: 'test', language: 'en' },
    setTimeout,
    clearTimeout,
    console,
  };
  scope['self'] = scope;
  return { heard, context: createContext(scope) };
}

test.each(['model', 'compiler'] as const)('the %s is loaded and listens', (name) => {
  const { heard, context } = worker();
  runInContext(scripts[name], context);
  const { onmessage } = context as { onmessage?: unknown };
  expect(heard.includes('message') || typeof onmessage === 'function').toBe(true);
});
