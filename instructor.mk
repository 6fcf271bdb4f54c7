# The targets of those who run the course and of those who work on this repository.
# The students' tree has no such file, and its `make` shows no such targets.

WORKLOAD = .venv/bin/python -m workload
REPRODUCE = .venv/bin/python -m reproduce

##@ Instructor
.PHONY: release validate soak calibrate fuzz rescore
release: setup ## Build the students' repository | make release OUT=/tmp/student
	@$(RUN) release $(call quote,$(OUT)) $(ARGS)

validate: setup ## Prove the suite: wheats, chaffs, attacks | make validate S=1
	@$(RUN) validate $(foreach s,$(S),--stage $(call quote,$(s))) $(ARGS)

soak: setup ## Stage 5: many requests, every invariant at every step | make soak N=10000
	@.venv/bin/python assignments/5_scheduler/soak.py $(call quote,$(or $(N),10000))

calibrate: setup ## Measure the performance anchors anew | make calibrate S=1
	@$(RUN) calibrate $(foreach s,$(S),--stage $(call quote,$(s))) $(ARGS)

fuzz: setup ## Hold the reference against its oracle | make fuzz S=2 OPS=1000000
	@$(RUN) fuzz --stage $(call quote,$(S)) --operations $(call quote,$(or $(OPS),100000)) \
	$(if $(SEED),--seed $(call quote,$(SEED))) $(ARGS)

rescore: setup ## Score a recorded run again, nothing is run | make rescore DIR=.pagedlab
	@$(RUN) rescore $(call quote,$(or $(DIR),.pagedlab)) $(ARGS)

##@ A whole class
.PHONY: class batch grades compare dashboard leaderboard similar export classroom bench-batch
# Without names it is the generated class, its roster and its policy.
SUBMISSIONS ?= $(if $(RESUME),,$(wildcard class/submissions))
GENERATED = $(filter class/submissions,$(SUBMISSIONS))
ROSTER ?= $(if $(GENERATED),$(wildcard class/roster.csv))
POLICY ?= $(if $(GENERATED),$(wildcard class/policy.toml))
RUN_FOLDER = $(call quote,$(or $(OUT),run))

class: setup ## Generate a class of 200 to try it on | make class N=50
	@$(RUN) students $(call quote,$(or $(OUT),class)) $(if $(N),--count $(call quote,$(N))) $(ARGS)

batch: setup ## Grade a class | make batch SUBMISSIONS=dir
	@$(RUN) batch $(if $(SUBMISSIONS),$(call quote,$(SUBMISSIONS))) --out $(RUN_FOLDER) \
	$(if $(ROSTER),--roster $(call quote,$(ROSTER))) $(if $(POLICY),--policy $(call quote,$(POLICY))) \
	$(foreach s,$(S),--stage $(call quote,$(s))) $(if $(RESUME),--resume) \
	$(if $(SEED),--seed $(call quote,$(SEED))) \
	$(if $(COURSE),--course $(call quote,$(COURSE))) \
	$(if $(CLUSTER),--cluster $(call quote,$(CLUSTER))) $(ARGS)

grades: setup ## Work a class's grades out again | make grades DIR=run
	@$(RUN) grades $(call quote,$(or $(DIR),run)) $(ARGS)

compare: setup ## What differs before publishing | make compare DIR=run
	@$(RUN) compare $(call quote,$(or $(DIR),run)) $(if $(WITH),$(call quote,$(WITH))) $(ARGS)

dashboard: setup ## Show a class on one page | make dashboard DIR=run
	@$(RUN) dashboard $(call quote,$(or $(DIR),run)) $(ARGS)

leaderboard: setup ## Rank who wants to be ranked | make leaderboard DIR=run
	@$(RUN) leaderboard $(call quote,$(or $(DIR),run)) $(ARGS)

similar: setup ## Submissions that are alike | make similar DIR=run
	@$(RUN) similar $(call quote,$(or $(DIR),run)) $(ARGS)

export: setup ## For a gradebook | make export AS=canvas
	@$(RUN) export $(call quote,$(AS)) $(call quote,$(or $(DIR),run)) \
	$(if $(TEMPLATE),--template $(call quote,$(TEMPLATE))) \
	$(if $(COLUMN),--column $(call quote,$(COLUMN))) $(if $(OUT),--out $(call quote,$(OUT))) $(ARGS)

bench-batch: setup ## Hold the batch against otter and nbgrader | make bench-batch
	@.venv/bin/python -m benchmarks.batch $(ARGS)

##@ Gradescope and otter
.PHONY: autograder otter otter-tests parity
autograder: setup ## The zip for Gradescope and otter | make autograder OUT=dir
	@$(RUN) autograder $(if $(OUT),$(call quote,$(OUT))) $(foreach s,$(S),--stage $(call quote,$(s))) \
	$(if $(SEED),--seed $(call quote,$(SEED))) $(ARGS)

otter: setup ## Install otter-grader beside .venv | make otter
	@sh autograder/publish/setup.sh

otter-tests: setup ## Public rules as otter's test files | make otter-tests OUT=dir
	@$(RUN) otter tests $(if $(OUT),$(call quote,$(OUT))) $(ARGS)

parity: otter ## otter and the engine, rule by rule | make parity S=1
	@$(RUN) otter parity $(foreach s,$(S),--stage $(call quote,$(s))) $(ARGS)

classroom: setup ## For Classroom 50 and GitHub Actions | make classroom OUT=dir
	@$(RUN) classroom $(call quote,$(OUT)) $(foreach s,$(S),--stage $(call quote,$(s))) \
	$(if $(RUNS_ON),--runs-on $(call quote,$(RUNS_ON))) $(ARGS)

##@ Workloads
.PHONY: reproduce traces check-traces
reproduce: setup ## Measure the course's claims | make reproduce QUICK=1
	@$(REPRODUCE) $(if $(QUICK),--quick) $(if $(REAL),--real $(call quote,$(REAL))) \
	$(if $(OUT),--out $(call quote,$(OUT))) $(ARGS)

traces: setup ## Generate a trace to a file | make traces W=bursty-code
	@$(WORKLOAD) $(if $(W),generate $(call quote,$(W)) $(if $(OUT),--out $(call quote,$(OUT))) \
	$(if $(N),--requests $(call quote,$(N))) $(if $(SEED),--seed $(call quote,$(SEED))),list) $(ARGS)

check-traces: setup ## Hold the generator against real traces | make check-traces REAL=dir
	@$(WORKLOAD) check $(call quote,$(REAL)) $(ARGS)

##@ Repository
.PHONY: test lint starter rubric sample
test: setup ## Run this repository's tests (the gate) | make test T=tests/doctor
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(T) $(ARGS)

lint: setup ## Check format, lint rules and types | make lint
	@.venv/bin/python -m black --check .
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m mypy

starter: setup ## Generate starter/ from reference/ | make starter
	@$(RUN) starter $(ARGS)

rubric: setup ## Generate the tables of rubric.md | make rubric
	@$(RUN) rubric $(ARGS)

sample: setup ## Let the language model go on with a text | make sample PROMPT="O Romeo,"
	@.venv/bin/python -m language_model $(ARGS) -- $(call quote,$(or $(PROMPT),$(SPEECH)))

# \n is a new line: the speaker's name, then what the model lets them say.
SPEECH = JULIET.\nO
