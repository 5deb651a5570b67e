"""What answers are held to, as settings name it: a record passes under these, and may not under others."""

from guidex_schema.settings import Settings

_JUDGING = ("abstractive", "select", "extend_select", "ignore", "severity", "thresholds")


def judgement(settings: Settings) -> dict[str, object]:
    """Give the settings that findings in records depend on, under the keys of the file, as JSON has them.

    Which files findings are left out of is none of them: a record stands in a file of its run.
    """
    return settings.model_dump(mode="json", by_alias=True, include=set(_JUDGING))
