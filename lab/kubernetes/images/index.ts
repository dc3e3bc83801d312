/**
 * The images that a node of the lab knows. There is no registry to pull from: a name that isn't here can't be had, as a name
 * that isn't in a registry.
 */
import { createHash } from 'node:crypto';
import { etcd } from './etcd.ts';
import { firedrill } from './firedrill.ts';
import type { Image } from './image.ts';
import { linkerd } from './linkerd.ts';
import { pause } from './pause.ts';
import { shell } from './shell.ts';
import { specimen } from './specimen.ts';
import { web } from './web.ts';

export type { Image };

const images: readonly Image[] = [etcd, firedrill, linkerd, pause, shell, specimen, web];

/** Other names by which people call them. */
const aliases: Readonly<Record<string, Image>> = { pause, busybox: shell, 'registry.k8s.io/etcd': etcd, 'gcr.io/etcd-development/etcd': etcd };

/** @param reference with or without a tag or digest; every tag of a name is the same image */
export function findImage(reference: string): Image | undefined {
  const name = nameOf(reference);
  return images.find((image) => image.name === name || image.name === fullName(name)) ?? aliases[name];
}

/** What Node.status.images tells. */
export function imagesOnNode(): { names: string[]; sizeBytes: number }[] {
  return images.map(({ name, sizeBytes }) => ({ names: [`${name}:latest`], sizeBytes }));
}

/** The digest that a container's status shows. */
export const imageId = (image: Image): string => `sha256:${createHash('sha256').update(JSON.stringify(image)).digest('hex')}`;

/** Why it can't be had, in the words of containerd for a name that no registry knows. */
export function pullError(reference: string): string {
  const name = nameOf(reference);
  const full = `${fullName(name)}${reference.slice(name.length) || ':latest'}`;
  return (
    `failed to pull and unpack image "${full}": failed to resolve image: pull access denied, repository does not exist or ` +
    'may require authorization: server message: insufficient_scope: authorization failed'
  );
}

/** Without tag and digest. A colon before a slash belongs to a registry's port. */
const nameOf = (reference: string): string => reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');

/** As Docker's names are completed. */
function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `docker.io/library/${name}`;
  return /[.:]|^localhost$/.test(first) ? name : `docker.io/${name}`;
}
