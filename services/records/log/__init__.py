"""The log of changes: what each change of a record did, who made it and when.

A change is one row of `changes`, which the statement that writes the record writes too.
`was` and `now` hold the values that differ, as the columns have them: a moment is a
number, an enum's value too, a decimal is a text. A custom field is named
`custom_fields.KEY`, an external id `external_ids.SYSTEM`. A creation has only an
`image`, the whole record. Each change whose version `IMAGE_EVERY` divides has one
besides, so that from any change on, an image or the record itself is near.
"""
