"""Files and folders that no other user of the machine may open.

This includes lock files: a user who can read a file can also lock it.
"""

import errno
import os
import struct
from pathlib import Path
from typing import IO

FOLDER_MODE, FILE_MODE = 0o700, 0o600

# Linux stores the rights of single users in this attribute (acl(5)).
_RIGHTS = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")  # whose, which, and the number of whom
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
_PASS = 1  # to go through a folder, and not to list it

_WITHOUT = (errno.ENODATA, errno.ENOTSUP)


def make_folder(folder: Path) -> None:
    """Creates a folder for its owner only. An existing folder is not changed."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def open_private(path: Path) -> IO[bytes]:
    """Opens a file to lock it or to append to it.

    The file is created if necessary, and made private.
    """
    return os.fdopen(_open(path), "ab")


def _open(path: Path) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    file = os.open(path, flags, FILE_MODE)
    found = os.fstat(file)
    if found.st_mode & 0o077 and found.st_uid == os.geteuid():
        os.fchmod(file, FILE_MODE)  # an older version left it open to others
    return file


def let_pass(folder: Path, uid: int) -> None:
    """Lets one user pass through a folder and its parents, and nobody else.

    If the file system has no rights of single users, everybody may pass.
    """
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if mode & _PASS:
            continue
        try:
            _grant(step, mode, uid)
        except (AttributeError, OSError):  # not supported here, or on macOS
            step.chmod(mode | _PASS)


def _grant(folder: Path, mode: int, uid: int) -> None:
    rights = _rights(folder)
    if not rights:
        owner, group, others = mode >> 6 & 7, mode >> 3 & 7, mode & 7
        rights = {(_OWNER, _NOBODY): owner, (_GROUP, _NOBODY): group}
        rights |= {(_MASK, _NOBODY): group, (_OTHERS, _NOBODY): others}
    if rights.get((_USER, uid), 0) & rights.get((_MASK, _NOBODY), 0) & _PASS:
        return
    rights[_USER, uid] = rights.get((_USER, uid), 0) | _PASS
    rights[_MASK, _NOBODY] = rights.get((_MASK, _NOBODY), rights[_GROUP, _NOBODY])
    rights[_MASK, _NOBODY] |= _PASS
    entries = (_ENTRY.pack(tag, rights[tag, who], who) for tag, who in sorted(rights))
    os.setxattr(folder, _RIGHTS, _VERSION + b"".join(entries))


def _rights(folder: Path) -> dict[tuple[int, int], int]:
    """Returns the rights of single users, empty if only the mode applies."""
    try:
        kept = os.getxattr(folder, _RIGHTS)
    except OSError as error:
        if error.errno in _WITHOUT:
            return {}
        raise
    return {
        (tag, who): rights
        for tag, rights, who in _ENTRY.iter_unpack(kept[len(_VERSION) :])
    }
