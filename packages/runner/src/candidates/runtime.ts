// A runtime as a design: mainline's MSG_ZEROCOPY is under it, whose notifications go to the program. So whoever runs,
// judges, searches or replays designs needs to know of no second kind.
import type { Design, Over, Program, Runtime } from '@lastref/kernel';
import { design as mainline } from '@lastref/strategies/msg-zerocopy';

/** The newest kernel that is modelled: what is under a program today. */
const ERA = { id: '7.2.13', source: 'the newest kernel that is modelled' };

/** A runtime's card, whoever brings it. */
type RuntimeCard = Pick<Runtime, 'id' | 'title' | 'year' | 'source' | 'summary' | 'create'> &
  Partial<Pick<Runtime, 'era' | 'repairs'>> & {
    readonly over: Over;
    readonly status?: Design['status'];
  };

/**
 * Of the card nothing reaches the kernel but the era. io_uring's notifications hang where those of MSG_ZEROCOPY do: in
 * a ubuf_info. @kernel io_uring/notif.c (6.12)
 */
export function designUnder(runtime: RuntimeCard): Design {
  const {
    id,
    title,
    year,
    source,
    era = ERA,
    status = 'practice',
    summary,
    repairs,
    over,
  } = runtime;
  const { hooks, create } = mainline;
  return {
    id,
    title,
    year,
    source,
    era,
    status,
    summary,
    ...(repairs === undefined ? {} : { repairs }),
    adds: [],
    hooks,
    claims: [],
    over,
    createProgram: runtime.create,
    create,
  };
}

/** Does a design stand for a runtime? */
export function isRuntime({ over }: { readonly over?: unknown }): boolean {
  return over !== undefined;
}

/** The program of a runtime whose card alone is here. */
export function noProgram(id: string): () => Program {
  return () => {
    throw new Error(`${id} is a candidate and runs in an isolate of its own`);
  };
}
