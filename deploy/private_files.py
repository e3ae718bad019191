"""Files and folders that nobody else on the machine may open, and who may pass by.

A lock is a file, and whoever can read a file can hold a lock on it: so what is locked
is closed to others as data are.
"""

import errno
import os
import struct
from pathlib import Path
from typing import IO

FOLDER_MODE, FILE_MODE = 0o700, 0o600

# How Linux keeps the rights of single users beside a folder's mode (acl(5)).
_RIGHTS = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")  # whose, which, and the number of whom
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
_PASS = 1  # to go through a folder, and not to list it

_WITHOUT = (errno.ENODATA, errno.ENOTSUP)


def make_folder(folder: Path) -> None:
    """Makes a folder for its owner alone; one that is there stays as it is."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def open_private(path: Path) -> IO[bytes]:
    """Opens a file to lock it, or to write at its end.

    It is made if need be, and closed to others.
    """
    return os.fdopen(_open(path), "ab")


def _open(path: Path) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    file = os.open(path, flags, FILE_MODE)
    found = os.fstat(file)
    if found.st_mode & 0o077 and found.st_uid == os.geteuid():
        os.fchmod(file, FILE_MODE)  # by a version that left it open
    return file


def let_pass(folder: Path, uid: int) -> None:
    """Lets one user pass through a folder and those above, and nobody else.

    Where the file system keeps no rights of single users, everybody may pass.
    """
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if mode & _PASS:
            continue
        try:
            _grant(step, mode, uid)
        except (AttributeError, OSError):  # no such rights here, or on macOS
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
    """The rights by whose they are; empty where the mode says all."""
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
