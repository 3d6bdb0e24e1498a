# make run · make test · make check · make build · make bench · make records · make fuzz · make libtorch   (`make help` says more)

CARGO ?= cargo
PYTHON ?= python3
# Arguments of `make run`, for example: make run ARGS="--corpus novel.txt --budget 1m"
ARGS ?=
# The folder of the corpora for `make bench`: wikitext-2, enwiki-2019 and others, each in its own folder.
CORPORA ?= ../shared/corpora

# An empty LIBTORCH would override the default of .cargo/config.toml.
ifeq ($(LIBTORCH),)
unexport LIBTORCH
endif
ifeq ($(LIBTORCH_USE_PYTORCH),)
unexport LIBTORCH_USE_PYTORCH
endif

# Programs find workspace/libtorch through a path built into them, relative to their own place (.cargo/config.toml). For another
# libtorch, other flags or another target folder, the path from the root is built in. Cargo's variable for encoded flags takes
# paths with spaces; LD_LIBRARY_PATH is for documentation tests, which are linked with other flags.
ifneq ($(LIBTORCH),)
torch_lib := $(LIBTORCH)/lib
else ifneq ($(LIBTORCH_USE_PYTORCH),)
torch_lib := $(shell $(PYTHON) -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0] + "/lib")')
else ifneq ($(RUSTFLAGS)$(CARGO_ENCODED_RUSTFLAGS)$(CARGO_TARGET_DIR)$(CARGO_BUILD_TARGET_DIR),)
torch_lib := $(CURDIR)/workspace/libtorch/lib
endif
ifneq ($(torch_lib),)
space := $(subst x, ,x)
between := $(shell printf '\037')
given_flags := $(or $(CARGO_ENCODED_RUSTFLAGS),$(subst $(space),$(between),$(strip $(RUSTFLAGS))))
export CARGO_ENCODED_RUSTFLAGS := $(if $(given_flags),$(given_flags)$(between))-C$(between)link-arg=-Wl,--disable-new-dtags,-rpath,$(torch_lib)
export LD_LIBRARY_PATH := $(torch_lib)$(if $(LD_LIBRARY_PATH),:$(LD_LIBRARY_PATH))
endif

.PHONY: help run test check build bench records fuzz libtorch
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: libtorch ## train and compare the eras: make run ARGS="..."
	$(CARGO) run --release --locked -p cli -- run $(ARGS)

test: libtorch ## run every test of every crate
	@CARGO=$(CARGO) PYTHON=$(PYTHON) scripts/test

check: libtorch ## static checks: format, lints, documentation, licences
	@CARGO=$(CARGO) scripts/check

build: libtorch ## build the program: target/release/eras
	$(CARGO) build --release --locked -p cli

fuzz: libtorch ## fuzz everything that reads files (nightly Rust and cargo-fuzz; SECONDS_EACH=60)
	scripts/fuzz

bench: build ## repeat the measurements recorded in bench/, with the corpora in CORPORA
	@set -e; for measure in bench/*/measure.sh; do echo "== $$measure"; $$measure "$(CORPORA)"; done

records: build ## make the records again that figures in texts come from (hours, resumable; folder of models and runs in WORK)
	@CORPORA="$(CORPORA)" scripts/records

libtorch: ## install libtorch in workspace/ (only the first call downloads)
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not installed; it fetches libtorch. Install Python 3.8 or later with pip, or set PYTHON" >&2; exit 1; }
	@$(PYTHON) scripts/libtorch.py
