/** Enters a fabric's namespaces as `keiro`'s commands do: the process that bare-fabric.ts starts. */
import { entrance, type Place } from '#cli/inside.ts';
import { runInside } from '#cli/run-inside.ts';

const { pid, place, program } = JSON.parse(process.argv[2] ?? '') as { pid: number; place: Place; program: string[] }; // from bare-fabric.ts
await runInside(entrance(pid, place, program), process.env);
