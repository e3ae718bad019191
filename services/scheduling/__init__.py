"""When meetings can take place: computed from hours, zones and what is taken.

Nothing here reads or writes anything. Moments are whole seconds since 1970 in UTC.
"""
