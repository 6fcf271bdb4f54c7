# A thin face of `python -m autograder VERB`: `make` alone lists the verbs.
# A new verb is one target with `## what it does | example`; the command line checks the values.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
# Cached bytecode saves a second of every start.
unexport PYTHONDONTWRITEBYTECODE

# A student's tree has its submission at the root; the course's own tree grades the example.
SUBMISSION ?= $(if $(wildcard pagedlab),.,examples/submissions/half_finished)

# One shell word, whatever is in it.
quote = '$(subst ','\'',$(1))'
RUN = .venv/bin/python -m autograder
KERNEL_LANES = .venv/bin/python -m kernel_lanes
SETUP = PYTHON=$(call quote,$(PYTHON)) sh autograder/setup.sh
# For what a verb knows beyond the names below: make grade ARGS="--option value"
ARGS ?=

##@ Student
.PHONY: grade check debug hint kernel-report doctor setup help
grade: setup ## Grade a submission on all four axes | make grade S=1
	@$(RUN) grade $(call quote,$(SUBMISSION)) $(foreach s,$(S),--stage $(call quote,$(s))) \
	$(if $(JSON),--json) $(if $(ALL),--all) $(if $(SEED),--seed $(call quote,$(SEED))) $(ARGS)

check: setup ## Run one rule and say what is wrong | make check R=1.3
	@$(RUN) check $(call quote,$(R)) --submission $(call quote,$(SUBMISSION)) \
	$(if $(SEED),--seed $(call quote,$(SEED))) $(ARGS)

debug: setup ## Run one rule where breakpoint() works | make debug R=1.3
	@$(RUN) debug $(call quote,$(R)) --submission $(call quote,$(SUBMISSION)) \
	$(if $(SEED),--seed $(call quote,$(SEED))) $(ARGS)

hint: setup ## Show the next hint for one rule | make hint R=1.3
	@$(RUN) hint $(call quote,$(R)) $(ARGS)

kernel-report: setup ## Look at an attention kernel, without a GPU | make kernel-report FILE=a.py
	@$(KERNEL_LANES) $(call quote,$(or $(FILE),$(SUBMISSION)/pagedlab/attention.py)) \
	--html $(call quote,$(or $(OUT),.pagedlab/kernel-report.html)) $(ARGS)

# Most wanted where the set-up fails, so it goes on with any Python there is.
doctor: ## Say what this machine can grade | make doctor
	@$(SETUP) || true
	@python=$$($(SETUP) --interpreter) && "$$python" -m autograder doctor $(if $(JSON),--json) $(ARGS)

setup: ## Make .venv (the others do it themselves) | make setup PYTHON=python3.12
	@$(SETUP)

help: ## Show this help | make
	@awk -F ' *## *| *[|] *' \
	'/^##@/ {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z-]+:.*## / {split($$1, target, ":"); printf "  %-12s %-44s %s\n", target[1], $$2, $$3}' \
	$(MAKEFILE_LIST)
	@printf '%s\n' '' 'SUBMISSION=dir names another submission, S=1 a stage, ALL=1 shows every failure,' \
	'SEED=7 repeats a run, JSON=1 prints the results alone, ARGS="..." passes on the rest.'

-include instructor.mk
