// How a module is had by its file. Apart, as a page in a browser has no files and brings its modules with it.
import { pathToFileURL } from 'node:url';

export async function moduleOf(file: string): Promise<object> {
  return (await import(pathToFileURL(file).href)) as object;
}
