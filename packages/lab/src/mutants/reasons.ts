// All reasons that were given: of which mutants nobody expects that the kept answers see them.
import type { Reason } from './reason.ts';
import { OF_BUFFERS } from './reasons-core.ts';
import { OF_DATAGRAMS } from './reasons-ip.ts';

export const REASONS: Readonly<Record<string, Reason>> = { ...OF_BUFFERS, ...OF_DATAGRAMS };
