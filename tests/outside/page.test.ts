import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../harness/report/formats.js';
import { badRun, bisection, comparison, everyEvidence, hugeComparison, hugeWalk } from '../unit/report/samples.js';
import { program, reportOf, useFolder } from './tools.js';

const executablePath = program('chromium-headless-shell', 'chromium', 'google-chrome');

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly impact: string | null; readonly nodes: readonly { readonly html: string }[] }[];
}

describe.skipIf(executablePath === undefined)('the page, in Chromium (skipped where there is none: chromium-headless-shell)', () => {
  const folder = useFolder();
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
  });

  /** Opens a page, and keeps what it asks for and what goes wrong in it. */
  async function open(html: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<{ readonly page: Page; readonly asked: readonly string[]; readonly wrong: readonly string[] }> {
    const path = join(folder, 'report.html');
    writeFileSync(path, html);
    const page = await browser.newPage(options);
    const asked: string[] = [];
    const wrong: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('dialog', (dialog) => {
      wrong.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(pathToFileURL(path).href);
    return { page, asked, wrong };
  }

  it.each(everyEvidence())('asks nobody for anything, and runs nothing of a stranger, of a %s', async (_, evidence) => {
    const { page, asked, wrong } = await open(reportOf('html', evidence));
    expect(asked).toHaveLength(1);
    expect(wrong).toEqual([]);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img, iframe, object, embed, link, form, [onclick], [onerror], [onload]').count()).toBe(0);
    expect(await page.locator('.verdict .name').count()).toBe(1);
    // The whole of a hostile word is there as text.
    if (_.startsWith('hostile')) expect(await page.locator('body').textContent()).toContain('<script>alert(1)</script>');
    await page.close();
  });

  it.each(['light', 'dark'] as const)('has nothing serious for axe in the %s', async (colorScheme) => {
    for (const [name, evidence] of everyEvidence().filter(([one]) => !one.includes('clean'))) {
      const { page } = await open(reportOf('html', evidence), { colorScheme });
      await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
      // The policy of the page lets no script in, not even this one; the debugger may.
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Runtime.evaluate', { expression: axe.source });
      const { result } = await cdp.send('Runtime.evaluate', { expression: `axe.run({ resultTypes: ['violations'] }).then((found) => JSON.stringify({ violations: found.violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map(({ html }) => ({ html })) })) }))`, awaitPromise: true, returnByValue: true });
      const { violations } = JSON.parse(result.value as string) as AxeResult;
      expect(violations, name).toEqual([]);
      await page.close();
    }
  });

  it('shows all of itself on a phone: nothing but tables and consoles is wider', async () => {
    for (const [name, evidence] of everyEvidence()) {
      const { page } = await open(reportOf('html', evidence), { viewport: { width: 360, height: 800 } });
      expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), name).toBeLessThanOrEqual(0);
      await page.close();
    }
  });

  /** How long the page's own thread works until it is there, in seconds: a machine that is busy is not taken for a slow page. */
  async function secondsToOpen(html: string): Promise<number> {
    const page = await browser.newPage();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const path = join(folder, 'huge.html');
    writeFileSync(path, html);
    await page.goto(pathToFileURL(path).href);
    const { metrics } = await cdp.send('Performance.getMetrics');
    await page.close();
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Infinity;
  }

  it('opens 200 patches and 2000 tests with less than a second of work, in less than 5 MB', async () => {
    const { evidence, consoles } = hugeWalk(200, 2000);
    const html = renderReport('html', { evidence, folder: '/evidence', consoles, cells: [], testedBy: undefined });
    expect(Buffer.byteLength(html)).toBeLessThan(5_000_000);
    expect(html).toContain('left out: see patch-53/console.log');
    expect(await secondsToOpen(html)).toBeLessThan(1);
  });

  it('opens a comparison of 200 patches that all changed with less than a second of work, in less than 5 MB, and says what it left out', async () => {
    const html = reportOf('html', hugeComparison(200));
    expect(Buffer.byteLength(html)).toBeLessThan(5_000_000);
    expect(html.match(/<details class="pair">/g)).toHaveLength(200);
    expect(html).toMatch(/<b>… \d+ lines left out: see old-series\/\d{4}\.patch<\/b>/);
    expect(html).toMatch(/There is no room for this patch on the page: see old-series\/\d{4}\.patch and series\//);
    expect(await secondsToOpen(html)).toBeLessThan(1);
  });

  it('finds what is searched for in the consoles, by keyboard, and goes to a line', async () => {
    const { page } = await open(reportOf('html', badRun()));
    await page.locator('#console-search').focus();
    await page.keyboard.type('Linux version');
    await expect.poll(() => page.locator('#console-told').textContent()).toBe('1 of 2 lines');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#console-told').textContent()).toBe('2 of 2 lines');
    expect(await page.locator('.console span.at').isVisible()).toBe(true);
    await page.locator('#reports a').first().click();
    expect(new URL(page.url()).hash).toMatch(/^#c\dL2$/);
    expect(await page.locator(new URL(page.url()).hash).isVisible()).toBe(true);
    await page.locator('.filter').first().fill('b.same');
    await expect.poll(() => page.locator('.filtered .told').first().textContent()).toBe('1 of 4');
    await page.close();
  });

  it('shows the range of a bisection as it shrank', async () => {
    const { page } = await open(reportOf('html', bisection()));
    expect(await page.locator('#range table').first().locator('svg').evaluateAll((pictures) => pictures.map((picture) => picture.getAttribute('aria-label')))).toEqual(['one of 4 changes', 'one of 2 changes', 'one change is left']);
    await page.close();
  });

  it('opens the patches of a comparison by keyboard, side by side, and one below the other on a phone', async () => {
    for (const [width, isWide] of [[1280, true], [360, false]] as const) {
      const { page } = await open(reportOf('html', comparison()), { viewport: { width, height: 800 } });
      const pair = page.locator('.pair').nth(1);
      await pair.locator('summary').focus();
      await page.keyboard.press('Enter');
      const [old, now] = await Promise.all([0, 1].map(async (index) => pair.locator('.sides > div').nth(index).boundingBox()));
      expect((now?.x ?? 0) > (old?.x ?? 0), String(width)).toBe(isWide);
      expect((now?.y ?? 0) > (old?.y ?? 0), String(width)).toBe(!isWide);
      expect(await pair.locator('pre').evaluateAll((blocks) => blocks.map((block) => [block.tabIndex, block.getAttribute('aria-label')]))).toEqual([[0, 'difference of old patch 1 and new patch 2'], [0, 'patch 1 of the old version'], [0, 'patch 2 of the new version']]);
      await page.close();
    }
  });
});
