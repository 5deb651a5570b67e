"""Misuse and broken machinery. Bad input is never an exception: it is a diagnostic."""


class GuidexError(Exception):
    """Say what is wrong with the call or the installation, and what to do about it."""


class UsageError(GuidexError):
    """The caller asked for something that cannot be: a path, an option or a setting is wrong."""


class JailError(GuidexError):
    """The jail cannot be started at all, so no labels can be read on this machine."""


class RuleError(GuidexError):
    """A rule file is not a rule: it does not import, or its code, name or examples are missing."""


class IsolationError(JailError):
    """The jail is less closed on this machine than was demanded, so no labels are run."""


class WorkerError(GuidexError):
    """No process can be started that reads rows besides this one."""


class EngineError(GuidexError):
    """The engine that writes cannot be started or reached, or does not do what it was asked to do."""


class ClusterError(GuidexError):
    """The cluster cannot be reached, lacks what is needed on its nodes, or gave up."""
