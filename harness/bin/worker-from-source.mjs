// A worker thread's entry file is not looked at by module hooks, so it is JavaScript and brings them itself.
import { register } from 'tsx/esm/api';

register();
await import('../src/worker.ts');
