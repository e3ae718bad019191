"""What answers hold: fields, records that come along, and ids."""
