import type { Runtime } from '@lastref/kernel';
import { RingSender } from './lib/ring.ts';

export const runtime = {
  id: 'sendzc-first-cqe',
  title: 'the first completion is taken for the only one',
  year: 2023,
  source: 'tokio-rs/io-uring issue 220: two completions come, is that so?',
  status: 'canary',
  summary:
    'As for SEND, the result ends the request. Over SEND_ZC it says that the data is queued; the notification says that the buffer is free.',
  over: 'send-zc',
  create: (calls) => new FirstCqe(calls),
} satisfies Runtime;

class FirstCqe extends RingSender {
  protected override isLast(): boolean {
    return true;
  }
}
