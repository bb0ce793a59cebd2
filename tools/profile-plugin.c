// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TCG plugin: how often the guest executes each instruction of the kernel's text.
 *
 *	text=ADDRESS,etext=ADDRESS	where the text begins and ends
 *	begin=ADDRESS,end=ADDRESS	count from here to there
 *	out=FILE			FILE.0 is the first time, FILE.1 the second...
 *
 * A line is an address and a count, in hexadecimal; the address after the text stands
 * for the kernel's code elsewhere: modules, trampolines, BPF.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "qemu-plugin.h"

#define EXPORT		__attribute__((visibility("default")))
#define KERNEL		0xffff800000000000

EXPORT int qemu_plugin_version = 1;

static uint64_t text, etext, begin, end;
static uint64_t *counts;
static const char *out;

static void begun(unsigned int cpu, void *data)
{
	memset(counts, 0, (etext - text + 1) * sizeof(*counts));
}

static void ended(unsigned int cpu, void *data)
{
	static unsigned int times;
	char name[4096];
	uint64_t i;
	FILE *file;

	snprintf(name, sizeof(name), "%s.%u", out, times++);
	file = fopen(name, "w");
	for (i = text; file && i <= etext; i++)
		if (counts[i - text])
			fprintf(file, "%lx %lx\n", i, counts[i - text]);
	if (!file || fclose(file))
		perror(name);
}

static void instruction(struct qemu_plugin_insn *insn)
{
	uint64_t address = qemu_plugin_insn_vaddr(insn);
	uint64_t place = address >= text && address < etext ? address : etext;

	if (address < KERNEL)
		return;
	if (address == begin)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, begun, NO_REGISTERS, NULL);
	if (address == end)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, ended, NO_REGISTERS, NULL);
	qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_U64, &counts[place - text], 1);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	for (i = 0; i < n; i++)
		instruction(qemu_plugin_tb_get_insn(tb, i));
}

static void argument(const char *name, const char *value)
{
	uint64_t number = strtoull(value, NULL, 16);

	if (!strcmp(name, "text"))
		text = number;
	else if (!strcmp(name, "etext"))
		etext = number;
	else if (!strcmp(name, "begin"))
		begin = number;
	else if (!strcmp(name, "end"))
		end = number;
	else if (!strcmp(name, "out"))
		out = value;
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	char *value, *copy;
	int i;

	for (i = 0; i < argc; i++) {
		copy = strdup(argv[i]);
		value = copy ? strchr(copy, '=') : NULL;
		if (!value)
			return -1;
		*value = '\0';
		argument(copy, value + 1);
	}
	counts = calloc(etext - text + 1, sizeof(*counts));
	if (!counts || !out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
