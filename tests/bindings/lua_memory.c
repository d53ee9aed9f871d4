/* lua_memory.c - the Lua module where Lua has no memory
 *
 * Runs a script again and again, the first allocation of Lua failing, then the
 * second, and so on, until it comes to its end.  Every run has to end in an
 * error that Lua caught, or in the end of the script; a sanitizer or valgrind
 * sees what is left over.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

struct memory {
	long left; /* allocations until one fails; negative: none */
	bool has_failed;
};

static void *
allocate(void *self, void *old, size_t old_size, size_t size)
{
	struct memory *memory = self;
	(void)old_size;
	if (size == 0) {
		free(old);
		return NULL;
	}
	if (memory->left == 0) {
		memory->has_failed = true;
		return NULL;
	}
	if (memory->left > 0)
		memory->left--;
	return realloc(old, size);
}

/* run - 0, or what is wrong; has_failed says whether the allocation was reached */
static int
run(const char *script, long number, bool *has_failed)
{
	struct memory memory = { -1, false };
	lua_State *L = lua_newstate(allocate, &memory);
	if (L == NULL)
		return 1;
	luaL_openlibs(L);
	if (luaL_loadfile(L, script) != LUA_OK) {
		fprintf(stderr, "%s\n", lua_tostring(L, -1));
		return 1;
	}
	lua_gc(L, LUA_GCSTOP, 0); /* a collection would make room, and try again */
	memory.left = number;
	int result = lua_pcall(L, 0, 0, 0);
	memory.left = -1;
	*has_failed = memory.has_failed;
	bool is_bad = result != LUA_OK && !memory.has_failed;
	if (is_bad)
		fprintf(stderr, "%s\n", lua_tostring(L, -1));
	lua_close(L);
	return is_bad;
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 64;
	long number = 0;
	bool has_failed = true;
	for (; has_failed; number++) {
		if (run(argv[1], number, &has_failed) != 0) {
			fprintf(stderr, "allocation %ld\n", number);
			return 1;
		}
	}
	printf("%ld allocations\n", number - 1);
	return number > 100 ? 0 : 1; /* else it did nothing */
}
