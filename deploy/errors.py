"""What a command prints, in red and without a traceback, before it exits with 1."""


class DeployError(Exception):
    """The program cannot do what it was told; the text says why, and what may help."""


class SettingsError(DeployError):
    """A setting cannot be used; the text names it."""


class PostgresError(DeployError):
    """PostgreSQL could not be set up, started or stopped."""


class PortError(DeployError):
    """A port cannot be listened on."""


class WorkerError(DeployError):
    """A worker process ended before it was ready."""
