/**
 * The files of exports and imports, fetched and sent in pieces.
 *
 * Each piece is a call of its own, with the retries and the spacing of any call, so a
 * connection that breaks off costs one piece. No more than a piece is in memory.
 */
import { type Caller, Exports, Imports, type Keyed, type Options } from './operations.js';
import { ProspectConnectError } from './problems.js';
import type * as records from './records.js';
import { type Send } from './transfers.js';
/** How far an export or an import is. A `job` counts records, the others count bytes. */
export interface Progress {
    stage: 'upload' | 'job' | 'download';
    /** How much is done, what failed included. */
    done: number;
    /** How much there is to do; null until that is known. */
    total: number | null;
    /** How many records failed. */
    failed: number;
    /** The id of the export or the import: `download` or `upload` go on with it. */
    id: string;
}
/** The options of a call that sends or fetches files. */
export interface WithProgress extends Options {
    onProgress?: ((progress: Progress) => void) | undefined;
}
/** An export that has ended. */
export interface Exported {
    export: records.Export;
    /** Where its files are, in their order. */
    paths: string[];
    /** The job that wrote them; undefined if it had ended before. */
    job: records.Job | undefined;
}
/** An export or an import has failed or was cancelled; `record` says more. */
export declare class JobFailed extends ProspectConnectError {
    readonly record: records.Export | records.Import;
    constructor(record: records.Export | records.Import);
}
/** Exports, and what fetches their files. It needs Node. */
export declare class FileExports extends Exports {
    #private;
    constructor(caller: Caller, send: Send);
    /** Creates an export, waits for it and downloads its files into a folder. */
    toFolder(folder: string, body: records.CreateExportBody, options?: WithProgress & Keyed): Promise<Exported>;
    /**
     * Waits for an export and downloads its files into a folder. Files that are there
     * already are not loaded again, and one that broke off goes on.
     */
    download(id: string, folder: string, options?: WithProgress): Promise<Exported>;
}
/** Imports, and what sends and fetches their files. It needs Node. */
export declare class FileImports extends Imports {
    #private;
    constructor(caller: Caller, send: Send);
    /**
     * Creates an import, uploads a file to it and waits for its end. Rows that were
     * rejected are no failure: `failed` of the import counts them.
     */
    fromFile(file: string, body: records.CreateImportBody, options?: WithProgress & Keyed): Promise<records.Import>;
    /**
     * Uploads a file to an import and waits for its end. Parts that have arrived already
     * are not sent again.
     */
    upload(id: string, file: string, options?: WithProgress): Promise<records.Import>;
    /** Downloads the rows that were rejected, each with its problem. */
    downloadErrors(id: string, file: string, options?: Options): Promise<string>;
}
