# gapscope: data in, networks trained, the validation/test gap explained. Table of contents; the rules are in workflow/rules.

from snakemake.utils import min_version

min_version("9.20")


report: "workflow/captions/workflow.rst"


include: "workflow/rules/common.smk"


rule all:
    """The page about your data, and all that it shows: what `snakemake` runs when no target is named."""
    default_target: True
    input:
        f"{RESULTS}/report.html",


include: "workflow/rules/data.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/diagnose.smk"
include: "workflow/rules/suite.smk"
include: "workflow/rules/sweep.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/reproduce.smk"


onsuccess:
    last_words(verdict(RESULTS, START))


onerror:
    last_words(errors(LOGS, START))
