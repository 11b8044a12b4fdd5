# The course's commands. Each sets up .venv by itself; nothing needs to be activated.

PYTHON ?= python3

# make demo STUDENTS=20 SEED=7; make grade ARGS="04-chain-rule --json"; make lab-instructor COURSE=build/demo
STUDENTS ?= 12
SEED ?= 1
ARGS ?=
COURSE ?= .
LAB_ARGS ?=

export PATH := $(CURDIR)/.venv/bin:$(PATH)
COURSE_COMMAND := .venv/bin/python -m course.cli

.DEFAULT_GOAL := help
.PHONY: help demo lab lab-instructor test release grade format bench bench-training bench-pictures venv

help:
	@echo "make demo            release, simulate a class, grade it, check the grades     (STUDENTS=12 SEED=1)"
	@echo "make lab             open the lessons in JupyterLab, as a learner              (LAB_ARGS=...)"
	@echo "make lab-instructor  open the course in JupyterLab, with the formgrader        (COURSE=. LAB_ARGS=...)"
	@echo "make release         make the learners' version of the lessons                 (ARGS='LESSON...')"
	@echo "make grade           grade what lies in submitted/                             (ARGS='LESSON... --student S --json')"
	@echo "make format          bring the notebooks of source/ into normal form           (ARGS=--check)"
	@echo "make test            run all tests                                             (ARGS=...)"
	@echo "make bench           measure grading, then training and pictures               (ARGS=...)"
	@echo "make bench-training  measure training alone                                    (ARGS=--quick)"
	@echo "make bench-pictures  measure the live picture alone                            (ARGS=--write)"

demo: venv
	@$(COURSE_COMMAND) demo --students "$(STUDENTS)" --seed "$(SEED)"

release grade format: venv
	@$(COURSE_COMMAND) $@ $(ARGS)

# ARGS are for grading; of them, the others know only --write.
bench: venv
	@.venv/bin/python -m benchmarks.grading $(ARGS)
	@.venv/bin/python -m benchmarks.training $(filter --write,$(ARGS))
	@.venv/bin/python -m benchmarks.pictures $(filter --write,$(ARGS))

bench-training bench-pictures: venv
	@.venv/bin/python -m benchmarks.$(@:bench-%=%) $(ARGS)

test: venv
	@.venv/bin/python -m pytest -n 2 --dist worksteal $(ARGS)

# Settings come from course/lab/ first, then from the user's own, which stay as they are; which tabs are open is
# remembered in build/lab/, apart from other JupyterLabs.
lab: venv
	@first=$$(ls release/*/*.ipynb | head -n 1) && \
	JUPYTER_CONFIG_PATH="$(CURDIR)/course/lab/learner" .venv/bin/python -m jupyterlab --notebook-dir=release \
		--LabApp.workspaces_dir="$(CURDIR)/build/lab/learner" \
		--LabApp.default_url="/lab/tree/$${first#release/}" $(LAB_ARGS)

lab-instructor: venv
	@cd "$(COURSE)" && JUPYTER_CONFIG_PATH="$(CURDIR)/course/lab/instructor" \
		"$(CURDIR)/.venv/bin/python" -m jupyterlab --notebook-dir=. \
		--LabApp.workspaces_dir="$(CURDIR)/build/lab/instructor" $(LAB_ARGS)

# .venv/.installed holds what was installed and where, so that a changed list or a moved folder is noticed.
WANTED := { cat requirements.txt pyproject.toml; pwd; }

venv:
	@if $(WANTED) | cmp -s - .venv/.installed; then exit 0; fi; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "The course needs Python 3.11 or newer: install it, or name it as in 'make $(or $(MAKECMDGOALS),demo) PYTHON=python3.11'." >&2; exit 1; }; \
	"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments: on Debian or Ubuntu run 'apt install python3-venv'." >&2; exit 1; }; \
	echo "Setting up .venv from requirements.txt (a minute or two) ..." >&2; \
	rm -rf .venv && "$(PYTHON)" -m venv .venv && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e . && \
	$(WANTED) > .venv/.installed
