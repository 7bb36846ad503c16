// A run of messages of one size, under a design of the repository.
import { fileURLToPath } from 'node:url';
import { findEra, loadDesign } from '../src/index.ts';
import { runClock, type CellAnswer } from '../src/compare/clock.ts';
import { SIZE_WORKLOADS, messagesOf, sizeId } from '../src/compare/sizes.ts';

const NO_CAPTURE = { file: '', driverTicks: 0, flows: null };

export async function runOf(id: string, bytes: number): Promise<CellAnswer> {
  const file = fileURLToPath(new URL(`../../../strategies/${id}.ts`, import.meta.url));
  const { design } = await loadDesign(file);
  const workload = SIZE_WORKLOADS.find((w) => w.id === sizeId(bytes))!;
  return runClock({ design, workload, era: findEra('3.8'), seed: 1 }, 1, NO_CAPTURE, 'words');
}

/** Bytes of payload that the sending host copies for one message. */
export async function copiedOf(id: string, bytes: number): Promise<number> {
  const { costs } = await runOf(id, bytes);
  return (costs.lent['copiedPayloadBytes'] ?? 0) / messagesOf(bytes);
}
