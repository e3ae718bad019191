"""Opens the store of rate limits: a file for one machine, or Valkey for several."""

from contextlib import AsyncExitStack

from deploy.errors import SettingsError
from deploy.private_files import make_folder
from deploy.settings import Settings
from edge.limits.rate_limit import RateLimiter, SharedMemoryLimiter


def open_limiter(parts: AsyncExitStack, settings: Settings) -> RateLimiter:
    """Opens the limiter of the settings; `parts` closes it.

    Raises SettingsError if the folder is not writable, the URL is not valid, or the
    package for Valkey is missing.
    """
    try:
        make_folder(settings.data_dir)
        alone = SharedMemoryLimiter(settings.rate_limit_file)
    except OSError as error:
        need = f"--data-dir {settings.data_dir} must hold the rate limits"
        raise SettingsError(f"{need}: {error.strerror}.") from None
    parts.callback(alone.close)
    if settings.rate_limit_url is None:
        return alone
    try:
        from edge.limits.valkey_limiter import ValkeyLimiter  # noqa: PLC0415 - an extra
    except ImportError:
        need = "--rate-limit-url needs the extra: pip install 'prospectconnect[valkey]'"
        raise SettingsError(f"{need}.") from None
    try:
        limiter = ValkeyLimiter(settings.rate_limit_url, alone)
    except ValueError:
        # The message omits the URL, which may contain a password.
        need = "--rate-limit-url must be valkey://HOST:PORT or valkeys://HOST:PORT"
        raise SettingsError(f"{need}.") from None
    parts.push_async_callback(limiter.close)
    return limiter
