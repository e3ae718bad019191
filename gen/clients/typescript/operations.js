export const VERSION = '2026-11-01';
/** The type of record of each object that has own fields; `{object}` is any other. */
export const OWNERS = {
    'activities': 'Activity',
    'companies': 'Company',
    'contacts': 'Contact',
    '{object}': 'CustomRecord',
    'deals': 'Deal',
    'notes': 'Note',
    'tasks': 'Task',
};
function headers(options) {
    const given = {};
    if (options.idempotencyKey !== undefined) {
        given['Idempotency-Key'] = options.idempotencyKey;
    }
    if (options.ifMatch !== undefined)
        given['If-Match'] = options.ifMatch;
    if (options.dryRun === true)
        given['Dry-Run'] = 'true';
    return given;
}
/** The query for the lists that are given; empty for none. */
function query(lists) {
    const given = Object.entries(lists)
        .filter(([, texts]) => texts !== undefined && texts.length > 0)
        .map(([name, texts]) => `${name}=${texts?.map(encodeURIComponent).join(',')}`);
    return given.length > 0 ? `?${given.join('&')}` : '';
}
/**
 * A part of a path. Throws for `.` and `..`: every URL parser removes such a segment, even
 * if it is written as `%2E%2E`, so it would be another path.
 */
function segment(name, text) {
    if (typeof text !== 'string' || text === '') {
        throw new TypeError(`The ${name} is empty.`);
    }
    if (text === '.' || text === '..') {
        throw new TypeError(`The ${name} '${text}' cannot be sent: it would be another path.`);
    }
    if (/\p{Surrogate}/u.test(text)) {
        throw new TypeError(`The ${name} holds half a surrogate pair.`);
    }
    return encodeURIComponent(text);
}
/** A resource's methods may be passed on alone: `inBatches(client.contacts.batch, ...)`. */
class Resource {
    constructor() {
        for (let of = Object.getPrototypeOf(this); of !== Resource.prototype;) {
            for (const name of Object.getOwnPropertyNames(of)) {
                if (name === 'constructor' || Object.hasOwn(this, name))
                    continue;
                Object.defineProperty(this, name, { value: of[name].bind(this) });
            }
            of = Object.getPrototypeOf(of);
        }
    }
}
/** Keeps a tenant's timeline. */
export class Activities extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an activity by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/activities/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates an activity. Fields that are not named stay as they are; one that is
     * named without a value is cleared. A `system` activity cannot be changed: 403. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/activities/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes an activity and clears the links to it. A `system` activity cannot be
     * deleted: 403. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/activities/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches activities, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/activities/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/activities/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates an activity. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/activities',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts an activity: updates the one that has the value of `match_on`, or
     * creates one. 404 when it goes by an `id` that no activity has which the caller
     * sees. Two calls at once for one new value never make two activities. An update
     * asks for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/activities/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of an activity have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete activities is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/activities/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets an activity as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete activities gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/activities/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on activities, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/activities/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores an activity that was deleted within the last 30 days. What its
     * deletion cleared or deleted elsewhere comes back where nothing new has taken
     * the place. An activity that lives is answered as it is. 404 when there is none
     * that the caller sees, and after 30 days. A `system` activity cannot be restored
     * by itself: 403. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/activities/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of activities: counts, sums, averages, the least, the greatest
     * and the middle, by up to 3 groups. Only activities that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/activities/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Connects records. It takes the permissions of the records: to read an
 * association, those to read both; to write one, `write` on the record at
 * `from_id`, and to see both. */
export class Associations extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an association by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/associations/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Changes the role of an association; null clears it. It takes `write` on the
     * record at `from_id`. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/associations/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes an association. It takes `write` on the record at `from_id`. The
     * records stay as they are. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/associations/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches associations, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/associations/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/associations/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Tells how the fields of an association have changed, newest first, for at least
     * a year. 404 when there is none that the caller sees. Who may delete
     * associations is told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/associations/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets an association as it was at a moment. 404 before its creation, and when
     * there is none that the caller sees. Who may delete associations gets deleted
     * ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/associations/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on associations, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/associations/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of associations: counts, sums, averages, the least, the greatest
     * and the middle, by up to 3 groups. Only associations that the caller sees
     * count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/associations/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Associates two records. If an association of the type connects them already,
     * nothing is changed, and it is the answer. A record has at most 10,000
     * associations of a type. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/associations',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores an association that ended within the last 30 days. It takes `write` on
     * the record at `from_id`, and both records must live. One that has not ended is
     * answered as it is. 404 when there is none that the caller sees, and after 30
     * days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/associations/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Runs many operations at once, on records of any types. */
export class Batch extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Runs up to 200 operations, each by its own rights and rules. Without `atomic`
     * each succeeds or fails by itself, as if one came after the other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Tells the changes of records to programs that stay in step with them. */
