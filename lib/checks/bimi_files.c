/* bimi_files.c - the files that a BIMI record names; see bimi_files.h
 *
 * What could not be asked is unknown, and says nothing about the file.
 */
#include "bimi_files.h"

#include "chain_report.h"
#include "error.h"
#include "port.h"

#define SHOWN_MAX 200 /* octets of a file that are shown */
#define NAMES_MAX 4

/* ---------------------------------------------------------------------- fetching */

/* kept - in the pass's arena; p NULL: no memory */
static struct mh_str
kept(struct mh_pass *pass, const char *before, struct mh_str text)
{
	size_t n = strlen(before);
	char *copy = mh_arena_alloc(pass->arena, n + text.len + 1);
	if (copy == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return (struct mh_str){ NULL, 0 };
	}
	memcpy(copy, before, n);
	memcpy(copy + n, text.p, text.len);
	copy[n + text.len] = '\0';
	return mh_str_n(copy, n + text.len);
}

/* want - one file, if the record names a place for it */
static void
want(const struct mh_domain_check *check, struct mh_pass *pass, const struct mh_bimi_place *place,
    struct mh_bimi_file *file)
{
	char name[MH_DNAME_TEXT_MAX];
	const struct mh_uri *uri = &place->uri;

	*file = (struct mh_bimi_file){ .place = place };
	mh_fetch_init(&file->fetch, MH_STR(""), MH_STR("/"));
	if (place->text.len == 0 || place->why != NULL)
		return;
	size_t len = mh_dname_canonical(uri->host, name);
	bool is_path = uri->rest.len > 0 && uri->rest.p[0] == '/';
	struct mh_str host = kept(pass, "", mh_str_n(name, len)),
		      target = kept(pass, is_path ? "" : "/", uri->rest);
	if (host.p == NULL || target.p == NULL || host.len == 0)
		return;
	mh_fetch_init(&file->fetch, host, target);
	file->fetch.port = mh_uri_port(uri);
	file->is_too_long = !mh_fetch_is_short(host, target);
	if (!file->is_too_long)
		(void)mh_fetch_run(&file->fetch, &check->tls, pass);
}

void
mh_bimi_files_want(const struct mh_domain_check *check, struct mh_pass *pass, const struct mh_bimi *record,
    struct mh_bimi_files *files)
{
	*files = (struct mh_bimi_files){ .has_svg = false };
	want(check, pass, &record->logo, &files->logo);
	want(check, pass, &record->evidence, &files->evidence);
}

bool
mh_bimi_files_judge(const struct mh_domain_check *check, struct mh_pass *view, struct mh_str org,
    struct mh_bimi_files *files)
{
	static const struct mh_str prefix = MH_STR_INIT("default._bimi");
	struct mh_str names[NAMES_MAX] = { check->domain, org,
		mh_name_below(view->arena, prefix, check->domain), mh_name_below(view->arena, prefix, org) };

	for (int i = 0; i < NAMES_MAX; i++)
		if (names[i].p == NULL)
			return false;
	if (files->logo.fetch.state == MH_FETCH_DONE) {
		mh_svg_read(files->logo.fetch.body, &files->svg);
		files->has_svg = true;
	}
	if (files->evidence.fetch.state != MH_FETCH_DONE || check->tls.ossl == NULL)
		return true;
	files->has_cert = mh_bimi_cert_read(check->tls.ossl, &check->mem, files->evidence.fetch.body, names,
	    NAMES_MAX, check->now, &files->cert);
	return files->has_cert;
}

void
mh_bimi_files_free(struct mh_bimi_files *files)
{
	mh_fetch_free(&files->logo.fetch);
	mh_fetch_free(&files->evidence.fetch);
	mh_bimi_cert_free(&files->cert);
}

/* ----------------------------------------------------------------------- telling */

/* tell_unknown - what could not be asked, of a host's address or of the host itself */
static void
tell_unknown(struct mh_tell *tell, const struct mh_bimi_file *file)
{
	bool is_dns = file->fetch.step == MH_FETCH_AT_DNS && !file->is_too_long;
	struct mh_finding_more more = { .check = tell->check, .is_unknown = true };

	more.detail = file->is_too_long ? MH_STR("Its address is longer than is fetched here.")
					: mh_str_z(mh_why_text(file->fetch.why));
	if (tell->report != NULL &&
	    mh_report_add_more(tell->report, is_dns ? MH_F_DNS_UNKNOWN : MH_F_HTTPS_UNKNOWN, file->fetch.host,
		MH_STR(""), -1, -1, &more) != MH_ERR_OK)
		tell->bad = true;
}

