// A command line of ours in this process, measured: at its end what all its threads together have used of processors
// is written to a file.
//   usage.ts FILE SCRIPT ARGUMENT…
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Microseconds of processors. */
export type Usage = NodeJS.CpuUsage;

const [node, , file, script, ...args] = process.argv as [string, string, string, string];
process.on('exit', () => writeFileSync(file, JSON.stringify(process.cpuUsage() satisfies Usage)));
process.argv = [node, script, ...args];
await import(pathToFileURL(script).href);
