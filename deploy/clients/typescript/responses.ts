/** The types of calls that resolve to whole answers. */
import type { Answer } from './answers.js'
import type { Feed, Pages } from './operations.js'

/** Resources, or one of them, with calls that resolve to an `Answer` with the data. */
export type WithResponse<Resource> = {
  readonly [Name in keyof Resource]: Resource[Name] extends (
    ...given: infer Given
  ) => Promise<infer Data>
    ? (...given: Given) => Promise<Answer<Data>>
    : Resource[Name] extends (...given: infer Given) => Feed<infer Item, infer Page>
      ? (...given: Given) => Feed<Item, Answer<Page>>
      : Resource[Name] extends (...given: infer Given) => Pages<infer Item, infer Page>
        ? (...given: Given) => Pages<Item, Answer<Page>>
        : WithResponse<Resource[Name]>
}
