// What the page brings with it: texts of sources by path, and what the designs among them export. Empty here: the build
// puts them in this file's place (bundle/sources.ts).

export const texts: Readonly<Record<string, string>> = {};
export const modules: Readonly<Record<string, object>> = {};
