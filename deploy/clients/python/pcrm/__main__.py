"""Runs the command line as `python -m pcrm`."""

from pcrm.start import main

if __name__ == "__main__":
    main()