export class Changes extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Reads the changes after a cursor, oldest first. Nothing is left out and nothing
     * told twice. Takes `change.read`, and of each resource `read` with all its
     * records. */
    read(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/changes/read',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps a tenant's companies. */
export class Companies extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a company by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/companies/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["annual_revenue"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a company. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/companies/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["annual_revenue"], "body": ["annual_revenue"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a company and clears the links to it. Notes and activities that then
     * have no link are deleted with it. The id of a merged company does not delete
     * the survivor: 409. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/companies/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches companies, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.annual_revenue"], "body": [], "filters": ["annual_revenue"] },
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/companies/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.annual_revenue"], "body": [] },
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a company. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["annual_revenue"], "body": ["annual_revenue"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a company: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no company has which the caller sees. Of
     * several companies with the same `domain` that the caller sees, the oldest wins.
     * Two calls at once for one new value never make two companies. An update asks
     * for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["data.annual_revenue"], "body": ["annual_revenue"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a company have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete companies is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/companies/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a company as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete companies gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/companies/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            amounts: { "answer": ["annual_revenue"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on companies, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a company that was deleted within the last 30 days. What its deletion
     * cleared or deleted elsewhere comes back where nothing new has taken the place.
     * A company that lives is answered as it is. 404 when there is none that the
     * caller sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/companies/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["annual_revenue"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Merges up to 10 other companies into this one, which survives. Unset fields are
     * filled from the others, tags and external ids are joined, and what is linked to
     * the others moves over. Their ids lead to the survivor from then on. It takes
     * `company.delete` too. */
    async merge(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/companies/${segment('id', id)}/merge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["data.annual_revenue"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Reverses a merge of the last 30 days. The merged companies are back with their
     * values and with what they brought and nobody has changed since; the company
     * gives back what it took. It takes `company.delete` too. */
    async unmerge(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/companies/${segment('id', id)}/unmerge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["data.annual_revenue"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of companies: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only companies that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Finds the companies that are probably the same as a given one, the likeliest
     * first. It may be a company, or what is known of one before it is created. 404
     * when there is no company with the `id` that the caller sees. */
    async findDuplicates(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies/duplicates',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            amounts: { "answer": ["data.record.annual_revenue"], "body": ["min_score"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Lists all groups of companies that are probably the same, a page at a time. A
     * page looks at a bounded number of companies: it may hold fewer groups than
     * `limit`, or none, and yet another page follows. */
    listDuplicates(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/companies/duplicates/search',
            body: { limit: 25, ...body },
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.records.annual_revenue"], "body": ["min_score"], "filters": ["records.annual_revenue"] },
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps a tenant's contacts. */
export class Contacts extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a contact by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/contacts/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a contact. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/contacts/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a contact and clears the links to it. Notes, activities and consents
     * that then have no link are deleted with it. The id of a merged contact does not
     * delete the survivor: 409. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/contacts/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches contacts, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/contacts/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Upserts a contact: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no contact has which the caller sees. Of
     * several contacts with the same `email` or `phone` that the caller sees, the
     * oldest wins. Two calls at once for one new value never make two contacts. An
     * update asks for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a contact have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete contacts is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a contact as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete contacts gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on contacts, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a contact that was deleted within the last 30 days. What its deletion
     * cleared or deleted elsewhere comes back where nothing new has taken the place.
     * A contact that lives is answered as it is. 404 when there is none that the
     * caller sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Merges up to 10 other contacts into this one, which survives. Unset fields are
     * filled from the others, tags and external ids are joined, and what is linked to
     * the others moves over. Their ids lead to the survivor from then on. It takes
     * `contact.delete` too. */
    async merge(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/merge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Reverses a merge of the last 30 days. The merged contacts are back with their
     * values and with what they brought and nobody has changed since; the contact
     * gives back what it took. It takes `contact.delete` too. */
    async unmerge(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/unmerge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of contacts: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only contacts that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates a contact, always a new one, even when another has the same e-mail
     * address or telephone number. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Adds tags to a contact; those that it has stay as they are. */
    async addTags(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/tags`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Removes a tag from a contact, without regard to case. A tag that the contact
     * does not have changes nothing. */
    async removeTag(id, tag, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/contacts/${segment('id', id)}/tags/${segment('tag', tag)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Finds the contacts that are probably the same person as a given one, the
     * likeliest first. It may be a contact, or what is known of one before it is
     * created. 404 when there is no contact with the `id` that the caller sees. */
    async findDuplicates(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts/duplicates',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            amounts: { "answer": [], "body": ["min_score"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Lists all groups of contacts that are probably the same person, a page at a
     * time. A page looks at a bounded number of contacts: it may hold fewer groups
     * than `limit`, or none, and yet another page follows. */
    listDuplicates(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/contacts/duplicates/search',
            body: { limit: 25, ...body },
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": [], "body": ["min_score"] },
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Erases a contact, living or deleted: destroys the personal data in it, its
     * history, its timeline, in stored answers, and the texts that are linked to it.
     * This cannot be undone. From then on requests for the contact fail: 410. */
    async erase(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contacts/${segment('id', id)}/erase`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the records of a tenant's custom objects. Each request names the object by
 * its slug. 404 when there is no such object, or it is archived. */
export class CustomRecords extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a custom record by id. 404 when there is none that the caller sees. */
    async get(object, id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a custom record. Fields that are not named stay as they are; one that
     * is named without a value is cleared. */
    async update(object, id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a custom record and clears the links to it. Notes and activities that
     * then have no link are deleted with it. The id of a merged custom record does
     * not delete the survivor: 409. */
    async delete(object, id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches custom records, newest first unless told otherwise. */
    search(object, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/search`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(object, ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/search`,
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a custom record. */
    async create(object, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a custom record: updates the one that has the value of `match_on`, or
     * creates one. 404 when it goes by an `id` that no custom record has which the
     * caller sees. Two calls at once for one new value never make two custom records.
     * An update asks for no field that only a create needs. */
    async upsert(object, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/upsert`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a custom record have changed, newest first, for at
     * least a year. 404 when there is none that the caller sees. Who may delete
     * custom records is told of deleted ones, too. */
    readHistory(object, id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a custom record as it was at a moment. 404 before its creation, and when
     * there is none that the caller sees. Who may delete custom records gets deleted
     * ones, too. */
    async readAsOf(object, id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on custom records, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(object, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/batch`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a custom record that was deleted within the last 30 days. What its
     * deletion cleared or deleted elsewhere comes back where nothing new has taken
     * the place. A custom record that lives is answered as it is. 404 when there is
     * none that the caller sees, and after 30 days. */
    async restore(object, id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Merges up to 10 other custom records into this one, which survives. Unset
     * fields are filled from the others, tags and external ids are joined, and what
     * is linked to the others moves over. Their ids lead to the survivor from then
     * on. It takes `record.delete` too. */
    async merge(object, id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}/merge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Reverses a merge of the last 30 days. The merged custom records are back with
     * their values and with what they brought and nobody has changed since; the
     * custom record gives back what it took. It takes `record.delete` too. */
    async unmerge(object, id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/${segment('id', id)}/unmerge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of custom records: counts, sums, averages, the least, the
     * greatest and the middle, by up to 3 groups. Only custom records that the caller
     * sees count. */
    aggregate(object, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('object', object)}/records/aggregate`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps a tenant's deals. */
export class Deals extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a deal by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/deals/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["value"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a deal. Fields that are not named stay as they are; one that is named
     * without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/deals/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["value"], "body": ["value"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a deal and clears the links to it. Notes and activities that then have
     * no link are deleted with it. The id of a merged deal does not delete the
     * survivor: 409. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/deals/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches deals, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.value"], "body": [], "filters": ["value"] },
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/deals/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.value"], "body": [] },
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a deal. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["value"], "body": ["value"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a deal: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no deal has which the caller sees. Two
     * calls at once for one new value never make two deals. An update asks for no
     * field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["data.value"], "body": ["value"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a deal have changed, newest first, for at least a year.
     * 404 when there is none that the caller sees. Who may delete deals is told of
     * deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/deals/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a deal as it was at a moment. 404 before its creation, and when there is
     * none that the caller sees. Who may delete deals gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/deals/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            amounts: { "answer": ["value"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on deals, each by its own rights and rules. Without
     * `atomic` each succeeds or fails by itself, as if one came after the other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a deal that was deleted within the last 30 days. What its deletion
     * cleared or deleted elsewhere comes back where nothing new has taken the place.
     * A deal that lives is answered as it is. 404 when there is none that the caller
     * sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/deals/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["value"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Merges up to 10 other deals into this one, which survives. Unset fields are
     * filled from the others, tags and external ids are joined, and what is linked to
     * the others moves over. Their ids lead to the survivor from then on. It takes
     * `deal.delete` too. */
    async merge(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/deals/${segment('id', id)}/merge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["data.value"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Reverses a merge of the last 30 days. The merged deals are back with their
     * values and with what they brought and nobody has changed since; the deal gives
     * back what it took. It takes `deal.delete` too. */
    async unmerge(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/deals/${segment('id', id)}/unmerge`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["data.value"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of deals: counts, sums, averages, the least, the greatest and the
     * middle, by up to 3 groups. Only deals that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Tells how deals went through a pipeline in a period, stage by stage, from the
     * history of deals. Only deals that the caller sees count. A deal that enters a
     * stage twice counts once. */
    async readFunnel(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals/funnel',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells what open deals are worth, by the month in which they are expected to
     * close and by currency. Only deals that the caller sees count. */
    async readForecast(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/deals/forecast',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Moves a deal to a stage, which sets `status`, `closed_at` and
     * `stage_changed_at`. A stage of another pipeline moves the deal there; the stage
     * that it has already changes nothing. */
    async move(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/deals/${segment('id', id)}/stage`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["value"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Shows which records were merged. A caller sees the merges into the records that
 * it may read and sees. */
export class Merges extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a merge by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/merges/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches merges, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/merges/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/merges/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of merges: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only merges that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/merges/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps a tenant's notes. */
export class Notes extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a note by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/notes/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a note. Fields that are not named stay as they are; one that is named
     * without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/notes/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a note. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/notes/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches notes, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/notes/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/notes/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a note. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/notes',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a note: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no note has which the caller sees. Two
     * calls at once for one new value never make two notes. An update asks for no
     * field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/notes/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a note have changed, newest first, for at least a year.
     * 404 when there is none that the caller sees. Who may delete notes is told of
     * deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/notes/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a note as it was at a moment. 404 before its creation, and when there is
     * none that the caller sees. Who may delete notes gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/notes/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on notes, each by its own rights and rules. Without
     * `atomic` each succeeds or fails by itself, as if one came after the other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/notes/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a note that was deleted within the last 30 days. A note that lives is
     * answered as it is. 404 when there is none that the caller sees, and after 30
     * days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/notes/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of notes: counts, sums, averages, the least, the greatest and the
     * middle, by up to 3 groups. Only notes that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/notes/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Pins a note. One that is pinned already stays as it is. */
    async pin(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/notes/${segment('id', id)}/pin`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Unpins a note. One that is not pinned stays as it is. */
    async unpin(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/notes/${segment('id', id)}/unpin`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Shows a tenant's pipelines. They are kept by administration. */
export class Pipelines extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a pipeline by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/pipelines/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches pipelines, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/pipelines/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/pipelines/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of pipelines: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only pipelines that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/pipelines/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps a tenant's tasks. */
export class Tasks extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a task by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/tasks/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a task. Fields that are not named stay as they are; one that is named
     * without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/tasks/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a task. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/tasks/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches tasks, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tasks/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/tasks/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a task. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tasks',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a task: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no task has which the caller sees. Two
     * calls at once for one new value never make two tasks. An update asks for no
     * field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tasks/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a task have changed, newest first, for at least a year.
     * 404 when there is none that the caller sees. Who may delete tasks is told of
     * deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/tasks/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a task as it was at a moment. 404 before its creation, and when there is
     * none that the caller sees. Who may delete tasks gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/tasks/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on tasks, each by its own rights and rules. Without
     * `atomic` each succeeds or fails by itself, as if one came after the other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tasks/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a task that was deleted within the last 30 days. A task that lives is
     * answered as it is. 404 when there is none that the caller sees, and after 30
     * days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/tasks/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of tasks: counts, sums, averages, the least, the greatest and the
     * middle, by up to 3 groups. Only tasks that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tasks/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Completes a task. One that is completed already stays as it is. */
    async complete(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/tasks/${segment('id', id)}/complete`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Reopens a task, which clears `completed_at` and `completed_by`. One that is
     * open stays as it is. */
    async reopen(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/tasks/${segment('id', id)}/reopen`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps what people agreed to, and what they refused. */
export class Consents extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a consent by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/consents/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches consents, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/consents/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/consents/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a consent. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/consents',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a consent have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete consents is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/consents/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a consent as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete consents gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/consents/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on consents, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/consents/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of consents: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only consents that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/consents/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps templates of e-mails and fills them. */
export class EmailTemplates extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an e-mail template by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/email_templates/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates an e-mail template. Fields that are not named stay as they are; one
     * that is named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/email_templates/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes an e-mail template and clears the links to it. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/email_templates/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches e-mail templates, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/email_templates/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/email_templates/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates an e-mail template. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/email_templates',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts an e-mail template: updates the one that has the value of `match_on`,
     * or creates one. 404 when it goes by an `id` that no e-mail template has which
     * the caller sees. Two calls at once for one new value never make two e-mail
     * templates. An update asks for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/email_templates/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of an e-mail template have changed, newest first, for at
     * least a year. 404 when there is none that the caller sees. Who may delete
     * e-mail templates is told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/email_templates/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets an e-mail template as it was at a moment. 404 before its creation, and
     * when there is none that the caller sees. Who may delete e-mail templates gets
     * deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/email_templates/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores an e-mail template that was deleted within the last 30 days. What its
     * deletion cleared or deleted elsewhere comes back where nothing new has taken
     * the place. An e-mail template that lives is answered as it is. 404 when there
     * is none that the caller sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/email_templates/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of e-mail templates: counts, sums, averages, the least, the
     * greatest and the middle, by up to 3 groups. Only e-mail templates that the
     * caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/email_templates/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Fills a template with the fields of a contact, as the caller sees them, and
     * answers with the e-mail that results. Nothing is stored or sent. Needs
     * `contact.read` besides. */
    async render(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/email_templates/${segment('id', id)}/render`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Sends e-mails to contacts and tells what became of them. */
export class Emails extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an e-mail by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/emails/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches e-mails, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/emails/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/emails/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Tells how the fields of an e-mail have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete e-mails is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/emails/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets an e-mail as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete e-mails gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/emails/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of e-mails: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only e-mails that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/emails/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates an e-mail, which is sent at `send_at` or as soon as possible. One that
     * must not be sent is created too: its `status` is `suppressed`, and `reason`
     * says why. The token needs `contact.read`. FAILED_PRECONDITION when the address
     * of the sender is not verified. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/emails',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Cancels an e-mail that is still `queued`. FAILED_PRECONDITION for any other,
     * and for one that is on its way to the mail server. */
    async cancel(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/emails/${segment('id', id)}/cancel`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the addresses from which a tenant sends e-mail. */
export class Senders extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a sender by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/senders/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a sender. Fields that are not named stay as they are; one that is named
     * without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/senders/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a sender and clears the links to it. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/senders/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches senders, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/senders/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/senders/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a sender. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/senders',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a sender: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no sender has which the caller sees. Two
     * calls at once for one new value never make two senders. An update asks for no
     * field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/senders/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a sender have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete senders is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/senders/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a sender as it was at a moment. 404 before its creation, and when there is
     * none that the caller sees. Who may delete senders gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/senders/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a sender that was deleted within the last 30 days. What its deletion
     * cleared or deleted elsewhere comes back where nothing new has taken the place.
     * A sender that lives is answered as it is. 404 when there is none that the
     * caller sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/senders/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of senders: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only senders that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/senders/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Mails a link to the sender's address, through its server. Who opens the link
     * within 24 hours verifies the sender. A later link ends no earlier one, but a
     * change of the address, of the host or of the port ends them all. A sandbox
     * mails nothing: there the sender is verified at once. 429 after 5 links of a
     * sender, or 20 of the tenant, within 24 hours. */
    async verify(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/senders/${segment('id', id)}/verify`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the addresses that get no mail. */
export class Suppressions extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a suppression by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/suppressions/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a suppression. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/suppressions/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a suppression. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/suppressions/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches suppressions, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/suppressions/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/suppressions/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a suppression. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/suppressions',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a suppression: updates the one that has the value of `match_on`, or
     * creates one. 404 when it goes by an `id` that no suppression has which the
     * caller sees. Of several suppressions with the same `address` that the caller
     * sees, the oldest wins. Two calls at once for one new value never make two
     * suppressions. An update asks for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/suppressions/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a suppression have changed, newest first, for at least
     * a year. 404 when there is none that the caller sees. Who may delete
     * suppressions is told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/suppressions/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a suppression as it was at a moment. 404 before its creation, and when
     * there is none that the caller sees. Who may delete suppressions gets deleted
     * ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/suppressions/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on suppressions, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/suppressions/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a suppression that was deleted within the last 30 days. A suppression
     * that lives is answered as it is. 404 when there is none that the caller sees,
     * and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/suppressions/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of suppressions: counts, sums, averages, the least, the greatest
     * and the middle, by up to 3 groups. Only suppressions that the caller sees
     * count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/suppressions/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps a tenant's topics and tells who may be written to about one. */
export class Topics extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a topic by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/topics/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a topic. Fields that are not named stay as they are; one that is named
     * without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/topics/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a topic and clears the links to it. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/topics/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches topics, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/topics/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/topics/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a topic. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/topics',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a topic: updates the one that has the value of `match_on`, or creates
     * one. 404 when it goes by an `id` that no topic has which the caller sees. Of
     * several topics with the same `name` that the caller sees, the oldest wins. Two
     * calls at once for one new value never make two topics. An update asks for no
     * field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/topics/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a topic have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete topics is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/topics/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a topic as it was at a moment. 404 before its creation, and when there is
     * none that the caller sees. Who may delete topics gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/topics/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on topics, each by its own rights and rules. Without
     * `atomic` each succeeds or fails by itself, as if one came after the other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/topics/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a topic that was deleted within the last 30 days. What its deletion
     * cleared or deleted elsewhere comes back where nothing new has taken the place.
     * A topic that lives is answered as it is. 404 when there is none that the caller
     * sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/topics/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of topics: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only topics that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/topics/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Tells for up to 200 contacts whether they may be written to about a topic, by
     * their consents and by the suppressed addresses. 404 when there is no such
     * topic. Contacts that the caller does not see are faults. */
    async check(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/topics/${segment('id', id)}/check`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps a tenant's webhooks. Owners and admins may call it. An app sees and changes
 * only the webhooks that it made; of those, others change `active` and
 * `description` alone. */
export class Webhooks extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a webhook by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/webhooks/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a webhook. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/webhooks/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a webhook. Fields that are not named stay as they are; one that is
     * named without a value is cleared. From then on it sends what the caller and its
     * token may read, unless `active` and `description` alone have changed. One that
     * was forbidden and is switched on again sends what the caller may read, too. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/webhooks/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches webhooks, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/webhooks/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/webhooks/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Tells how the fields of a webhook have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete webhooks is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/webhooks/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Makes figures of webhooks: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only webhooks that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/webhooks/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates a webhook. The answer shows its secret, which no other answer does: so
     * the method takes no idempotency key. A user, or an app, has one webhook for
     * each URL: a second create changes the first one as an update does, and shows no
     * secret. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/webhooks',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes a new secret for a webhook. The answer shows it, once. For
     * `overlap_hours` each request is signed with both secrets, so that a receiver
     * can change over. */
    async rotateSecret(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/webhooks/${segment('id', id)}/rotate_secret`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Sends a made-up change of type `test` to a webhook's address, and answers with
     * what came back. It is signed like any other, also while the webhook is not
     * active. It is no delivery: it is not kept, and not tried again. */
    async test(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/webhooks/${segment('id', id)}/test`,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches the deliveries of a webhook, newest first. They are kept for 30 days. */
    searchDeliveries(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/webhooks/${segment('id', id)}/deliveries/search`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Sends a change again, as if it had not been sent: with the same id, and with
     * attempts of its own. 404 when the webhook has no such delivery. */
    async redeliverDelivery(id, delivery_id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/webhooks/${segment('id', id)}/deliveries/${segment('delivery_id', delivery_id)}/redeliver`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Begins a job that sends changes of a time again, with their ids: those that
     * fulfil the webhook's `filters` of today. Changes that wait to be sent are left
     * alone. 409 when two replays of the webhook, or eight of the tenant, are under
     * way. */
    async replay(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/webhooks/${segment('id', id)}/replay`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Tells who stands behind a bearer token, and what they may do. */
export class Me extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Tells who the caller is and what they may do. */
    async get(options = {}) {
        const call = {
            method: 'GET',
            path: '/v1/me',
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Shows who logged in, let apps in, made tokens, changed the schema, merged and
 * erased records, and was refused. Only owners and admins read it. */
export class Audit extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an entry by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/audit/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches entries, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/audit/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/audit/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of entries: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only entries that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/audit/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Tells what a newer contract would change. */
export class Contracts extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Tells which requests of the last 7 days would behave otherwise under the
     * contract of a date, among those of the whole tenant. Requests under this
     * contract or a newer one never differ. 404 when there was no contract on that
     * day. */
    async readContractReport(date, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/contracts/${segment('date', date)}/report`,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Tells how much a tenant may have, and how much of it is used. */
export class Limits extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets all limits of the tenant, with what is used of each. The answer has all of
     * them; there are no pages. */
    async get(options = {}) {
        const call = {
            method: 'GET',
            path: '/v1/limits',
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Makes and ends a tenant's sandboxes. Owners and admins may call it, with a token
 * of the live tenant: a sandbox has no sandboxes. */
export class Sandboxes extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a sandbox by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/sandboxes/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a sandbox. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/sandboxes/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches sandboxes, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/sandboxes/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/sandboxes/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of sandboxes: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only sandboxes that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/sandboxes/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates a sandbox, which can be used at once. The answer shows a token for it,
     * which no other answer does: so the method takes no idempotency key. The token
     * acts for the caller's user in the sandbox, with all scopes. A tenant has at
     * most 5 sandboxes. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/sandboxes',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes a sandbox what it was at its creation: its records go, the definitions
     * are copied from the live tenant anew, and so are the sample records. Its users
     * and their tokens stay. The sandbox is `resetting` until that is done. */
    async reset(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/sandboxes/${segment('id', id)}/reset`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Plants a fault in a sandbox: what its requests are answered with, or what
     * becomes of its webhooks' deliveries, so that a client's retries can be tried.
     * It ends after as many requests, or seconds, as it is for. Of several that
     * match, the oldest counts. A sandbox has at most 20 at a time. */
    async plantFault(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/sandboxes/${segment('id', id)}/faults`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            amounts: { "answer": ["match.share"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Ends all faults of a sandbox. */
    async endFaults(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/sandboxes/${segment('id', id)}/faults`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Lists the faults that are planted in a sandbox, the oldest first, and how many
     * requests or deliveries have had each. Of those that have ended it keeps the
     * latest 20. */
    async readFaults(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/sandboxes/${segment('id', id)}/faults`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.match.share"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Reads a sandbox's clock. */
    async readClock(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/sandboxes/${segment('id', id)}/clock`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Begins a job that moves a sandbox's clock forward. From there it runs on. What
     * is due by then happens in the order of its times: deliveries are tried again,
     * webhooks are switched off, and what is kept no longer is deleted. The job ends
     * when all of it is done. Neither the sandbox nor its tokens expire by it; a
     * reset puts the clock back. 409 while the clock is being moved already, or the
     * sandbox is reset. */
    async moveClock(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/sandboxes/${segment('id', id)}/clock`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the caller's own personal access tokens. It takes a token with a scope for
 * it, which no app can get. A logged-in user's session may look at them, and makes
 * and revokes them by OwnTokenService. */
export class Tokens extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets one of the caller's tokens by its id. 404 when they have no such token, or
     * it is revoked or expired. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/tokens/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Revokes one of the caller's tokens; every process refuses it within a second.
     * 404 when the caller has no such token. */
    async revoke(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/tokens/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Lists the caller's tokens that are neither revoked nor expired, newest first. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tokens/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates a token for the caller. It never grants more than the token that the
     * call is made with, nor outlives it. The secret is shown once, so no idempotency
     * key can have it shown again. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/tokens',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Shows a tenant's users. Any valid token may read them. */
export class Users extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a user by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/users/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches users, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/users/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/users/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of users: counts, sums, averages, the least, the greatest and the
     * middle, by up to 3 groups. Only users that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/users/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Makes the address of a calendar with the caller's meetings, which calendar
     * programs can subscribe to. Who knows the address reads the calendar, so it is a
     * secret: only this answer shows it. The address before ends. The calendar shows
     * what the calling token may read: without `contact.read` no names of contacts,
     * without `meeting_type.read` no names of meetings. The address ends with the
     * token, or with the app's access, and while the user is not active. 422 for a
     * token that was made through too many others. */
    async replaceCalendar(options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/users/me/calendar',
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells whether the caller has a calendar, and since when. 404 when there is
     * none. */
    async getCalendar(options = {}) {
        const call = {
            method: 'GET',
            path: '/v1/users/me/calendar',
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Ends the address of the caller's calendar. 404 when there is none. */
    async deleteCalendar(options = {}) {
        const call = {
            method: 'DELETE',
            path: '/v1/users/me/calendar',
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Writes records to files. A caller sees the exports that it made; an owner and an
 * admin see all exports of the tenant. */
export class Exports extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an export by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/exports/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches exports, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/exports/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/exports/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of exports: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only exports that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/exports/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates an export, and the job that writes its files. They hold what the caller
     * sees at that time, by its role and by its token: 403 where it may not read one
     * of the types of records. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/exports',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Writes the rows of files. A caller sees the imports that it made; an owner and an
 * admin see all imports of the tenant. */
export class Imports extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an import by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/imports/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches imports, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/imports/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/imports/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of imports: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only imports that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/imports/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Creates an import, which then waits for its content. 403 where the caller may
     * not write the records, or may not delete them if `mode` is `delete`. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/imports',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Starts an import whose parts are all there. CONFLICT when it has started
     * already, has no part, or one of the parts before the last is missing. */
    async start(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/imports/${segment('id', id)}/start`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Cancels an import: its job, or if it still waits for its content, the import
     * itself. What was sent of the content is then deleted, and nothing more is
     * accepted. An import that has ended stays as it is. It takes what creating the
     * import takes. */
    async cancel(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/imports/${segment('id', id)}/cancel`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Undoes what an import that has ended did, by another import whose `mode` is
     * `undo`: it begins at once. Records that it created are deleted, and can be
     * restored; values that it changed are as they were before; records that it
     * deleted are restored. What somebody has changed since stays as it is: its row
     * has failed, and says so. While an undo of the import runs, the answer is that
     * one. 403 where the caller may not do this to such records. CONFLICT for a dry
     * run, and for an import that has not ended or has never begun. */
    async undo(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/imports/${segment('id', id)}/undo`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches the rows of an import: what became of them, in the order of the file. */
    searchRows(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/imports/${segment('id', id)}/rows/search`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Shows what takes longer than a request, and cancels it. A caller sees the jobs
 * that it began; an owner and an admin see all jobs of the tenant. An app sees
 * those alone that it began. */
export class Jobs extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a job by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/jobs/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches jobs, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/jobs/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/jobs/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of jobs: counts, sums, averages, the least, the greatest and the
     * middle, by up to 3 groups. Only jobs that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/jobs/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Waits until a job has ended or the time is over, and returns the job as it is
     * then. */
    async wait(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/jobs/${segment('id', id)}/wait`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Cancels a job. It ends within five seconds, even if it has not begun; `result`
     * tells what it has done by then. A job that has ended stays as it is. A
     * definition that it has changed is taken back, and stays `checking` until that
     * is done. It takes the permission that beginning such a job takes: 403 without
     * it. */
    async cancel(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/jobs/${segment('id', id)}/cancel`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps dashboards and runs their reports. */
export class Dashboards extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a dashboard by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/dashboards/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a dashboard. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/dashboards/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a dashboard. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/dashboards/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches dashboards, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/dashboards/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/dashboards/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a dashboard. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/dashboards',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a dashboard have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete dashboards is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/dashboards/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Restores a dashboard that was deleted within the last 30 days. A dashboard that
     * lives is answered as it is. 404 when there is none that the caller sees, and
     * after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/dashboards/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of dashboards: counts, sums, averages, the least, the greatest
     * and the middle, by up to 3 groups. Only dashboards that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/dashboards/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Runs all reports of a dashboard at once, each as if the caller ran it alone.
     * One that cannot be run has its problem beside the figures of the others. */
    async run(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/dashboards/${segment('id', id)}/run`,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps reports and makes their figures, always of the records that the caller
 * sees. The rights of the report's maker play no part. */
export class Reports extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a report by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/reports/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a report. Fields that are not named stay as they are; one that is named
     * without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/reports/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a report. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/reports/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches reports, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/reports/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/reports/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a report. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/reports',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a report have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete reports is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/reports/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Restores a report that was deleted within the last 30 days. A report that lives
     * is answered as it is. 404 when there is none that the caller sees, and after 30
     * days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/reports/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of reports: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only reports that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/reports/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Makes the figures of a report, as the caller may read them now. HTTP clients
     * get the chart as `image/svg+xml` or `image/png`, or a table as `text/csv`, if
     * their `Accept` asks for it. It takes the permission to read the records, too. */
    async run(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/reports/${segment('id', id)}/run`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Books meetings, moves them and says what became of them. */
export class Bookings extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a booking by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/bookings/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a booking. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/bookings/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches bookings, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/bookings/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/bookings/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Tells how the fields of a booking have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete bookings is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a booking as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete bookings gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of bookings: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only bookings that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/bookings/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Books a meeting at a slot of a meeting type. The invitee becomes a contact,
     * unless one that the caller sees has the e-mail address; this takes
     * `contact.write` too. A meeting activity follows the booking. 409 when something
     * else is there. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/bookings',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Moves a booking that is `pending` or `confirmed` to another slot of its meeting
     * type. It keeps its id, its links and its status, and its hosts where these are
     * free. 409 when something else is there. */
    async reschedule(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/reschedule`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Cancels a booking that is `pending` or `confirmed`. Its time is free again. */
    async cancel(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/cancel`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Confirms a booking that is `pending`. */
    async confirm(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/confirm`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Declines a booking that is `pending`. Its time is free again. */
    async decline(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/decline`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Says of a `confirmed` booking that has begun that the invitee did not come. */
    async markNoShow(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/no_show`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Says of a `confirmed` booking that has begun that the meeting took place. */
    async markHeld(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/bookings/${segment('id', id)}/held`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the times at which users cannot take meetings. */
export class BusyTimes extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a busy time by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/busy_times/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a busy time. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/busy_times/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a busy time. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/busy_times/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches busy times, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/busy_times/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/busy_times/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a busy time. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/busy_times',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a busy time: updates the one that has the value of `match_on`, or
     * creates one. 404 when it goes by an `id` that no busy time has which the caller
     * sees. Of several busy times with the same `external_id` that the caller sees,
     * the oldest wins. Two calls at once for one new value never make two busy times.
     * An update asks for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/busy_times/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a busy time have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete busy times is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/busy_times/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a busy time as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete busy times gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/busy_times/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Runs up to 200 operations on busy times, each by its own rights and rules.
     * Without `atomic` each succeeds or fails by itself, as if one came after the
     * other. */
    async batch(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/busy_times/batch',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a busy time that was deleted within the last 30 days. A busy time that
     * lives is answered as it is. 404 when there is none that the caller sees, and
     * after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/busy_times/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of busy times: counts, sums, averages, the least, the greatest
     * and the middle, by up to 3 groups. Only busy times that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/busy_times/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps meeting types, finds the times at which they can take place, and keeps such
 * times for those who are about to book. */
export class MeetingTypes extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a meeting type by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/meeting_types/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a meeting type. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/meeting_types/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a meeting type and clears the links to it. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/meeting_types/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches meeting types, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/meeting_types/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/meeting_types/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a meeting type. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/meeting_types',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Upserts a meeting type: updates the one that has the value of `match_on`, or
     * creates one. 404 when it goes by an `id` that no meeting type has which the
     * caller sees. Of several meeting types with the same `slug` that the caller
     * sees, the oldest wins. Two calls at once for one new value never make two
     * meeting types. An update asks for no field that only a create needs. */
    async upsert(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/meeting_types/upsert',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a meeting type have changed, newest first, for at least
     * a year. 404 when there is none that the caller sees. Who may delete meeting
     * types is told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/meeting_types/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a meeting type as it was at a moment. 404 before its creation, and when
     * there is none that the caller sees. Who may delete meeting types gets deleted
     * ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/meeting_types/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a meeting type that was deleted within the last 30 days. What its
     * deletion cleared or deleted elsewhere comes back where nothing new has taken
     * the place. A meeting type that lives is answered as it is. 404 when there is
     * none that the caller sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/meeting_types/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of meeting types: counts, sums, averages, the least, the greatest
     * and the middle, by up to 3 groups. Only meeting types that the caller sees
     * count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/meeting_types/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Finds the times at which a meeting can begin and at which hosts are free:
     * within the hours of their schedules, by the clocks of these, and outside their
     * busy times with the buffers around, on days that are not full, where nothing is
     * booked or held. Of the other appointments of hosts nothing is told. A
     * `booking_id` takes `booking.read` too. */
    async findSlots(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/meeting_types/${segment('id', id)}/slots`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Keeps a slot for a visitor. A booking with the `hold_id` gets it for sure;
     * others do not find the slot meanwhile. A visitor has one hold of a meeting
     * type: a new one ends the one before. 409 when something else is there. 429
     * while the user has 200 holds. 404 when there is no such meeting type. */
    async createHold(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/meeting_types/${segment('id', id)}/holds`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Gets a hold of the caller. 404 once it has ended: by its time, by a booking, or
     * by a newer hold of the visitor. */
    async getHold(id, hold_id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/meeting_types/${segment('id', id)}/holds/${segment('hold_id', hold_id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Ends a hold of the caller, so that others can book the slot. 404 once it has
     * ended. */
    async deleteHold(id, hold_id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/meeting_types/${segment('id', id)}/holds/${segment('hold_id', hold_id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the hours in which users take meetings. */
export class Schedules extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a schedule by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/schedules/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a schedule. Fields that are not named stay as they are; one that is
     * named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/schedules/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Deletes a schedule and clears the links to it. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/schedules/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches schedules, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/schedules/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/schedules/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates a schedule. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/schedules',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Tells how the fields of a schedule have changed, newest first, for at least a
     * year. 404 when there is none that the caller sees. Who may delete schedules is
     * told of deleted ones, too. */
    readHistory(id, body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/schedules/${segment('id', id)}/history`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a schedule as it was at a moment. 404 before its creation, and when there
     * is none that the caller sees. Who may delete schedules gets deleted ones, too. */
    async readAsOf(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/schedules/${segment('id', id)}/as_of`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: false,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores a schedule that was deleted within the last 30 days. What its deletion
     * cleared or deleted elsewhere comes back where nothing new has taken the place.
     * A schedule that lives is answered as it is. 404 when there is none that the
     * caller sees, and after 30 days. */
    async restore(id, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/schedules/${segment('id', id)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of schedules: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only schedules that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/schedules/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
}
/** Keeps the ways in which a tenant connects its records. Every process sees a
 * change within a second of its answer. */
export class AssociationTypes extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets an association type by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/association_types/${segment('id', id)}` + query({ fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates an association type. Fields that are not named stay as they are; one
     * that is named without a value is cleared. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/association_types/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Archives an association type. Its associations are hidden with it, searches
     * know neither, and the key stays taken. Archived already: nothing changes. A
     * built-in type cannot be archived: 403. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/association_types/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches association types, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/association_types/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/association_types/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Creates an association type. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/association_types',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Makes figures of association types: counts, sums, averages, the least, the
     * greatest and the middle, by up to 3 groups. Only association types that the
     * caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/association_types/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Restores an archived association type with its associations, except those whose
     * records were deleted meanwhile. Not archived: nothing changes. */
    async restore(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/association_types/${segment('id', id)}/restore`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Keeps the definitions of a tenant's own fields. Every process sees a change of a
 * definition within a second of its answer. */
export class Fields extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Gets a field by id. 404 when there is none that the caller sees. */
    async get(id, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/fields/${segment('id', id)}` + query({ expand: options.expand, fields: options.fields, }),
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["min", "max"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Changes a field definition. Fields that are not named stay as they are; one
     * that is named without a value is cleared. Where `unique`, `min`, `max`,
     * `decimals` or `max_length` become stricter, the values of records must fit,
     * else 409; `existing` says otherwise. A new `expression` is computed for all
     * records. A job does it where these are more than 10,000. */
    async update(id, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/fields/${segment('id', id)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["min", "max"], "body": ["min", "max"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Archives a field definition. The field is hidden from records and refused as
     * input; records keep its values. Archived already: nothing changes. 409 if
     * formulas name it. */
    async delete(id, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/fields/${segment('id', id)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Searches fields, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/fields/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.min", "data.max"], "body": [], "filters": ["min", "max"] },
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/fields/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            amounts: { "answer": ["data.min", "data.max"], "body": [] },
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of fields: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only fields that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/fields/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Defines a field. Records may use its key already: those values must fit the
     * definition, else 409, and nothing is defined. `existing` says otherwise. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/fields',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["min", "max"], "body": ["min", "max"] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores an archived field definition, with the values that records kept. A
     * formula is computed again, by a job for more than 10,000 records. Not archived:
     * nothing changes. */
    async restore(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/fields/${segment('id', id)}/restore`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["min", "max"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Changes the type or the options of a field, with the values that records have.
     * A value is converted where that loses nothing; `on_conflict` says what happens
     * to the others. The types that a type can be changed to are in the guide Own
     * fields. A job does it where more than 10,000 records have the key. */
    async change(id, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/fields/${segment('id', id)}/change`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            amounts: { "answer": ["field.min", "field.max"], "body": [] },
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Replaces an option of a `select` or `multi_select` by another one in all
     * records that have it. The option itself stays as it is. 404 when the field has
     * no such option. A job does it where more than 10,000 records have the option. */
    async replaceOption(id, value, body, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/fields/${segment('id', id)}/options/${segment('value', value)}/replace`,
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** Tells which types of record a tenant has, and what their fields are. */
export class Objects extends Resource {
    #caller;
    constructor(caller) {
        super();
        this.#caller = caller;
    }
    /** Searches objects, newest first unless told otherwise. */
    search(body = {}, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/objects/search',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /**
     * The records with up to 100 ids, in their order; null for one that the caller does
     * not see.
     */
    async byIds(ids, options = {}) {
        const { signal, ...asked } = options;
        const call = {
            method: 'POST',
            path: '/v1/objects/search',
            body: { ...asked, ids },
            headers: {},
            keyed: false,
            repeatable: true,
            signal,
        };
        const page = (await this.#caller.answer(call));
        return page.data;
    }
    /** Makes figures of objects: counts, sums, averages, the least, the greatest and
     * the middle, by up to 3 groups. Only objects that the caller sees count. */
    aggregate(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/objects/aggregate',
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return this.#caller.pages(call);
    }
    /** Gets a type of record by its slug. 404 when there is none. */
    async get(slug, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/objects/${segment('slug', slug)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Updates a type of record. Of the built-in ones only `open` can be changed.
     * Every process sees it within a second of its answer. */
    async update(slug, body, options = {}) {
        const call = {
            method: 'PATCH',
            path: `/v1/objects/${segment('slug', slug)}`,
            body,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Archives a type of record. Its records and their paths are hidden, and both are
     * kept. Archived already: nothing changes. While fields of type `record` lead to
     * its records, a type that has records is not archived: 409. A built-in type
     * cannot be archived: 403. */
    async delete(slug, options = {}) {
        const call = {
            method: 'DELETE',
            path: `/v1/objects/${segment('slug', slug)}`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Creates a type of record, whose records are at `/v1/objects/{slug}/records`. A
     * tenant has at most 200, archived ones included. */
    async create(body, options = {}) {
        const call = {
            method: 'POST',
            path: '/v1/objects',
            body,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Restores an archived type of record, with its records. Not archived: nothing
     * changes. */
    async restore(slug, options = {}) {
        const call = {
            method: 'POST',
            path: `/v1/objects/${segment('slug', slug)}/restore`,
            headers: headers(options),
            keyed: true,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
    /** Gets the schema of a type of record: its fields, built-in and defined ones,
     * with type, rules and what searches do with them. It takes `schema.read`, or the
     * permission to read the records. 404 when there is no such type. */
    async getSchema(slug, options = {}) {
        const call = {
            method: 'GET',
            path: `/v1/objects/${segment('slug', slug)}/schema`,
            headers: headers(options),
            keyed: false,
            repeatable: true,
            signal: options.signal,
        };
        return (await this.#caller.answer(call));
    }
}
/** The resources of a client: one property for each. */
export class Resources {
    activities;
    associations;
    batch;
    changes;
    companies;
    contacts;
    customRecords;
    deals;
    merges;
    notes;
    pipelines;
    tasks;
    consents;
    emailTemplates;
    emails;
    senders;
    suppressions;
    topics;
    webhooks;
    me;
    audit;
    contracts;
    limits;
    sandboxes;
    tokens;
    users;
    exports;
    imports;
    jobs;
    dashboards;
    reports;
    bookings;
    busyTimes;
    meetingTypes;
    schedules;
    associationTypes;
    fields;
    objects;
    constructor(caller) {
        this.activities = new Activities(caller);
        this.associations = new Associations(caller);
        this.batch = new Batch(caller);
        this.changes = new Changes(caller);
        this.companies = new Companies(caller);
        this.contacts = new Contacts(caller);
        this.customRecords = new CustomRecords(caller);
        this.deals = new Deals(caller);
        this.merges = new Merges(caller);
        this.notes = new Notes(caller);
        this.pipelines = new Pipelines(caller);
        this.tasks = new Tasks(caller);
        this.consents = new Consents(caller);
        this.emailTemplates = new EmailTemplates(caller);
        this.emails = new Emails(caller);
        this.senders = new Senders(caller);
        this.suppressions = new Suppressions(caller);
        this.topics = new Topics(caller);
        this.webhooks = new Webhooks(caller);
        this.me = new Me(caller);
        this.audit = new Audit(caller);
        this.contracts = new Contracts(caller);
        this.limits = new Limits(caller);
        this.sandboxes = new Sandboxes(caller);
        this.tokens = new Tokens(caller);
        this.users = new Users(caller);
        this.exports = new Exports(caller);
        this.imports = new Imports(caller);
        this.jobs = new Jobs(caller);
        this.dashboards = new Dashboards(caller);
        this.reports = new Reports(caller);
        this.bookings = new Bookings(caller);
        this.busyTimes = new BusyTimes(caller);
        this.meetingTypes = new MeetingTypes(caller);
        this.schedules = new Schedules(caller);
        this.associationTypes = new AssociationTypes(caller);
        this.fields = new Fields(caller);
        this.objects = new Objects(caller);
    }
}
