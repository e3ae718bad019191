"""The command line `pcrm`, run as people and programs run it."""
