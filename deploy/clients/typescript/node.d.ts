// What the client takes of Node for files. It declares no more, so that it needs no package.

declare module 'node:crypto' {
  interface Hash {
    update(data: Uint8Array): Hash
    digest(encoding: 'hex' | 'base64'): string
  }
  export function createHash(algorithm: 'sha256'): Hash
}

declare module 'node:fs/promises' {
  interface FileHandle {
    stat(): Promise<{ size: number }>
    read(
      into: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
    ): Promise<{ bytesRead: number }>
    appendFile(data: Uint8Array): Promise<void>
    sync(): Promise<void>
    close(): Promise<void>
  }
  export function open(path: string, flags: 'r' | 'a+'): Promise<FileHandle>
  export function readFile(path: string, encoding: 'utf8'): Promise<string>
  export function writeFile(path: string, text: string): Promise<void>
  export function mkdir(path: string, options: { recursive: true }): Promise<unknown>
  export function rename(from: string, to: string): Promise<void>
  export function unlink(path: string): Promise<void>
}

declare module 'node:process' {
  const process: {
    argv: string[]
    env: Record<string, string | undefined>
    exitCode: number | undefined
    stdout: { write(text: string): unknown }
    stderr: { write(text: string): unknown }
  }
  export default process
}

declare module 'node:path' {
  export function basename(path: string): string
  export function dirname(path: string): string
  export function join(...parts: string[]): string
}
