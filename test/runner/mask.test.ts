import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { createMask, masked, whyNotMaskable } from '../../runner/mask.ts';

const secret = 'pa<ss&wo"rd/=+ \'ö\\42';

function hiding(...secrets: string[]) {
  const mask = createMask();
  for (const one of secrets) mask.add(one, { of: 'a secret' });
  return mask;
}

describe('a mask', () => {
  const inJson = JSON.stringify({ secret });
  const disguises: [name: string, text: string][] = [
    ['as it is', `wrong: ${secret}!`],
    ['in JSON', inJson],
    ['in JSON within JSON', JSON.stringify({ body: inJson })],
    ['in JSON as Go writes it', inJson.replaceAll('<', String.raw`\u003c`).replaceAll('&', String.raw`\u0026`)],
    ['in a URL', `https://host/?token=${encodeURIComponent(secret)}&x`],
    ['in a URL, in small letters', `https://host/?token=${encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())}`],
    ['in a form', new URLSearchParams({ secret }).toString()],
    ['in XML', '<Message>pa&lt;ss&amp;wo&quot;rd/=+ \'ö\\42</Message>'],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in the base64 of URLs', Buffer.from(secret).toString('base64url')],
    ['in a basic authorization', `Basic ${Buffer.from(`admin:${secret}`).toString('base64')}`],
    ['in a basic authorization of somebody else', `Basic ${Buffer.from(`al:${secret}`).toString('base64')}`],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ];
  for (const [name, text] of disguises) {
    it(`hides a secret ${name}`, () => {
      const safe = hiding(secret).text(text);
      assert.ok(safe.includes(masked), safe);
      const decoded = [safe, decodeURIComponent(safe.replaceAll('+', ' ').replaceAll(/%(?![0-9a-f]{2})/gi, '')), safe.replaceAll(/[\w+/=-]{8,}/g, (part) => Buffer.from(part, 'base64').toString())];
      for (const reading of decoded) assert.ok(!reading.includes('wo"rd'), reading);
    });
  }

  it('hides any secret in any text, wherever it stands and whatever stands around it', () => {
    const any = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }).filter((text) => text.trim().length >= 8 && whyNotMaskable(text) === undefined);
    fc.assert(
      fc.property(any, fc.string(), fc.string(), (value, before, after) => {
        const found = value.trim();
        for (const text of [found, JSON.stringify(found).slice(1, -1), encodeURIComponent(found), Buffer.from(`${before}${found}${after}`).toString('base64')]) {
          const safe = hiding(value).text(`${before}${text}${after}`);
          assert.ok(!safe.includes(text), `${text} in ${safe}`);
        }
      }),
    );
  });

  it('hides each line of a key, whole or with its lines in one', () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const mask = hiding(pem);
    const lines = pem.trim().split('\n').slice(1, -1).filter((line) => line.length >= 16);
    for (const text of [pem, JSON.stringify(pem), pem.replaceAll('\n', ' '), pem.replaceAll('\n', '\r\n'), lines[1]!, Buffer.from(pem).toString('base64')]) {
      const safe = mask.text(text);
      for (const line of lines) assert.ok(!safe.includes(line), safe);
      assert.notEqual(safe, text);
    }
    assert.equal(mask.text('-----BEGIN CERTIFICATE-----'), '-----BEGIN CERTIFICATE-----');
  });

  it('leaves nothing of the longer of two secrets that begin alike', () => {
    assert.equal(hiding('hunter2', 'hunter2-and-more').text('hunter2-and-more hunter2'), '*** ***');
  });

  it('says where the secret came from when it is told', () => {
    const mask = createMask();
    mask.add('hunter2', { of: 'etcd.password', shownAs: '${env:PASSWORD}' });
    assert.equal(mask.text('hunter2 is wrong'), '${env:PASSWORD} is wrong');
  });

  it('hides what is added later, also in texts that it has seen', () => {
    const mask = hiding('first-secret');
    assert.equal(mask.text('a second-secret'), 'a second-secret');
    mask.add('second-secret', { of: 'another' });
    assert.equal(mask.text('a second-secret'), 'a ***');
  });

  it('goes through data, keys and all, and leaves alone what has no secret', () => {
    const mask = hiding('hunter2');
    const data = { why: 'hunter2?', detail: { hunter2: [1, null, { a: 'x hunter2' }], number: 2, nothing: undefined } };
    assert.deepEqual(mask.data(data), { why: '***?', detail: { '***': [1, null, { a: 'x ***' }], number: 2, nothing: undefined } });
    const clean = { list: [Number.NaN, 'a'], undo: { id: 'i-1' } };
    assert.equal(mask.data(clean), clean);
    assert.equal(mask.data(clean).undo, clean.undo);
  });

  it('takes an empty secret for none, and the end of a file for no part of one', () => {
    const mask = hiding('', '\n', 'hunter2\n');
    assert.equal(mask.text('a b c hunter2'), 'a b c ***');
  });

  for (const [value, says] of [['abc', /: x has fewer than 4 characters/], ['undo', /: x is one of firedrill's own words/], ['done', /own words/]] as const) {
    it(`refuses "${value}", which is in too many texts`, () => assert.throws(() => createMask().add(value, { of: 'x' }), says));
  }
});
