// The files of a report, written in one go, and the document that says what they show.
import { createHash } from 'node:crypto';
import {
  reportData,
  reportHtml,
  reportMarkdown,
  reportText,
  type ReportDocument,
  type ReportInput,
} from '@lastref/report';
import { digestOfDocument, writeTogether } from '@lastref/runner';

/** Writes report.html, report.md and report.txt to `out`. `page`: a page of Markdown as a file has it. */
export async function writeReport(
  out: string,
  input: ReportInput,
  page: (markdown: string) => string,
): Promise<ReportDocument> {
  const data = reportData(input);
  const files = [
    { name: 'report.html', data: await reportHtml(data) },
    { name: 'report.md', data: page(reportMarkdown(input)) },
    { name: 'report.txt', data: reportText(input) },
  ];
  writeTogether(out, files);
  const content = {
    schema: 'lastref.report/1' as const,
    out,
    files: files.map(({ name, data: text }) => ({
      name,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
    })),
    compare: input.compare.digest,
    movers: input.movers?.digest ?? null,
    stories: input.stories.length,
    stale: input.stale,
  };
  return { ...content, digest: digestOfDocument(content) };
}
