// Designs from outside the repository.
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { UsageError } from './errors.ts';
import { FROM_SOURCE, ROOT, loadDesign, type DesignFile } from './registry.ts';

let ready = false;

/** Teaches this thread to load TypeScript from anywhere, with '@lastref/…' resolved from here. */
async function prepare(): Promise<void> {
  if (ready) return;
  ready = true;
  if (!FROM_SOURCE) (await import('tsx/esm/api')).register();
  register(pathToFileURL(`${ROOT}harness/bin/candidate-hook.mjs`).href, {
    parentURL: import.meta.url,
    data: { parent: import.meta.url },
  });
}

/** Loads a candidate; anything wrong with it is one line. */
export async function loadCandidate(file: string): Promise<DesignFile> {
  if (!existsSync(file))
    throw new UsageError(
      `${file}: no such file; --with takes the path of a design's TypeScript file`,
    );
  await prepare();
  try {
    return await loadDesign(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be loaded: ${(error as Error).message.split('\n')[0]}`);
  }
}
