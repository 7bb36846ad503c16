// Takes the pictures of README.md from the committed report: `node scripts/pictures.mjs`. Needs Chromium.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
if (executablePath === undefined) throw new Error('pictures need Chromium');

const browser = await chromium.launch({
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-sync'],
});
for (const colorScheme of ['light', 'dark']) {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme });
  await page.goto(`file://${root}results/report.html`);
  const story = page.locator('#featured .story');
  await story.scrollIntoViewIfNeeded();
  const { x, y, width } = await story.boundingBox();
  const { y: end } = await story.locator('.controls').boundingBox();
  await page.screenshot({
    path: `${root}docs/images/story-${colorScheme}.png`,
    clip: { x, y, width, height: end - y },
  });
  await page.close();
}
await browser.close();
