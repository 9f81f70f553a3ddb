// Starts the system's Chromium, watches what a page does, and takes screenshots into test/browser/out/. No assertions here.

import { access, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";
const OUT = fileURLToPath(new URL("out/", import.meta.url));

/** @throws Error when Debian's package `chromium` is not installed */
export async function startChromium(): Promise<Browser> {
  await access(PROGRAM).catch(() => {
    throw new Error(`These tests need ${PROGRAM}. Install it with: apt-get install -y chromium`);
  });
  await mkdir(OUT, { recursive: true });
  return chromium.launch({
    executablePath: PROGRAM,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page, and what it complained about and asked for. */
export interface Watched {
  readonly page: Page;
  /** Console errors and warnings, exceptions, failed requests. */
  readonly complaints: readonly string[];
  /** Origins of everything that was asked for or tried. */
  readonly origins: ReadonlySet<string>;
  close(): Promise<void>;
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) origins.add(new URL(request.url()).origin);
  });
  page.on("requestfailed", (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.goto(url);
  return { page, complaints, origins, close: () => context.close() };
}

/** The whole page as `test/browser/out/<name>.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${OUT}${name}.png`, fullPage: true });
}
