// What `npm test` uses beside what a run does: programs that are not ours, which check the reports.
const VERSION = ['--version'];

function program(name, debian, purpose) {
  return { name, find: { program: name }, package: debian, purpose, required: true, versionArgs: VERSION };
}

const TEST_TOOLS = [
  program('xmllint', 'libxml2-utils', 'checks JUnit reports by the common schema'),
  program('python3', 'python3', "runs the kernel's KTAP parser"),
  program('chromium-headless-shell', 'chromium-headless-shell', 'opens the page'),
  { ...program('DejaVu Sans', 'fonts-dejavu-core', 'the page has letters'), find: { files: ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'] } },
];

/** Installs what is missing of it, as `respin setup` does; throws with the command to type where it may not. */
export async function installTestTools() {
  const { withSession } = await import('../dist/session.js');
  const { installMissing } = await import('../dist/host/install.js');
  await withSession((ctx) => installMissing(ctx, TEST_TOOLS));
}
