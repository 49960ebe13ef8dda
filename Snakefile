# gapscope: data in, networks trained, the validation/test gap explained. Table of contents; the rules are in workflow/rules.

from snakemake.utils import min_version

min_version("9.0")


configfile: "config.yaml"


include: "workflow/rules/common.smk"


rule all:
    default_target: True
    input:
        f"{RESULTS}/report.html",


include: "workflow/rules/data.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/explain.smk"
include: "workflow/rules/diagnose.smk"
include: "workflow/rules/suite.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/reproduce.smk"
include: "workflow/rules/benchmark.smk"


watch_reruns()


onerror:
    print_failures()
