// The report in a real browser: what a reviewer does with it, and what it must never do.
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { reportSchema } from '@lastref/report';
import { digestOfDocument } from '@lastref/runner';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, startBrowser } from './start.ts';
import { lastref } from '../run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'lastref-report-'));
const MARKUP = '</script><img src=x onerror="document.title=1"><b>bold</b>';

/** A design from outside whose author knows HTML. */
const HOSTILE = `
import { GetPutPage, type Design } from '@lastref/kernel';
class Hostile extends GetPutPage {}
export const design = {
  id: 'hostile', title: ${JSON.stringify(MARKUP)}, year: 2026, source: ${JSON.stringify(MARKUP)},
  status: 'proposed', summary: ${JSON.stringify(MARKUP)}, reading: ${JSON.stringify(MARKUP)},
  adds: [], hooks: 0, claims: [], create: (k) => new Hostile(k),
} satisfies Design;
`;

function report(name: string, ...args: string[]): string {
  const out = join(dir, name);
  const ran = lastref('report', '--json', '--out', out, ...args);
  expect(ran.code, ran.stderr).toBe(0);
  const doc = reportSchema.parse(JSON.parse(ran.stdout));
  expect(doc.files.map((f) => f.name)).toEqual(['report.html', 'report.md', 'report.txt']);
  expect(doc.stale).toBe(false);
  return out;
}

