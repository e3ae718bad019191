"""The errors that end a command: it prints the text in red and exits with 1."""


class DeployError(Exception):
    """The base class. The text says what failed, and what may help."""


class SettingsError(DeployError):
    """A setting is not valid. The text names it."""


class PostgresError(DeployError):
    """PostgreSQL could not be set up, started or stopped."""


class PortError(DeployError):
    """A port is not available."""


class WorkerError(DeployError):
    """A worker process ended before it was ready."""
