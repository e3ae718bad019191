"""The error of an export whose files are there no longer."""

from services.errors import Gone


class FilesGone(Gone):
    """The files of an export are deleted."""

    text = "The files are kept no longer. Export the records again."

    def __init__(self, message: str = "") -> None:
        super().__init__({})
        self.message = message or self.text
