// The site in a real browser: a newcomer comes with nothing installed, refutes a design, and repairs it.
import axe from 'axe-core';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteFiles } from '../../../packages/site/src/index.ts';
import { serve } from './serve.ts';
import { browserPath, startBrowser } from './start.ts';

const WAIT = { timeout: 240_000 };

/** What docs/tutorial.md comes to: the stack's own references are the loan's, too. */
const REPAIR = `
  override fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    super.fragRef(shinfo, frag);
    if (frag.loan !== null) this.k.hold(frag.loan);
  }
`;

describe.skipIf(browserPath === undefined)('in Chromium (skipped where it is missing)', () => {
  let browser: Browser;
  let server: Server;
  let address: string;
  const complaints: string[] = [];
  const foreign: string[] = [];

  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    const page = await context.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && !/^(blob|data):/.test(request.url()))
        foreign.push(request.url());
    });
    await page.goto(address + path);
    return page;
  };

  /** Waits for the verdict that follows what `act` does. */
  const judged = async (page: Page, act: () => Promise<unknown>): Promise<string> => {
    const before = (await page.locator('html').getAttribute('data-judged')) ?? '';
    await act();
    await page.waitForFunction(
      (old) => (document.documentElement.dataset['judged'] ?? '') !== old,
      before,
      WAIT,
    );
    return page.locator('.answer').innerText();
  };

  const type = async (page: Page, text: string): Promise<void> => {
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  };

  /** What the editor shows of a design, from the page's own catalog. */
  const sourceOf = (page: Page, id: string): Promise<string> =>
    page.evaluate(async (wanted) => {
      const catalog = (await (await fetch('catalog.json')).json()) as {
        designs: { id: string; text: string }[];
      };
      return catalog.designs.find((d) => d.id === wanted)!.text;
    }, id);

  beforeAll(async () => {
    ({ server, address } = await serve(await siteFiles()));
    browser = await startBrowser();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test('a newcomer gets from the first page to a refuted and a repaired design', async () => {
    const page = await open('');
    await page.getByRole('link', { name: 'Refute a design in the playground' }).click();
    expect(await judged(page, async () => undefined)).toMatch(
      /^naive-sendpage breaks on \d+ of \d+ workloads: \d+ delivered/,
    );
    const cells = page.locator('table.verdicts tr:visible td:nth-child(2)');
    expect(await cells.filter({ hasText: 'n/a' }).count()).toBe(1);
    expect(await cells.evaluateAll((all) => all.filter((c) => c.matches('.old')).length)).toBe(0);
    await page.locator('#story .spacetime').waitFor(WAIT);
    expect(await page.locator('#story .outcome').innerText()).toMatch(/at step \d+/);

    const start = await judged(page, () => page.locator('#design').selectOption('my-design'));
    expect(start).toMatch(/^my-design breaks on \d+ of \d+ workloads/);
    const broken = Number(/breaks on (\d+)/.exec(start)![1]);

    const source = await sourceOf(page, 'my-design');
    const repaired = source.replace(
      '  /** The producer will not lend',
      `${REPAIR}\n  /** The producer will not lend`,
    );
    expect(repaired).toContain(REPAIR);
    const after = await judged(page, () => type(page, repaired));
    const left = Number(/breaks on (\d+)/.exec(after)?.[1] ?? 0);
    expect(left, after).toBeLessThan(broken);

    await page.locator('#check-workload').selectOption('nfs-odirect');
    await page.getByRole('button', { name: 'Check' }).click();
    const checked = page.locator('#checking .checked');
    await checked.filter({ hasText: /^(No counterexample: every order|Refuted)/ }).waitFor(WAIT);
    expect(await checked.innerText()).toMatch(/^No counterexample: every order was tried/);
  }, 600_000);

  test('what breaks in miniature is said before the whole runs are over', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    const source = await sourceOf(page, 'naive-sendpage');
    // it stands there for a moment: whoever looks now and then may miss it
    const said = await page.evaluateHandle(() => {
      const answer = document.querySelector('.answer')!;
      const all: string[] = [];
      const look = (): number => all.push(answer.textContent ?? '');
      new MutationObserver(look).observe(answer, { childList: true, subtree: true });
      return all;
    });
    const whole = await judged(page, () => type(page, `${source}\n// edited\n`));
    expect(await said.jsonValue()).toContainEqual(
      expect.stringMatching(/breaks on \d+ workloads? in miniature/),
    );
    expect(whole).toMatch(/^naive-sendpage breaks on \d+ of \d+ workloads: /);
  }, 600_000);

  test('a slip is answered as on the command line, on its line', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    const source = await sourceOf(page, 'naive-sendpage');
    await type(page, source.replace('override returned', 'override retuned'));
    const answer = page.locator('.answer');
    await answer.getByText('did you mean returned?').waitFor(WAIT);
    expect(await answer.innerText()).toMatch(/naive-sendpage\.ts:23: override retuned overrides/);
    await page.locator('.cm-lintRange-error').first().waitFor(WAIT);
    await type(page, `import 'node:fs';\n${source}`);
    await answer.getByText('it imports node:fs').waitFor(WAIT);
  }, 600_000);

  test('a hook that never returns is ended, and the next design is judged', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    const source = await sourceOf(page, 'naive-sendpage');
    const body = 'if (!loan.completed) this.k.complete(loan);';
    await type(page, source.replace(body, `for (;;) this.k.looked(0);`));
    await page.waitForTimeout(1000);
    const again = await judged(page, () => type(page, source));
    expect(again).toMatch(/^naive-sendpage breaks on/);
  }, 600_000);

  test('a link holds source, token, step and second design; the source waits for a click', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    const source = await sourceOf(page, 'naive-sendpage');
    const story = page.locator('#story');
    await story.locator('.spacetime').waitFor(WAIT);
    const first = await story.getAttribute('data-token');
    await judged(page, async () => {
      await page.locator('#beside').selectOption('ian-frag-destructor');
      await type(page, source.replace("'sendpage as it is'", "'mine: ö'"));
    });
    await expect.poll(() => story.getAttribute('data-token'), WAIT).not.toBe(first);
    await page.getByRole('button', { name: 'step back' }).click();
    const shown = await page.locator('#story .now .what').innerText();
    await page.getByRole('button', { name: 'Link to this' }).click();
    await page.waitForFunction(() => location.hash.includes('source='));
    const { hash } = new URL(page.url());
    expect(hash).toMatch(
      /^#source=[\w-]+&t=lr2\.naive-sendpage\.[^&]+&step=\d+&beside=ian-frag-destructor$/,
    );

    const other = await open(`play.html${hash}`);
    await other.getByRole('button', { name: 'Run it' }).waitFor(WAIT);
    expect(await other.locator('html').getAttribute('data-judged')).toBeNull();
    expect(await other.locator('.cm-content').innerText()).toContain("'mine: ö'");
    await judged(other, () => other.getByRole('button', { name: 'Run it' }).click());
    await other.locator('#story .now .what').waitFor(WAIT);
    await expect.poll(() => other.locator('#story .now .what').innerText(), WAIT).toBe(shown);
    expect(await other.locator('#beside').inputValue()).toBe('ian-frag-destructor');
  }, 600_000);

  test('a link that brings source does not run when its reader looks for another kernel', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    await judged(page, async () =>
      type(page, `${await sourceOf(page, 'naive-sendpage')}\n// mine`),
    );
    await page.getByRole('button', { name: 'Link to this' }).click();
    await page.waitForFunction(() => location.hash.includes('source='));
    const other = await open(`play.html${new URL(page.url()).hash}`);
    await other.getByRole('button', { name: 'Run it' }).waitFor(WAIT);
    await other.locator('#era').selectOption('3.8');
    await other.waitForTimeout(2000);
    expect(await other.locator('.answer').innerText()).toBe('Not run yet.');
    await judged(other, () => other.getByRole('button', { name: 'Run it' }).click());
    await expect
      .poll(() => other.locator('#story').getAttribute('data-token'), WAIT)
      .toMatch(/^lr2\.naive-sendpage\.[^.]+\.3_8\./);
  }, 600_000);

  test('a story that is shown is of the kernel that was chosen', async () => {
    const page = await open('play.html');
    const story = page.locator('#story');
    await judged(page, async () => undefined);
    await expect.poll(() => story.getAttribute('data-token'), WAIT).toContain('.2_6_24.');
    await judged(page, () => page.locator('#era').selectOption('7.2.13'));
    await expect.poll(() => story.getAttribute('data-token'), WAIT).toContain('.7_2_13.');
  }, 600_000);

  test('a runtime is judged on what happens to runtimes, with no design beside it', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    const said = await judged(page, () => page.locator('#design').selectOption('my-runtime'));
    expect(said).toMatch(/^my-runtime breaks on 1 of 10 workloads: 1 lost/);
    const rows = page.locator('table.verdicts tbody tr:visible');
    expect(await rows.count()).toBe(10);
    expect(await page.locator('table.verdicts thead th:visible').count()).toBe(2);
    await page.locator('#story .spacetime').waitFor(WAIT);
    await page.locator('#check-workload').selectOption('runtime-reset');
    await page.getByRole('button', { name: 'Check' }).click();
    await page
      .locator('#checking .checked')
      .filter({ hasText: /^Refuted in \d+ steps: early/ })
      .waitFor(WAIT);
    await judged(page, () => page.locator('#design').selectOption('naive-sendpage'));
    expect(await rows.count()).toBeGreaterThan(30);
    expect(await page.locator('#check-workload').inputValue()).toBe('nfs-odirect');
  }, 600_000);

  test('a reader chooses what happens next; a repaired design takes the same steps', async () => {
    const page = await open('play.html#design=my-design');
    await judged(page, async () => undefined);
    const panel = page.locator('.exploring');
    const taken = panel.locator('.taken li');
    const choose = async (text: RegExp) => {
      const n = await taken.count();
      await panel.locator('.choices button', { hasText: text }).first().click();
      await expect.poll(() => taken.count(), WAIT).toBe(n + 1);
    };
    await panel.getByRole('button', { name: 'Begin' }).click();
    await panel.locator('.choices li').first().waitFor(WAIT);
    expect(await panel.getByText('Nobody: no loan is open.').count()).toBe(1);
    await choose(/^dma nic a reads/);
    await choose(/^txdone nic a frees/);
    await panel.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => taken.count(), WAIT).toBe(1);
    await panel.getByRole('button', { name: 'Forward again (1)' }).click();
    await expect.poll(() => taken.count(), WAIT).toBe(2);
    await panel.getByRole('button', { name: 'Search from here' }).click();
    await panel.getByText(/^The search went this way/).waitFor(WAIT);
    const steps = await taken.count();
    expect(await panel.locator('.spacetime').count()).toBe(1);

    const download = page.waitForEvent('download');
    await panel.getByRole('button', { name: 'PNG' }).click();
    const picture = readFileSync(await (await download).path());
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.length).toBeGreaterThan(10_000);

    await page.getByRole('button', { name: 'Link to this' }).click();
    await page.waitForFunction(() => location.hash.includes('way='));
    const other = await open(`play.html${new URL(page.url()).hash}`);
    const there = other.locator('.exploring');
    await there.getByText(/^Found at step/).waitFor(WAIT);
    expect(await there.locator('.taken li').count()).toBe(steps);
    const source = await sourceOf(other, 'my-design');
    const repaired = source.replace(
      '  /** The producer will not lend',
      `${REPAIR}\n  /** The producer will not lend`,
    );
    await judged(other, () => type(other, repaired));
    await expect.poll(() => there.locator('.checked').innerText(), WAIT).toBe('');
    expect(await there.locator('.taken li').count()).toBe(steps);
  }, 600_000);

  test('what a candidate says to the network is not said', async () => {
    const page = await open('play.html');
    await judged(page, async () => undefined);
    const source = await sourceOf(page, 'naive-sendpage');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const call = `void fetch('${address}stolen').catch(() => undefined);`;
    await type(page, source.replace('if (!loan.completed)', `${call}\n    if (!loan.completed)`));
    await page
      .locator('.answer')
      .getByText(/breaks on \d+ of \d+ workloads:|stopped|fetch/)
      .waitFor(WAIT);
    await page.waitForTimeout(1500);
    expect(asked.filter((url) => url.includes('stolen'))).toEqual([]);
    const frame = page.frames().find((f) => f.url().endsWith('frame.html'))!;
    expect(await frame.evaluate(() => self.origin)).toBe('null');
    complaints.splice(0, complaints.length, ...complaints.filter((c) => !c.includes('stolen')));
  }, 600_000);

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 390])
      for (const path of ['', 'play.html', 'docs/designs/rpc-reply.html', 'operations/index.html'])
        test(`axe finds nothing on /${path} at ${width} px, ${colorScheme}`, async () => {
          const page = await open(path, { colorScheme, viewport: { width, height: 900 } });
          if (path === 'play.html') {
            await judged(page, async () => undefined);
            await page.locator('#story .spacetime').waitFor(WAIT);
          }
          await page.evaluate(axe.source);
          const violations = await page.evaluate(async () => {
            const { axe: found } = window as unknown as { axe: typeof axe };
            const { violations: all } = await found.run(document, { iframes: false });
            return all.map(
              (v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`,
            );
          });
          expect(violations).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(wide).toBeLessThanOrEqual(width);
        }, 600_000);

  test('nobody but the server was asked for anything, and the console stayed empty', () => {
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
