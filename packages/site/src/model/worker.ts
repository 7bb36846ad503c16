// A worker with the whole model: one ask at a time, answers as they come. Who started it ends it when it takes too long.
import { Broken, faultOf } from '@lastref/runner/candidates';
import { onProgress } from '../browser/globals.ts';
import { check, explore, row, story, type Say } from './asks.ts';
import type { Answer, Ask } from './protocol.ts';
import { placeAll } from './source.ts';

interface Scope {
  onmessage: ((event: { data: Ask }) => void) | null;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;
const post = scope.postMessage.bind(scope);
const say: Say = (answer) => post(answer);

placeAll();
onProgress((text) => say({ kind: 'progress', text: text.trim() }));

scope.onmessage = ({ data }) => void answer(data);

async function answer(ask: Ask): Promise<void> {
  try {
    switch (ask.kind) {
      case 'row':
        await row(ask, say);
        break;
      case 'story':
        await story(ask, say);
        break;
      case 'check':
        await check(ask, say);
        break;
      case 'explore':
        await explore(ask, say);
        break;
    }
    say({ kind: 'end', fault: '' });
  } catch (error) {
    say({ kind: 'end', fault: faultText(ask, error) });
  }
}

function faultText(ask: Ask, error: unknown): string {
  if (error instanceof Broken) {
    const name = 'id' in ask.design ? ask.design.id : ask.design.name;
    return faultOf(name, null, error).text;
  }
  return error instanceof Error ? error.message : String(error);
}
