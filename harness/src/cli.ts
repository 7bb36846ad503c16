// The command line, as a process.
import { watchTheProcess } from './end.ts';
import { main } from './main.ts';

watchTheProcess();
await main();
