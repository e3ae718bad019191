/**
 * The files of exports and imports, fetched and sent in pieces.
 *
 * Each piece is a call of its own, with the retries and the spacing of any call, so a
 * connection that breaks off costs one piece. No more than a piece is in memory.
 */
import { type Caller, Exports, Imports, type Keyed, type Options } from './operations.js'
import { ProspectConnectError } from './problems.js'
import type * as records from './records.js'
import { fetched, plain, type Send, sent } from './transfers.js'

const WAIT_SECONDS = 2
const AHEAD = ['waiting', 'running']

/** How far an export or an import is. A `job` counts records, the others count bytes. */
export interface Progress {
  stage: 'upload' | 'job' | 'download'
  /** How much is done, what failed included. */
  done: number
  /** How much there is to do; null until that is known. */
  total: number | null
  /** How many records failed. */
  failed: number
  /** The id of the export or the import: `download` or `upload` go on with it. */
  id: string
}

/** The options of a call that sends or fetches files. */
export interface WithProgress extends Options {
  onProgress?: ((progress: Progress) => void) | undefined
}

/** An export that has ended. */
export interface Exported {
  export: records.Export
  /** Where its files are, in their order. */
  paths: string[]
  /** The job that wrote them; undefined if it had ended before. */
  job: records.Job | undefined
}

/** An export or an import has failed or was cancelled; `record` says more. */
export class JobFailed extends ProspectConnectError {
  constructor(readonly record: records.Export | records.Import) {
    const detail = record.problem?.detail
    super(`${record.id} is ${record.state}${detail ? `: ${detail}` : '.'}`)
  }
}

/** Exports, and what fetches their files. It needs Node. */
export class FileExports extends Exports {
  readonly #send: Send

  constructor(caller: Caller, send: Send) {
    super(caller)
    this.#send = send
  }

  /** Creates an export, waits for it and downloads its files into a folder. */
  async toFolder(
    folder: string,
    body: records.CreateExportBody,
    options: WithProgress & Keyed = {},
  ): Promise<Exported> {
    const made = await this.create(body, keyed(options))
    return this.#fetched(made, folder, options)
  }

  /**
   * Waits for an export and downloads its files into a folder. Files that are there
   * already are not loaded again, and one that broke off goes on.
   */
  async download(
    id: string,
    folder: string,
    options: WithProgress = {},
  ): Promise<Exported> {
    return this.#fetched(await this.get(id, of(options)), folder, options)
  }

  async #fetched(
    found: records.Export,
    folder: string,
    options: WithProgress,
  ): Promise<Exported> {
    const { join, basename } = await import('node:path')
    const { id } = found
    const read = () => this.get(id, of(options))
    const { record: done, job } = await ended(this.#send, found, read, options)
    const files = done.result?.files ?? []
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
    const paths = []
    let before = 0
    for (const { number, name, bytes: size, sha256 } of files) {
      const path = `/v1/exports/${encodeURIComponent(id)}/files/${number}`
      const target = join(folder, basename(name))
      const tell = teller('download', id, before, total, options)
      await fetched(this.#send, { path, size, sha256 }, target, tell, options.signal)
      paths.push(target)
      before += size
    }
    return { export: done, paths, job }
  }
}

/** Imports, and what sends and fetches their files. It needs Node. */
export class FileImports extends Imports {
  readonly #send: Send

  constructor(caller: Caller, send: Send) {
    super(caller)
    this.#send = send
  }

  /**
   * Creates an import, uploads a file to it and waits for its end. Rows that were
   * rejected are no failure: `failed` of the import counts them.
   */
  async fromFile(
    file: string,
    body: records.CreateImportBody,
    options: WithProgress & Keyed = {},
  ): Promise<records.Import> {
    const { open } = await import('node:fs/promises')
    await (await open(file, 'r')).close() // before anything is created
    const made = await this.create(body, keyed(options))
    return this.upload(made.id, file, options)
  }

  /**
   * Uploads a file to an import and waits for its end. Parts that have arrived already
   * are not sent again.
   */
  async upload(
    id: string,
    file: string,
    options: WithProgress = {},
  ): Promise<records.Import> {
    const read = () => this.get(id, of(options))
    let found = await read()
    if (found.state === 'waiting_for_content') {
      const path = `/v1/imports/${encodeURIComponent(id)}`
      const arrived = new Map(found.parts.map((part) => [part.number, part.sha256]))
      const tell = (total: number) => teller('upload', id, 0, total, options)
      await sent(this.#send, path, file, arrived, tell, options.signal)
      await this.start(id, of(options))
      found = await read()
    }
    return (await ended(this.#send, found, read, options)).record
  }

  /** Downloads the rows that were rejected, each with its problem. */
  async downloadErrors(id: string, file: string, options: Options = {}): Promise<string> {
    const path = `/v1/imports/${encodeURIComponent(id)}/errors.csv`
    const head = await this.#send(plain('HEAD', path, options.signal))
    const size = Number(head.headers.get('content-length'))
    const sha256 = (head.etag ?? '').replaceAll('"', '')
    const source = { path, size, sha256 }
    await fetched(this.#send, source, file, () => undefined, options.signal)
    return file
  }
}

/** The signal alone: a key is of one call, and others follow it. */
function of({ signal }: Options): Options {
  return { signal }
}

/** The options of the call that creates. */
function keyed({ signal, idempotencyKey }: Keyed): Keyed {
  return idempotencyKey === undefined ? { signal } : { signal, idempotencyKey }
}

function teller(
  stage: Progress['stage'],
  id: string,
  before: number,
  total: number,
  { onProgress }: WithProgress,
): (done: number) => void {
  return (done) => onProgress?.({ stage, done: before + done, total, failed: 0, id })
}

/** The export or the import when it has succeeded, and its job if it was waited for. */
async function ended<Which extends records.Export | records.Import>(
  send: Send,
  found: Which,
  read: () => Promise<Which>,
  { onProgress, signal }: WithProgress,
): Promise<{ record: Which; job: records.Job | undefined }> {
  let record = found
  let job: records.Job | undefined
  while (AHEAD.includes(record.state)) {
    const path = `/v1/jobs/${encodeURIComponent(record.job_id ?? '')}/wait`
    const wait = { ...plain('POST', path, signal), body: { wait_seconds: WAIT_SECONDS } }
    job = (await send(wait)).data as records.Job
    const { done, total, failed } = job.progress
    onProgress?.({ stage: 'job', done, total, failed, id: record.id })
    if (!AHEAD.includes(job.state)) record = await read()
  }
  if (record.state !== 'succeeded') throw new JobFailed(record)
  return { record, job }
}
