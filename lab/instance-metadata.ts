import { request } from 'node:http';
import { metadataAddress } from './names.ts';

const answerWithinMs = 2_000;

/** What the instance metadata service says under `/latest/meta-data/`. @throws when it doesn't know, or is silent */
export async function instanceMetadata(path: string): Promise<string> {
  const token = await send('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' });
  return send('GET', `/latest/meta-data/${path}`, { 'x-aws-ec2-metadata-token': token });
}

function send(method: 'GET' | 'PUT', path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ host: metadataAddress, path, method, headers, timeout: answerWithinMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${text}`))));
    });
    call.on('timeout', () => call.destroy(new Error(`${path}: the metadata service is silent`)));
    call.on('error', reject);
    call.end();
  });
}