describe.skipIf(browserPath === undefined)('in Chromium (skipped where it is missing)', () => {
  let browser: Browser;
  let comparison: string;
  let capture: string;
  const complaints: string[] = [];
  const requests: string[] = [];

  const open = async (file: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1300, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${file}/report.html`);
    await page.waitForSelector('main');
    return page;
  };

  beforeAll(async () => {
    const claims = join(dir, 'claims.json');
    const scope = `within ${MARKUP}`;
    const rows = [{ id: 'C4', verdict: 'confirmed', token: null, scope, text: 'a claim' }];
    writeFileSync(claims, JSON.stringify({ rows, digest: digestOfDocument({ rows }) }));
    comparison = report(
      'comparison',
      '--designs',
      'rpc-reply,splice-pipe-release,ian-frag-destructor',
      '--workloads',
      'nfs-odirect,loopback-slow-reader',
      '--claims',
      claims,
    );
    const hostile = join(dir, 'hostile.ts');
    writeFileSync(hostile, HOSTILE);
    const file = join(dir, '<img src=x onerror=alert(1)>.pcap');
    const data = '../../../packages/capture/data/04-rpc-write-client.pcap';
    copyFileSync(fileURLToPath(new URL(data, import.meta.url)), file);
    capture = report(
      'capture',
      '--with',
      hostile,
      '--designs',
      'hostile,ian-frag-destructor',
      '--capture',
      file,
    );
    browser = await startBrowser();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
  });

  const column = (page: Page, n: number): Promise<string[]> =>
    page.locator(`#verdicts .heat tbody tr > :nth-child(${n})`).allInnerTexts();

  test('the longest name and the largest figure stand in the pictures whole', async () => {
    const designs = 'rusty-shinfo-orig-one-loan,sock-wfree-asks-pages';
    const long = report('long', '--designs', designs, '--workloads', 'nfs-odirect');
    const page = await open(long);
    const cut = await page.locator('.plot svg[viewBox]').evaluateAll((pictures) =>
      pictures.flatMap((picture) => {
        const { width } = (picture as SVGSVGElement).viewBox.baseVal;
        return [...picture.querySelectorAll('text')]
          .filter((text) => {
            const { x, width: wide } = text.getBBox();
            return x < 0 || x + wide > width;
          })
          .map((text) => text.textContent);
      }),
    );
    expect(cut).toEqual([]);
    expect(await page.locator('.plot .label').allTextContents()).toContain(designs.split(',')[0]);
  }, 240_000);

  test('a column sorts by gravity, by figures and by name, and back', async () => {
    const page = await open(comparison);
    const head = (name: string) =>
      page.locator('#verdicts .heat thead').getByRole('button', { name });
    await head('nfs-odirect').click();
    expect((await column(page, 5))[0]).toBe('delivered');
    const sorted = page.locator('#verdicts .heat th[aria-sort="ascending"]');
    expect(await sorted.innerText()).toContain('nfs-odirect');
    await head('nfs-odirect').click();
    expect((await column(page, 5))[0]).toBe('holds');
    await head('holds').click();
    expect(await column(page, 2)).toEqual(['2', '1', '0']);
    await head('design').click();
    expect((await column(page, 1)).map((t) => t.split('\n')[0])).toEqual([
      'ian-frag-destructor',
      'rpc-reply',
      'splice-pipe-release',
    ]);
  });

  test('columns filter by word, by its absence and by number, and say how many rows are left', async () => {
    const page = await open(comparison);
    const filter = (name: string) => page.locator('#verdicts').getByLabel(`filter ${name}`).first();
    await filter('loopback-slow-reader').fill('delivered');
    expect(await column(page, 1)).toHaveLength(1);
    expect(await page.locator('#verdicts .count').first().innerText()).toBe('1 of 3 rows');
    await filter('loopback-slow-reader').fill('!delivered');
    expect(await column(page, 1)).toHaveLength(2);
    await filter('holds').fill('>1');
    expect((await column(page, 1)).join()).toContain('ian-frag-destructor');
    await filter('design').fill('no such');
    expect(await column(page, 1)).toEqual(['no row is left: loosen a filter']);
    const wide = () =>
      page
        .locator('#verdicts .heat thead th')
        .first()
        .evaluate((th) => th.clientWidth);
    const before = await wide();
    await filter('design').fill('');
    await filter('holds').fill('');
    await filter('loopback-slow-reader').fill('');
    expect(await wide()).toBe(before);
    await page.getByLabel('failing only').first().check();
    expect(await column(page, 1)).toHaveLength(2);
  });

  test('a cell opens its story; keys step through it; the other design shows the same moment', async () => {
    const page = await open(comparison);
    const cell = page.getByRole('button', {
      name: 'rpc-reply on nfs-odirect: delivered, open its story',
    });
    await cell.first().click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.locator('h2').innerText()).toMatch(/^rpc-reply on nfs-odirect, loan \d+$/);
    const now = dialog.locator('.now');
    const stepNow = async (): Promise<number> =>
      Number(/Step (\d+)/.exec(await now.innerText())![1]);
    const outcome = await dialog.locator('.outcome').innerText();
    const fatal = Number(/corrupt \(delivered\) at step (\d+)/.exec(outcome)![1]);
    expect(await stepNow()).toBe(fatal);
    expect(await now.innerText()).toContain('corrupt (delivered)');
    const lanes = await dialog.locator('.lanes > div').allInnerTexts();
    expect(lanes.slice(0, 5)).toEqual([
      'producer',
      'write queue',
      'tx ring',
      'wire',
      'application',
    ]);
    const slider = dialog.getByRole('slider');
    const last = Number(await slider.inputValue());
    await dialog.locator('h2').click();
    await page.keyboard.press('ArrowLeft');
    expect(Number(await slider.inputValue())).toBe(last - 1);
    await slider.fill('0');
    expect(await now.innerText()).toContain('The producer lends pages of the loan.');
    await slider.fill(String(last));
    const early = dialog.locator('.steps button', { hasText: /b>a delivers/ }).last();
    await dialog.getByText('All steps as text').click();
    await early.click();
    expect(await now.innerText()).toMatch(/Step \d+/);
    await slider.fill(String(last));
    await dialog.getByRole('button', { name: /splice-pipe-release/ }).click();
    expect(await dialog.locator('.outcome').innerText()).toContain('no finding');
    // The clocks agree; one of the two runs may have taken a few steps more until then.
    expect(Math.abs((await stepNow()) - fatal)).toBeLessThan(5);
    expect(await dialog.locator('.glyph.completed').count()).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });

  test('an address is a token, a step and a design beside; a bad one says what is wrong', async () => {
    const page = await open(comparison);
    const at = () => page.evaluate(() => location.hash);
    await page
      .getByRole('button', { name: 'rpc-reply on nfs-odirect: delivered, open its story' })
      .first()
      .click();
    expect(await at()).toMatch(/^#t=lr2\.rpc-reply\.nfs-odirect\.\S+&loan=\d+&step=\d+$/);
    await page.getByRole('dialog').getByRole('slider').fill('0');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /splice-pipe-release/ })
      .click();
    const link = await at();
    expect(link).toMatch(/&step=\d+&beside=splice-pipe-release$/);
    const now = await page.locator('dialog .now').innerText();

    // Somebody else opens it.
    const other = await open(comparison);
    await other.evaluate((hash) => (location.hash = hash), link);
    await other.waitForSelector('dialog[open]');
    expect(await other.locator('dialog .now').innerText()).toBe(now);
    expect(await at()).toBe(link);

    const [token] = /lr2[^&]*/.exec(link)!;
    for (const [hash, message] of [
      ['#story=0', /links by number/],
      ['#t=lr2.nobody.nowhere', /no story of its token/],
      [`#t=${token}&loan=99999`, /has no loan 99999/],
      [`#t=${token}&step=x`, /step= takes a number/],
      [`#t=${token}&beside=nobody`, /nobody took these steps under nobody/],
    ] as const) {
      await other.evaluate((to) => (location.hash = to), hash);
      await expect.poll(() => other.getByRole('alert').innerText()).toMatch(message);
      expect(await other.locator('dialog[open]').count()).toBe(0);
    }
  });

  test('heads and names stay in sight; findings are folded by cause; paper has all of them', async () => {
    const page = await open(comparison, { viewport: { width: 700, height: 400 } });
    const region = page.locator('#operations .scroll').first();
    const [head, name] = [region.locator('thead th').first(), region.locator('tbody th').last()];
    await region.evaluate((e) => e.scrollTo(300, e.scrollHeight));
    const box = (await region.boundingBox())!;
    expect(Math.abs((await head.boundingBox())!.y - box.y)).toBeLessThan(3);
    expect(Math.abs((await name.boundingBox())!.x - box.x)).toBeLessThan(3);

    const findings = page.locator('#findings table');
    expect(await findings.first().isVisible()).toBe(false);
    const [, causes, all] = /(\d+) causes behind (\d+)/.exec(
      await page.locator('#findings summary').first().innerText(),
    )!;
    expect(Number(causes)).toBeLessThanOrEqual(Number(all));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await findings.nth(0).locator('tbody tr').count()).toBe(Number(causes));
    expect(await findings.nth(1).locator('tbody tr').count()).toBe(Number(all));
    expect(await page.locator('details:not([open])').count()).toBe(0);
    // No column is cut off on a sheet of A4 in landscape.
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 1040, height: 740 });
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('table')].map(
        (t) => t.getBoundingClientRect().right - innerWidth,
      ),
    );
    expect(Math.max(...cut)).toBeLessThan(1);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await findings.first().isVisible()).toBe(false);
  });

  test('it says what it is, what made it and where that is to be had', async () => {
    const page = await open(comparison);
    expect(await page.locator('.what-is-this').innerText()).toMatch(/^Zero-copy transmission/);
    expect(await page.locator('footer').innerText()).toMatch(
      /lastref \d+\.\d+\.\d+, machine [0-9a-f]{8}(, commit [0-9a-f]{12})?\. Commands begin with/,
    );
  });

  test.each(['light', 'dark'] as const)('axe finds nothing in %s', async (colorScheme) => {
    const page = await open(comparison, { colorScheme });
    await page.locator('#findings summary').first().click();
    const source = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
    await page.evaluate(source);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.map((v) => `${v.id}: ${v.nodes.map((n) => String(n.target)).join(' ')}`);
    });
    expect(found).toEqual([]);
  });

  test('arrow keys walk over the matrix, and Enter opens a refuted cell', async () => {
    const page = await open(comparison);
    const cells = page.locator('#operations button.cell');
    const inOrder = page.locator('#operations button.cell[tabindex="0"]');
    expect(await inOrder.count()).toBe(1);
    await cells.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const focused = await page.evaluate(() => document.activeElement!.getAttribute('aria-label'));
    expect(focused).toContain('splice-pipe-release under');
    expect(await inOrder.count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open] .spacetime');
  });

  test('plots, layouts and claims are there; without claims there is no such section', async () => {
    const page = await open(comparison);
    expect(await page.locator('#costs .bars rect').count()).toBeGreaterThan(10);
    expect(await page.locator('#holds .bucket').count()).toBeGreaterThan(3);
    const before = await page.locator('#holds svg').innerHTML();
    await page.locator('#holds select').last().selectOption('lent');
    expect(await page.locator('#holds svg').innerHTML()).not.toBe(before);
    expect(await page.locator('#layouts .struct .added').count()).toBeGreaterThan(0);
    expect(await page.locator('#claims tbody th').allInnerTexts()).toEqual(['C4']);
    expect(await (await open(capture)).locator('#claims').count()).toBe(0);
  });

  test('on a narrow screen the page does not scroll sideways; on paper its tools are gone', async () => {
    const narrow = await open(comparison, { viewport: { width: 380, height: 700 } });
    const width = await narrow.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(380);
    const page = await open(comparison);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav').isVisible()).toBe(false);
    expect(await page.locator('#verdicts .filters').first().isVisible()).toBe(false);
    expect(await page.locator('#featured .spacetime').isVisible()).toBe(true);
  });

  test('light and dark have the contrast that small text needs', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open(comparison, { colorScheme });
      const pairs = await page.evaluate(() =>
        [...document.querySelectorAll('.verdict, .lead, small, .holders li, nav a')].map((e) => {
          let ground: Element | null = e;
          let fill = 'rgba(0, 0, 0, 0)';
          while (ground !== null && fill.endsWith(', 0)')) {
            fill = getComputedStyle(ground).backgroundColor;
            ground = ground.parentElement;
          }
          return [getComputedStyle(e).color, fill, e.className] as const;
        }),
      );
      for (const [ink, ground, what] of pairs)
        expect(
          contrast(ink, ground),
          `${colorScheme} ${what}: ${ink} on ${ground}`,
        ).toBeGreaterThan(4.4);
    }
  });

  test('what a capture or a candidate says is never markup', async () => {
    const page = await open(capture);
    expect(await page.title()).toBe('When was the page really free? · lastref');
    expect(await page.locator('img, main b:text-is("bold")').count()).toBe(0);
    expect(await page.locator('#verdicts').innerText()).toContain('</script><img src=x');
    expect(await page.locator('body').innerText()).toContain('<img src=x onerror=alert(1)>.pcap');
    await page.locator('#verdicts button.cell').first().click();
    await page.waitForSelector('dialog[open] .spacetime');
    expect(await page.locator('img').count()).toBe(0);
  });

  test('nothing was complained of, and no request left the page', async () => {
    const page = await open(comparison);
    const refused = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => 'sent',
        () => 'refused',
      ),
    );
    expect(refused).toBe('refused');
    const others = complaints.filter((c) => !c.includes('example.org'));
    expect(others).toEqual([]);
    expect(requests.filter((r) => !r.startsWith('file://'))).toEqual([]);
    expect(readFileSync(`${comparison}/report.html`, 'utf8')).not.toMatch(/(src|href)="https?:/);
  });

  test('the committed report opens, and is small enough to be committed', async () => {
    const results = fileURLToPath(new URL('../../../results', import.meta.url));
    const page = await open(results);
    expect(await page.locator('#verdicts .heat tbody tr').count()).toBeGreaterThan(10);
    // as a server sends it
    expect(gzipSync(readFileSync(`${results}/report.html`)).length).toBeLessThan(600_000);
  });

  test('the Markdown and the text say the same, within their means', () => {
    const text = readFileSync(`${comparison}/report.txt`, 'utf8');
    const wide = text.split('\n').filter((l) => l.length > 72 && !l.includes('lastref replay'));
    expect(wide).toEqual([]);
    expect(text).toMatch(/rpc-reply +D \(L\)/);
    const markdown = readFileSync(`${capture}/report.md`, 'utf8');
    const outsideCode = markdown.replace(/`[^`\n]*`/g, '');
    expect(outsideCode).not.toMatch(/(?<!\\)<img|(?<!\\)<\/script/);
  });
});

const reference = (name: string): string =>
  readFileSync(new URL(`../../../results/${name}`, import.meta.url), 'utf8');
const { digest } = JSON.parse(reference('compare.json')) as { digest: string };

test.skipIf(!reference('report.html').includes(digest))(
  'the committed report shows the committed comparison (skipped: it is stale, run npm run reference)',
  () => {
    for (const name of ['report.html', 'report.md', 'report.txt'])
      expect(reference(name)).toContain(digest);
  },
);

/** Contrast of two CSS colours by WCAG. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [r, g, bl] = /\(([^)]*)/
      .exec(colour)![1]!
      .split(/[, ]+/)
      .map((v) => Number(v) / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * bl!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}
