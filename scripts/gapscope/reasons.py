"""A plan in a few lines that a person can read: which stages run, and which key or file changed from what to what."""

from pathlib import Path

from gapscope.plan import Finding
from gapscope.records import FOLDER, read_record

LISTED = 4  # reasons of one stage, and stages with one reason, that are written out


def told(findings: list[Finding], dry: bool) -> str:
    """What changed, one line per set of reasons; then which stages run, and which come from the cache."""
    changed: dict[str, list[str]] = {}
    for finding in findings:
        if finding.reasons:
            changed.setdefault(_reasons(finding), []).append(finding.step.rule)
    runs = [finding.step.rule for finding in findings if finding.runs]
    lines = [f"  {_names(rules, runs)}: {text}" for text, rules in changed.items()]
    kept = [finding.step.rule for finding in findings if finding.kept]
    if not runs and not kept:
        return "Nothing to run: every result is up to date.\n" if dry else ""
    lines = ["What changed:", *(lines or ["  only what other stages wrote"])]
    if kept:
        lines.append(f"Taken from the cache, without running: {', '.join(kept)}")
    lines.append(f"Stages to run: {', '.join(runs) or 'none'}")
    return "\n".join(lines) + "\n"


def left_over(results: Path, rules: set[str]) -> list[str]:
    """One line per stage that the present config does not have, and whose files still lie in the results."""
    lines = []
    for path in sorted((results / FOLDER).glob("*.json")):
        record = read_record(path)
        files = [name for name in record["outputs"] if Path(name).is_file()] if record else []
        if files and record["rule"] not in rules:
            lines.append(
                f"note: {record['rule']} is not part of this config any more; its files remain, and nothing uses them: "
                f"{' '.join(files)}"
            )
    return lines


def _names(rules: list[str], runs: list[str]) -> str:
    """The rules, unless they are many, and those of the line `Stages to run` anyway."""
    return f"all {len(rules)} stages" if rules == runs and len(rules) > LISTED else ", ".join(rules)


def _reasons(finding: Finding) -> str:
    more = len(finding.reasons) - LISTED
    return "; ".join(finding.reasons[:LISTED]) + (f"; and {more} more" if more > 0 else "")
