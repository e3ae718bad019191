"""The errors of exports: the files are there no longer, or cannot be written now."""

from services.errors import Gone, Unavailable


class FilesGone(Gone):
    """The files of an export are deleted."""

    text = "The files are kept no longer. Export the records again."

    def __init__(self, message: str = "") -> None:
        super().__init__({})
        self.message = message or self.text


class ParquetFailed(Unavailable):
    """The process that writes Parquet has ended or does not answer. A new one may."""

    text = "What writes Parquet does not answer now."
