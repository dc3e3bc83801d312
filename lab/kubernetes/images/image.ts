/** What a node has in place of a container image: a program of the host's, run in a root of its own. */
export interface Image {
  /** Reads as an image's reference does, without a tag. */
  readonly name: string;
  /** What runs when the pod doesn't say. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files that the image brings, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  /** What of the machine it shows as its own: files and folders, not to be changed. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  /** What a node says it takes. */
  readonly sizeBytes: number;
}