/* tell_fetch - why a file could not be had; false: it could */
static bool
tell_fetch(struct mh_tell *tell, const struct mh_bimi_file *file, int number)
{
	const struct mh_fetch *fetch = &file->fetch;

	if (file->is_too_long || fetch->state == MH_FETCH_UNKNOWN) {
		tell_unknown(tell, file);
		return true;
	}
	if (fetch->state != MH_FETCH_FAILED)
		return false;
	mh_say(tell, "It cannot be fetched. ");
	if (fetch->step == MH_FETCH_AT_CERTIFICATE)
		mh_say(tell, "The certificate of the web server is not good: ");
	mh_fetch_put_why(&tell->detail, fetch, "receivers");
	mh_tell_arg_str(tell, "step", mh_str_z(mh_fetch_step_word(fetch->step)));
	mh_tell(tell, number, file->place->text);
	return true;
}

/* shown - the beginning of a part of a file */
static struct mh_str
shown(struct mh_str part)
{
	return mh_str_n(part.p, part.len < SHOWN_MAX ? part.len : SHOWN_MAX);
}

static void
tell_logo(struct mh_tell *tell, const struct mh_bimi_files *files)
{
	if (tell_fetch(tell, &files->logo, MH_F_BIMI_LOGO) || !files->has_svg)
		return;
	for (unsigned i = 0; i < files->svg.faults_count; i++) {
		const struct mh_svg_fault *fault = &files->svg.faults[i];
		mh_say(tell, fault->why);
		mh_tell(tell, MH_F_BIMI_LOGO, fault->at.len > 0 ? shown(fault->at) : files->logo.place->text);
	}
}

static void
tell_certificate(struct mh_tell *tell, const struct mh_bimi_files *files)
{
	const struct mh_bimi_cert *cert = &files->cert;

	if (tell_fetch(tell, &files->evidence, MH_F_BIMI_CERTIFICATE) || !files->has_cert)
		return;
	for (unsigned i = 0; i < cert->faults_count; i++) {
		mh_say(tell, cert->faults[i]);
		if (cert->leaf != NULL) {
			mh_say(tell, " It is for ");
			mh_say_str(tell,
			    cert->leaf->names_count > 0 ? cert->leaf->names[0] : cert->leaf->subject);
			mh_say(tell, ", from ");
			mh_put_date(&tell->detail, cert->leaf->not_before);
			mh_say(tell, " to ");
			mh_put_date(&tell->detail, cert->leaf->not_after);
			mh_say(tell, ".");
		}
		mh_tell(tell, MH_F_BIMI_CERTIFICATE,
		    cert->leaf != NULL ? cert->leaf->subject : files->evidence.place->text);
	}
}

void
mh_bimi_files_tell(struct mh_tell *tell, const struct mh_bimi_files *files)
{
	tell_logo(tell, files);
	tell_certificate(tell, files);
}

/* -------------------------------------------------------------------------- JSON */

/* put_fetch - members of a file that was fetched, or not */
static void
put_fetch(struct mh_json *json, const struct mh_bimi_file *file)
{
	static const char *const states[] = { "", "unknown", "failed", "fetched" };
	const struct mh_fetch *fetch = &file->fetch;

	mh_json_put_str(json, "uri", file->place != NULL ? file->place->text : MH_STR(""));
	mh_json_put_strz(json, "state", file->is_too_long ? "unknown" : states[fetch->state]);
	mh_json_put_strz(json, "failed_at",
	    fetch->state == MH_FETCH_FAILED ? mh_fetch_step_word(fetch->step) : "");
	mh_json_put_int(json, "status", fetch->status > 0 ? fetch->status : -1);
	mh_json_put_int(json, "octets", fetch->state == MH_FETCH_DONE ? (int64_t)fetch->body.len : -1);
}

void
mh_bimi_files_json(struct mh_json *json, const struct mh_bimi_files *files)
{
	const struct mh_cert *leaf = files->has_cert ? files->cert.leaf : NULL;

	mh_json_key(json, "logo");
	mh_json_open(json, '{');
	put_fetch(json, &files->logo);
	mh_json_put_str(json, "title", files->has_svg ? files->svg.title : MH_STR(""));
	mh_json_close(json, '}');
	mh_json_key(json, "certificate");
	mh_json_open(json, '{');
	put_fetch(json, &files->evidence);
	mh_json_put_strz(json, "kind", leaf != NULL ? mh_bimi_cert_kind(&files->cert) : "");
	mh_json_put_strz(json, "mark", leaf != NULL ? files->cert.mark : "");
	mh_json_put_str(json, "subject", leaf != NULL ? leaf->subject : MH_STR(""));
	mh_json_put_str(json, "issuer", leaf != NULL ? leaf->issuer : MH_STR(""));
	mh_json_key(json, "names");
	mh_json_open(json, '[');
	for (unsigned i = 0; leaf != NULL && i < leaf->names_count; i++)
		mh_json_str(json, leaf->names[i]);
	mh_json_close(json, ']');
	if (leaf != NULL)
		mh_json_time(json, "not_after", leaf->not_after, json->out->mem);
	else
		mh_json_put_strz(json, "not_after", "");
	mh_json_close(json, '}');
}
