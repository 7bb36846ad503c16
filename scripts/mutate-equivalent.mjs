// Mutants that change nothing that anybody could see, for scripts/mutate.mjs: by file, the line as it reads, what becomes
// of it, and why that is the same. A line that no longer reads so stops the command.
export const EQUIVALENT = [];
