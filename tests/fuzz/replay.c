/* replay.c - runs a fuzz target over files and folders of files: the corpus, or what a fuzzer found */
#include <dirent.h>

#include "fuzz.h"

static size_t ran;

static void
run_file(const char *path)
{
	static uint8_t data[1024 * 1024];
	FILE *in = fopen(path, "rb");
	if (in == NULL) {
		perror(path);
		exit(1);
	}
	size_t len = fread(data, 1, sizeof(data), in);
	(void)fclose(in);
	uint8_t *copy = malloc(len > 0 ? len : 1); /* of its size, so that reading beyond it is seen */
	fuzz_check(copy != NULL);
	memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	ran++;
}

static void
run(const char *path)
{
	DIR *folder = opendir(path);
	if (folder == NULL) {
		run_file(path);
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char name[4096];
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		run(name);
	}
	(void)closedir(folder);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	printf("%zu inputs\n", ran);
	return ran > 0 ? 0 : 1;
}
