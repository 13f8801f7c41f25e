import ipaddr from 'ipaddr.js';
import { readEndpointUrl } from './endpointUrl';
import { addressGuard } from './publicAddress';

const PRIVATE = [
  '127.0.0.1',
  '127.8.9.1',
  '0.0.0.0',
  '10.0.0.7',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::1',
  '2001:0:7f00:1::1',
  '2001:db8::1',
  '4000::1',
  'localhost',
  '',
];

describe('addressGuard', () => {
  it.each(PRIVATE)('refuses %s', (address) => {
    expect(addressGuard([])(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
    'allows %s, a public address',
    (address) => {
      expect(addressGuard([])(address)).toBe(true);
    },
  );

  it('allows every address on a developer’s machine', () => {
    expect(addressGuard('all')('127.0.0.1')).toBe(true);
  });

  it('refuses text that is no IP address, whatever networks are allowed', () => {
    for (const network of ['0.0.0.0/0', '::/0']) {
      expect(addressGuard([ipaddr.parseCIDR(network)])('localhost')).toBe(false);
    }
  });

  it('allows the operator’s own networks, too, and no others', () => {
    const allow = addressGuard(['10.1.0.0/16', 'fd00:1::/64'].map((network) => ipaddr.parseCIDR(network)));
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00:1::5', '8.8.8.8'].map(allow)).toEqual([true, true, true, true]);
    expect(['10.2.0.1', 'fd00:2::1', '127.0.0.1', '169.254.169.254'].map(allow)).toEqual([false, false, false, false]);
  });
});

describe('readEndpointUrl', () => {
  const rules = { allowAddress: addressGuard([]), allowHttp: false };

  it.each([
    'http://shop.example.com/hook',
    'ftp://shop.example.com/hook',
    'shop.example.com/hook',
    'https://',
    'https://user:pass@shop.example.com/',
    'https://shop.example.com/#part',
    'https://127.0.0.1/hook',
    'https://127.1/hook',
    'https://2130706433/hook',
    'https://0x7f000001/hook',
    'https://0177.0.0.1/hook',
    'https://①②⑦.0.0.1/hook',
    'https://[::1]/hook',
    'https://[::ffff:127.0.0.1]/hook',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.7:5432/',
    `https://shop.example.com/${'x'.repeat(2_048)}`,
  ])('refuses %s', (text) => {
    expect(readEndpointUrl(text, rules)).toEqual({ expected: expect.any(String) });
  });

  it('accepts an https address, and http only if that is allowed', () => {
    expect(readEndpointUrl('https://Shop.example.com:8443/hook?a=1', rules)).toEqual({
      url: 'https://shop.example.com:8443/hook?a=1',
    });
    expect(readEndpointUrl('http://shop.example.com/', { ...rules, allowHttp: true })).toEqual({
      url: 'http://shop.example.com/',
    });
  });
});
