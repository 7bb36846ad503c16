// Takes the pictures of README.md from the committed report, and draws that of docs/recordings.md: `node scripts/pictures.mjs`.
// Needs Chromium.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** A few that tell at different moments. */
const DESIGNS = [
  'naive-sendpage',
  'msg-zerocopy',
  'tcp-ack-callback',
  'ian-frag-destructor',
  'page-net-priv',
];
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

const recording = 'packages/recording/data/bpftrace-mtu-probe-cut.txt';
const drawn = ['docs/images/recording-mtu-probe.svg', '--designs', DESIGNS.join(',')];
const { status } = spawnSync(
  process.execPath,
  ['lastref', 'recording', recording, '--svg', ...drawn],
  {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
if (status !== 0) throw new Error(`${recording} could not be drawn`);
