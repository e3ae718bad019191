"""Charts: the figures of a report as SVG, PNG or CSV.

The edge draws what the services answered, for all types of records. A process of its
own draws, so that no request waits for the event loop, and ends when nobody asks.
"""
