/* settings.c - a libunbound that prints nothing, and what can be set */
#include "own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

mh_unbound *
mh_unbound_new(void)
{
	struct mh_unbound *unbound = calloc(1, sizeof(*unbound));
	if (unbound == NULL)
		return NULL;
	unbound->done_tail = &unbound->done;
	unbound->ub = ub_ctx_create();
	/* A thread, and never its fork; and no messages to standard error. */
	if (unbound->ub != NULL && ub_ctx_debugout(unbound->ub, NULL) == UB_NOERROR &&
	    ub_ctx_async(unbound->ub, 1) == UB_NOERROR)
		return unbound;
	mh_unbound_free(unbound);
	return NULL;
}

int
error_of(int ub_error)
{
	switch (ub_error) {
	case UB_NOERROR:
		return MH_OK;
	case UB_NOMEM:
		return MH_ENOMEM;
	case UB_AFTERFINAL:
		return MH_EFROZEN;
	case UB_SYNTAX:
		return MH_EINVAL;
	default:
		return MH_EIO;
	}
}

/* allow_loopback - libunbound asks no server on loopback unless told to, so that no delegation leads there;
 * a server that the caller names is his own wish */
static int
allow_loopback(struct mh_unbound *unbound, const char *address)
{
	if (strncmp(address, "127.", 4) != 0 && strncmp(address, "::1", 3) != 0)
		return UB_NOERROR;
	return ub_ctx_set_option(unbound->ub, "do-not-query-localhost:", "no");
}

/* set_stub - "zone address" */
static int
set_stub(struct mh_unbound *unbound, const char *value)
{
	char zone[1100];
	size_t len = strcspn(value, " ");
	const char *address = value + len + strspn(value + len, " ");

	if (len == 0 || len >= sizeof(zone) || address[0] == '\0')
		return UB_SYNTAX;
	memcpy(zone, value, len);
	zone[len] = '\0';
	int error = allow_loopback(unbound, address);
	return error == UB_NOERROR ? ub_ctx_set_stub(unbound->ub, zone, address, 0) : error;
}

static int
set_forward(struct mh_unbound *unbound, const char *value)
{
	int error = allow_loopback(unbound, value);
	return error == UB_NOERROR ? ub_ctx_set_fwd(unbound->ub, value) : error;
}

/* is_file - the option's value is the name of one */
static bool
is_file(int option)
{
	return option == MH_UNBOUND_RESOLV_CONF || option == MH_UNBOUND_ANCHOR_FILE ||
	    option == MH_UNBOUND_ROOT_KEY_FILE || option == MH_UNBOUND_CONFIG_FILE;
}

int
mh_unbound_set_str(mh_unbound *unbound, int option, const char *value)
{
	int error;
	if (unbound == NULL || value == NULL || value[0] == '\0')
		return MH_EINVAL;
	if (unbound->has_begun)
		return MH_EFROZEN;
	/* libunbound reads some files later, and gives the same error for all that is wrong with one. */
	if (is_file(option) && access(value, R_OK) != 0)
		return MH_EIO;
	switch (option) {
	case MH_UNBOUND_FORWARD:
		return error_of(set_forward(unbound, value));
	case MH_UNBOUND_RESOLV_CONF:
		return error_of(ub_ctx_resolvconf(unbound->ub, value));
	case MH_UNBOUND_STUB:
		return error_of(set_stub(unbound, value));
	case MH_UNBOUND_CONFIG_FILE:
		return error_of(ub_ctx_config(unbound->ub, value));
	case MH_UNBOUND_ANCHOR:
		error = ub_ctx_add_ta(unbound->ub, value);
		break;
	case MH_UNBOUND_ANCHOR_FILE:
		error = ub_ctx_add_ta_file(unbound->ub, value);
		break;
	case MH_UNBOUND_ROOT_KEY_FILE:
		error = ub_ctx_add_ta_autr(unbound->ub, value);
		break;
	default:
		return MH_EINVAL;
	}
	unbound->has_anchor |= error == UB_NOERROR;
	return error_of(error);
}
