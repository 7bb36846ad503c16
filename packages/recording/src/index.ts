// Recordings of a running kernel: from what a tool has printed to who could read which page.
import { fileURLToPath } from 'node:url';

export { RecordingError, TOOLS, type Recording, type Tool } from './events.ts';
export { readRecording } from './read/index.ts';
export { recordingDocument, type Asked } from './recording.ts';
export { linesAbout, pageCalled } from './cut.ts';

/** The directory of the scripts that record, from src and from dist alike. */
export const SCRIPTS = fileURLToPath(new URL('../scripts', import.meta.url));
