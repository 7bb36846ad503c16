// A command run for other people's tools: what it writes as JUnit and SARIF is as their schemas want it.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Log } from 'sarif';
import { validateXML } from 'xmllint-wasm';
import { lastref } from '../run-cli.ts';
import { said } from './reference.ts';

/** What Ant writes, as Windy Road Technology wrote it down: what CI servers agree on. */
const XSD = readFileSync(fileURLToPath(new URL('../junit/JUnit.xsd', import.meta.url)), 'utf8');
async function complaints(xmls: readonly string[]): Promise<readonly string[]> {
  const { errors } = await validateXML({
    xml: xmls.map((contents, i) => ({ fileName: `${i}.xml`, contents })),
    schema: { fileName: 'JUnit.xsd', contents: XSD },
  });
  return errors.map((e) => e.rawMessage);
}

/** What was written, to be looked at together: each look takes a thread, and a compiler for its code. */
const written: string[] = [];

/** For every file that is in JUnit's form; and `amiss` when no more comes. */
export function wrote(xml: string): void {
  written.push(xml);
}

/** What the schema has against all files since the last time: how many they were, and each complaint. */
export async function amiss(): Promise<{ files: number; complaints: readonly string[] }> {
  const xmls = written.splice(0);
  return { files: xmls.length, complaints: await complaints(xmls) };
}

/** Runs a command with both files in `dir`. */
export function toldIn(dir: string, ...args: string[]) {
  const [junit, sarif] = [join(dir, 'junit.xml'), join(dir, 'sarif.json')];
  for (const file of [junit, sarif]) rmSync(file, { force: true });
  const ran = said(dir, lastref, ...args, '--junit', junit, '--sarif', sarif);
  expect(ran.code, ran.stderr).toBeLessThan(2);
  const xml = readFileSync(junit, 'utf8');
  wrote(xml);
  const log = JSON.parse(readFileSync(sarif, 'utf8')) as Log;
  wellFormed(log);
  const results = log.runs[0]!.results!;
  return {
    ...ran,
    xml,
    results,
    failures: [...xml.matchAll(/<failure message="([^"]*)"/g)].map((m) => m[1]!),
  };
}

/** What SARIF 2.1.0 requires, and what code hosts ask for beyond. */
function wellFormed(log: Log): void {
  expect(log.version).toBe('2.1.0');
  expect(log.$schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
  const [run, ...more] = log.runs;
  expect(more).toEqual([]);
  const { name, version, rules = [] } = run!.tool.driver;
  expect(name).toBe('lastref');
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(new Set(rules.map((r) => r.id)).size).toBe(rules.length);
  for (const { message, ruleId, ruleIndex, level, locations, partialFingerprints } of run!
    .results!) {
    expect(message.text).toBeTruthy();
    expect(rules[ruleIndex!]!.id).toBe(ruleId);
    expect(['note', 'warning', 'error']).toContain(level);
    const { uri } = locations![0]!.physicalLocation!.artifactLocation!;
    expect(uri).toMatch(/^(?!\/|\w+:)/);
    expect(Object.keys(partialFingerprints!)).toEqual(['lastref/v1']);
  }
}
