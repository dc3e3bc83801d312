import { renderXml } from './xml.ts';

export type Protocol = 'ec2' | 'query';

/** An error as AWS would answer it: its code, its HTTP status and its text. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The body of an error answer in the JSON protocol. */
export function jsonError(error: AwsError): string {
  return JSON.stringify({ __type: error.code, message: error.message });
}

/** The body of an error answer in the shape of the protocol. */
export function renderError(protocol: Protocol, error: AwsError, requestId: string, xmlns: string | undefined): string {
  if (protocol === 'ec2') {
    const body = { Errors: { Error: { Code: error.code, Message: error.message } }, RequestID: requestId };
    return `<?xml version="1.0" encoding="UTF-8"?>\n${renderXml('Response', body, 'item')}`;
  }
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  const body = { Error: { Type: type, Code: error.code, Message: error.message }, RequestId: requestId };
  return renderXml('ErrorResponse', body, 'member', xmlns);
}

export const dryRunOperation = (): AwsError =>
  new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`);

export const invalidParameterValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** Auto Scaling's word for a parameter that is missing, of the wrong form, or that names nothing. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
