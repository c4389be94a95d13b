import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import { parseHostView, readHostView } from './host-view.ts';

test('parseHostView: Linux -> addresses without loopback, namespaces, ports that are open to others', () => {
  const text = [
    'ns net net:[4026531840]',
    'ns pid pid:[4026531836]',
    'fib Local:',
    'fib +-- 0.0.0.0/0 3 0 5',
    'fib |-- 10.0.0.0',
    'fib /24 link UNICAST',
    'fib |-- 10.0.0.7',
    'fib /32 host LOCAL',
    'fib |-- 127.0.0.1',
    'fib /32 host LOCAL',
    'fib |-- 10.0.0.7',
    'fib /32 host LOCAL',
    'v6 fe80000000000000485315fffee9828c 20',
    'v6 fd000222000000000000000000000010 00',
    'tcp 0100007F:1F90',
    'tcp 00000000:0016',
    'tcp 00000000000000000000000001000000:1F91',
    'tcp 00000000000000000000000000000000:1388',
    'tcp 0000000000000000FFFF00000100007F:1F92',
    'tcp 0A00000A:01BD',
  ].join('\n');
  assert.deepEqual(parseHostView(text), {
    addresses: ['10.0.0.7', 'fd00:222:0:0:0:0:0:10'],
    namespaces: { net: 'net:[4026531840]', pid: 'pid:[4026531836]' },
    ports: [22, 445, 5000],
    loopbackPorts: [8080, 8081, 8082],
  });
});

test('parseHostView: macOS -> the same, and no namespaces', () => {
  const text = [
    'addr 127.0.0.1',
    'addr ::1',
    'addr fe80::1%lo0',
    'addr 192.168.1.5',
    'bsd *.22',
    'bsd 127.0.0.1.631',
    'bsd 192.168.1.5.445',
    'bsd ::1.88',
  ].join('\n');
  assert.deepEqual(parseHostView(text), { addresses: ['192.168.1.5'], namespaces: {}, ports: [22, 445], loopbackPorts: [88, 631] });
});

test('parseHostView: nothing or rubbish -> nothing', () => {
  for (const text of ['', 'ns', 'fib', 'tcp x:y', 'bsd nothing'])
    assert.deepEqual(parseHostView(text), { addresses: [], namespaces: {}, ports: [], loopbackPorts: [] });
});

test('readHostView: a host that says nothing -> an error, never an empty view', async () => {
  const run = () => Promise.resolve({ code: 0, signal: undefined, timedOut: false, stdout: '', stderr: '' });
  await assert.rejects(readHostView({ run }));
});

test('readHostView: this machine -> its own namespaces', { skip: process.platform === 'linux' ? false : 'Linux has them' }, async () => {
  const { namespaces } = await readHostView(localHost('here'));
  assert.match(namespaces['net'] ?? '', /^net:\[\d+\]$/);
});
