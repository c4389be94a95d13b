/** How to start npm: the one that started this script, else the one on PATH. */
export function npm() {
  const own = process.env.npm_execpath;
  return own?.endsWith('npm-cli.js') ? [process.execPath, own] : ['npm'];
}
