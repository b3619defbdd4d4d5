# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# KaaL: kernel, loader, root task, host tools and their tests, all built into build/.
# Keeps true: two machines boot one file; objects that do not depend on the kernel flavour are built
# once; every target first makes sure that the tools it needs are there (tools/deps.sh).
#
# Command-line variables: KERNEL=debug|release  APP=ELF  OUT=FILE  V=1  CROSS=  HOSTCC=
#   ARM64_SYSROOT=DIR (arm64 libfdt)  BOOTARGS= (the kernel's options)
#   COMPRESS=none|lz4|zstd  IMAGE_ARGS= (more words for kaal-builder)
#   SYSTEM=NAME (a system of components)  OWN=DIR (your own components and systems)
#   HOSTED_ARGS= QEMU_ARGS= (more words for the two machines)

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.DEFAULT_GOAL := all

B := build
KERNEL ?= debug
CROSS ?= aarch64-linux-gnu-
HOSTCC ?= gcc
V ?=
Q := $(if $(V),,@)
say = @$(if $(V),: '$(1) $(2)',printf '  %-7s %s\n' '$(1)' '$(2)')

ifeq ($(filter $(KERNEL),debug release),)
$(error KERNEL=$(KERNEL): expected debug or release)
endif
FLAVOURS := debug release
OUTDIR_debug := $(B)
OUTDIR_release := $(B)/release

# --- What each goal needs -------------------------------------------------------------------------
BASE_GROUPS := host cross arm64 user
NO_DEPS_GOALS := help clean distclean deps
GROUPS_qemu := $(BASE_GROUPS) qemu
GROUPS_test := $(BASE_GROUPS) qemu firmware test check gdb system
GROUPS_boot-matrix := $(BASE_GROUPS) qemu firmware test
GROUPS_check := $(BASE_GROUPS) qemu test check system
GROUPS_lint := host check
# what builds systems of components
SYSTEM_GROUPS := $(BASE_GROUPS) system
GROUPS_system := $(SYSTEM_GROUPS)
GROUPS_run-system := $(SYSTEM_GROUPS)
GROUPS_qemu-system := $(SYSTEM_GROUPS) qemu
GROUPS_test-system := $(SYSTEM_GROUPS) qemu test
$(foreach g,$(filter $(B)/kaal-system $(B)/systems/%,$(MAKECMDGOALS)),$(eval GROUPS_$(g) := $(SYSTEM_GROUPS)))
GROUPS_conformance := $(BASE_GROUPS) qemu test
GROUPS_lockstep := $(BASE_GROUPS) qemu test
GROUPS_bench := $(BASE_GROUPS) qemu test system
GROUPS_bench-check := $(BASE_GROUPS) qemu test system
GROUPS_bench-profile := $(BASE_GROUPS) qemu test system
GROUPS_bench-table := $(BASE_GROUPS) qemu test system
GROUPS_loader-profile := $(BASE_GROUPS) qemu test
GROUPS_bench-growth := $(BASE_GROUPS) qemu test system
GROUPS_bench-hosted := $(BASE_GROUPS) test system
GROUPS_bench-compare := test
GROUPS_unit := $(BASE_GROUPS) test
GROUPS_fuzz := host fuzz
GROUPS_fuzz-image := host fuzz
GROUPS_fuzz-image-libfuzzer := host fuzz
GROUPS_fuzz-libfuzzer := host fuzz
GROUPS_fuzz-builder := host fuzz
GROUPS_fuzz-builder-libfuzzer := host fuzz
GROUPS_fuzz-dtb := host fuzz
GROUPS_fuzz-elf := host fuzz
GROUPS_fuzz-packed := host fuzz
GROUPS_fuzz-min := host fuzz
GROUPS_fuzz-oss := host fuzz
GROUPS_fuzz-rates := host
GROUPS_explore := host
GROUPS_soak := host fuzz
GROUPS_reference := check
GROUPS_coverage := $(BASE_GROUPS) test coverage system
GROUPS_mutation-check := $(BASE_GROUPS) test
GROUPS_mcdc := $(BASE_GROUPS) test mcdc
GROUPS_gdb := $(BASE_GROUPS) qemu gdb
GROUPS_prove := prove
GROUPS_prove-axioms := prove
GROUPS_prove-eva := prove
GROUPS_prove-mutants := prove
GROUPS_prove-spin := prove
GROUPS_prove-doc := prove
GROUPS_gdb-hosted := $(BASE_GROUPS) gdb
GROUPS_full := host cross arm64 user qemu firmware test check fuzz coverage gdb system

# What make help lists, and files; for anything else make says that there is no rule, and nothing is fetched.
GOALS := $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile) $(B)/%
goals := $(filter-out $(NO_DEPS_GOALS),$(filter $(GOALS),$(or $(MAKECMDGOALS),all)))
groups := $(sort $(foreach g,$(goals),$(or $(GROUPS_$(g)),$(BASE_GROUPS))))
empty :=
, := ,
ifneq ($(if $(filter none,$(DEPS)),,$(groups)),)
deps_stamp := $(B)/deps/have-$(subst $(empty) $(empty),-,$(groups))$(if $(ARM64_SYSROOT),-own$(subst /,_,$(ARM64_SYSROOT))).mk
# Included so that make brings the tools in before it looks at anything else.
include $(deps_stamp)
$(deps_stamp): tools/deps.sh
	@ARM64_SYSROOT='$(ARM64_SYSROOT)' tools/deps.sh $(groups)
	@touch $@
endif
ARM64 := $(or $(ARM64_SYSROOT),$(B)/deps/arm64)

