"""The first mistake in a config against its schema, as a sentence for the user."""

import difflib

import jsonschema


def first_mistake(config: dict, schema: dict) -> str | None:
    """The most relevant mistake in `config` against `schema`, as a sentence; None if it is valid."""
    worst = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(config))
    return None if worst is None else _sentence(worst, schema)


def near_key(name: str, keys: list[str], cutoff: float = 0.6) -> str | None:
    """The key that was probably meant by `name`: by its initials (lr), similar spelling, or as part of the key."""
    last = {key: key.rpartition(".")[2] for key in keys}
    initials = [key for key in keys if "".join(word[:1] for word in last[key].split("_")) == name and "_" in key]
    parts = [key for key in keys if len(name) > 2 and name.lower() in last[key].lower()]
    alike = difflib.get_close_matches(name, last.values(), n=1, cutoff=cutoff)
    return next(iter([*initials, *(key for key in keys if last[key] in alike), *parts]), None)


def _unknown(error: jsonschema.ValidationError, schema: dict) -> str:
    block = [str(part) for part in error.absolute_path]
    known = list(error.schema.get("properties", {}))
    unknown = next(str(name) for name in error.instance if name not in known)
    near = near_key(unknown, known) or near_key(unknown, keys_of(schema), cutoff=0.8)
    hint = f"did you mean '{near}'?" if near else f"known keys here: {', '.join(known)}."
    return f"unknown key '{'.'.join([*block, unknown])}'; {hint}"


def keys_of(node: dict, key: str = "") -> list[str]:
    """All keys below `key` in the schema that are not blocks."""
    if "properties" not in node:
        return [key]
    below = node["properties"].items()
    return [leaf for name, part in below for leaf in keys_of(part, f"{key}.{name}".lstrip("."))]


def _sentence(error: jsonschema.ValidationError, schema: dict) -> str:
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown(error, schema)
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return f"the key '{'.'.join(filter(None, [key, missing]))}' is missing; add it."
    return f"{key or 'the file'}: expected {_expected(error, schema['$defs'])}, got {_got(error.instance)}."


def _expected(error: jsonschema.ValidationError, definitions: dict) -> str:
    rule, wanted = error.validator, error.validator_value
    names = {
        "integer": "a whole number",
        "number": "a number",
        "string": "a text",
        "array": "a list",
        "object": "a block of keys",
        "boolean": "true or false",
    }
    if rule == "type":
        return " or ".join(names[kind] for kind in ([wanted] if isinstance(wanted, str) else wanted))
    if rule == "enum":
        return "one of " + ", ".join(map(str, wanted))
    if rule == "oneOf":
        return "one of " + ", ".join(_alternative(option, definitions) for option in wanted)
    if rule == "not":
        return "a name other than " + " and ".join(wanted["enum"])
    bounds = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "exclusiveMinimum": "more than {}",
        "exclusiveMaximum": "less than {}",
        "minItems": "at least {} entries",
        "minLength": "a text that is not empty",
        "pattern": "a text of the form {}",
        "uniqueItems": "entries that differ from each other",
        "minProperties": "at least {} entries",
        "const": "{}",
    }
    return bounds.get(rule, rule).format(wanted)


def _alternative(option: dict, definitions: dict) -> str:
    if "$ref" in option:
        option = definitions[option["$ref"].rsplit("/", 1)[1]]
    if "const" in option:
        return str(option["const"])
    if "enum" in option:
        return ", ".join(map(str, option["enum"]))
    if option["type"] == "object":
        return "{" + ", ".join(f"{key}: VALUE" for key in option["required"]) + "}"
    if option["type"] == "array":
        return "a list of names" if option["items"].get("type") == "string" else "a list of these"
    if option["type"] == "string":
        return f"a text of the form {option['pattern']}"
    return f"a whole number from {option['minimum']}"


def _got(value) -> str:
    text = repr(value)
    return (text if len(text) <= 80 else text[:77] + "...") + _hint(value)


def _hint(value) -> str:
    """Hint about a value whose type is probably not the intended one."""
    if isinstance(value, bool):
        return " (put a name that looks like this in quotes)"
    if not isinstance(value, str) or not value[:1].isdigit():
        return ""
    if "e" in value.lower():
        return " (YAML reads this as text: write it with a decimal point, as in 1.0e-1)"
    return " (a text: write it without quotes; --config makes texts of all values within braces, a file does not)"
