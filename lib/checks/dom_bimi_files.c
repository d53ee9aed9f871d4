/* dom_bimi_files.c - the files that a BIMI record names: logo and certificate, fetched and looked at
 *
 * Both are asked for at once.  What could not be fetched because nobody could ask is
 * unknown and no fault.
 *
 * Does not: look into the logotype extension of the certificate, or compare its
 * logo with the one that is fetched.
 *
 * the BIMI draft, 4.3 and 7.6; draft-svg-tiny-ps-abrotman
 */
#include "dom_bimi.h"

#include "alabel.h"
#include "error.h"
#include "fetch.h"
#include "svg.h"

/* fetch_place - what a tag names; false: there is nothing to be fetched, or not yet */
static bool
fetch_place(struct mh_look *look, const struct mh_bimi_place *place, struct mh_fetch *fetch)
{
	mh_fetch_init(fetch, MH_STR(""), MH_STR(""));
	if (place->text.len == 0 || place->why != NULL)
		return false;
	struct mh_str host = mh_alabel_canonical(look->pass->arena, place->uri.host);
	if (host.p == NULL)
		look->pass->error = MH_ERR_ENOMEM;
	if (host.len == 0 || !mh_fetch_is_short(host, place->uri.rest))
		return false;
	mh_fetch_init(fetch, host, place->uri.rest.len > 0 ? place->uri.rest : MH_STR("/"));
	fetch->port = mh_uri_port(&place->uri);
	return mh_fetch_run(fetch, &look->check->tls, look->pass);
}

/* tell_unknown - that nobody could ask for it */
static void
tell_unknown(struct mh_tell *tell, const struct mh_bimi_place *place, const struct mh_fetch *fetch)
{
	struct mh_finding_more more = { .check = "bimi",
		.is_unknown = true,
		.detail = mh_str_z(mh_why_text(fetch->why)) };
	if (mh_report_add_more(tell->report, MH_F_STREAM_UNKNOWN, place->text, MH_STR(""), -1, -1, &more) !=
	    MH_ERR_OK)
		tell->bad = true;
}

/* tell_logo - whether it is one that receivers show */
static void
tell_logo(struct mh_tell *tell, const struct mh_bimi_place *place, const struct mh_fetch *fetch)
{
	struct mh_svg svg;

	if (fetch->state == MH_FETCH_UNKNOWN) {
		tell_unknown(tell, place, fetch);
	} else if (fetch->state == MH_FETCH_FAILED) {
		mh_fetch_put_why(&tell->detail, fetch, "receivers");
		mh_tell(tell, MH_F_BIMI_LOGO, place->text);
	} else if (fetch->state == MH_FETCH_DONE) {
		mh_svg_read(fetch->body, &svg);
		for (unsigned i = 0; i < svg.faults_count; i++) {
			mh_say(tell, i > 0 ? " " : "");
			mh_say(tell, svg.faults[i].why);
		}
		if (svg.faults_count > 0)
			mh_tell(tell, MH_F_BIMI_LOGO, place->text);
	}
}

/* fits - whether a certificate is for the domain, or for the name of the record (draft-fetch-validation-vmc-wchuang) */
static bool
fits(const struct mh_look *look, const struct mh_cert *cert, struct mh_str name)
{
	for (unsigned i = 0; i < cert->names_count; i++)
		if (mh_str_ieq(cert->names[i], name) || mh_name_under(look->check->domain, cert->names[i]))
			return true;
	return false;
}

/* say_certificate - what is wrong with the file; false: nothing */
static bool
say_certificate(const struct mh_look *look, struct mh_tell *tell, const struct mh_fetch *fetch)
{
	struct mh_certs *chain = mh_certs_read_pem(look->check->tls.ossl, &look->check->mem, fetch->body);
	const struct mh_cert *leaf = chain != NULL ? mh_certs_at(chain, 0) : NULL;
	int64_t now = look->check->now;

	tell->bad |= chain == NULL;
	if (leaf == NULL)
		mh_say(tell, "There is no certificate in PEM form in the file.");
	else if (now >= 0 && now > leaf->not_after)
		mh_say(tell, "The certificate has expired.");
	else if (now >= 0 && now < leaf->not_before)
		mh_say(tell, "The certificate is not valid yet.");
	else if (!fits(look, leaf, tell->subject))
		mh_say(tell, "The certificate names another domain.");
	mh_certs_free(chain);
	return tell->detail.len > 0;
}

static void
tell_certificate(const struct mh_look *look, struct mh_tell *tell, const struct mh_bimi_place *place,
    const struct mh_fetch *fetch)
{
	if (fetch->state == MH_FETCH_UNKNOWN) {
		tell_unknown(tell, place, fetch);
	} else if (fetch->state == MH_FETCH_FAILED) {
		mh_fetch_put_why(&tell->detail, fetch, "receivers");
		mh_tell(tell, MH_F_BIMI_CERTIFICATE, place->text);
	} else if (fetch->state == MH_FETCH_DONE && look->check->tls.ossl != NULL &&
	    say_certificate(look, tell, fetch)) {
		mh_tell(tell, MH_F_BIMI_CERTIFICATE, place->text);
	}
}

void
mh_dom_bimi_files(struct mh_look *look, const struct mh_bimi *record, struct mh_str name)
{
	struct mh_fetch logo, certificate;
	struct mh_tell tell;

	if (!look->check->fetches || record == NULL || record->is_declined)
		return;
	bool has_logo = fetch_place(look, &record->logo, &logo);
	bool has_certificate = fetch_place(look, &record->evidence, &certificate);
	if (look->report != NULL) {
		mh_look_tell(look, &tell, "bimi", name);
		tell.text = record->text;
		if (has_logo)
			tell_logo(&tell, &record->logo, &logo);
		if (has_certificate)
			tell_certificate(look, &tell, &record->evidence, &certificate);
		mh_look_told(look, &tell);
	}
	mh_fetch_free(&logo);
	mh_fetch_free(&certificate);
}
