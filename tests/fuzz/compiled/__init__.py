"""The compiled code, built so that it stops at a wrong step, is given hostile bytes."""
