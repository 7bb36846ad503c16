/** Directories of packages, below `root`. */
export function packagesOf(root: string): string[];
/** A line per file that is there: path, size and time of the last change. */
export function stamp(root: string, files: readonly string[]): string;
export function recorded(file: string): string;
/** Is there a build in `root`, and is it that of the sources as they are? */
export function isBuilt(root: string): boolean;
/** To be called when a build has come to its end. */
export function recordBuild(root: string): void;
