/** `keiro ca`: the certificate of Keiro's certificate authority. */
import { Complaint } from '#cli/complaint.ts';
import { type LocateOptions, requireServer } from '#cli/locate.ts';

export async function ca(options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const pem = await fetchCa((await requireServer(options)).endpoint);
  process.stdout.write(options.json ? `${JSON.stringify({ certificate: pem })}\n` : pem);
}

/** @throws Complaint when the server does not give it. */
export async function fetchCa(endpoint: string): Promise<string> {
  const response = await fetch(`${endpoint}/_keiro/ca`);
  if (!response.ok) throw new Complaint(`the server did not give its certificate: ${response.status}`);
  return response.text();
}
