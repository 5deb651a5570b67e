"""A Croissant file: what machines read of a dataset, its files and columns.

Source:
    MLCommons, *Croissant Format Specification*, version 1.0.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from guidex_schema.card.description import Description, one_line
from guidex_schema.datasets.folder_writing import WrittenFile, WrittenSplit

if TYPE_CHECKING:
    import pyarrow as pa

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "recordSet": "cr:recordSet",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_NAME_LIMIT = 200
# What a JSONPath may be without quotes.
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARQUET = "application/x-parquet"


def croissant(described: Description) -> dict[str, object]:
    """Give the Croissant file of a dataset folder, as JSON; its places are relative to the folder."""
    licence = one_line(described.licence)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": _name(described.name),
        "description": one_line(described.summary) or "Documents with annotation guidelines and the instances of them.",
        **({"license": licence} if licence else {}),
        **({"inLanguage": [one_line(one) for one in described.languages]} if described.languages else {}),
        "version": described.version,
        "distribution": [
            *(_file(one) for split in described.splits for one in split.files),
            *(_file_set(config, splits) for config, splits in described.configs.items()),
        ],
        "recordSet": [one for config in described.configs for one in _record_sets(described, config)],
    }


def _name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_\- ]", "_", one_line(name))[:200] or "dataset"


def _file(file: WrittenFile) -> dict[str, object]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": _PARQUET,
        "sha256": file.sha256,
    }


def _file_set(config: str, splits: list[WrittenSplit]) -> dict[str, object]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{config}-files",
        "name": f"{config}-files",
        "encodingFormat": _PARQUET,
        "includes": [one.path for split in splits for one in split.files],
    }


def _record_sets(described: Description, config: str) -> Iterator[dict[str, object]]:
    """Give the records of a configuration, and before them the names of its splits."""
    splits = described.configs[config]
    names = f"{config}-splits"
    yield {
        "@type": "cr:RecordSet",
        "@id": names,
        "name": names,
        "dataType": "cr:Split",
        "key": {"@id": f"{names}/split"},
        "field": [{"@type": "cr:Field", "@id": f"{names}/split", "name": "split", "dataType": "sc:Text"}],
        "data": [{f"{names}/split": split.name} for split in splits],
    }
    schema = described.schemas[config]
    taken: set[str] = set()
    source = {
        "fileSet": {"@id": f"{config}-files"},
        "extract": {"fileProperty": "fullpath"},
        "transform": {"regex": r"(?:.*/)?([^/]+)-\d{5}-of-\d{5}\.parquet$"},
    }
    split = {**_field(config, "split of the file", taken), "dataType": "sc:Text", "source": source}
    columns = {one.name: _column(config, one, taken) for one in schema}
    left_out = ", ".join(one_line(name) for name, described in columns.items() if described is None)
    yield {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        **({"description": f"Columns of which Croissant has no type: {left_out}."} if left_out else {}),
        "field": [
            {**split, "references": {"field": {"@id": f"{names}/split"}}},
            *(described for described in columns.values() if described is not None),
        ],
    }


def _field(config: str, name: str, taken: set[str]) -> dict[str, object]:
    """Give what names a field, unlike all that are taken."""
    word, number = re.sub(r"[^\w]", "_", name)[:_NAME_LIMIT] or "_", 2
    found = word
    while found in taken:
        found, number = f"{word}_{number}", number + 1
    taken.add(found)
    return {"@type": "cr:Field", "@id": f"{config}/{found}", "name": found}


def _column(config: str, field: "pa.Field", taken: set[str]) -> dict[str, object] | None:
    """Describe a column; one of objects by what these hold."""
    import pyarrow as pa

    source = {"fileSet": {"@id": f"{config}-files"}, "extract": {"column": field.name}}
    if not pa.types.is_struct(field.type):
        typed = _typed(field.type)
        return typed and {**_field(config, field.name, taken), **typed, "source": source}
    if not all(_KEY.fullmatch(inner.name) and _typed(inner.type) for inner in field.type):
        return None
    whole = _field(config, field.name, taken)
    inner = [
        {
            "@type": "cr:Field",
            "@id": f"{whole['@id']}/{one.name}",
            "name": one.name,
            **(_typed(one.type) or {}),
            "source": {**source, "transform": {"jsonPath": one.name}},
        }
        for one in field.type
    ]
    return {**whole, "subField": inner}


def _typed(data_type: "pa.DataType") -> dict[str, object] | None:
    """Give the type of a field, of lists that of their items; None where Croissant has none."""
    import pyarrow as pa

    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        items = None if pa.types.is_nested(data_type.value_type) else _typed(data_type.value_type)
        return items and {**items, "repeated": True}
    if pa.types.is_dictionary(data_type):
        return _typed(data_type.value_type)
    if pa.types.is_boolean(data_type):
        return {"dataType": "sc:Boolean"}
    if pa.types.is_integer(data_type):
        return {"dataType": "sc:Integer"}
    if pa.types.is_floating(data_type) or pa.types.is_decimal(data_type):
        return {"dataType": "sc:Float"}
    if pa.types.is_timestamp(data_type):
        return {"dataType": "sc:DateTime"}
    if pa.types.is_date(data_type):
        return {"dataType": "sc:Date"}
    is_text = any(is_one(data_type) for is_one in (pa.types.is_string, pa.types.is_large_string, pa.types.is_null))
    return {"dataType": "sc:Text"} if is_text or pa.types.is_binary(data_type) else None
