// A worker thread's entry file is not looked at by module hooks, so it is JavaScript and brings them itself.
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

if (fileURLToPath(import.meta.url).includes('?')) register('./typescript.mjs', import.meta.url);
else (await import('tsx/esm/api')).register();
await import('../src/worker.ts');
