# Two commands set everything up: `make demo` shows the product, `make test` proves it.
CARGO ?= cargo

.PHONY: demo test check bench chaos soak fuzz release fmt build

build:
	$(CARGO) build --locked --bin cxform

# The main job on an embedded tenant, in front of your eyes.
demo: build
	tests/demo/run "$$($(CARGO) metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/cxform"

test:
	$(CARGO) test --workspace --locked

# What CI runs. Tests come last, so that their summary closes the output.
check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	$(MAKE) --no-print-directory test

bench:
	$(CARGO) bench --locked -p cxform-cli --bench scale

# Every cut point, hundreds of fault scripts, many writers at once: minutes, and a report of zeros.
chaos:
	$(CARGO) bench --locked --profile dev -p cxform-cli --bench chaos

# Nothing wears out: `make soak SOAK=60s` for a shorter while.
SOAK ?= $(or $(CXFORM_SOAK),10m)
soak:
	CXFORM_SOAK=$(SOAK) $(CARGO) bench --locked --profile dev -p cxform-cli --bench soak

# Every reader of foreign bytes, with a sanitizer, FUZZ_SECONDS each.
fuzz:
	tests/fuzz/run

# The stripped binary with its checksum and its bill of materials, below target/dist.
release:
	tests/supply/release

fmt:
	$(CARGO) fmt --all