# --- Sources --------------------------------------------------------------------------------------
CORE_ALL := $(sort $(wildcard core/*.c))
# flavoured FLAVOUR,SOURCES: without the files of the other flavour (flavour_debug*, flavour_release*)
flavoured = $(foreach s,$(2),$(if $(filter flavour_$(filter-out $(1),$(FLAVOURS))%,$(notdir $(s))),,$(s)))
CORE_debug := $(call flavoured,debug,$(CORE_ALL))
CORE_release := $(call flavoured,release,$(CORE_ALL))
HAL := $(sort $(wildcard hal/*.c))
MACHINE_aarch64 := $(sort $(wildcard hal-aarch64/*.c hal-aarch64/*.S))
MACHINE_hosted := $(sort $(wildcard hal-hosted/*.c))
PARSER := $(sort $(wildcard loader/image*.c loader/elf*.c loader/sha256*.c))
LOADER := $(sort $(wildcard loader/*.c loader/*.S))
BUILDER := $(sort $(wildcard builder/*.c))
SYSTEM_TOOL := $(sort $(wildcard system/*.c)) lib/sysdesc/sysdesc.c $(addprefix loader/,elf.c elf_find.c image_error.c image_text.c)
LIBKAAL := $(sort $(wildcard lib/kaal/*.c lib/kaal/*.S))
# Components: components/GROUP/NAME.c, or all files of components/GROUP/NAME/, are
# build/components/NAME.elf. The other folders hold programs that boot by themselves.
# OWN=DIR: a folder with components (*.c, */*.c) and systems (*.yaml) of your own.
OWN ?=
COMPONENT_GROUPS := $(filter-out $(addprefix components/,bench/ random/ selftest/),$(wildcard components/*/)) $(OWN:%=%/)
COMPONENT_SRC := $(sort $(wildcard $(COMPONENT_GROUPS:%=%*.c) $(COMPONENT_GROUPS:%=%*/*.c)))
COMPONENT_FILES := $(sort $(wildcard $(COMPONENT_GROUPS:%=%*.c)))
COMPONENT_FOLDERS := $(sort $(patsubst %/,%,$(dir $(wildcard $(COMPONENT_GROUPS:%=%*/*.c)))))
# Libraries of a component, and what of the SDK they use (the rest is for programs that boot).
LIBC := $(sort $(wildcard lib/c/*.c lib/fs/*.c))
LIBCOMPONENT := $(sort $(wildcard $(foreach l,comp ring rpc service dddk,lib/$(l)/*.c lib/$(l)/*.S))) $(LIBC) \
	$(addprefix lib/kaal/,invocations.c invocations_machine.c error.c memory.c)
SELFTEST := $(sort $(wildcard components/selftest/*.c components/selftest/*.S))
RANDOM_TASK := $(sort $(wildcard components/random/*.c components/random/*.S))
BENCH := $(sort $(wildcard components/bench/*.c components/bench/*.S))
CONFORMANCE := $(sort $(wildcard tests/conformance/*.c tests/conformance/*.S))
HAL_SUITE := $(sort $(wildcard tests/hal/*.c))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
# What serves all unit tests: their helpers, and user libraries that know no machine.
UNIT_SUPPORT := $(filter-out $(UNIT),$(sort $(wildcard tests/unit/*.c))) \
	$(sort $(wildcard $(foreach l,fs sysdesc archive,lib/$(l)/*.c)))

GEN := $(B)/gen/build_id.h
BUILD_ID_INPUT := $(sort $(wildcard core/*.[chS] hal/*.[chS] include/abi/*.h))

# --- Flags ----------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
COMMON := -std=c11 -g $(WARN)
# picolibc, for what runs as a component; without the cross compiler's own C library in sight.
PICOLIBC := /usr/lib/picolibc/aarch64-linux-gnu
PICOLIBC_FLAGS = -nostdinc -isystem $(PICOLIBC)/include -isystem $(shell $(CROSS)gcc -print-file-name=include) -D_DEFAULT_SOURCE
# Folders whose code must not lean on a C library, on either machine.
FREE := core hal
# Folders of user programs: they may use FP and SIMD registers. The benchmark uses them only where
# it measures them.
USER := lib roottask components tests/conformance tests/framework tests/bed

A64_FLAGS := $(COMMON) -O2 -ffreestanding -fno-builtin -fno-pic -fno-pie -fno-stack-protector \
	-mgeneral-regs-only -mstrict-align -mno-outline-atomics -fno-tree-loop-distribute-patterns -fno-align-functions -fno-align-loops -fno-align-jumps \
	-ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -ffile-prefix-map='$(CURDIR)'=.
A64_LINK := -nostdlib -static -no-pie \
	-Wl,--build-id=none,-z,max-page-size=4096,--no-warn-rwx-segments,--gc-sections
# C headers for programs without a C library, then libfdt's.
FDT_A64 := -isystem include/free -isystem $(ARM64)/usr/include
LIBFDT_A64 := $(ARM64)/usr/lib/aarch64-linux-gnu/libfdt.a
LOADER_LIBS := $(foreach l,zstd sodium,$(ARM64)/usr/lib/aarch64-linux-gnu/lib$l.a)

INC_core = -Iinclude -Ihal -Icore -Ihal-$(1)
INC_hal = -Iinclude -Ihal -Ihal-$(1) $(if $(filter aarch64,$(1)),$(FDT_A64))
INC_hal-aarch64 = -Iinclude -Ihal -Ihal-aarch64 -Iloader -I$(B)/gen -isystem include/free
INC_hal-hosted = -Iinclude -Ihal -Ihal-hosted -Iloader -I$(B)/gen
INC_loader = -Iinclude -Iloader $(if $(filter aarch64,$(1)),$(FDT_A64))
INC_builder = -Iinclude -Iloader -Ibuilder
INC_system = -Iinclude -Ilib -Isystem
INC_lib = -Iinclude -Ilib
INC_roottask = -Iinclude -Ilib -Iroottask
INC_components = -Iinclude -Ilib
INC_tests/conformance = -Iinclude -Ilib
INC_tests/framework = -Iinclude -Ilib
INC_tests/bed = -Iinclude -Ilib
INC_tests/threads = -Iinclude -Ilib
INC_tests = -Iinclude -Ilib -Ihal -Icore -Ihal-$(1) -Iloader -Ibuilder -Itests -I$(B)/gen
INC_fuzz = $(INC_tests) -Ifuzz
INC_fuzz/model = -Iinclude

# The conformance program is a user program although it lies among the tests; the model of the
# interface (fuzz/model) sees nothing of the kernel.
folder = $(if $(and $(OWN),$(filter $(OWN)/%,$(1))),components,$(folder_in_tree))
folder_in_tree = $(if $(filter tests/conformance/% tests/framework/% tests/bed/% tests/threads/% fuzz/model/%,$(1)),$(patsubst %/,%,$(dir $(1))),$(firstword $(subst /, ,$(1))))
# includes MACHINE,SOURCE
# A driver compiled for the host has the models behind its registers.
includes = $(if $(filter tests/unit/test_driver_% tests/unit/driver_%,$(2)),-Itests/shim) $(call INC_$(call folder,$(2)),$(1)) $(if $(call has_libc,$(1),$(2)),$(PICOLIBC_FLAGS))
has_libc = $(if $(filter aarch64,$(1)),$(filter $(LIBC) $(COMPONENT_SRC),$(2)))
freestanding = $(if $(filter $(FREE),$(call folder,$(1))),-ffreestanding -fno-stack-protector,-D_GNU_SOURCE)
objects = $(patsubst %,$(B)/obj/$(1)/%.o,$(2))
a64_flags = $(if $(filter $(USER),$(call folder,$(filter-out components/bench/%,$(1)))),$(filter-out -mgeneral-regs-only $(if $(call has_libc,aarch64,$(1)),-ffreestanding -fno-builtin),$(A64_FLAGS)),$(A64_FLAGS))

# What no benchmark row goes through is compiled for size.
COLD := $(addprefix core/,cancel.c snapshot.c explain.c diag.c debug.c print.c utilisation.c lockstep.c digest.c \
	frame.c asid_invoke.c domain_invoke.c irq_invoke.c smc.c cache.c tcb_space.c tcb_registers.c tcb_rare.c cnode_rare.c object.c refusal.c caps.c) hal/event_text.c \
	$(addprefix hal-aarch64/,event.c fatal.c console.c machine.c start.c cache.c)
# In the loader only digests, copies, decompression and steps through the tree are worth their size. What the hosted machine
# shares with it runs with the MMU on: words may lie at any address.
HOT_LOADER := $(addprefix loader/,sha256.c string.c image_lz4.c image_tree.c image_dtb_check.c image_text.c)
opt = $(if $(filter $(COLD) $(filter-out $(HOT_LOADER),$(LOADER)),$(1)),-Os) $(if $(filter $(PARSER),$(1)),-mno-strict-align) $(if $(filter lib/kaal/memory.c,$(1)),-mgeneral-regs-only)

# --- AArch64 programs -----------------------------------------------------------------------------
$(B)/obj/aarch64/%.o: % Makefile | $(GEN)
	$(call say,CC64,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(call a64_flags,$<) $(call opt,$<) $(call includes,aarch64,$<) -MMD -MP -c -o $@ $<

# link_aarch64 OUTPUT,LINKSCRIPT,SOURCES,LIBRARIES: rule for one freestanding program
define link_aarch64
$(1): $(call objects,aarch64,$(3)) $(2) Makefile
	$$(call say,LD64,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$(CROSS)gcc $(A64_LINK) -Wl,-T,$(strip $(2)),-Map,$$@.map -o $$@ $(call objects,aarch64,$(3)) $(4) -lgcc
endef
KERNEL_debug = $(CORE_debug) $(HAL) $(call flavoured,debug,$(MACHINE_aarch64))
KERNEL_release = $(CORE_release) $(HAL) $(call flavoured,release,$(MACHINE_aarch64))
$(eval $(call link_aarch64,$(B)/aarch64/debug/kernel.elf,hal-aarch64/kernel.ld,$(KERNEL_debug),$(LIBFDT_A64)))

# The release kernel: what stays after boot is optimised as one unit (calls into the HAL are inlined)
# before the link, so that the link script still finds the boot part by its file names. memory.c
# defines what the compiler itself calls.
STAYS := $(filter-out core/boot% hal/platform_% hal-aarch64/boot_% hal-aarch64/memory.c,$(filter %.c,$(KERNEL_release)))
$(B)/obj/lto/%.o: % Makefile | $(GEN)
	$(call say,CC64,$< (lto))
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(A64_FLAGS) $(call opt,$<) -flto $(call includes,aarch64,$<) -MMD -MP -c -o $@ $<
$(B)/aarch64/release/stays.o: $(call objects,lto,$(STAYS)) Makefile
	$(call say,LTO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(A64_FLAGS) -flto -flto-partition=none -r -nostdlib -flinker-output=nolto-rel -o $@ \
		$(call objects,lto,$(STAYS))
RELEASE_OBJ = $(call objects,aarch64,$(filter-out $(STAYS),$(KERNEL_release))) $(B)/aarch64/release/stays.o
$(B)/aarch64/release/kernel.elf: $(RELEASE_OBJ) hal-aarch64/kernel.ld Makefile
	$(call say,LD64,$@)
	$(Q)$(CROSS)gcc $(A64_LINK) -Wl,-T,hal-aarch64/kernel.ld,-Map,$@.map -o $@ $(RELEASE_OBJ) $(LIBFDT_A64) -lgcc
$(eval $(call link_aarch64,$(B)/aarch64/hal-suite.elf,hal-aarch64/kernel.ld,\
	$(HAL_SUITE) $(HAL) $(call flavoured,debug,$(MACHINE_aarch64)),$(LIBFDT_A64)))
$(eval $(call link_aarch64,$(B)/loader.elf,loader/loader.ld,$(LOADER),$(LOADER_LIBS) -Wl$(,)-pie$(,)--no-dynamic-linker))
$(eval $(call link_aarch64,$(B)/selftest.elf,lib/kaal/user.ld,$(SELFTEST) $(LIBKAAL)))
$(eval $(call link_aarch64,$(B)/random.elf,lib/kaal/user.ld,$(RANDOM_TASK) $(LIBKAAL)))
$(eval $(call link_aarch64,$(B)/bench/bench.elf,lib/kaal/user.ld,$(BENCH) $(LIBKAAL)))
$(eval $(call link_aarch64,$(B)/conformance.elf,lib/kaal/user.ld,$(CONFORMANCE) $(LIBKAAL)))

# --- Components -----------------------------------------------------------------------------------
$(B)/components/libcomponent.a: $(call objects,aarch64,$(LIBCOMPONENT)) Makefile
	$(call say,AR64,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(CROSS)ar rcs $@ $(call objects,aarch64,$(LIBCOMPONENT))

# component NAME,SOURCES
define component
$(B)/components/$(1).elf: $(call objects,aarch64,$(2)) $(B)/components/libcomponent.a components/component.ld Makefile
	$$(call say,LD64,$$@)
	$(Q)$(CROSS)gcc $(A64_LINK) -Wl,-T,components/component.ld,-Map,$$@.map -o $$@ $(call objects,aarch64,$(2)) \
		-L$(PICOLIBC)/lib -Wl,-u,sbrk -Wl,--start-group $(B)/components/libcomponent.a -lc -lgcc -Wl,--end-group
COMPONENTS += $(B)/components/$(1).elf
endef
$(foreach f,$(COMPONENT_FILES),$(eval $(call component,$(basename $(notdir $(f))),$(f))))
$(foreach d,$(COMPONENT_FOLDERS),$(eval $(call component,$(notdir $(d)),$(sort $(wildcard $(d)/*.c)))))
# Systems: systems/NAME/NAME.yaml with its components becomes build/systems/NAME/: what the root task
# embeds, the root task, bootable images (release/ below).
OWN_SYSTEMS := $(if $(OWN),$(patsubst $(OWN)/%.yaml,%,$(wildcard $(OWN)/*.yaml)))
SYSTEMS := $(notdir $(patsubst %/,%,$(wildcard systems/*/))) $(OWN_SYSTEMS)
system_folder = $(if $(filter $(OWN_SYSTEMS),$(1)),$(OWN),systems/$(1))
LIBROOT := $(sort $(wildcard $(foreach l,broker mm spawn archive sysdesc,lib/$(l)/*.c)))
ROOTTASK_SRC := $(sort $(wildcard roottask/*.c))
# Demand paging refuses accesses all the time: the kernel does not print them.
SYSTEM_OPTIONS := kaal.debug_calls=on kaal.log=normal kaal.el0_physical_timer=on kaal.el0_physical_counter=on
define system
SYSTEM_FILES_$(1) := $$(filter-out %.dtb,$$(wildcard $(call system_folder,$(1))/*))
$(B)/systems/$(1)/$(1).sys: $(B)/kaal-system $$(SYSTEM_FILES_$(1)) $$(COMPONENTS)
	$$(call say,SYSTEM,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$(B)/kaal-system compile $(call system_folder,$(1))/$(1).yaml $$@ $$(@:.sys=.cpio) --binaries $(B)/components
$(B)/systems/$(1)/embed.o: roottask/embed.S $(B)/systems/$(1)/$(1).sys
	$(Q)$(CROSS)gcc -c -DSYSTEM_DESCRIPTION='"$(B)/systems/$(1)/$(1).sys"' -DSYSTEM_ARCHIVE='"$(B)/systems/$(1)/$(1).cpio"' -o $$@ $$<
$(B)/systems/$(1)/roottask.elf: $(B)/systems/$(1)/embed.o $(call objects,aarch64,$(ROOTTASK_SRC) $(LIBROOT) $(LIBKAAL)) lib/kaal/user.ld Makefile
	$$(call say,LD64,$$@)
	$(Q)$(CROSS)gcc $(A64_LINK) -Wl,-T,lib/kaal/user.ld,-Map,$$@.map -o $$@ $$(filter %.o,$$^) -lgcc
$(FLAVOURS:%=$(B)/systems/$(1)/%.elf): bootargs = $(SYSTEM_OPTIONS)
$(foreach f,$(FLAVOURS),
$(B)/systems/$(1)/$(f).elf: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/$(f)/kernel.elf $(B)/systems/$(1)/roottask.elf
	$$(call say,IMAGE,$$@)
	$(Q)$$(call build_image,$(f),$(B)/systems/$(1)/roottask.elf,$$@)
)
endef
$(foreach s,$(SYSTEMS),$(eval $(call system,$(s))))

SYSTEM ?= $(or $(firstword $(OWN_SYSTEMS)),demo)
.PHONY: run-system qemu-system system

system: $(B)/systems/$(SYSTEM)/$(KERNEL).elf ## build a system of components: SYSTEM=demo (systems/NAME/NAME.yaml)

run-system: $(B)/systems/$(SYSTEM)/$(KERNEL).elf $(OUTDIR_$(KERNEL))/kaal-hosted ## boot a system in the hosted machine: SYSTEM=demo
	$(Q)$(DIR)/kaal-hosted --console-input - $(HOSTED_ARGS) $<

qemu-system: $(B)/systems/$(SYSTEM)/$(KERNEL).elf ## boot a system in QEMU: SYSTEM=demo
	$(Q)tools/qemu.sh $< --input - $(QEMU_ARGS)

.PHONY: reference
reference: ## pages of the libraries' headers: build/reference/index.html
	$(Q)tools/reference.py $(B)/reference

.PHONY: components
components: $(COMPONENTS) ## build the components: build/components/NAME.elf

# Test root task for the libraries that only a root task links, with its components.
LIBROOT := $(LIBKAAL) $(sort $(foreach l,broker mm spawn archive sysdesc,$(wildcard lib/$(l)/*.c)))
$(eval $(call link_aarch64,$(B)/bench/broker.elf,lib/kaal/user.ld,components/bench/broker/main.c $(LIBROOT)))
FRAMEWORK_PARTS := puppet hostile
FRAMEWORK := $(filter-out $(FRAMEWORK_PARTS:%=tests/framework/%.c),$(sort $(wildcard tests/framework/*.c tests/framework/*.S)))
$(foreach p,$(FRAMEWORK_PARTS),$(eval $(call link_aarch64,$(B)/framework/$(p).elf,components/component.ld,tests/framework/$(p).c)))
$(B)/obj/aarch64/tests/framework/elf.S.o: A64_FLAGS += -DPUPPET_ELF='"$(B)/framework/puppet.elf"' -DHOSTILE_ELF='"$(B)/framework/hostile.elf"'
$(B)/obj/aarch64/tests/framework/elf.S.o: $(FRAMEWORK_PARTS:%=$(B)/framework/%.elf)
REFUSABLE := $(shell sed -nE 's/^REFUSABLE.(kaal_[a-z_]+),.*/\1/p' tests/framework/refuse.c)
$(eval $(call link_aarch64,$(B)/framework.elf,lib/kaal/user.ld,$(FRAMEWORK) $(LIBROOT),$(REFUSABLE:%=-Wl$(,)--wrap=%)))
$(B)/framework-image.elf: bootargs = kaal.log=normal
$(B)/framework-image.elf: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/debug/kernel.elf $(B)/framework.elf
	$(call say,IMAGE,$@)
	$(Q)$(call build_image,debug,$(B)/framework.elf,$@)

# Test beds: tests/bed/plan_NAME.c with the components that it embeds, as images of their own.
BED := $(filter-out tests/bed/plan_%,$(sort $(wildcard tests/bed/*.c)))
BED_PLANS := $(patsubst tests/bed/plan_%.c,%,$(wildcard tests/bed/plan_*.c))
# embeds PLAN: the components that its source names
embeds = $(shell sed -n 's/^BED_ELF(\(.*\));/\1/p' tests/bed/plan_$(1).c)
$(B)/bed/%.elf.o: $(B)/components/%.elf
	$(Q)mkdir -p $(@D)
	$(Q)cd $(<D) && $(CROSS)ld -r -b binary -z noexecstack -o $(abspath $@) $(<F)
define bed
$(B)/bed/$(1).elf: $(call objects,aarch64,$(BED) tests/bed/plan_$(1).c $(LIBKAAL)) $(patsubst %,$(B)/bed/%.elf.o,$(call embeds,$(1))) lib/kaal/user.ld
	$$(call say,LD64,$$@)
	$(Q)$(CROSS)gcc $(A64_LINK) -Wl,-T,lib/kaal/user.ld -o $$@ $$(filter %.o,$$^) -lgcc
$(B)/bed/$(1)-image.elf: bootargs = $(shell sed -n 's/^ \* Boot arguments: //p' tests/bed/plan_$(1).c)
$(B)/bed/$(1)-image.elf: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/debug/kernel.elf $(B)/bed/$(1).elf
	$$(call say,IMAGE,$$@)
	$(Q)$$(call build_image,debug,$(B)/bed/$(1).elf,$$@)
BED_IMAGES += $(B)/bed/$(1)-image.elf
endef
$(foreach p,$(BED_PLANS),$(eval $(call bed,$(p))))

# --- Host programs, in several instrumentations ------------------------------------------------------
# host_variant NAME,COMPILER,FLAGS: objects in build/obj/NAME, programs in build/NAME
define host_variant
LINK_$(1) = $(2) -g $(3)
$(B)/obj/$(1)/%.o: % Makefile | $(GEN)
	$$(call say,CC,$$< ($(1)))
	$(Q)mkdir -p $$(@D)
	$(Q)$(2) $(COMMON) $(3) $$(call freestanding,$$<) $$(call includes,hosted,$$<) -MMD -MP -c -o $$@ $$<
endef
$(eval $(call host_variant,host,$(HOSTCC),-O2))
$(eval $(call host_variant,san,$(HOSTCC),-O1 -fno-omit-frame-pointer \
	-fsanitize=address$(,)undefined -fno-sanitize-recover=all))
# What the fuzzers shall not be led by; the model is no harness: its lines are the interface's text.
DENIED = $(if $(filter fuzz/model/%,$<),/dev/null,fuzz/deny.txt)
$(eval $(call host_variant,afl,AFL_QUIET=1 AFL_LLVM_DENYLIST=$$(DENIED) afl-clang-fast,-O2 -Wno-unknown-attributes -Wno-unused-const-variable))
$(eval $(call host_variant,cov,$(HOSTCC),-O0 --coverage))

# host_program OUTPUT,VARIANT,SOURCES,LIBRARIES
define host_program
$(1): $(call objects,$(2),$(3)) Makefile
	$$(call say,LD,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(LINK_$(2)) -o $$@ $(call objects,$(2),$(3)) $(4)
endef
HOSTED_SRC = $(CORE_$(1)) $(HAL) $(call flavoured,$(1),$(MACHINE_hosted)) $(PARSER)
IMAGE_LIBS := -lfdt -lzstd -lsodium
# The fast CPU engine repairs the static library at link time (hal-hosted/cpu_unicorn_fast.c).
UNICORN_WRAPPED := $(shell sed -n 's/^WRAP.[^,]*, \([a-z0-9_]*\),.*/\1/p' hal-hosted/cpu_unicorn_fast.c)
UNICORN_STATIC := $(wildcard $(shell $(HOSTCC) -print-file-name=libunicorn.a))
UNICORN ?= $(if $(UNICORN_STATIC),$(foreach f,$(UNICORN_WRAPPED),-Wl$(,)--wrap=$(f)) $(UNICORN_STATIC),-lunicorn)
HOSTED_LIBS = $(UNICORN) $(IMAGE_LIBS) -lpthread -lm
$(eval $(call host_program,$(B)/unrepaired/kaal-hosted,host,$(call HOSTED_SRC,debug),-lunicorn $(IMAGE_LIBS) -lpthread -lm))
$(eval $(call host_program,$(B)/kaal-hosted,host,$(call HOSTED_SRC,debug),$(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/release/kaal-hosted,host,$(call HOSTED_SRC,release),$(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/san/kaal-hosted,san,$(call HOSTED_SRC,debug),$(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/cov/kaal-hosted,cov,$(call HOSTED_SRC,debug),$(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/cov/release/kaal-hosted,cov,$(call HOSTED_SRC,release),$(HOSTED_LIBS)))
$(foreach v,san cov,$(eval $(call host_program,$(B)/$(v)/hal-suite,$(v),\
	$(HAL_SUITE) $(HAL) $(call flavoured,debug,$(MACHINE_hosted)) $(PARSER),$(HOSTED_LIBS))))
$(eval $(call host_program,$(B)/kaal-builder,host,$(BUILDER) $(PARSER),$(IMAGE_LIBS) -llz4))
$(eval $(call host_program,$(B)/san/kaal-builder,san,$(BUILDER) $(PARSER),$(IMAGE_LIBS) -llz4))
$(eval $(call host_program,$(B)/cov/kaal-builder,cov,$(BUILDER) $(PARSER),$(IMAGE_LIBS) -llz4))
SYSTEM_LIBS := -lyaml -lfdt -ldw -lelf
$(eval $(call host_program,$(B)/kaal-system,host,$(SYSTEM_TOOL),$(SYSTEM_LIBS)))
$(eval $(call host_program,$(B)/san/kaal-system,san,$(SYSTEM_TOOL),$(SYSTEM_LIBS)))

$(GEN): $(BUILD_ID_INPUT) tools/build-id.sh FORCE
	@tools/build-id.sh $@

# Under fault injection (tests/inject, tests/hosted/inject.sh).
$(eval $(call host_variant,inject,$(HOSTCC),-O1 -include tests/inject/inject.h))
$(eval $(call host_program,$(B)/inject/kaal-builder,inject,$(BUILDER) $(PARSER) tests/inject/inject.c,$(IMAGE_LIBS) -llz4))
$(eval $(call host_program,$(B)/inject/kaal-hosted,inject,$(call HOSTED_SRC,debug) tests/inject/inject.c,$(HOSTED_LIBS)))
test: $(B)/inject/kaal-builder $(B)/inject/kaal-hosted

# --- Images -----------------------------------------------------------------------------------------
# Boot arguments in the image. The release kernel leaves the debug calls off, and they are all the
# root task has for a console.
BOOTARGS_debug :=
BOOTARGS_release := kaal.debug_calls=on
bootargs = $(or $(BOOTARGS),$(BOOTARGS_$(1)))

# What is built here is not compressed, so that its bytes can be found and changed in the file.
COMPRESS ?= none

# One builder run: kernel flavour, application, output.
build_image = $(B)/kaal-builder --loader $(B)/loader.elf --kernel $(B)/aarch64/$(1)/kernel.elf \
	--app $(2) --out $(3) --compress $(COMPRESS) $(if $(call bootargs,$(1)),--bootargs '$(call bootargs,$(1))') $(IMAGE_ARGS)
define image_rule
$(OUTDIR_$(1))/bootimage.elf: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/$(1)/kernel.elf $(B)/selftest.elf
	$$(call say,IMAGE,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(call build_image,$(1),$(B)/selftest.elf,$$@)
endef
$(foreach f,$(FLAVOURS),$(eval $(call image_rule,$(f))))

# The conformance program's images; the reference's interrupt count, so that range errors are the
# documented ones.
OPTIONS_image := kaal.max_irq=159
OPTIONS_wide := kaal.max_irq=159 kaal.domains=4 kaal.smc=on kaal.benchmark_calls=on kaal.root_cnode_bits=13 \
	kaal.el0_physical_counter=on kaal.el0_physical_timer=on
OPTIONS_release := kaal.max_irq=159 kaal.debug_calls=on
CONFORMANCE_IMAGES := $(B)/conformance-image.elf $(B)/conformance-wide.elf $(B)/conformance-release.elf
$(CONFORMANCE_IMAGES): bootargs = $(OPTIONS_$*)
$(CONFORMANCE_IMAGES): $(B)/conformance-%.elf: $(B)/kaal-builder $(B)/loader.elf $(FLAVOURS:%=$(B)/aarch64/%/kernel.elf) $(B)/conformance.elf
	$(call say,IMAGE,$@)
	$(Q)$(call build_image,$(if $(filter release,$*),release,debug),$(B)/conformance.elf,$@)

# The contract suite in the kernel's place, as an image of its own.
$(B)/hal-suite.elf: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/hal-suite.elf $(B)/selftest.elf
	$(call say,IMAGE,$@)
	$(Q)$(B)/kaal-builder --loader $(B)/loader.elf --kernel $(B)/aarch64/hal-suite.elf \
		--app $(B)/selftest.elf --out $@

DIR := $(OUTDIR_$(KERNEL))
APP ?= $(B)/selftest.elf
OUT ?= $(DIR)/bootimage.elf
PRODUCTS := $(DIR)/bootimage.elf $(DIR)/kaal-hosted

.PHONY: all image run qemu
all: $(PRODUCTS) ## build everything that runs (the default)

image: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/$(KERNEL)/kernel.elf $(APP) ## make a bootable image: KERNEL=debug|release APP=ELF OUT=FILE
	$(call say,IMAGE,$(OUT))
	$(Q)$(call build_image,$(KERNEL),$(APP),$(OUT))

run: $(PRODUCTS) ## boot the image in the hosted machine (a Linux process)
	$(Q)$(DIR)/kaal-hosted $(HOSTED_ARGS) $(DIR)/bootimage.elf

qemu: $(DIR)/bootimage.elf ## boot the same image in QEMU
	$(Q)tools/qemu.sh $(DIR)/bootimage.elf $(QEMU_ARGS)

# --- Tests ------------------------------------------------------------------------------------------
# host_library VARIANT: an archive of the kernel on the hosted machine, all but main()
LIB_SRC = $(CORE_debug) $(HAL) $(filter-out hal-hosted/main.c,$(call flavoured,debug,$(MACHINE_hosted))) $(PARSER)
define host_library
$(B)/$(1)/libkaal-hosted.a: $(call objects,$(1),$(LIB_SRC)) Makefile
	$$(call say,AR,$$@)
	$(Q)mkdir -p $$(@D) && rm -f $$@ && ar rcs $$@ $(call objects,$(1),$(LIB_SRC))
endef
$(foreach v,host san cov afl,$(eval $(call host_library,$(v))))

# unit_tests VARIANT: one program per tests/unit/test_*.c; the other files there serve them all
define unit_tests
$(B)/$(1)/libunit.a: $(call objects,$(1),$(UNIT_SUPPORT)) Makefile
	$(Q)mkdir -p $$(@D) && rm -f $$@ && ar rcs $$@ $(call objects,$(1),$(UNIT_SUPPORT))
$(B)/$(1)/unit/%: $(B)/obj/$(1)/tests/unit/%.c.o $(B)/$(1)/libunit.a $(B)/$(1)/libkaal-hosted.a
	$$(call say,LD,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(LINK_$(1)) -o $$@ $$^ -lcmocka $(HOSTED_LIBS) -llz4
UNIT_$(1) := $(patsubst tests/unit/%.c,$(B)/$(1)/unit/%,$(UNIT))
# Its allocations are made to fail.
$(B)/$(1)/unit/test_fs_faults: LINK_$(1) += -Wl$(,)--wrap=calloc$(,)--wrap=realloc$(,)--wrap=free
endef
$(eval $(call unit_tests,san))
$(eval $(call unit_tests,cov))
.SECONDARY:

# The core alone, both flavours, as the symbol check wants it.
define core_link
$(B)/check/core_$(1).o: $(call objects,host,$(CORE_$(1)))
	$(Q)mkdir -p $$(@D) && ld -r -o $$@ $$^
endef
$(foreach f,$(FLAVOURS),$(eval $(call core_link,$(f))))
CORE_LINKS := $(FLAVOURS:%=$(B)/check/core_%.o)

# Two threads on one ring, with the sanitizers that see races and stray accesses.
RING_STRESS := $(B)/tsan/threads/ring $(B)/san/threads/ring
$(eval $(call host_variant,tsan,$(HOSTCC),-O1 -fsanitize=thread))
$(foreach v,tsan san,$(eval $(call host_program,$(B)/$(v)/threads/ring,$(v),tests/threads/ring.c,-lpthread)))

TEST_PROGRAMS := $(B)/framework-image.elf $(RING_STRESS) $(BED_IMAGES) $(B)/conformance-image.elf $(B)/san/fuzz-image $(B)/san/fuzz-builder $(B)/san/fuzz-replay $(B)/hal-suite.elf $(B)/san/hal-suite $(UNIT_san) $(CORE_LINKS) $(B)/san/kaal-hosted $(B)/san/kaal-builder $(B)/san/kaal-system $(PRODUCTS) \
	$(foreach s,check lives demo ipc deadline chaos requests,$(B)/systems/$(s)/debug.elf) \
	$(B)/random.elf $(B)/bootimage.elf $(B)/kaal-hosted $(B)/unrepaired/kaal-hosted

.PHONY: boot-matrix test test-system unit check lint conformance lockstep full
test: $(TEST_PROGRAMS) ## build, run all tests (hosted, corpus replay, QEMU), close with a count
	$(Q)tests/run.sh lint hosted corpus qemu bench docs

# The framework: its libraries, drivers and services alone, components in test beds, whole systems.
SYSTEM_TESTS := $(foreach t,driver_% fs% lib_%,$(filter $(B)/san/unit/test_$(t),$(UNIT_san))) \
	$(wildcard $(foreach t,dddk framework ring system systems components demo ipc graph timeline reference lives,tests/hosted/$(t).sh) \
	$(foreach t,framework components systems demo ipc,tests/qemu/$(t).sh))
SYSTEM_TEST_PROGRAMS := $(filter $(B)/san/unit/%,$(SYSTEM_TESTS)) $(foreach s,$(filter-out $(OWN_SYSTEMS),$(SYSTEMS)),$(B)/systems/$(s)/debug.elf) \
	$(B)/framework-image.elf $(BED_IMAGES) $(RING_STRESS) $(B)/bootimage.elf $(B)/kaal-hosted $(B)/san/kaal-hosted $(B)/san/kaal-system $(B)/san/kaal-builder
test-system: $(SYSTEM_TEST_PROGRAMS) ## the framework alone: libraries, drivers, systems on both machines, a death at every system call; counts
	$(Q)LIVES=1 LIMIT=1800 tests/run.sh $(SYSTEM_TESTS)

unit: $(UNIT_san) ## build and run the unit tests only
	$(Q)tests/run.sh unit

check: $(TEST_PROGRAMS) ## the quick one for every commit: lints, unit tests, one boot on each machine
	$(Q)tests/run.sh lint unit smoke

conformance: $(CONFORMANCE_IMAGES) $(B)/kaal-hosted $(B)/release/kaal-hosted ## the interface, row by row: hosted and QEMU, GICv2 and GICv3
	$(Q)tools/conformance.py $(MACHINES)

lint: $(CORE_LINKS) ## source checks only
	$(Q)tests/run.sh lint

lockstep: $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/debug/kernel.elf $(B)/kaal-hosted $(B)/selftest.elf $(B)/random.elf $(B)/conformance.elf ## QEMU and hosted compared trap by trap: root task, random programs (SEEDS=4), conformance suites
	$(Q)tools/lockstep.sh $(SEEDS)

boot-matrix: $(B)/bootimage.elf $(B)/kaal-builder ## every way to boot, in pairs: format, level, GIC, CPU, compression, signature, CPUs
	$(Q)tests/boot/matrix.py $(MATRIX)

full: ## everything there is, the long ones too, one after the other
	$(Q)for t in test test-system conformance lockstep explore fuzz fuzz-image fuzz-builder fuzz-libfuzzer fuzz-image-libfuzzer fuzz-builder-libfuzzer fuzz-oss fuzz-min fuzz-rates coverage-check mcdc abi-coverage size bench-check prove prove-eva prove-spin; do $(MAKE) --no-print-directory $$t || exit; done
	$(Q)tests/boot/matrix.py --all
	$(Q)DAMAGE=all tests/run.sh tests/qemu/damage.sh
	$(Q)tools/doc-commands.sh long

# --- Benchmark --------------------------------------------------------------------------------------
# The benchmark's image with either kernel; tools/bench/bench.py adds the boot arguments.
BENCH_KERNEL ?= release
BENCH_PARTS := $(B)/kaal-builder $(B)/loader.elf $(B)/aarch64/$(BENCH_KERNEL)/kernel.elf \
	$(B)/bench/bench.elf $(B)/bench/visits.so $(B)/bench/broker.elf $(B)/systems/bench/roottask.elf
LOADER_PROFILE := $(B)/bench/histogram.so $(B)/bootimage.elf $(B)/release/bootimage.elf
$(B)/bench/%.so: tools/bench/%.c Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(COMMON) -D_GNU_SOURCE -O2 -fPIC -shared -o $@ $<

.PHONY: loader-profile bench bench-check bench-table bench-compare bench-profile bench-growth bench-hosted
bench: $(BENCH_PARTS) ## measure all rows with the release kernel: table, build/bench.json, chart
	$(Q)tools/bench/bench.py run --kernel $(BENCH_KERNEL)

bench-check: $(BENCH_PARTS) ## measure, and fail where a row costs more than in docs/bench-table.json
	$(Q)tools/bench/bench.py check --kernel $(BENCH_KERNEL)

bench-table: $(BENCH_PARTS) ## measure, and write the numbers to docs/bench-table.json
	$(Q)tools/bench/bench.py check --kernel $(BENCH_KERNEL) --write

bench-compare: ## two results side by side: make bench-compare A.json B.json
	$(Q)tools/bench/bench.py compare $(filter %.json,$(MAKECMDGOALS))

bench-profile: $(BENCH_PARTS) ## where the kernel's instructions go: ROW="call_len0_other_as ..."
	$(Q)tools/bench/profile.py --kernel $(BENCH_KERNEL) $(ROW)

loader-profile: $(LOADER_PROFILE) ## where the boot loader's instructions go, up to the kernel's entry
	$(Q)tools/loader-profile.py $(DIR)/bootimage.elf

bench-growth: $(BENCH_PARTS) ## costs as a function of size, with plots (minutes): build/growth.json
	$(Q)tools/bench/growth.py --kernel $(BENCH_KERNEL)

$(B)/bench/ptrace: tests/bench/ptrace.c Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(COMMON) -D_GNU_SOURCE -O2 -o $@ $<

bench-hosted: $(BENCH_PARTS) $(B)/bench/ptrace $(B)/release/kaal-hosted $(B)/fuzz/replay ## speed of the hosted machine, beside ptrace between native processes
	$(Q)tools/bench/hosted.py

test: $(BENCH_PARTS) $(LOADER_PROFILE) $(B)/release/kaal-hosted

# --- Fuzzing ------------------------------------------------------------------------------------------
FUZZ_SECS ?= 60
FUZZ_IMAGE := $(sort $(wildcard fuzz/image*.c) fuzz/seal.c)
FUZZ_GRAMMAR := fuzz/program.c fuzz/grammar.c fuzz/mutate.c
FUZZ_MODEL := $(sort $(wildcard fuzz/model/*.c)) fuzz/model_check.c fuzz/model_compare.c fuzz/model_mirror.c
FUZZ_KERNEL := fuzz/program.c $(sort $(wildcard fuzz/world*.c)) fuzz/runner.c fuzz/oracle.c fuzz/memory.c fuzz/view.c fuzz/confine.c fuzz/partition.c fuzz/stats.c $(FUZZ_MODEL)
FUZZ_KERNEL += fuzz/change.c fuzz/touched.c fuzz/names.c
$(eval $(call host_program,$(B)/afl/fuzz-image,afl,$(FUZZ_IMAGE) $(PARSER),$(IMAGE_LIBS)))
$(eval $(call host_program,$(B)/san/fuzz-image,san,$(FUZZ_IMAGE) $(PARSER),$(IMAGE_LIBS)))
$(eval $(call host_program,$(B)/cov/fuzz-image,cov,$(FUZZ_IMAGE) $(PARSER),$(IMAGE_LIBS)))
$(eval $(call host_program,$(B)/afl/fuzz-kernel,afl,$(FUZZ_KERNEL) fuzz/syscall.c fuzz/afl.c,$(B)/afl/libkaal-hosted.a $(HOSTED_LIBS)))
$(B)/afl/fuzz-kernel: $(B)/afl/libkaal-hosted.a
FUZZ_REPLAY := $(FUZZ_KERNEL) $(sort fuzz/replay.c fuzz/rates.c fuzz/shorten.c $(filter-out fuzz/program.c,$(FUZZ_GRAMMAR)))
# replayer VARIANT,OUTPUT
define replayer
$(call host_program,$(2),$(1),$(FUZZ_REPLAY),$(B)/$(1)/libkaal-hosted.a $(HOSTED_LIBS))
$(2): $(B)/$(1)/libkaal-hosted.a
endef
$(eval $(call replayer,host,$(B)/fuzz/replay))
$(eval $(call replayer,san,$(B)/san/fuzz-replay))
$(eval $(call replayer,cov,$(B)/cov/fuzz-replay))
$(eval $(call host_program,$(B)/san/oracle-test,san,$(FUZZ_KERNEL) fuzz/oracle_test.c fuzz/fire.c,$(B)/san/libkaal-hosted.a $(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/san/model-test,san,$(FUZZ_KERNEL) fuzz/model_test.c fuzz/fire.c,$(B)/san/libkaal-hosted.a $(HOSTED_LIBS)))
$(B)/san/oracle-test $(B)/san/model-test: $(B)/san/libkaal-hosted.a
test: $(B)/san/oracle-test $(B)/san/model-test $(B)/fuzz/explore $(B)/fuzz/explore-wrong $(B)/fuzz/kaal-replay-wrong
KAAL_REPLAY := $(FUZZ_KERNEL) fuzz/recording.c fuzz/kaal_replay.c
$(eval $(call host_program,$(B)/kaal-replay,host,$(KAAL_REPLAY),$(B)/host/libkaal-hosted.a))
$(eval $(call host_program,$(B)/san/kaal-replay,san,$(KAAL_REPLAY),$(B)/san/libkaal-hosted.a))
$(B)/kaal-replay: $(B)/host/libkaal-hosted.a
test: $(B)/kaal-replay $(B)/san/kaal-replay
$(B)/san/kaal-replay: $(B)/san/libkaal-hosted.a
# The explorer; and one with a kernel whose suspended threads leave their reply rights behind, which
# it must find.
EXPLORE := fuzz/canon.c $(sort $(wildcard fuzz/explore*.c)) fuzz/grammar.c
$(eval $(call host_program,$(B)/fuzz/explore,host,$(FUZZ_KERNEL) $(EXPLORE),$(B)/host/libkaal-hosted.a $(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/fuzz/explore-wrong,host,$(FUZZ_KERNEL) $(EXPLORE) fuzz/wrong_suspend.c,$(B)/host/libkaal-hosted.a -Wl$(,)--wrap=thread_suspend $(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/fuzz/replay-wrong,host,$(FUZZ_KERNEL) $(sort fuzz/replay.c fuzz/rates.c fuzz/shorten.c $(filter-out fuzz/program.c,$(FUZZ_GRAMMAR))) fuzz/wrong_suspend.c,$(B)/host/libkaal-hosted.a -Wl$(,)--wrap=thread_suspend $(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/fuzz/kaal-replay-wrong,host,$(KAAL_REPLAY) fuzz/wrong_suspend.c,$(B)/host/libkaal-hosted.a -Wl$(,)--wrap=thread_suspend))
$(B)/fuzz/explore $(B)/fuzz/explore-wrong $(B)/fuzz/replay-wrong $(B)/fuzz/kaal-replay-wrong: $(B)/host/libkaal-hosted.a
$(B)/fuzz/mutator.so: $(FUZZ_GRAMMAR) fuzz/mutator.c $(wildcard fuzz/*.h) Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(COMMON) -O2 -fPIC -shared $(call INC_fuzz,hosted) -o $@ $(FUZZ_GRAMMAR) fuzz/mutator.c

.PHONY: explore fuzz fuzz-builder fuzz-builder-libfuzzer fuzz-dtb fuzz-elf fuzz-packed fuzz-image fuzz-image-libfuzzer fuzz-libfuzzer fuzz-min fuzz-oss fuzz-rates soak
explore: $(B)/fuzz/explore ## every sequence of actions from small start states, all oracles on each step (5 minutes): EXPLORE_ARGS=
	$(Q)$< $(EXPLORE_ARGS)

fuzz: $(B)/afl/fuzz-kernel $(B)/fuzz/mutator.so $(B)/fuzz/replay ## fuzz the kernel's entry for FUZZ_SECS (60) seconds; from 60 on every method must succeed at least once
	$(Q)rm -f $(B)/fuzz/kernel.stats
	$(Q)AFL_CUSTOM_MUTATOR_LIBRARY=$(B)/fuzz/mutator.so AFL_CUSTOM_MUTATOR_ONLY=1 AFL_DISABLE_TRIM=1 KAAL_FUZZ_STATS=$(B)/fuzz/kernel.stats \
		FUZZ_REPORT="$(B)/fuzz/replay --report $(B)/fuzz/kernel.stats $$([ '$(FUZZ_SECS)' -ge 60 ] 2>/dev/null && echo all)" \
		tools/fuzz.sh kernel $< tests/corpus/syscall $(FUZZ_SECS)

fuzz-image: $(B)/afl/fuzz-image ## fuzz parser, decompression, ELF and device-tree readers for FUZZ_SECS (60) seconds
	$(Q)tools/fuzz.sh image $< fuzz/corpus/image $(FUZZ_SECS)

# One reader alone: all of the time, and coverage, is its own.
fuzz-dtb: ## the device-tree reader alone
fuzz-elf: ## the ELF reader alone
fuzz-packed: ## decompression alone
fuzz-dtb fuzz-elf fuzz-packed: fuzz-%: $(B)/afl/fuzz-image
	$(Q)KAAL_FUZZ_READER=$* tools/fuzz.sh $* $< fuzz/corpus/image $(FUZZ_SECS)

# The same targets under libFuzzer, whose sanitizers see more and whose search is another; compiler,
# flags and engine may be given (fuzz/oss-fuzz/build.sh). The CPU engine is not needed.
LIBFUZZER_CC ?= clang-14
LIBFUZZER_FLAGS ?= -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LIB_FUZZING_ENGINE ?= -fsanitize=fuzzer
LIBFUZZER_KERNEL := $(filter-out hal-hosted/main.c hal-hosted/run.c hal-hosted/load.c hal-hosted/options.c hal-hosted/cpu_unicorn%.c,$(LIB_SRC))
$(eval $(call host_variant,libfuzzer,$(LIBFUZZER_CC),$(LIBFUZZER_FLAGS) -fsanitize-coverage-ignorelist=$$(DENIED) -Wno-unknown-attributes -Wno-unused-const-variable -DKAAL_LIBFUZZER))
$(eval $(call host_program,$(B)/libfuzzer/fuzz-kernel,libfuzzer,$(sort $(FUZZ_KERNEL) $(FUZZ_GRAMMAR) fuzz/syscall.c fuzz/libfuzzer.c $(LIBFUZZER_KERNEL)),$(LIB_FUZZING_ENGINE) $(IMAGE_LIBS)))
$(eval $(call host_program,$(B)/libfuzzer/fuzz-image,libfuzzer,$(FUZZ_IMAGE) $(PARSER),$(LIB_FUZZING_ENGINE) $(IMAGE_LIBS)))

fuzz-libfuzzer: $(B)/libfuzzer/fuzz-kernel ## fuzz the kernel's entry by libFuzzer, under ASan and UBSan, for FUZZ_SECS (60) seconds
	$(Q)tools/libfuzzer.sh kernel $< tests/corpus/syscall 1024 $(FUZZ_SECS)

fuzz-image-libfuzzer: $(B)/libfuzzer/fuzz-image ## the image target by libFuzzer
	$(Q)tools/libfuzzer.sh image $< fuzz/corpus/image 65536 $(FUZZ_SECS)

fuzz-oss: $(addprefix $(B)/libfuzzer/,fuzz-kernel fuzz-image fuzz-builder) ## what OSS-Fuzz and ClusterFuzzLite would build, by this machine's clang, and FUZZ_SECS of each
	$(Q)CC='$(LIBFUZZER_CC)' CFLAGS='$(LIBFUZZER_FLAGS)' LIB_FUZZING_ENGINE='$(LIB_FUZZING_ENGINE)' tools/fuzz-oss.sh $(FUZZ_SECS)

# The builder's command line. What exit() would end, and what it would free, is done by the target.
FUZZ_BUILDER := fuzz/builder.c fuzz/builder_room.c fuzz/seal.c $(filter-out builder/main.c,$(BUILDER)) $(PARSER)
FUZZ_BUILDER_LIBS := $(foreach f,exit malloc calloc free fdopen fclose,-Wl$(,)--wrap=$(f)) $(IMAGE_LIBS) -llz4
$(eval $(call host_variant,afl-san,AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 AFL_LLVM_DENYLIST=$$(DENIED) afl-clang-fast,-O1 -fno-omit-frame-pointer -Wno-unknown-attributes -Wno-unused-const-variable))
$(eval $(call host_program,$(B)/afl-san/fuzz-builder,afl-san,$(FUZZ_BUILDER) fuzz/afl.c,$(FUZZ_BUILDER_LIBS)))
$(eval $(call host_program,$(B)/san/fuzz-builder,san,$(FUZZ_BUILDER) fuzz/files.c,$(FUZZ_BUILDER_LIBS)))
$(eval $(call host_program,$(B)/cov/fuzz-builder,cov,$(FUZZ_BUILDER) fuzz/files.c,$(FUZZ_BUILDER_LIBS)))
$(eval $(call host_program,$(B)/libfuzzer/fuzz-builder,libfuzzer,$(FUZZ_BUILDER),$(LIB_FUZZING_ENGINE) $(FUZZ_BUILDER_LIBS)))

fuzz-builder: $(B)/afl-san/fuzz-builder ## fuzz the builder's command line and its files for FUZZ_SECS (60) seconds
	$(Q)T=$$(mktemp -d) && trap 'rm -rf "$$T"' EXIT && TMPDIR=$$T tools/fuzz.sh builder $< fuzz/corpus/builder $(FUZZ_SECS) -t 8000 -x fuzz/builder.dict

fuzz-builder-libfuzzer: $(B)/libfuzzer/fuzz-builder ## the same by libFuzzer, under ASan and UBSan
	$(Q)T=$$(mktemp -d) && trap 'rm -rf "$$T"' EXIT && TMPDIR=$$T tools/libfuzzer.sh builder $< fuzz/corpus/builder 65536 $(FUZZ_SECS) -dict=fuzz/builder.dict

fuzz-min: $(B)/afl/fuzz-kernel $(B)/fuzz/replay ## the found cases and the corpus, without those that add no coverage: build/fuzz/minimised
	$(Q)tools/fuzz-min.sh $< tests/corpus/syscall $(B)/fuzz/kernel/default/queue $(B)/fuzz/kernel-libfuzzer/queue

fuzz-rates: $(B)/fuzz/replay $(B)/san/fuzz-replay ## runs a second in every mode, best of 5, beside a calibration loop
	$(Q)tools/fuzz-rates.sh

SOAK_MINUTES ?= 30
soak: $(B)/afl/fuzz-kernel $(B)/fuzz/mutator.so $(B)/fuzz/replay $(B)/afl/fuzz-image $(B)/afl-san/fuzz-builder ## fuzz for SOAK_MINUTES (30); summary, and build/soak.html with plots
	+$(Q)tools/soak.py --minutes $(SOAK_MINUTES) --make '$(MAKE) --no-print-directory'

# --- Reports and debuggers ----------------------------------------------------------------------------
$(B)/san/abi-coverage: $(B)/obj/san/tests/abi_coverage.c.o $(B)/san/libkaal-hosted.a
	$(call say,LD,$@)
	$(Q)$(LINK_san) -o $@ $^ $(HOSTED_LIBS)

.PHONY: coverage coverage-check abi-coverage size gdb gdb-hosted
abi-coverage: $(B)/san/abi-coverage ## every invocation label of the interface: decoded or MISSING
	$(Q)$<

COVERED := $(UNIT_cov) $(addprefix $(B)/cov/,kaal-hosted release/kaal-hosted kaal-builder hal-suite fuzz-builder fuzz-image fuzz-replay)
# What the scripts that tools/coverage.sh chooses boot or link.
COVERED += $(addprefix $(B)/,cov/libkaal-hosted.a unrepaired/kaal-hosted san/kaal-system systems/check/debug.elf \
	systems/demo/debug.elf random.elf bootimage.elf hal-suite.elf) $(CONFORMANCE_IMAGES)
coverage: $(COVERED) ## lines and branches that the hosted tests reach, as HTML
	$(Q)tools/coverage.sh

coverage-check: ## coverage, failing below 97 % of lines and 90 % of branches of core/
	$(Q)COVERAGE_STRICT=1 $(MAKE) --no-print-directory coverage

size: $(FLAVOURS:%=$(B)/aarch64/%/kernel.elf) $(B)/loader.elf $(B)/selftest.elf ## bytes of code and data
	$(Q)tools/size.sh $(CROSS) $(B)/aarch64/release/kernel.elf $(B)/aarch64/debug/kernel.elf $(B)/loader.elf $(B)/selftest.elf

gdb: $(DIR)/bootimage.elf ## QEMU stopped at its first instruction, gdb attached (GDB_CMD="-ex ..." for batch)
	$(Q)tools/gdb.sh qemu $<

gdb-hosted: $(PRODUCTS) ## the hosted kernel under gdb
	$(Q)tools/gdb.sh hosted $(DIR)/kaal-hosted $(DIR)/bootimage.elf

# --- Proofs (docs/verification.md) ------------------------------------------------------------------
.PHONY: prove prove-axioms prove-doc prove-eva prove-mutants prove-spin
prove: prove-axioms ## prove the contracts of proofs/ with Frama-C WP (unchanged ones from build/prove/cache)
	$(Q)tools/prove.py

prove-axioms: ## what the contracts take on trust about bits, checked by z3; every axiom has its claim
	$(Q)tools/prove-axioms.py

prove-mutants: ## seeded faults in proved functions: some goal must fail for each
	$(Q)tools/prove-mutants.py

prove-eva: ## value analysis of the image parser over arbitrary bytes, of core_enter() over arbitrary registers
	$(Q)tools/prove-eva.sh
	$(Q)tools/prove-eva-core.py

prove-doc: ## write the generated parts of docs/verification.md
	$(Q)tools/prove-doc.py

prove-spin: ## model checking of proofs/spin, and of the errors seeded there
	$(Q)tools/prove-spin.sh

# --- Mutants of the core, and MC/DC -------------------------------------------------------------------
# The core is a shared object here, so that a mutant costs one compilation and one small link.
MUTANT_WARN := -Wno-error -Werror=int-conversion -Werror=incompatible-pointer-types
$(eval $(call host_variant,mut,$(HOSTCC),-O2 -g0 -fPIC $(MUTANT_WARN)))
MUT_CORE := $(call objects,mut,$(CORE_debug))
MUT_REST := $(call objects,mut,$(filter-out $(CORE_debug) hal-hosted/main.c,$(LIB_SRC)))
MUT_LINK := -Wl,-Bsymbolic-functions,-soname,libcore.so
$(B)/mut/libcore.so: $(MUT_CORE) Makefile
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(HOSTCC) -shared $(MUT_LINK) -o $@ $(MUT_CORE)
$(B)/mut/librest.a: $(MUT_REST) Makefile
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $(MUT_REST)
$(B)/mut/libunit.a: $(call objects,mut,$(UNIT_SUPPORT)) Makefile
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $(call objects,mut,$(UNIT_SUPPORT))
# mutant_program OUTPUT,OBJECTS: a program that finds the core at run time
define mutant_program
$(1): $(2) $(B)/mut/libcore.so $(B)/mut/librest.a Makefile
	$$(call say,LD,$$@)
	$(Q)mkdir -p $$(@D) && $(HOSTCC) -o $$@ -Wl,--no-as-needed $$(filter %.o %/libunit.a,$$^) $(B)/mut/libcore.so $(B)/mut/librest.a -lcmocka $(HOSTED_LIBS) -llz4
endef
MUT_UNIT := $(patsubst tests/unit/%.c,$(B)/mut/unit/%,$(wildcard tests/unit/test_core_*.c))
$(foreach u,$(MUT_UNIT),$(eval $(call mutant_program,$(u),$(call objects,mut,tests/unit/$(notdir $(u)).c) $(B)/mut/libunit.a)))
$(eval $(call mutant_program,$(B)/mut/fuzz-replay,$(call objects,mut,$(FUZZ_REPLAY))))
$(eval $(call mutant_program,$(B)/mut/kaal-hosted,$(call objects,mut,hal-hosted/main.c)))

.PHONY: mutation-check
mutation-check: $(MUT_UNIT) $(B)/mut/fuzz-replay $(B)/mut/kaal-hosted $(CONFORMANCE_IMAGES) ## break the core on purpose, see what the tests notice: SEED=1 COUNT=300
	$(Q)MUTANT_CC='$(HOSTCC) $(COMMON) $(call freestanding,core/x.c) $(call includes,hosted,core/x.c) -O2 -g0 -fPIC $(MUTANT_WARN)' \
		MUTANT_LD='$(HOSTCC) -shared $(MUT_LINK)' MUTANT_SOURCES='$(CORE_debug)' \
		tools/mutation/check.py --seed $(or $(SEED),1) --count $(or $(COUNT),300) $(MUTATION_ARGS)

# MC/DC by clang 19, of what unit tests, corpus and conformance program reach.
$(eval $(call host_variant,mcdc,clang-19,-O1 -Wno-error -w -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc))
$(eval $(call host_library,mcdc))
$(eval $(call unit_tests,mcdc))
$(eval $(call host_program,$(B)/mcdc/kaal-hosted,mcdc,$(call HOSTED_SRC,debug),$(HOSTED_LIBS)))
$(eval $(call host_program,$(B)/mcdc/fuzz-image,mcdc,$(FUZZ_IMAGE) $(PARSER),$(IMAGE_LIBS)))
$(eval $(call replayer,mcdc,$(B)/mcdc/fuzz-replay))
.PHONY: mcdc
mcdc: $(UNIT_mcdc) $(addprefix $(B)/mcdc/,kaal-hosted fuzz-image fuzz-replay) $(B)/bootimage.elf $(CONFORMANCE_IMAGES) ## MC/DC of core/ and the image and DTB paths, as HTML
	$(Q)tools/mcdc.sh

# --- House-keeping ----------------------------------------------------------------------------------
.PHONY: deps clean distclean help FORCE
deps: ## install what all targets need, or FOR="host cross ..." (groups: tools/deps.sh)
	@ARM64_SYSROOT='$(ARM64_SYSROOT)' tools/deps.sh $(or $(FOR),all)

clean: ## remove everything built (fetched libraries stay)
	$(Q)find $(B) -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} + 2>/dev/null; true

distclean: ## remove build/ altogether
	$(Q)rm -rf $(B)

help: ## this text
	@printf 'make TARGET   (KERNEL=debug|release, V=1 shows commands)\n\n'
	@grep -hE '^[a-z-]+:.*## ' Makefile | sort | sed -E 's/:.*## /\t/' | expand -t 16 | sed 's/^/  /'

FORCE:

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
