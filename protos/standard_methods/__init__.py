"""Writes the standard methods of each record into the record's own proto file.

A record's proto is written by hand but for regions between the comments `BEGIN` and
`END`: what the standard methods import, the methods, their messages, and the fields of
the record that tell of its deletion. All of it follows from the options of the record
and its fields. A method or a message that stands in the file outside the regions is
left out of them. Start reading at `__main__.py`.
"""
