import type { Redacted } from '../core/redacted.ts';
import { authorizedLine } from '../link/authorized-line.ts';
import { authorizeLink, inspectLink, judgeKeys, withdrawLink } from '../link/authorize.ts';
import { publicKeyOf } from '../link/link-key.ts';
import { linkKeyName } from '../services/names.ts';
import type { GatewayEntry, Link, NodeEntry } from '../topology/deployment.ts';
import { recordsOf, siteOf, updateRecords, type Engine } from './engine.ts';
import type { LinkObservation } from './observation.ts';
import type { Records } from './records.ts';
import { takeTold } from './told-keys.ts';

/** An account of a gateway's host, and the nodes whose tunnels it lets in. */
type Account = { readonly host: string; readonly user: string; readonly links: readonly Linked[] };
type Linked = { readonly node: NodeEntry; readonly gateway: GatewayEntry; readonly link: Link };

/** Node name -> whether its gateway's host lets its key open the tunnel, and nothing else. */
export async function observeLinks(engine: Engine): Promise<ReadonlyMap<string, LinkObservation>> {
  const observed = await Promise.all(accountsOf(engine).map((account) => observeAccount(engine, account)));
  return new Map(observed.flat());
}

async function observeAccount(engine: Engine, account: Account): Promise<readonly (readonly [string, LinkObservation])[]> {
  const { sites, unreachable } = await engine.reach();
  const away = unreachable.get(account.host);
  if (away) return account.links.map(({ node }) => [node.name, { state: 'unchecked', reason: away.message }]);
  const site = sites.get(account.host) ?? (await siteOf(engine, account));
  const { lines, without } = await linesOf(engine, account);
  const whose = { user: account.user, deployment: engine.deployment.name };
  const told = takeTold(site.keys, account.user);
  const { changed, written, weaker } = told ? judgeKeys(told, whose, lines) : await inspectLink(site.machine, whose, lines);
  const isRight = (node: string): boolean => !changed || (written.length > 0 && !written.includes(node) && weaker.length === 0);
  return account.links.map(({ node: { name } }) => {
    if (without.has(name)) return [name, { state: 'not-authorised', reason: 'it has no key yet' }];
    return [
      name,
      isRight(name) ? { state: 'authorised' } : { state: 'not-authorised', reason: `the keys of ${account.user} there say otherwise` },
    ];
  });
}

/** Makes the lines of this deployment in the account of one link's gateway those of the file. */
export async function authorise(engine: Engine, node: string): Promise<void> {
  for (const account of accountsOf(engine).filter((one) => one.links.some((link) => link.node.name === node))) {
    const site = await siteOf(engine, account);
    const { host, user } = account;
    takeTold(site.keys, user);
    // On record before it is true: what is cut off here is still found again.
    await updateRecords(engine, (records) => ({
      ...records,
      accounts: [...records.accounts.filter((one) => one.host !== host || one.user !== user), { host, user }],
    }));
    await authorizeLink(site.machine, { user, deployment: engine.deployment.name }, (await linesOf(engine, account)).lines);
  }
}

/** Takes every key of this deployment's links back, also those that an earlier file asked for. */
export async function withdrawLinks(engine: Engine): Promise<void> {
  const { accounts } = await recordsOf(engine);
  for (const account of [...accountsOf(engine), ...staleAccounts(engine, accounts)]) await withdrawFrom(engine, account);
}

/** Takes the keys of this deployment's links back from one account of a host, if the host is still one of the deployment's. */
export async function withdrawFrom(engine: Engine, account: { readonly host: string; readonly user: string }): Promise<void> {
  const site = (await engine.sites()).get(account.host);
  if (!site) return;
  takeTold(site.keys, account.user);
  await withdrawLink(site.machine, { user: account.user, deployment: engine.deployment.name });
}

/** Those of the accounts on record that the file gives no key any more. */
export function staleAccounts(engine: Engine, recorded: Records['accounts']): Records['accounts'] {
  const current = accountsOf(engine);
  return recorded.filter(({ host, user }) => !current.some((one) => one.host === host && one.user === user));
}

async function linesOf(
  engine: Engine,
  { links }: Account,
): Promise<{ readonly lines: readonly string[]; readonly without: ReadonlySet<string> }> {
  const deployment = engine.deployment.name;
  const keys = await Promise.all(links.map(async (one) => ({ ...one, key: await engine.store.read(linkKeyName(one.node.name)) })));
  const withKey = keys.flatMap((one): readonly (Linked & { readonly key: Redacted })[] => (one.key ? [{ ...one, key: one.key }] : []));
  return {
    lines: withKey.map(({ node, gateway, key }) =>
      authorizedLine({ deployment, node: node.name, publicKey: publicKeyOf(key), gatewayPort: gateway.port }),
    ),
    without: new Set(keys.flatMap((one) => (one.key ? [] : [one.node.name]))),
  };
}

function accountsOf({ deployment }: Engine): readonly Account[] {
  const linked = deployment.nodes.flatMap((node): readonly Linked[] => {
    const gateway = deployment.gateways.find((one) => one.name === node.gateway);
    return node.link && gateway ? [{ node, gateway, link: node.link }] : [];
  });
  const accounts = new Map<string, Account>();
  for (const one of linked) {
    const { host } = one.gateway;
    const { user } = one.link;
    const key = `${host} ${user}`;
    accounts.set(key, { host, user, links: [...(accounts.get(key)?.links ?? []), one] });
  }
  return [...accounts.values()];
}
