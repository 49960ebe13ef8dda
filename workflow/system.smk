# The stages that the reproduction of a published system needs, as a module of the Snakefile: no page, sweep or suite.


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/model.smk"
include: "rules/explain.smk"
include: "rules/diagnose.smk"
